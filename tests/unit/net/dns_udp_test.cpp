// SPDX-License-Identifier: Apache-2.0
#include <sched.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <tuple>
#include <vector>

#include "dns_support.hpp"
#include "loopback.hpp"

using namespace dnsmesh;
using namespace dnsmesh::net;
using namespace dnsmesh::net::test;

namespace {

void check_udp_and_tcp(ServerBed& bed) {
  bed.put("x.mesh.test", "hello");
  Client udp = udp_client(bed);
  const std::string answer = udp.ask(txt_query("x.mesh.test", 4711));
  CHECK(header_of(answer).id == 4711);
  CHECK(header_of(answer).answer_count == 1);
  CHECK(answer.ends_with("\5hello"));
  Client tcp = tcp_client(bed);
  CHECK(tcp.ask_framed(txt_query("x.mesh.test", 4712)).ends_with("\5hello"));
  CHECK(bed.count(dns::Outcome::noerror) == 2);
}

/// The address of this machine's loopback that is not the first one.
SocketAddress other_loopback(std::uint16_t port) { return parse_address("127.0.0.2", port).value(); }

}  // namespace

TEST_CASE("IPv4: UDP and TCP answer on the same free port") {
  ServerBed bed;
  CHECK(bed.server->port() != 0);
  CHECK_FALSE(bed.server->tcp_failure());
  check_udp_and_tcp(bed);
}

TEST_CASE("IPv6: UDP and TCP answer on the same free port, or the machine's lack of it is an error in words") {
  if (has_ipv6_loopback()) {
    ServerBed bed(ServerBed::loopback("::1"));
    check_udp_and_tcp(bed);
    return;
  }
  ServerBed bed;
  const auto refused = start_dns_server(ServerBed::loopback("::1"), bed.engine, bed.clock, bed.random);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::net_bind);
  CHECK(refused.error().text.contains("[::1]"));
}

TEST_CASE("both wildcards share a port, and IPv4 is not taken by the IPv6 one") {
  DnsListenOptions options = ServerBed::loopback("0.0.0.0");
  options.endpoints.push_back({"::", false});
  ServerBed bed(options);
  if (!has_ipv6_loopback()) {
    CHECK(bed.server->addresses().size() + bed.server->passed_over().size() == 2);
    return;
  }
  REQUIRE(bed.server->addresses().size() == 2);
  CHECK(bed.server->addresses()[0].port() == bed.server->addresses()[1].port());
  bed.put("x.mesh.test", "hello");
  Client v4(parse_address("127.0.0.1", bed.server->port()).value(), SOCK_DGRAM);
  Client v6(parse_address("::1", bed.server->port()).value(), SOCK_DGRAM);
  CHECK(v4.ask(txt_query("x.mesh.test")).ends_with("\5hello"));
  CHECK(v6.ask(txt_query("x.mesh.test")).ends_with("\5hello"));
}

TEST_CASE("behind a wildcard the answer leaves from the address that was asked") {
  ServerBed bed(ServerBed::loopback("0.0.0.0"));
  bed.put("x.mesh.test", "hello");
  // A connected socket takes datagrams from this address only.
  Client client(other_loopback(bed.server->port()), SOCK_DGRAM);
  CHECK(client.ask(txt_query("x.mesh.test")).ends_with("\5hello"));
}

TEST_CASE("what the engine drops gets no datagram, and the next query is answered") {
  ServerBed bed;
  Client client = udp_client(bed);
  std::string response = txt_query("x.mesh.test");
  response[2] = static_cast<char>(0x80);
  client.send_all(response);
  client.send_all("short");
  CHECK(::send(client.fd(), "", 0, 0) == 0);
  CHECK(header_of(client.ask(txt_query("x.mesh.test", 99))).id == 99);
  CHECK(client.receive(100, 0).empty());
}

TEST_CASE("a datagram beyond the receive size is malformed") {
  ServerBed bed;
  Client client = udp_client(bed);
  const std::string answer = client.ask(txt_query("x.mesh.test") + std::string(9000, 'x'));
  CHECK(rcode_of(answer) == 1);
  CHECK(answer.size() == 12);
}

TEST_CASE("an answer that is too large for UDP is truncated, and whole over TCP") {
  ServerBed bed;
  for (int i = 0; i < 40; ++i) bed.put("x.mesh.test", std::to_string(i) + std::string(600, 'v'));
  const std::string truncated = udp_client(bed).ask(txt_query("x.mesh.test"));
  CHECK(is_truncated(truncated));
  CHECK(header_of(truncated).answer_count == 0);
  const std::string whole = tcp_client(bed).ask_framed(txt_query("x.mesh.test"));
  CHECK_FALSE(is_truncated(whole));
  CHECK(header_of(whole).answer_count == 40);
  CHECK(whole.size() > 24000);
}

TEST_CASE("a burst of more datagrams than a batch holds is answered whole") {
  ServerBed bed;
  bed.put("x.mesh.test", "hello");
  Client client = udp_client(bed);
  constexpr int k_queries = 150;
  for (std::uint16_t i = 0; i < k_queries; ++i) client.send_all(txt_query("x.mesh.test", i));
  int answered = 0;
  while (answered < k_queries && !client.receive().empty()) ++answered;
  CHECK(answered == k_queries);
}

TEST_CASE("every query gets exactly one datagram, and no empty one") {
  ServerBed bed;
  bed.put("x.mesh.test", std::string(2000, 'v'));
  Client client = udp_client(bed);
  const std::vector<std::string> asked = {txt_query("x.mesh.test", 0), txt_query("no.mesh.test", 1),
                                          txt_query("foreign.example", 2),
                                          std::string("\0\3", 2) + std::string(18, 'x')};
  for (const std::string& query : asked) client.send_all(query);
  std::vector<unsigned> ids;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::string answer = client.receive();
    REQUIRE(answer.size() >= dns::k_header_octets);
    ids.push_back(header_of(answer).id);
  }
  // One more exchange: whatever followed the four answers would come before its answer.
  CHECK(header_of(client.ask(txt_query("last.mesh.test", 4))).id == 4);
  std::ranges::sort(ids);
  CHECK(ids == std::vector<unsigned>{0, 1, 2, 3});
}

TEST_CASE("there is one thread for each core that the process may use") {
  const auto threads = [] {
    std::size_t count = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream file(task.path() / "comm");
      std::string name;
      std::getline(file, name);
      count += name.starts_with("dns-") && name != "dns-tcp" ? 1 : 0;
    }
    return count;
  };
  DnsListenOptions options = ServerBed::loopback();
  options.udp_threads = 0;
  cpu_set_t all;
  REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
  {
    const ServerBed bed(options);
    CHECK(threads() == static_cast<std::size_t>(CPU_COUNT(&all)));
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  for (std::size_t cpu = 0; CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  }
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  {
    const ServerBed bed(options);
    CHECK(threads() == 1);
  }
  CHECK(sched_setaffinity(0, sizeof all, &all) == 0);
}

TEST_CASE("waiting datagrams cost two system calls for each 32 of them") {
  ServerBed bed;
  std::vector<UdpSocket> sockets;
  sockets.push_back(bind_udp(parse_address("127.0.0.1", 0).value(), Sharing::first).value());
  Client client(bound_address(sockets.front().descriptor.get()), SOCK_DGRAM);
  constexpr std::size_t k_batches = 3;
  constexpr std::size_t k_queries = k_batches * limits::dns_batch_messages;
  for (std::uint16_t i = 0; i < k_queries; ++i) client.send_all(txt_query("x.mesh.test", i));
  UdpListener listener(std::move(sockets), bed.engine, nullptr, bed.clock, bed.random, 0);
  for (std::size_t i = 0; i < k_queries; ++i) REQUIRE_FALSE(client.receive().empty());
  listener.stop();
  CHECK(listener.counters().get(dns::Outcome::send_calls) == k_batches);
  CHECK(listener.counters().get(dns::Outcome::receive_calls) == k_batches + 1);  // the last one finds nothing
}

TEST_CASE("a forged path MTU cannot shrink answers: discovery is left out") {
  for (const auto& [address, level, name, omit] :
       {std::tuple{"127.0.0.1", IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT},
        std::tuple{"::1", IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT}}) {
    const auto bound = bind_udp(parse_address(address, 0).value(), Sharing::first);
    if (!bound) continue;  // a machine without IPv6
    int value = -1;
    socklen_t size = sizeof value;
    REQUIRE(getsockopt(bound->descriptor.get(), level, name, &value, &size) == 0);
    CHECK(value == omit);
  }
}

TEST_CASE("one address has one rate, over how many threads its sockets may be spread") {
  ServerBed bed;
  bed.limiter.set({.per_s = 0.001, .burst = 20});
  constexpr int k_queries = 60;
  for (int i = 0; i < k_queries; ++i) {
    Client client = udp_client(bed);  // a port of its own, so another thread
    client.send_all(txt_query("x.mesh.test"));
    while (bed.count(dns::Outcome::nxdomain) + bed.count(dns::Outcome::rate_limited) <= static_cast<unsigned>(i)) {
      std::this_thread::yield();
    }
  }
  CHECK(bed.count(dns::Outcome::nxdomain) == 20);
  CHECK(bed.count(dns::Outcome::rate_limited) == 40);
  CHECK(bed.count(dns::Outcome::slipped) >= 19);
  CHECK(rcode_of(tcp_client(bed).ask_framed(txt_query("x.mesh.test"))) == 3);
}

TEST_CASE("a cookie got over UDP lifts the limit for the address that got it") {
  ServerBed bed;
  bed.limiter.set({.per_s = 0.001, .burst = 1});
  const auto asked = [](std::string_view cookie) {
    std::string query = txt_query("x.mesh.test");
    query[11] = 1;
    const auto octets = static_cast<std::uint16_t>(cookie.size());
    return query +
           ByteWriter().u8(0).u16(41).u16(1232).u32(0).u16(octets + 4U).u16(10).u16(octets).bytes(cookie).take();
  };
  Client client = udp_client(bed);
  const std::string first = client.ask(asked("clientck"));
  REQUIRE(first.size() > 24);
  const std::string cookie = first.substr(first.size() - 24);
  for (int i = 0; i < 10; ++i) CHECK(rcode_of(client.ask(asked(cookie))) == 3);
  // Another address cannot use it.
  const Descriptor other(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress source = other_loopback(0);
  const SocketAddress& server = bed.server->addresses().front();
  REQUIRE(bind(other.get(), source.raw(), source.size) == 0);
  REQUIRE(connect(other.get(), server.raw(), server.size) == 0);
  for (int i = 0; i < 3; ++i) CHECK(::send(other.get(), asked(cookie).data(), asked(cookie).size(), 0) > 0);
  while (bed.count(dns::Outcome::rate_limited) + bed.count(dns::Outcome::badcookie) < 2) std::this_thread::yield();
}

TEST_CASE("stop ends the threads promptly under load, and the port is free again") {
  ServerBed bed;
  std::atomic<bool> done{false};
  std::thread load([&, client = udp_client(bed)]() mutable {
    while (!done) {
      client.try_send(txt_query("x.mesh.test"));
      client.receive(1000, 1);
    }
  });
  while (bed.count(dns::Outcome::nxdomain) < 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  Client tcp = tcp_client(bed);
  CHECK(rcode_of(tcp.ask_framed(txt_query("x.mesh.test"))) == 3);
  const SystemClock clock;
  const std::int64_t begin_ms = clock.monotonic_ms();
  bed.server->stop();
  CHECK(clock.monotonic_ms() - begin_ms < 1000);
  done = true;
  load.join();
  CHECK(tcp.is_closed());
  CHECK(bed.server->tcp_connections() == 0);
  CHECK(bed.count(dns::Outcome::nxdomain) >= 100);
  bed.server->stop();
  DnsListenOptions again = ServerBed::loopback();
  again.port = bed.server->port();
  CHECK(start_dns_server(again, bed.engine, bed.clock, bed.random).has_value());
}

TEST_CASE("a UDP port in use is one plain sentence, also when its owner shares it among threads") {
  ServerBed bed;
  DnsListenOptions options = ServerBed::loopback();
  options.port = bed.server->port();
  const auto failed = start_dns_server(options, bed.engine, bed.clock, bed.random);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == ErrorCode::net_bind);
  CHECK(failed.error().text ==
        "cannot listen for UDP on 127.0.0.1:" + std::to_string(options.port) + ": Address already in use");
}

TEST_CASE("a TCP port in use leaves UDP alone, and says so") {
  ServerBed other;
  const Descriptor tcp = bind_tcp(parse_address("127.0.0.1", 0).value()).value();
  DnsListenOptions options = ServerBed::loopback();
  options.port = bound_address(tcp.get()).port();
  ServerBed bed(options);
  REQUIRE(bed.server->tcp_failure());
  CHECK(bed.server->tcp_failure()->text ==
        "cannot listen for TCP on 127.0.0.1:" + std::to_string(options.port) + ": Address already in use");
  CHECK(rcode_of(udp_client(bed).ask(txt_query("x.mesh.test"))) == 3);
}

TEST_CASE("an address that is none, or not of this machine, is refused by name") {
  ServerBed bed;
  const auto text = [&](std::string address) {
    return start_dns_server(ServerBed::loopback(std::move(address)), bed.engine, bed.clock, bed.random).error().text;
  };
  CHECK(text("localhost") == "cannot listen on \"localhost\": not a numeric address");
  CHECK(text("1.2.3") == "cannot listen on \"1.2.3\": not a numeric address");
  CHECK(text("192.0.2.1") == "cannot listen for UDP on 192.0.2.1:0: Cannot assign requested address");
}

TEST_CASE("an optional endpoint that this machine lacks is passed over") {
  DnsListenOptions options = ServerBed::loopback();
  options.endpoints.push_back({"2001:db8::1", false});
  ServerBed bed(options);
  CHECK(bed.server->addresses().size() == 1);
  CHECK(bed.server->passed_over().size() == 1);
}

TEST_CASE("a client is an IPv4 address or an IPv6 /56") {
  const auto key = [](const char* text) { return client_key(parse_address(text, 1).value()); };
  CHECK(key("192.0.2.1") == client_key(parse_address("192.0.2.1", 2).value()));
  CHECK(key("192.0.2.1") != key("192.0.2.2"));
  CHECK(key("2001:db8:0:1200::1") == key("2001:db8:0:12ff:ffff::2"));
  CHECK(key("2001:db8:0:1200::1") != key("2001:db8:0:1300::1"));
  CHECK(key("::") != key("0.0.0.0"));
  CHECK(key("::ffff:192.0.2.1") == key("192.0.2.1"));
  CHECK(key("::ffff:192.0.2.1") != key("::ffff:192.0.2.2"));
}
