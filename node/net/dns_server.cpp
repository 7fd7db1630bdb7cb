// SPDX-License-Identifier: Apache-2.0
#include "net/dns_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/cores.hpp"
#include "base/limits.hpp"

namespace dnsmesh::net {
namespace {

/// Everything bound to one port number.
struct Bound {
  std::vector<SocketAddress> addresses;
  std::vector<std::string> passed_over;
  std::vector<std::vector<UdpSocket>> udp;  // by thread, then by address
  std::vector<Descriptor> tcp;
  std::optional<Error> tcp_failure;
};

bool has_no_such_family(const SocketAddress& address) {
  const Descriptor probe(socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!probe.is_open()) return errno == EAFNOSUPPORT;
  SocketAddress any_port = address;
  any_port.set_port(0);
  return bind(probe.get(), any_port.raw(), any_port.size) != 0 && errno == EADDRNOTAVAIL;
}

Result<void> bind_endpoint(const DnsEndpoint& endpoint, std::uint16_t port, std::size_t thread_count, Bound& bound) {
  std::optional<SocketAddress> address = parse_address(endpoint.address, port);
  if (!address) {
    return fail(ErrorCode::net_bind, fmt::format("cannot listen on \"{}\": not a numeric address", endpoint.address));
  }
  if (!endpoint.is_required && has_no_such_family(*address)) {
    bound.passed_over.push_back(fmt::format("{}: this machine has no such address", endpoint.address));
    return {};
  }
  for (std::size_t i = 0; i < thread_count; ++i) {
    Result<UdpSocket> udp = bind_udp(*address, i == 0 ? Sharing::first : Sharing::sibling);
    if (!udp) return std::unexpected(udp.error());
    if (i == 0) address = bound_address(udp->descriptor.get());
    bound.udp[i].push_back(std::move(*udp));
  }
  Result<Descriptor> tcp = bind_tcp(*address);
  if (tcp) {
    bound.tcp.push_back(std::move(*tcp));
  } else if (!bound.tcp_failure) {
    bound.tcp_failure = tcp.error();
  }
  bound.addresses.push_back(*address);
  return {};
}

/// Binds all endpoints to `port`; the first decides the number when it is 0.
Result<Bound> bind_all(const DnsListenOptions& options, std::size_t thread_count) {
  Bound bound;
  bound.udp.resize(thread_count);
  std::uint16_t port = options.port;
  for (const DnsEndpoint& endpoint : options.endpoints) {
    if (Result<void> done = bind_endpoint(endpoint, port, thread_count, bound); !done) {
      return std::unexpected(done.error());
    }
    if (!bound.addresses.empty()) port = bound.addresses.front().port();
  }
  if (bound.addresses.empty()) return fail(ErrorCode::net_bind, "there is no address to listen on");
  return bound;
}

/// A number that UDP got may be taken for TCP, or at the second address: then another one is picked.
Result<Bound> bind_with_picks(const DnsListenOptions& options, std::size_t thread_count) {
  Result<Bound> bound = bind_all(options, thread_count);
  for (int pick = 1; options.port == 0 && pick < limits::dns_port_picks_max; ++pick) {
    if (bound && !bound->tcp_failure) break;
    bound = bind_all(options, thread_count);
  }
  return bound;
}

}  // namespace

Result<std::unique_ptr<DnsServer>> start_dns_server(const DnsListenOptions& options, const dns::Engine& engine,
                                                    const Clock& clock, Random& random) {
  const std::size_t thread_count = options.udp_threads != 0 ? options.udp_threads : usable_cores();
  Result<Bound> bound = bind_with_picks(options, thread_count);
  if (!bound) return std::unexpected(bound.error());
  std::unique_ptr<DnsServer> server(new DnsServer);
  server->addresses_ = bound->addresses;
  server->passed_over_ = bound->passed_over;
  server->tcp_failure_ = bound->tcp_failure;
  for (std::size_t i = 0; i < thread_count; ++i) {
    server->udp_.push_back(
        std::make_unique<UdpListener>(std::move(bound->udp[i]), engine, options.updates, clock, random, i));
  }
  server->tcp_ =
      std::make_unique<TcpListener>(std::move(bound->tcp), options.tcp, engine, options.updates, clock, random);
  return server;
}

dns::CounterTotals DnsServer::counters() const {
  return dns::sum(counters(dns::Transport::udp), counters(dns::Transport::tcp));
}

dns::CounterTotals DnsServer::counters(dns::Transport transport) const {
  std::vector<const dns::Counters*> blocks;
  if (transport == dns::Transport::tcp) {
    blocks.push_back(&tcp_->counters());
  } else {
    for (const auto& listener : udp_) blocks.push_back(&listener->counters());
  }
  return dns::sum(blocks);
}

LatencyTotals DnsServer::udp_latency() const {
  LatencyTotals totals;
  for (const auto& listener : udp_) totals += listener->latency();
  return totals;
}

std::size_t DnsServer::tcp_connections() const { return tcp_->connections(); }

void DnsServer::stop() {
  for (const auto& listener : udp_) listener->stop();
  if (tcp_ != nullptr) tcp_->stop();
}

}  // namespace dnsmesh::net
