// SPDX-License-Identifier: Apache-2.0
// The DNS listeners of a node: UDP threads and the TCP thread on the same addresses and port.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "dns/counters.hpp"
#include "dns/engine.hpp"
#include "net/socket.hpp"
#include "net/tcp_listener.hpp"
#include "net/udp_listener.hpp"
#include "net/update_worker.hpp"

namespace dnsmesh::net {

struct DnsEndpoint {
  std::string address;  // numeric, IPv4 or IPv6; an IPv6 wildcard takes no IPv4
  /// False: a machine without this address family goes without it.
  bool is_required = true;
};

struct DnsListenOptions {
  std::vector<DnsEndpoint> endpoints = {{"0.0.0.0"}, {"::", false}};
  /// 0: UDP picks a free number and TCP takes the same.
  std::uint16_t port = 5353;
  /// 0: one for each core that the process may use.
  std::size_t udp_threads = 0;
  TcpLimits tcp;
  /// Takes UPDATEs when the engine leaves them to its caller; outlives the server and is stopped before it.
  UpdateWorker* updates = nullptr;
};

/// Runs until it is destroyed. Engine, index and clock outlive it.
class DnsServer {
 public:
  ~DnsServer() { stop(); }

  /// Where it answers, in the order of the options, without endpoints that were passed over.
  const std::vector<SocketAddress>& addresses() const { return addresses_; }
  std::uint16_t port() const { return addresses_.front().port(); }
  /// Set when TCP could not be bound: the node then runs on UDP alone (spec/dns.md 1). For one line in the log.
  const std::optional<Error>& tcp_failure() const { return tcp_failure_; }
  /// Endpoints that were passed over, with the reason. For the log.
  const std::vector<std::string>& passed_over() const { return passed_over_; }

  /// Sums over the threads. Any thread, also after stop().
  dns::CounterTotals counters() const;
  dns::CounterTotals counters(dns::Transport transport) const;
  /// Of UDP, over the threads (UdpListener::latency). Any thread, also after stop().
  LatencyTotals udp_latency() const;
  /// Open TCP connections. Any thread.
  std::size_t tcp_connections() const;

  /// Stops all threads and closes the sockets. Idempotent; not from two threads at once.
  void stop();

 private:
  friend Result<std::unique_ptr<DnsServer>> start_dns_server(const DnsListenOptions&, const dns::Engine&, const Clock&,
                                                             Random&);
  DnsServer() = default;

  std::vector<SocketAddress> addresses_;
  std::vector<std::string> passed_over_;
  std::optional<Error> tcp_failure_;
  std::vector<std::unique_ptr<UdpListener>> udp_;
  std::unique_ptr<TcpListener> tcp_;
};

/// Binds everything, then starts the threads. Error: net_bind, one sentence with address, port and the system's reason.
/// `random` is used during the call only.
Result<std::unique_ptr<DnsServer>> start_dns_server(const DnsListenOptions& options, const dns::Engine& engine,
                                                    const Clock& clock, Random& random);

}  // namespace dnsmesh::net
