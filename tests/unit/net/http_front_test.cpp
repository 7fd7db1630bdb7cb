// SPDX-License-Identifier: Apache-2.0
// Slow, many and vanishing clients; answers that come later; stopping.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "net/echo_server.hpp"
#include "net/raw_client.hpp"

using namespace dnsmesh;
using test::ask;
using test::EchoServer;
using test::RawAnswer;
using test::RawClient;

namespace {

constexpr std::string_view k_busy = R"({"error": "server busy"})";
constexpr std::string_view k_timeout = R"({"error": "request timeout"})";

/// How long a thousand requests with a body take, one after the other on one connection.
std::int64_t ms_of_many_posts(std::uint16_t port) {
  const SystemClock clock;
  const std::int64_t began_ms = clock.monotonic_ms();
  RawClient client(port);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(client.send(test::request_text("POST", "/echo", "x")));
    REQUIRE(client.read_answer().status == 200);
  }
  return clock.monotonic_ms() - began_ms;
}

}  // namespace

TEST_CASE("a client that drips its header or its body is told so at the deadline") {
  net::HttpServerOptions options;
  options.front.deadlines.header_ms = 60;
  options.front.deadlines.body_ms = 60;
  const EchoServer server(options);
  for (const std::string begin : {"GET /echo HTTP/1.1\r\n", "POST /echo HTTP/1.1\r\nContent-Length: 1000\r\n\r\n"}) {
    RawClient client(server.port());
    client.send(begin);
    while (!client.readable(10)) client.send("a");
    const RawAnswer answer = client.read_answer();
    CHECK(answer.status == 408);
    CHECK(answer.body == k_timeout);
  }
  CHECK(server.server->counters().timeouts >= 2);
}

TEST_CASE("a connection that says nothing ends silently, at first and between requests") {
  net::HttpServerOptions options;
  options.front.deadlines.header_ms = 40;
  options.front.deadlines.idle_ms = 40;
  const EchoServer server(options);
  RawClient silent(server.port());
  CHECK(silent.read_to_end().empty());
  RawClient kept(server.port());
  kept.send(test::request_text("GET", "/echo"));
  CHECK(kept.read_answer().status == 200);
  CHECK(kept.read_to_end().empty());
}

TEST_CASE("a client that does not read loses its connection at the write deadline") {
  net::HttpServerOptions options;
  options.front.deadlines.write_ms = 60;
  const EchoServer server(options);
  RawClient client(server.port());
  client.send(test::request_text("GET", "/big"));
  while (server.server->counters().timeouts == 0) std::this_thread::yield();
  CHECK(client.read_to_end().size() < EchoServer::k_big_bytes);
}

TEST_CASE("a client that reads slowly but in time gets all of a large answer") {
  const EchoServer server;
  RawClient client(server.port());
  client.send(test::request_text("GET", "/big"));
  CHECK(client.read_answer().body.size() == EchoServer::k_big_bytes);
}

TEST_CASE("two hundred idle and half-sent connections do not keep a good client waiting") {
  net::HttpServerOptions options;
  options.front.connections_per_address_max = 400;
  const EchoServer server(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(server.port());
    if (i % 2 == 0) clients.back().send("POST /echo HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf");
    if (i % 4 == 1) clients.back().send("GET /echo HT");
  }
  CHECK(ask(server.port(), "GET", "/echo").status == 200);
  CHECK(server.server->counters().connections_open >= 200);
}

TEST_CASE("connections beyond the cap of an address get 503, and a place is free again after one ends") {
  net::HttpServerOptions options;
  options.front.connections_per_address_max = 2;
  const EchoServer server(options);
  auto first = std::make_unique<RawClient>(server.port());
  RawClient second(server.port());
  first->send(test::request_text("GET", "/echo"));
  second.send(test::request_text("GET", "/echo"));
  CHECK(first->read_answer().status == 200);
  CHECK(second.read_answer().status == 200);
  RawClient third(server.port());
  CHECK(third.read_answer().body == k_busy);
  CHECK(server.server->counters().connections_refused == 1);
  RawClient other(server.port(), 2);
  other.send(test::request_text("GET", "/echo"));
  CHECK(other.read_answer().status == 200);
  first.reset();
  while (server.server->counters().connections_open == 3) std::this_thread::yield();
  CHECK(ask(server.port(), "GET", "/echo").status == 200);
}

TEST_CASE("at the cap of all connections the one that waited longest for a request makes room, those in hand stay") {
  net::HttpServerOptions options;
  options.front.connections_max = 4;
  EchoServer server(options);
  RawClient parked(server.port());
  parked.send(test::request_text("GET", "/park"));
  server.wait_for_parked(1);
  RawClient silent(server.port(), 2);
  RawClient half(server.port(), 3);
  half.send("POST /echo HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf");
  RawClient used(server.port(), 4);
  used.send(test::request_text("GET", "/echo"));
  CHECK(used.read_answer().status == 200);

  RawClient fifth(server.port(), 5);
  CHECK(silent.read_to_end().empty());
  RawClient sixth(server.port(), 6);
  CHECK(half.read_to_end().empty());
  for (RawClient* client : {&used, &fifth, &sixth}) {
    client->send(test::request_text("GET", "/echo"));
    CHECK(client->read_answer().status == 200);
  }
  CHECK(server.server->counters().connections_displaced == 2);
  CHECK(server.server->counters().connections_refused == 0);
  server.take_parked()[0](http::json_response(200, "still here"));
  CHECK(parked.read_answer().body == "still here");
}

TEST_CASE("at the cap of all connections an address gives up its own before those of others") {
  net::HttpServerOptions options;
  options.front.connections_max = 2;
  const EchoServer server(options);
  RawClient older(server.port(), 2);
  older.send(test::request_text("GET", "/echo"));
  CHECK(older.read_answer().status == 200);
  RawClient own(server.port(), 3);
  RawClient newer(server.port(), 3);
  CHECK(own.read_to_end().empty());
  older.send(test::request_text("GET", "/echo"));
  CHECK(older.read_answer().status == 200);
}

TEST_CASE("at the cap of all connections the client that has not read its answer for the longest time makes room") {
  net::HttpServerOptions options;
  options.front.connections_max = 2;
  const EchoServer server(options);
  std::vector<RawClient> slow;
  for (std::uint32_t host = 2; host < 4; ++host) {
    slow.emplace_back(server.port(), host);
    slow.back().send(test::request_text("GET", "/big"));
    REQUIRE(slow.back().readable(5000));
  }
  RawClient third(server.port(), 4);
  third.send(test::request_text("GET", "/echo"));
  CHECK(third.read_answer().status == 200);
  CHECK(server.server->counters().connections_displaced == 1);
  CHECK(slow[0].read_to_end().size() < EchoServer::k_big_bytes);
  CHECK(slow[1].read_answer().body.size() == EchoServer::k_big_bytes);
}

TEST_CASE("when more answers are unread than memory may hold, the client that has waited longest loses its own") {
  net::HttpServerOptions options;
  options.front.unsent_bytes_max = EchoServer::k_big_bytes + EchoServer::k_big_bytes / 2;
  const EchoServer server(options);
  std::vector<RawClient> slow;
  for (std::uint32_t host = 2; host < 4; ++host) {
    slow.emplace_back(server.port(), host);
    slow.back().send(test::request_text("GET", "/big"));
    REQUIRE(slow.back().readable(5000));
  }
  CHECK(slow[0].read_to_end().size() < EchoServer::k_big_bytes);
  CHECK(slow[1].read_answer().body.size() == EchoServer::k_big_bytes);
  CHECK(server.server->counters().connections_displaced == 1);
}

TEST_CASE("of an answer that nobody reads the system holds little") {
  net::HttpServerOptions options;
  options.front.connections_max = 1;
  const EchoServer server(options);
  RawClient slow(server.port());
  slow.send(test::request_text("GET", "/big"));
  REQUIRE(slow.readable(5000));
  RawClient other(server.port(), 2);  // ends the first one; what the system had taken still arrives
  other.send(test::request_text("GET", "/echo"));
  CHECK(other.read_answer().status == 200);
  CHECK(slow.read_to_end().size() < std::size_t{4} * limits::http_send_buffer_bytes);
}

TEST_CASE("when every connection is in hand the next one gets 503") {
  net::HttpServerOptions options;
  options.front.connections_max = 2;
  EchoServer server(options);
  std::vector<RawClient> parked;
  for (std::size_t i = 0; i < 2; ++i) {
    parked.emplace_back(server.port());
    parked.back().send(test::request_text("GET", "/park"));
    server.wait_for_parked(i + 1);
  }
  RawClient refused(server.port(), 2);
  CHECK(refused.read_answer().body == k_busy);
  for (http::Responder& respond : server.take_parked()) respond(http::json_response(200, "here"));
  for (RawClient& client : parked) CHECK(client.read_answer().body == "here");
}

TEST_CASE("a trusted proxy names the client, everybody else does not, and the cap of an address is not a proxy's") {
  const std::string claim = "X-Forwarded-For: 198.51.100.1, 192.0.2.7\r\nX-Forwarded-For: 127.0.0.9\r\n";
  {
    const test::EchoServer server;
    CHECK(ask(server.port(), "GET", "/echo", "", claim).body.contains("from=127.0.0.1 "));
  }
  net::HttpServerOptions options;
  options.front.connections_per_address_max = 1;
  options.front.trusted_proxies = *access::AddressPrefixes::parse("127.0.0.0/8");
  const test::EchoServer server(options);
  test::RawClient kept(server.port());
  kept.send(test::request_text("GET", "/echo", "", claim));
  CHECK(kept.read_answer().body.contains("from=192.0.2.7 "));
  // The next request on the connection may be somebody else's.
  kept.send(test::request_text("GET", "/echo"));
  CHECK(kept.read_answer().body.contains("from=127.0.0.1 "));
  CHECK(ask(server.port(), "GET", "/echo", "", "x-forwarded-for: 2001:db8::5\r\n").body.contains("from=2001:db8::5 "));
}

TEST_CASE("over the concurrency cap a request gets 503 and the connection stays, health is answered all the same") {
  net::HttpServerOptions options;
  options.workers = 3;
  options.concurrency_max = 2;
  EchoServer server(options);
  std::vector<RawClient> blocked;
  for (int i = 0; i < 2; ++i) {
    blocked.emplace_back(server.port());
    blocked.back().send(test::request_text("GET", "/block"));
  }
  server.wait_for_blocked(2);
  RawClient refused(server.port());
  refused.send(test::request_text("GET", "/echo"));
  const RawAnswer answer = refused.read_answer();
  CHECK(answer.status == 503);
  CHECK(answer.body == k_busy);
  CHECK(answer.header("Connection") == "keep-alive");
  CHECK(ask(server.port(), "GET", "/health").status == 200);
  server.release_blocked();
  for (RawClient& client : blocked) CHECK(client.read_answer().body == "unblocked");
  do {
    refused.send(test::request_text("GET", "/echo"));  // until the workers have come back for more
  } while (refused.read_answer().status != 200);
}

TEST_CASE("the concurrency cap can be changed while the server runs") {
  net::HttpServerOptions options;
  options.concurrency_max = 0;
  const EchoServer server(options);
  CHECK(ask(server.port(), "GET", "/echo").status == 503);
  server.server->set_concurrency_max(1);
  CHECK(ask(server.port(), "GET", "/echo").status == 200);
}

TEST_CASE("hundreds of parked requests hold no worker and are answered from another thread") {
  net::HttpServerOptions options;
  options.workers = 1;
  options.concurrency_max = 4;
  options.front.connections_per_address_max = 500;
  EchoServer server(options);
  const std::int64_t alone_ms = ms_of_many_posts(server.port());
  constexpr std::size_t k_count = 400;
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < k_count; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(test::request_text("GET", "/park"));
    server.wait_for_parked(i + 1);
  }
  CHECK(ask(server.port(), "GET", "/echo").status == 200);
  // Others go on at full speed; the bound is loose because the machine may be busy with something else.
  CHECK(ms_of_many_posts(server.port()) < 10 * alone_ms + 1000);
  std::thread([&] {
    for (http::Responder& respond : server.take_parked()) respond(http::json_response(201, "late"));
  }).join();
  for (RawClient& client : clients) CHECK(client.read_answer().body == "late");
}

TEST_CASE("a kept connection ends after its share of requests, and the last answer says so") {
  const EchoServer server;
  RawClient client(server.port());
  constexpr std::size_t k_together = 100;
  std::string requests;
  for (std::size_t i = 0; i < k_together; ++i) requests += test::request_text("GET", "/nothing");
  std::string connection;
  for (std::size_t i = 0; i < limits::http_requests_per_connection_max; ++i) {
    if (i % k_together == 0) client.send(requests);
    connection = client.read_answer().header("Connection");
    const bool last = i + 1 == limits::http_requests_per_connection_max;
    REQUIRE(connection == (last ? "close" : "keep-alive"));
  }
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a responder that goes without an answer, by itself or in an exception, answers 503") {
  const EchoServer server;
  for (const std::string_view target : {"/forget", "/raise"}) {
    const RawAnswer answer = ask(server.port(), "GET", target);
    CHECK(answer.status == 503);
    CHECK(answer.body == k_busy);
  }
}

TEST_CASE("an answer counts once, and one to a client that is gone or to a stopped server does no harm") {
  net::HttpServerOptions options;
  options.front.deadlines.stop_ms = 20;
  EchoServer server(options);
  {
    RawClient gone(server.port());
    gone.send(test::request_text("GET", "/park"));
    server.wait_for_parked(1);
    const linger abort{1, 0};
    ::setsockopt(gone.socket(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  }
  while (server.server->counters().connections_open > 0) std::this_thread::yield();
  RawClient present(server.port());
  present.send(test::request_text("GET", "/park"));
  server.wait_for_parked(2);
  auto parked = server.take_parked();
  parked[0](http::json_response(200, "to nobody"));
  parked[1](http::json_response(200, "once"));
  parked[1](http::json_response(200, "twice"));
  CHECK(present.read_answer().body == "once");
  present.send(test::request_text("GET", "/echo"));
  CHECK(present.read_answer().body.starts_with("GET /echo"));

  RawClient late(server.port());
  late.send(test::request_text("GET", "/park"));
  server.wait_for_parked(1);
  parked = server.take_parked();
  server.server->stop();
  parked[0](http::json_response(200, "too late"));
}

TEST_CASE("a client that ends its side after the request still gets the answer") {
  EchoServer server;
  RawClient client(server.port());
  client.send(test::request_text("GET", "/park"));
  client.end_sending();
  server.wait_for_parked(1);
  server.take_parked()[0](http::json_response(200, "here"));
  CHECK(client.read_answer().body == "here");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("stop answers what was asked, ends the rest, and takes no new connection") {
  EchoServer server;
  RawClient parked(server.port());
  RawClient idle(server.port());
  RawClient half(server.port());
  parked.send(test::request_text("GET", "/park"));
  half.send("GET /echo HT");
  server.wait_for_parked(1);
  std::thread stopping([&] { server.server->stop(); });
  CHECK(idle.read_to_end().empty());
  CHECK(half.read_to_end().empty());
  server.take_parked()[0](http::json_response(200, "at last"));
  const RawAnswer answer = parked.read_answer();
  CHECK(answer.body == "at last");
  CHECK(answer.header("Connection") == "close");
  stopping.join();
  server.server->stop();  // again, without effect
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const net::Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  CHECK(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0);
}

TEST_CASE("stop gives up on an answer that does not come") {
  net::HttpServerOptions options;
  options.front.deadlines.stop_ms = 50;
  EchoServer server(options);
  RawClient client(server.port());
  client.send(test::request_text("GET", "/park"));
  server.wait_for_parked(1);
  server.server->stop();
  CHECK(client.read_to_end().empty());
}

TEST_CASE("stop under load answers every request that the server has taken") {
  EchoServer server;
  std::atomic<int> whole{0};
  std::atomic<int> broken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, port = server.port()] {
      RawClient client(port);
      while (client.send(test::request_text("POST", "/echo", "x"))) {
        const RawAnswer answer = client.read_answer();
        if (answer.status == 0) break;
        (answer.body.ends_with("body=x") ? whole : broken)++;
        if (answer.header("Connection") == "close") break;
      }
    });
  }
  while (whole < 200) std::this_thread::yield();
  server.server->stop();
  for (std::thread& thread : threads) thread.join();
  CHECK(broken == 0);
  std::uint64_t answered = 0;
  for (const auto& row : server.server->counters().answers()) answered += row.count;
  CHECK(answered == static_cast<std::uint64_t>(whole));
}

TEST_CASE("every answer is counted by method and status, also those to no request at all") {
  const EchoServer server;
  ask(server.port(), "GET", "/echo");
  ask(server.port(), "GET", "/echo");
  ask(server.port(), "HEAD", "/nothing");
  ask(server.port(), "PUT", "/echo");
  const auto rows = server.server->counters().answers();
  REQUIRE(rows.size() == 3);
  CHECK((rows[0].method == "GET" && rows[0].status == 200 && rows[0].count == 2));
  CHECK((rows[1].method == "HEAD" && rows[1].status == 404 && rows[1].count == 1));
  CHECK((rows[2].method == "other" && rows[2].status == 501 && rows[2].count == 1));
}
