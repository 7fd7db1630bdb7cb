// SPDX-License-Identifier: Apache-2.0
// TCP rules of spec/dns.md 9.
#include <netinet/tcp.h>

#include <chrono>
#include <thread>
#include <vector>

#include "dns_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::net;
using namespace dnsmesh::net::test;

namespace {

constexpr int k_queries = 100;
constexpr int k_short_ms = 60;

DnsListenOptions with_limits(TcpLimits limits) {
  DnsListenOptions options = ServerBed::loopback();
  options.tcp = limits;
  return options;
}

std::string pipelined(std::string_view name, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += framed(txt_query(name, static_cast<std::uint16_t>(i)));
  return out;
}

void check_ids(Client& client, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string answer = client.receive_message();
    REQUIRE(answer.size() > 12);
    CHECK(header_of(answer).id == i);
  }
}

/// Waits until the server holds `count` connections.
bool has_connections(const ServerBed& bed, std::size_t count) {
  const SystemClock clock;
  const std::int64_t until_ms = clock.monotonic_ms() + k_patience_ms;
  while (bed.server->tcp_connections() != count) {
    if (clock.monotonic_ms() > until_ms) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// A name whose answer has about 30 000 octets.
void put_large(ServerBed& bed) {
  for (int i = 0; i < 50; ++i) bed.put("large.mesh.test", std::to_string(i) + std::string(600, 'v'));
}

}  // namespace

TEST_CASE("100 queries in one segment are answered in one connection") {
  ServerBed bed;
  Client client = tcp_client(bed);
  client.send_all(pipelined("x.mesh.test", k_queries));
  check_ids(client, k_queries);
  CHECK(bed.count(dns::Outcome::nxdomain) == k_queries);
}

TEST_CASE("100 queries in pieces of one octet are answered") {
  ServerBed bed;
  Client client = tcp_client(bed);
  const int on = 1;
  setsockopt(client.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  for (const char octet : pipelined("x.mesh.test", k_queries)) client.send_all({&octet, 1});
  check_ids(client, k_queries);
}

TEST_CASE("prefix and body of an answer come in one segment") {
  ServerBed bed;
  Client client = tcp_client(bed);
  client.send_all(framed(txt_query("x.mesh.test")));
  const std::string octets = client.receive();
  CHECK(octets.size() == 2U + ByteReader(octets).u16());
}

TEST_CASE("a client that ends its side gets every answer, then the end") {
  ServerBed bed;
  Client client = tcp_client(bed);
  client.send_all(pipelined("x.mesh.test", 10) + "\x01");
  shutdown(client.fd(), SHUT_WR);
  check_ids(client, 10);
  CHECK(client.is_closed());
}

TEST_CASE("a length of 0 or below 12 ends the connection after the answers before it") {
  ServerBed bed;
  for (const std::string& bad : {std::string("\0\0", 2), framed("elevenbytes")}) {
    Client client = tcp_client(bed);
    client.send_all(framed(txt_query("x.mesh.test", 0)) + bad + framed(txt_query("x.mesh.test", 1)));
    check_ids(client, 1);
    CHECK(client.is_closed());
  }
}

TEST_CASE("a malformed message gets FORMERR, then the end") {
  ServerBed bed;
  Client client = tcp_client(bed);
  const std::string cut = txt_query("x.mesh.test").substr(0, 20);
  client.send_all(framed(cut) + framed(txt_query("x.mesh.test", 1)));
  CHECK(rcode_of(client.receive_message()) == 1);
  CHECK(client.is_closed());
  CHECK(bed.count(dns::Outcome::malformed) == 1);
}

TEST_CASE("a message with QR=1 gets no answer, and the end") {
  ServerBed bed;
  Client client = tcp_client(bed);
  std::string response = txt_query("x.mesh.test");
  response[2] = static_cast<char>(0x80);
  client.send_all(framed(response));
  CHECK(client.is_closed());
}

TEST_CASE("a message of 65535 octets is read") {
  ServerBed bed;
  Client client = tcp_client(bed);
  std::string message = txt_query("x.mesh.test");
  message[11] = 1;  // one additional RR that fills the message
  const std::size_t rdata = 65535 - message.size() - 11;
  message += ByteWriter().u8(0).u16(10).u16(1).u32(0).u16(static_cast<std::uint16_t>(rdata)).take();
  message.resize(65535, 'x');
  CHECK(rcode_of(client.ask_framed(message)) == 3);
  CHECK(rcode_of(client.ask_framed(txt_query("x.mesh.test"))) == 3);
}

TEST_CASE("without a first message the connection ends") {
  TcpLimits limits;
  limits.first_message_ms = k_short_ms;
  ServerBed bed(with_limits(limits));
  Client silent = tcp_client(bed);
  Client begun = tcp_client(bed);
  begun.send_all(framed(txt_query("x.mesh.test")).substr(0, 10));
  CHECK(silent.is_closed());
  CHECK(begun.is_closed());
  CHECK(has_connections(bed, 0));
}

TEST_CASE("an idle connection ends after an answer") {
  TcpLimits limits;
  limits.idle_ms = k_short_ms;
  ServerBed bed(with_limits(limits));
  Client client = tcp_client(bed);
  CHECK(rcode_of(client.ask_framed(txt_query("x.mesh.test"))) == 3);
  CHECK(client.is_closed());
}

TEST_CASE("one message has its time from its first octet, however it drips") {
  TcpLimits limits;
  limits.message_ms = k_short_ms;
  ServerBed bed(with_limits(limits));
  Client client = tcp_client(bed);
  CHECK(rcode_of(client.ask_framed(txt_query("x.mesh.test"))) == 3);
  const std::string message = framed(txt_query("x.mesh.test"));
  const SystemClock clock;
  const std::int64_t begin_ms = clock.monotonic_ms();
  std::size_t sent = 0;
  while (!client.is_closed(k_short_ms / 4) && clock.monotonic_ms() - begin_ms < k_patience_ms) {
    if (sent + 1 < message.size()) client.try_send(message.substr(sent++, 1));
  }
  CHECK(clock.monotonic_ms() - begin_ms < k_patience_ms);
  CHECK(sent < message.size());
}

TEST_CASE("a client that does not read stops being read, and ends when its time is over") {
  TcpLimits limits;
  limits.write_ms = 300;
  ServerBed bed(with_limits(limits));
  put_large(bed);
  Client client = tcp_client(bed);
  // 64 MiB of answers: far more than the socket buffers and the bound on unsent octets hold.
  const std::string queries = pipelined("large.mesh.test", 2000);
  client.send_all(queries);
  CHECK(has_connections(bed, 1));
  CHECK(has_connections(bed, 0));
  CHECK(bed.count(dns::Outcome::noerror) < 1000);
}

TEST_CASE("a client that reads late gets every answer") {
  ServerBed bed;
  put_large(bed);
  Client client = tcp_client(bed);
  client.send_all(pipelined("large.mesh.test", 400));
  while (bed.count(dns::Outcome::noerror) < 10) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  check_ids(client, 400);
  CHECK(rcode_of(client.ask_framed(txt_query("x.mesh.test"))) == 3);
}

TEST_CASE("at the cap of one client its oldest idle connection makes room") {
  TcpLimits limits;
  limits.connections_per_client_max = 2;
  ServerBed bed(with_limits(limits));
  Client first = tcp_client(bed);
  CHECK(rcode_of(first.ask_framed(txt_query("x.mesh.test"))) == 3);
  Client second = tcp_client(bed);
  CHECK(rcode_of(second.ask_framed(txt_query("x.mesh.test"))) == 3);
  CHECK(rcode_of(first.ask_framed(txt_query("x.mesh.test"))) == 3);
  Client third = tcp_client(bed);
  CHECK(rcode_of(third.ask_framed(txt_query("x.mesh.test"))) == 3);
  CHECK(second.is_closed());
  CHECK(rcode_of(first.ask_framed(txt_query("x.mesh.test"))) == 3);
  CHECK(bed.server->tcp_connections() == 2);
}

TEST_CASE("at the cap, with none of them idle, the new connection is closed") {
  TcpLimits limits;
  limits.connections_max = 2;
  ServerBed bed(with_limits(limits));
  const std::string message = framed(txt_query("x.mesh.test"));
  Client first = tcp_client(bed);
  Client second = tcp_client(bed);
  for (Client* client : {&first, &second}) {
    // The answer says that the server has the first message, so the rest behind it is there, too.
    client->send_all(message + message.substr(0, 5));
    CHECK_FALSE(client->receive_message().empty());
  }
  Client third = tcp_client(bed);
  CHECK(third.is_closed());
  CHECK(bed.count(dns::Outcome::dropped_connection) == 1);
  first.send_all(message.substr(5));
  CHECK(rcode_of(first.receive_message()) == 3);
}

TEST_CASE("the 33rd connection of one address closes its oldest idle one, and the total is 1024, as a node runs") {
  const TcpLimits limits;
  CHECK(limits.connections_per_client_max == 32);
  CHECK(limits.connections_max == 1024);
  ServerBed bed;
  std::vector<Client> clients;
  for (int i = 0; i < 33; ++i) {
    clients.push_back(tcp_client(bed));
    CHECK(rcode_of(clients.back().ask_framed(txt_query("x.mesh.test"))) == 3);
  }
  CHECK(clients.front().is_closed());
  CHECK(has_connections(bed, 32));
  CHECK(rcode_of(clients[1].ask_framed(txt_query("x.mesh.test"))) == 3);
}

TEST_CASE("128 connections and more may wait to be accepted") {
  const Descriptor listening = bind_tcp(parse_address("127.0.0.1", 0).value()).value();
  tcp_info info{};
  socklen_t size = sizeof info;
  REQUIRE(getsockopt(listening.get(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
  CHECK(info.tcpi_sacked >= 128);  // of a listening socket: its backlog
}

TEST_CASE("a message over the rate ends the connection after the answers before it") {
  ServerBed bed;
  bed.limiter.set({.per_s = 0.001, .burst = 3});
  Client client = tcp_client(bed);
  client.send_all(pipelined("x.mesh.test", 10));
  check_ids(client, 3);
  CHECK(client.is_closed());
  CHECK(bed.count(dns::Outcome::rate_limited) == 1);
}

TEST_CASE("TCP keepalive tells the idle time that is in force") {
  TcpLimits limits;
  limits.idle_ms = 2500;
  ServerBed bed(with_limits(limits));
  std::string query = txt_query("x.mesh.test");
  query[11] = 1;
  query += ByteWriter().u8(0).u16(41).u16(1232).u32(0).u16(4).u16(11).u16(0).take();
  CHECK(tcp_client(bed).ask_framed(query).ends_with(std::string("\0\13\0\2\0\31", 6)));
}

TEST_CASE("what comes over each transport is counted apart") {
  ServerBed bed;
  Client udp = udp_client(bed);
  for (int i = 0; i < 2; ++i) CHECK(rcode_of(udp.ask(txt_query("x.mesh.test"))) == 3);
  CHECK(rcode_of(tcp_client(bed).ask_framed(txt_query("x.mesh.test"))) == 3);
  const auto nxdomain = static_cast<std::size_t>(dns::Outcome::nxdomain);
  CHECK(bed.server->counters(dns::Transport::udp)[nxdomain] == 2);
  CHECK(bed.server->counters(dns::Transport::tcp)[nxdomain] == 1);
  CHECK(bed.server->counters()[nxdomain] == 3);
}

TEST_CASE("the total cap closes the oldest idle connection of anyone") {
  TcpLimits limits;
  limits.connections_max = 3;
  ServerBed bed(with_limits(limits));
  std::vector<Client> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(tcp_client(bed));
    CHECK(rcode_of(clients.back().ask_framed(txt_query("x.mesh.test"))) == 3);
  }
  for (std::size_t i = 0; i < 3; ++i) CHECK(clients[i].is_closed());
  for (std::size_t i = 3; i < 6; ++i) CHECK(rcode_of(clients[i].ask_framed(txt_query("x.mesh.test"))) == 3);
}

TEST_CASE("a client that resets its connection is forgotten") {
  ServerBed bed;
  {
    Client client = tcp_client(bed);
    CHECK(rcode_of(client.ask_framed(txt_query("x.mesh.test"))) == 3);
    const linger at_once{1, 0};
    setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  CHECK(has_connections(bed, 0));
}
