// SPDX-License-Identifier: Apache-2.0
#include "net/http_front.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/log.hpp"
#include "http/responses.hpp"
#include "net/http_listener.hpp"
#include "net/http_message.hpp"

namespace dnsmesh::net {
namespace {

using State = HttpConnection::State;

constexpr std::uint32_t k_nothing = 0;
constexpr std::uint32_t k_readable = EPOLLIN;
constexpr std::uint32_t k_writable = EPOLLOUT;

/// What epoll names besides connections.
constexpr ConnectionId k_listener_id = 0;
constexpr ConnectionId k_mailbox_id = 1;
constexpr ConnectionId k_first_connection_id = 2;

/// Events taken in one turn, and the longest sleep: a clock that is moved by hand is looked at this often.
constexpr std::size_t k_events_per_turn = 64;
constexpr int k_wait_ms_max = 1000;
/// What a publish is answered with, and nothing else (spec/http-api.md 4.2).
constexpr int k_status_stored = 201;
/// Out of descriptors: how long the listener rests, since the waiting connection would wake it at once.
constexpr int k_accept_rest_ms = 100;

bool watch(int epoll, int operation, int fd, ConnectionId id, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  return ::epoll_ctl(epoll, operation, fd, &event) == 0;
}

/// Brings the place of a connection in an order up to date; `listed` is where it stands now.
void place(std::set<std::pair<std::int64_t, ConnectionId>>& order, ConnectionId id, std::optional<std::int64_t>& listed,
           std::optional<std::int64_t> time_ms) {
  if (listed == time_ms) return;
  if (listed) order.erase({*listed, id});
  if (time_ms) order.emplace(*time_ms, id);
  listed = time_ms;
}

}  // namespace

Result<std::unique_ptr<HttpFront>> HttpFront::create(HttpFrontOptions options, Descriptor listener,
                                                     HttpWorkers& workers, std::shared_ptr<HttpMailbox> mailbox,
                                                     HttpCounters& counters, const Clock& clock) {
  Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  const bool watching = epoll.is_open() && watch(epoll.get(), EPOLL_CTL_ADD, listener.get(), k_listener_id, EPOLLIN) &&
                        watch(epoll.get(), EPOLL_CTL_ADD, mailbox->event(), k_mailbox_id, EPOLLIN);
  if (!watching) return fail(ErrorCode::net_io, "no descriptor left for the HTTP server's events");
  return std::unique_ptr<HttpFront>(new HttpFront(std::move(options), std::move(epoll), std::move(listener), workers,
                                                  std::move(mailbox), counters, clock));
}

HttpFront::HttpFront(HttpFrontOptions options, Descriptor epoll, Descriptor listener, HttpWorkers& workers,
                     std::shared_ptr<HttpMailbox> mailbox, HttpCounters& counters, const Clock& clock)
    : options_(std::move(options)),
      epoll_(std::move(epoll)),
      listener_(std::move(listener)),
      workers_(workers),
      mailbox_(std::move(mailbox)),
      counters_(counters),
      clock_(clock),
      next_id_(k_first_connection_id) {}

void HttpFront::request_stop() {
  stop_requested_ = true;
  mailbox_->wake();
}

void HttpFront::run() {
  while (true) {
    if (stop_requested_ && !stop_deadline_ms_) begin_stop();
    if (stop_deadline_ms_ && (clients_.empty() || clock_.monotonic_ms() >= *stop_deadline_ms_)) break;
    turn();
  }
  clients_.clear();
  counters_.connections_open = 0;
}

void HttpFront::turn() {
  std::array<epoll_event, k_events_per_turn> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms());
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == k_listener_id) {
      accept_waiting(limits::http_accepts_per_turn);
    } else if (event.data.u64 == k_mailbox_id) {
      deliver_answers();
    } else {
      on_ready(event.data.u64, event.events);
    }
  }
  expire();
  shed_unsent();
}

int HttpFront::wait_ms() const {
  std::int64_t until_ms = clock_.monotonic_ms() + k_wait_ms_max;
  if (!deadlines_.empty()) until_ms = std::min(until_ms, deadlines_.begin()->first);
  if (accept_again_ms_) until_ms = std::min(until_ms, *accept_again_ms_);
  if (stop_deadline_ms_) until_ms = std::min(until_ms, *stop_deadline_ms_);
  return static_cast<int>(std::clamp<std::int64_t>(until_ms - clock_.monotonic_ms(), 0, k_wait_ms_max));
}

void HttpFront::watch_listener(bool on) {
  watch(epoll_.get(), EPOLL_CTL_MOD, listener_.get(), k_listener_id, on ? k_readable : k_nothing);
}

void HttpFront::accept_waiting(int connections_max) {
  for (int i = 0; i < connections_max; ++i) {
    SocketAddress address;
    Descriptor socket(::accept4(listener_.get(), address.raw(), &address.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.is_open()) {
      admit(std::move(socket), address);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      watch_listener(false);
      accept_again_ms_ = clock_.monotonic_ms() + k_accept_rest_ms;
      return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
  }
}

void HttpFront::admit(Descriptor socket, const SocketAddress& address) {
  const std::uint64_t key = client_key(address);
  std::string shown = numeric_address(address.storage);
  const auto same_key = per_key_.find(key);
  const std::size_t open_here = same_key == per_key_.end() ? 0 : same_key->second;
  const bool too_many_here =
      open_here >= options_.connections_per_address_max && !options_.trusted_proxies.contains(shown);
  if (too_many_here || (clients_.size() >= options_.connections_max && !make_room(key))) {
    counters_.connections_refused.fetch_add(1, std::memory_order_relaxed);
    const std::string text = write_answer(http::json_error(503, "server busy"), {}, clock_.wall_s());
    ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);  // as far as it goes at once
    return;
  }
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int buffer_bytes = limits::http_send_buffer_bytes;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  const ConnectionId id = next_id_++;
  if (!watch(epoll_.get(), EPOLL_CTL_ADD, socket.get(), id, 0)) return;
  ++per_key_[key];
  counters_.connections_open.fetch_add(1, std::memory_order_relaxed);
  Client client{.connection = HttpConnection(std::move(socket), shown, options_.deadlines, options_.body_bytes_max,
                                             clock_.monotonic_ms()),
                .key = key,
                .address = std::move(shown),
                .deadline_ms = {},
                .waiting_since_ms = {},
                .unsent_bytes = 0,
                .method = {},
                .taken_us = 0,
                .log_line = {}};
  settle(id, clients_.emplace(id, std::move(client)).first->second);
}

bool HttpFront::make_room(std::uint64_t key) {
  if (waiting_.empty()) return false;
  auto displaced = waiting_.begin();
  if (per_key_.contains(key)) {
    const auto same_key =
        std::ranges::find_if(waiting_, [&](const auto& entry) { return clients_.at(entry.second).key == key; });
    if (same_key != waiting_.end()) displaced = same_key;
  }
  displace(displaced->second);
  return true;
}

void HttpFront::shed_unsent() {
  auto oldest = waiting_.begin();
  while (unsent_bytes_ > options_.unsent_bytes_max && oldest != waiting_.end()) {
    const ConnectionId id = (oldest++)->second;
    if (clients_.at(id).unsent_bytes > 0) displace(id);
  }
}

void HttpFront::displace(ConnectionId id) {
  counters_.connections_displaced.fetch_add(1, std::memory_order_relaxed);
  Client& client = clients_.at(id);
  client.connection.close();
  settle(id, client);
}

void HttpFront::on_ready(ConnectionId id, std::uint32_t events) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  // While a request is handled nothing is watched; what epoll tells all the same is that the client is gone.
  if (client.connection.state() == State::handling && (events & (EPOLLERR | EPOLLHUP)) != 0) client.connection.close();
  if (client.connection.wants_read()) client.connection.receive(clock_.monotonic_ms());
  drive(id, client);
}

void HttpFront::drive(ConnectionId id, Client& client) {
  // Requests that came together are taken one after the other; each turn reads or writes, or there is nothing to do.
  for (bool more = true; more;) {
    const State before = client.connection.state();
    if (before == State::reading) take_request(id, client);
    if (client.connection.wants_write()) client.connection.send(clock_.monotonic_ms());
    const State after = client.connection.state();
    more = after != before && (after == State::reading || after == State::writing);
  }
  settle(id, client);
}

void HttpFront::take_request(ConnectionId id, Client& client) {
  HttpConnection::Event event = client.connection.next(clock_.monotonic_ms());
  if (event.refusal) {
    client.method.clear();
    client.log_line = "(refused)";
    answer(client, *event.refusal);
  } else if (event.request) {
    client.method = event.request->method;
    client.taken_us = clock_.monotonic_us();
    client.address =
        access::client_address(client.connection.peer_address(), event.forwarded_for, options_.trusted_proxies);
    event.request->peer_address = client.address;
    if (log::enabled(log::Level::debug)) client.log_line = client.method + " " + event.request->target;
    workers_.submit({std::move(*event.request), make_responder(mailbox_, id)});
  }
}

void HttpFront::answer(Client& client, const http::Response& response) {
  counters_.count_answer(client.method, response.status);
  if (response.status == k_status_stored) counters_.publish_latency.add(clock_.monotonic_us() - client.taken_us);
  if (log::enabled(log::Level::debug)) {
    log::debug(log::k_http, fmt::format("{} \"{}\" {}", client.address, client.log_line, response.status));
  }
  client.connection.answer(response, !stop_deadline_ms_, clock_.monotonic_ms(), clock_.wall_s());
}

void HttpFront::deliver_answers() {
  for (const Answer& answered : mailbox_->take()) {
    const auto found = clients_.find(answered.connection);
    if (found == clients_.end() || found->second.connection.state() != State::handling) continue;
    answer(found->second, answered.response);
    drive(found->first, found->second);
  }
}

void HttpFront::expire() {
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (accept_again_ms_ && *accept_again_ms_ <= now_ms) {
    accept_again_ms_.reset();
    if (listener_.is_open()) watch_listener(true);
  }
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_ms) {
    const ConnectionId id = deadlines_.begin()->second;
    Client& client = clients_.at(id);
    counters_.timeouts.fetch_add(1, std::memory_order_relaxed);
    if (client.connection.in_mid_request()) {
      client.method.clear();
      client.log_line = "(incomplete)";
      answer(client, http::json_error(408, "request timeout"));
      client.connection.send(now_ms);
    } else {
      client.connection.close();
    }
    settle(id, client);
  }
}

void HttpFront::settle(ConnectionId id, Client& client) {
  const HttpConnection& connection = client.connection;
  const bool closed = connection.state() == State::closed;
  place(deadlines_, id, client.deadline_ms, closed ? std::nullopt : connection.deadline_ms());
  place(waiting_, id, client.waiting_since_ms, closed ? std::nullopt : connection.waiting_since_ms());
  unsent_bytes_ -= client.unsent_bytes;
  client.unsent_bytes = closed ? 0 : connection.unsent_bytes();
  unsent_bytes_ += client.unsent_bytes;
  if (closed) {
    const auto same_key = per_key_.find(client.key);
    if (--same_key->second == 0) per_key_.erase(same_key);
    counters_.connections_open.fetch_sub(1, std::memory_order_relaxed);
    clients_.erase(id);
    return;
  }
  const std::uint32_t interest =
      (connection.wants_read() ? k_readable : k_nothing) | (connection.wants_write() ? k_writable : k_nothing);
  if (interest == client.interest) return;
  client.interest = interest;
  watch(epoll_.get(), EPOLL_CTL_MOD, connection.socket(), id, interest);
}

void HttpFront::begin_stop() {
  accept_waiting(limits::http_accept_backlog);
  listener_.reset();
  stop_deadline_ms_ = clock_.monotonic_ms() + options_.deadlines.stop_ms;
  std::vector<ConnectionId> ids;
  for (const auto& [id, client] : clients_) ids.push_back(id);
  for (const ConnectionId id : ids) {
    Client& client = clients_.at(id);
    // What the client has already sent whole is still answered; who has not, hears nothing more.
    while (client.connection.state() == State::reading && client.connection.receive(clock_.monotonic_ms())) {
      take_request(id, client);
    }
    if (client.connection.state() == State::reading) client.connection.close();
    drive(id, client);
  }
}

}  // namespace dnsmesh::net
