// SPDX-License-Identifier: Apache-2.0
// A DNS server on loopback and plain clients for it.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/cursor.hpp"
#include "base/random.hpp"
#include "dns/answer_index.hpp"
#include "dns/engine.hpp"
#include "dns/name.hpp"
#include "dns/zone.hpp"
#include "net/dns_server.hpp"
#include "net/socket.hpp"

namespace dnsmesh::net::test {

/// Nothing on loopback takes this long; a test that waits for it has failed.
inline constexpr int k_patience_ms = 5000;

/// A TXT query with a number as its id.
inline std::string txt_query(std::string_view name, std::uint16_t id = 7, std::uint16_t type = dns::k_type_txt) {
  return ByteWriter()
      .u16(id)
      .u16(dns::k_flag_recursion_desired)
      .u16(1)
      .u16(0)
      .u32(0)
      .bytes(dns::Name::from_text(name).value().wire())
      .u16(type)
      .u16(dns::k_class_in)
      .take();
}

inline std::string framed(std::string_view message) {
  return ByteWriter().u16(static_cast<std::uint16_t>(message.size())).bytes(message).take();
}

inline dns::Header header_of(std::string_view answer) {
  ByteReader reader(answer);
  return dns::read_header(reader);
}
/// A missing answer is no NOERROR.
inline unsigned rcode_of(std::string_view answer) {
  REQUIRE(answer.size() >= dns::k_header_octets);
  return header_of(answer).flags & 0xFU;
}
inline bool is_truncated(std::string_view answer) { return (header_of(answer).flags & dns::k_flag_truncated) != 0; }

/// One server with the zone mesh.test and its index.
struct ServerBed {
  ServerBed() : ServerBed(loopback()) {}
  explicit ServerBed(const DnsListenOptions& options) {
    index.finish_loading();
    server = start_dns_server(options, engine, clock, random).value();
  }
  static DnsListenOptions loopback(std::string address = "127.0.0.1") {
    DnsListenOptions options;
    options.endpoints = {{std::move(address)}};
    options.port = 0;
    options.udp_threads = 2;
    return options;
  }
  void put(std::string name, std::string value) {
    const store::Change change{store::Change::Kind::put, std::move(name), std::move(value), clock.wall_s() + 3600, 1};
    index.apply({&change, 1});
  }
  std::uint64_t count(dns::Outcome outcome) const { return server->counters()[static_cast<std::size_t>(outcome)]; }

  SystemClock clock;
  SystemRandom random;
  dns::Zone zone = dns::make_zone({.served_zone = "mesh.test"}).value();
  dns::AnswerIndex index{clock, random, zone.apex};
  dns::RateLimiter limiter{{}, random};
  dns::Engine engine{zone, index, dns::CookieSecret{}, &limiter};
  std::unique_ptr<DnsServer> server;
};

/// A connected socket that waits at most k_patience_ms.
class Client {
 public:
  Client(const SocketAddress& server, int type) : descriptor_(socket(server.family(), type | SOCK_CLOEXEC, 0)) {
    REQUIRE(connect(fd(), server.raw(), server.size) == 0);
  }
  int fd() const { return descriptor_.get(); }
  void send_all(std::string_view octets) {
    while (!octets.empty()) {
      const ssize_t sent = ::send(fd(), octets.data(), octets.size(), MSG_NOSIGNAL);
      REQUIRE(sent > 0);
      octets.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// Sends what the server may refuse by closing.
  bool try_send(std::string_view octets) {
    return ::send(fd(), octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size());
  }
  /// The next octets; empty at the end of the stream, after a reset, or when nothing comes.
  std::string receive(std::size_t octets_max = 65535, int patience_ms = k_patience_ms) {
    pollfd wait{fd(), POLLIN, 0};
    if (poll(&wait, 1, patience_ms) != 1) return "";
    std::string out(octets_max, '\0');
    const ssize_t got = recv(fd(), out.data(), out.size(), 0);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
  /// True when the server ends the connection within the time, sending nothing before.
  bool is_closed(int patience_ms = k_patience_ms) {
    pollfd wait{fd(), POLLIN, 0};
    if (poll(&wait, 1, patience_ms) != 1) return false;
    char octet = 0;
    return recv(fd(), &octet, 1, 0) <= 0;
  }
  std::string receive_exactly(std::size_t count) {
    std::string out;
    while (out.size() < count) {
      const std::string more = receive(count - out.size());
      if (more.empty()) break;
      out += more;
    }
    return out;
  }
  /// A framed message; empty at the end of the stream.
  std::string receive_message() {
    const std::string prefix = receive_exactly(2);
    if (prefix.size() < 2) return "";
    return receive_exactly(ByteReader(prefix).u16());
  }
  std::string ask(std::string_view message) {
    send_all(message);
    return receive();
  }
  std::string ask_framed(std::string_view message) {
    send_all(framed(message));
    return receive_message();
  }

 private:
  Descriptor descriptor_;
};

inline Client udp_client(const ServerBed& bed) { return {bed.server->addresses().front(), SOCK_DGRAM}; }
inline Client tcp_client(const ServerBed& bed) { return {bed.server->addresses().front(), SOCK_STREAM}; }

}  // namespace dnsmesh::net::test
