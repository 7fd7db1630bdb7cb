// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_listener.hpp"

#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <iterator>
#include <limits>

#include "base/limits.hpp"

namespace dnsmesh::net {
namespace {

constexpr std::size_t k_events_per_turn = 64;

int set_option(int fd, int level, int name, int value) { return setsockopt(fd, level, name, &value, sizeof value); }

void control(const Descriptor& epoll, int operation, int fd, std::uint32_t events, std::uint64_t id) {
  epoll_event event{events, {.u64 = id}};
  const int failed = epoll_ctl(epoll.get(), operation, fd, &event);
  assert(failed == 0);
  (void)failed;
}

std::uint32_t events_of(const TcpConnection& connection) {
  return (connection.wants_read() ? EPOLLIN : 0U) | (connection.wants_write() ? EPOLLOUT : 0U);
}

}  // namespace

Result<Descriptor> bind_tcp(const SocketAddress& address) {
  Descriptor made(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.is_open()) return bind_error("open a TCP socket for", address, errno);
  // Old connections in TIME_WAIT must not keep a restarted node from its port.
  set_option(made.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.family() == AF_INET6) set_option(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (bind(made.get(), address.raw(), address.size) != 0 || listen(made.get(), limits::dns_tcp_backlog) != 0) {
    return bind_error("listen for TCP on", address, errno);
  }
  return made;
}

TcpListener::TcpListener(std::vector<Descriptor> sockets, const TcpLimits& limits, const dns::Engine& engine,
                         UpdateWorker* updates, const Clock& clock, Random& random)
    : sockets_(std::move(sockets)),
      limits_(limits),
      engine_(engine),
      updates_(updates),
      clock_(clock),
      context_(engine.index(), random),
      read_buffer_(limits::dns_message_octets_max),
      answer_buffer_(limits::dns_message_octets_max),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      next_id_(sockets_.size() + 2) {
  assert(epoll_.is_open());
  for (std::size_t i = 0; i < sockets_.size(); ++i) control(epoll_, EPOLL_CTL_ADD, sockets_[i].get(), EPOLLIN, i);
  control(epoll_, EPOLL_CTL_ADD, stop_.fd(), EPOLLIN, sockets_.size());
  control(epoll_, EPOLL_CTL_ADD, mail_.fd(), EPOLLIN, sockets_.size() + 1);
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "dns-tcp");
}

void TcpListener::stop() {
  if (!thread_.joinable()) return;
  is_stopping_.store(true);
  stop_.notify();
  thread_.join();
  entries_.clear();
  sockets_.clear();
  connection_count_.store(0);
}

void TcpListener::run() {
  std::array<epoll_event, k_events_per_turn> events;
  while (!is_stopping_.load()) {
    now_ms_ = clock_.monotonic_ms();
    const int count = epoll_wait(epoll_.get(), events.data(), k_events_per_turn, wait_ms());
    now_ms_ = clock_.monotonic_ms();
    now_s_ = clock_.wall_s();
    for (int i = 0; i < count; ++i)
      on_event(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events);
    end_overdue();
  }
}

void TcpListener::on_event(Id id, std::uint32_t events) {
  if (id < sockets_.size()) return accept_all(sockets_[id]);
  if (id == sockets_.size() + 1) return deliver_answers();
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;  // the stop, or closed earlier in this turn
  keep_or_remove(id, found->second, serve_events(id, found->second.connection, events));
}

bool TcpListener::serve_events(Id id, TcpConnection& connection, std::uint32_t events) {
  return with_service(id, [&](const TcpService& service) {
    if ((events & EPOLLOUT) != 0 && !connection.on_writable(service, now_ms_, now_s_)) return false;
    if ((events & EPOLLIN) != 0 && connection.wants_read()) return connection.on_readable(service, now_ms_, now_s_);
    return (events & EPOLLERR) == 0 && events != EPOLLHUP;  // reset by the client: nothing can be sent any more
  });
}

template <class Use>
bool TcpListener::with_service(Id id, const Use& use) {
  const std::function hand_over = [this, id](std::string_view message, const dns::Arrival& arrival) {
    UpdateJob job{std::string(message), arrival, [this, id](std::string_view answer) {
                    answers_.with([&](auto& answers) { answers.emplace_back(id, answer); });
                    mail_.notify();
                  }};
    return updates_ != nullptr && updates_->take(std::move(job));
  };
  return use(TcpService{engine_, context_, limits_, read_buffer_, answer_buffer_, hand_over});
}

void TcpListener::deliver_answers() {
  mail_.clear();  // before the answers, so that a later one wakes again
  for (const auto& [id, answer] : answers_.with([](auto& answers) { return std::exchange(answers, {}); })) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    keep_or_remove(id, found->second, with_service(id, [&](const TcpService& service) {
                     return found->second.connection.on_update_answered(service, answer, now_ms_, now_s_);
                   }));
  }
}

void TcpListener::keep_or_remove(Id id, Entry& entry, bool goes_on) {
  if (!goes_on) return remove(id);
  by_activity_.splice(by_activity_.end(), by_activity_, entry.by_activity);
  update(id, entry);
}

void TcpListener::accept_all(const Descriptor& listening) {
  for (int i = 0; i < limits::dns_tcp_accepts_per_wake; ++i) {
    SocketAddress peer;
    Descriptor accepted(accept4(listening.get(), peer.raw(), &peer.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (accepted.is_open()) {
      admit(std::move(accepted), peer);
      continue;
    }
    const bool is_short_of_descriptors = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (is_short_of_descriptors && !close_oldest_idle(nullptr)) set_accepting(false);
    return;
  }
}

void TcpListener::admit(Descriptor descriptor, const SocketAddress& peer) {
  const std::uint64_t client = client_key(peer);
  const auto known = per_client_.find(client);
  const std::size_t of_client = known == per_client_.end() ? 0 : known->second;
  if ((of_client >= limits_.connections_per_client_max && !close_oldest_idle(&client)) ||
      (entries_.size() >= limits_.connections_max && !close_oldest_idle(nullptr))) {
    return context_.counters.add(dns::Outcome::dropped_connection);
  }

  set_option(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  // The system would let the unsent octets of a client that does not read grow to megabytes.
  set_option(descriptor.get(), SOL_SOCKET, SO_SNDBUF, static_cast<int>(limits_.unsent_octets_max));
  const Id id = next_id_++;
  by_activity_.push_back(id);
  TcpConnection connection(std::move(descriptor), peer, now_ms_, limits_);
  const std::int64_t deadline_ms = connection.deadline_ms();
  control(epoll_, EPOLL_CTL_ADD, connection.fd(), EPOLLIN, id);
  entries_.emplace(id, Entry{std::move(connection), deadline_ms, EPOLLIN, std::prev(by_activity_.end())});
  deadlines_.emplace(deadline_ms, id);
  ++per_client_[client];
  connection_count_.store(entries_.size(), std::memory_order_relaxed);
}

bool TcpListener::close_oldest_idle(const std::uint64_t* client) {
  const auto oldest = std::ranges::find_if(by_activity_, [&](Id id) {
    const TcpConnection& connection = entries_.at(id).connection;
    return connection.is_idle() && (client == nullptr || connection.client() == *client);
  });
  if (oldest == by_activity_.end()) return false;
  remove(*oldest);
  return true;
}

void TcpListener::update(Id id, Entry& entry) {
  if (const std::uint32_t events = events_of(entry.connection); events != entry.events) {
    entry.events = events;
    control(epoll_, EPOLL_CTL_MOD, entry.connection.fd(), events, id);
  }
  if (const std::int64_t deadline_ms = entry.connection.deadline_ms(); deadline_ms != entry.deadline_ms) {
    deadlines_.erase({entry.deadline_ms, id});
    deadlines_.emplace(deadline_ms, id);
    entry.deadline_ms = deadline_ms;
  }
}

void TcpListener::remove(Id id) {
  const auto found = entries_.find(id);
  const Entry& entry = found->second;
  deadlines_.erase({entry.deadline_ms, id});
  by_activity_.erase(entry.by_activity);
  const auto of_client = per_client_.find(entry.connection.client());
  if (--of_client->second == 0) per_client_.erase(of_client);
  entries_.erase(found);
  connection_count_.store(entries_.size(), std::memory_order_relaxed);
  if (paused_until_ms_ != 0) set_accepting(true);
}

void TcpListener::end_overdue() {
  if (paused_until_ms_ != 0 && paused_until_ms_ <= now_ms_) set_accepting(true);
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_ms_) remove(deadlines_.begin()->second);
}

int TcpListener::wait_ms() const {
  std::int64_t until_ms = paused_until_ms_ != 0 ? paused_until_ms_ : std::numeric_limits<std::int64_t>::max();
  if (!deadlines_.empty()) until_ms = std::min(until_ms, deadlines_.begin()->first);
  if (until_ms == std::numeric_limits<std::int64_t>::max()) return -1;
  return static_cast<int>(std::clamp<std::int64_t>(until_ms - now_ms_, 0, limits_.write_ms));
}

void TcpListener::set_accepting(bool accepting) {
  paused_until_ms_ = accepting ? 0 : now_ms_ + limits::dns_tcp_accept_pause_ms;
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    control(epoll_, EPOLL_CTL_MOD, sockets_[i].get(), accepting ? EPOLLIN : 0U, i);
  }
}

}  // namespace dnsmesh::net
