// SPDX-License-Identifier: Apache-2.0
// The bounded front of the HTTP server: one thread, one epoll. It accepts within the caps, reads one whole request at a
// time within the deadlines, hands it to the workers, and writes the answer when it comes, from whichever thread. A
// slow client costs a buffer, never a worker.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "access/address_prefixes.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/descriptor.hpp"
#include "net/http_connection.hpp"
#include "net/http_counters.hpp"
#include "net/http_mailbox.hpp"
#include "net/http_workers.hpp"
#include "net/socket.hpp"

namespace dnsmesh::net {

struct HttpFrontOptions {
  HttpDeadlines deadlines;
  std::size_t connections_max = limits::http_connections_max;
  std::size_t connections_per_address_max = limits::http_connections_per_address_max;  // of one client_key
  std::size_t unsent_bytes_max = limits::http_unsent_bytes_max;                        // of all connections
  /// Proxies whose X-Forwarded-For counts. The cap of an address does not hold for them: their clients share them.
  access::AddressPrefixes trusted_proxies;
  http::BodyBound body_bytes_max{};  // empty: limits::http_body_bytes_max for every request
};

class HttpFront {
 public:
  /// What is referred to must outlive the front. Error: net_io when the system has no descriptor left.
  static Result<std::unique_ptr<HttpFront>> create(HttpFrontOptions options, Descriptor listener, HttpWorkers& workers,
                                                   std::shared_ptr<HttpMailbox> mailbox, HttpCounters& counters,
                                                   const Clock& clock);

  /// Serves until request_stop; then accepts no more, lets what was asked be answered, and returns.
  void run();
  /// Any thread.
  void request_stop();

 private:
  /// A connection as the front keeps it.
  struct Client {
    HttpConnection connection;
    std::uint64_t key = 0;                         // of the peer's address
    std::string address;                           // of the client; behind a trusted proxy not the peer's
    std::uint32_t interest = 0;                    // what epoll watches now
    std::optional<std::int64_t> deadline_ms;       // as it stands in deadlines_
    std::optional<std::int64_t> waiting_since_ms;  // as it stands in waiting_
    std::size_t unsent_bytes = 0;                  // as it counts in unsent_bytes_
    std::string method;                            // of the request in hand
    std::int64_t taken_us = 0;                     // when it was whole
    std::string log_line;                          // of the request in hand, when debug lines are wanted
  };

  /// Connections in the order of a time.
  using ByTime = std::set<std::pair<std::int64_t, ConnectionId>>;

  HttpFront(HttpFrontOptions options, Descriptor epoll, Descriptor listener, HttpWorkers& workers,
            std::shared_ptr<HttpMailbox> mailbox, HttpCounters& counters, const Clock& clock);

  void turn();
  int wait_ms() const;
  void accept_waiting(int connections_max);
  void admit(Descriptor socket, const SocketAddress& address);
  /// Closes the connection that has waited longest for its client, to send a request or to read an answer; one of the
  /// same key if there is one. False when none waits.
  bool make_room(std::uint64_t key);
  /// Closes those that have waited longest for their client to read, until what all have not read is within the bound.
  void shed_unsent();
  void displace(ConnectionId id);
  void deliver_answers();
  void expire();
  void begin_stop();

  void on_ready(ConnectionId id, std::uint32_t events);
  /// Carries a connection as far as it goes without waiting.
  void drive(ConnectionId id, Client& client);
  void take_request(ConnectionId id, Client& client);
  void answer(Client& client, const http::Response& response);
  /// Brings epoll and the orders up to date, or removes a closed connection: the last step with a client.
  void settle(ConnectionId id, Client& client);
  void watch_listener(bool on);

  const HttpFrontOptions options_;
  Descriptor epoll_;
  Descriptor listener_;
  HttpWorkers& workers_;
  const std::shared_ptr<HttpMailbox> mailbox_;
  HttpCounters& counters_;
  const Clock& clock_;

  std::unordered_map<ConnectionId, Client> clients_;
  std::unordered_map<std::uint64_t, std::size_t> per_key_;
  ByTime deadlines_;
  ByTime waiting_;
  std::size_t unsent_bytes_ = 0;
  ConnectionId next_id_;
  std::optional<std::int64_t> accept_again_ms_;  // out of descriptors until then
  std::atomic<bool> stop_requested_{false};
  std::optional<std::int64_t> stop_deadline_ms_;
};

}  // namespace dnsmesh::net
