// SPDX-License-Identifier: Apache-2.0
// What peers can do to a call, and what a call gives away.
#include "net/peer_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/hex.hpp"
#include "hostile_server.hpp"
#include "peer_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::net;
using namespace dnsmesh::net::test;

namespace {

std::string answer_text(std::string_view body, std::string_view headers = {}, std::string_view status = "200 OK") {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body);
}

/// 64 KiB of blanks in 97 octets: `printf '%65536s' '' | gzip -9 -n`.
std::string gzip_of_blanks() {
  constexpr std::string_view k_hex =
      "1f8b0800000000000203edc18100000000802095fd2917a90a00000000000000000000000000000000000000000000000000"
      "00000000000000000000000000000000000000000000000000000000000000000000000000006a94192cb400000100";
  return from_hex(k_hex).value();
}

}  // namespace

TEST_CASE("a call gives status, body, type and date of the answer, and counts what went over the wire") {
  std::string head;
  HostileServer server([&](HostileConnection& connection) {
    head = connection.read_head();
    connection.send(answer_text("{}", "Content-Type: application/json\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\n"));
  });
  TestClient client;
  auto request = TestClient::get(server.endpoint());
  request.token = "secret-token";
  const auto answer = client.ask(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->body == "{}");
  CHECK(answer->content_type == "application/json");
  CHECK(answer->date_s == 1795514400);
  CHECK(answer->wire_bytes_sent == head.size());
  CHECK(answer->wire_bytes_received > 2);
  CHECK(head.starts_with("GET /v1/sync/digest?cursor=0:: HTTP/1.1\r\n"));
  CHECK(head.contains("\r\nAuthorization: Bearer secret-token\r\n"));
  CHECK(head.contains("\r\nUser-Agent: dnsmesh-node/" DNSMESH_VERSION "\r\n"));
  CHECK_FALSE(head.contains("Accept-Encoding"));
}

TEST_CASE("without a token no Authorization header is sent, and an answer without a date has none") {
  std::string head;
  HostileServer server([&](HostileConnection& connection) {
    head = connection.read_head();
    connection.send(answer_text("", "Date: yesterday\r\n"));
  });
  TestClient client;
  const auto answer = client.ask(TestClient::get(server.endpoint()));
  REQUIRE(answer.has_value());
  CHECK_FALSE(answer->date_s.has_value());
  CHECK_FALSE(head.contains("Authorization"));
}

TEST_CASE("a body is sent whole with its type and length, without waiting for a 100") {
  std::string head;
  std::string body;
  const std::string sent(200000, 'x');
  HostileServer server([&](HostileConnection& connection) {
    head = connection.read_head();
    body = connection.read_body(sent.size());
    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
    connection.send(answer_text("ok"));
  });
  TestClient client;
  auto request = TestClient::get(server.endpoint(), "/v1/sync/pull");
  request.method = "POST";
  request.body = sent;
  request.content_type = "application/json";
  const auto answer = client.ask(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->body == "ok");
  CHECK(answer->wire_bytes_sent == head.size() + sent.size());
  CHECK(body == sent);
  CHECK(head.contains("\r\nContent-Type: application/json\r\n"));
  CHECK(head.contains("\r\nContent-Length: 200000\r\n"));
  CHECK_FALSE(head.contains("Expect"));
}

TEST_CASE("a redirect is an answer: the other host never hears of the token") {
  HostileServer elsewhere(answer_text("got it"));
  HostileServer server(answer_text("", fmt::format("Location: {}/\r\n", elsewhere.endpoint()), "302 Found"));
  TestClient client;
  auto request = TestClient::get(server.endpoint());
  request.token = "secret-token";
  const auto answer = client.ask(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 302);
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("a body up to the cap is taken, one octet more ends the call, declared or not") {
  for (const std::size_t size : {std::size_t{1024}, std::size_t{1025}}) {
    CAPTURE(size);
    const ErrorCode expected = size > 1024 ? ErrorCode::sync_answer_too_big : ErrorCode::count_;
    HostileServer declared(answer_text(std::string(size, 'x')));
    HostileServer undeclared("HTTP/1.0 200 OK\r\n\r\n" + std::string(size, 'x'));
    TestClient client;
    CHECK(client.error_of(TestClient::get(declared.endpoint())) == expected);
    CHECK(client.error_of(TestClient::get(undeclared.endpoint())) == expected);
  }
}

TEST_CASE("a body that never ends is cut at the cap") {
  HostileServer server([](HostileConnection& connection) {
    connection.read_head();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (connection.send("1000\r\n" + std::string(4096, 'x') + "\r\n")) {
    }
  });
  TestClient client;
  CHECK(client.error_of(TestClient::get(server.endpoint())) == ErrorCode::sync_answer_too_big);
}

TEST_CASE("the cap is on what was decoded, so a small gzip body cannot become a large one") {
  HostileServer server([](HostileConnection& connection) {
    connection.read_head();
    connection.send(answer_text(gzip_of_blanks(), "Content-Encoding: gzip\r\n"));
  });
  TestClient client;
  auto request = TestClient::get(server.endpoint());
  request.accepts_gzip = true;
  CHECK(client.error_of(request) == ErrorCode::sync_answer_too_big);
  request.answer_bytes_max = 65536;
  const auto answer = client.ask(request);
  REQUIRE(answer.has_value());
  CHECK(answer->body == std::string(65536, ' '));
  CHECK(answer->wire_bytes_received < 1000);
}

TEST_CASE("gzip is asked for only when the caller wants it, and not decoded otherwise") {
  std::vector<std::string> heads;
  HostileServer server([&](HostileConnection& connection) {
    heads.push_back(connection.read_head());
    connection.send(answer_text(gzip_of_blanks(), "Content-Encoding: gzip\r\nConnection: close\r\n"));
  });
  TestClient client;
  auto request = TestClient::get(server.endpoint());
  const auto plain = client.ask(request);
  REQUIRE(plain.has_value());
  CHECK(plain->body == gzip_of_blanks());
  request.accepts_gzip = true;
  request.answer_bytes_max = 65536;
  CHECK(client.ask(request).has_value());
  REQUIRE(heads.size() == 2);
  CHECK_FALSE(heads[0].contains("gzip"));
  CHECK(heads[1].contains("\r\nAccept-Encoding: gzip\r\n"));
}

TEST_CASE("a body that only claims to be gzip is a broken answer") {
  HostileServer server(answer_text("not gzip at all", "Content-Encoding: gzip\r\n"));
  TestClient client;
  auto request = TestClient::get(server.endpoint());
  request.accepts_gzip = true;
  CHECK(client.error_of(request) == ErrorCode::sync_transport);
}

TEST_CASE("headers are bounded in lines and octets, those of interim answers too") {
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 101; ++i) many += "X-A: b\r\n";
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n";
  std::string repeated;
  for (int i = 0; i < 40; ++i) repeated += interim;
  for (const std::string& answer :
       {many + "\r\n", "HTTP/1.1 200 OK\r\nX-A: " + std::string(40000, 'b') + "\r\n\r\n", repeated}) {
    HostileServer server(answer);
    TestClient client;
    CHECK(client.error_of(TestClient::get(server.endpoint())) == ErrorCode::sync_answer_too_big);
  }
}

TEST_CASE("a peer that is not there, closes at once, or speaks no HTTP is an error of its own kind") {
  std::uint16_t closed_port = 0;
  {
    closed_port = HostileServer("").port();
  }
  TestClient client;
  CHECK(client.error_of(TestClient::get(fmt::format("http://127.0.0.1:{}", closed_port))) ==
        ErrorCode::sync_unreachable);
  CHECK(client.error_of(TestClient::get("http://no-such-host.invalid")) == ErrorCode::sync_unreachable);
  for (const std::string answer :
       {"", "SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\x02", "HTTP/1.1 nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    CAPTURE(answer);
    HostileServer server(answer);
    CHECK(client.error_of(TestClient::get(server.endpoint())) == ErrorCode::sync_transport);
  }
}

TEST_CASE("what follows the declared length is not part of the answer") {
  HostileServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Smuggled\r\n\r\n");
  TestClient client;
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.ask(TestClient::get(server.endpoint()));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK(answer->body == "ok");
  }
}

TEST_CASE("only http and https are called, with a host and without credentials") {
  TestClient client;
  for (const std::string endpoint :
       {"file:///etc/passwd", "ftp://127.0.0.1", "gopher://127.0.0.1", "127.0.0.1:80", "http://", "", "http://a b",
        "http://user:password@127.0.0.1", "http://127.0.0.1:99999", "http://127.0.0.1\r\nX-A: b", "javascript:1"}) {
    CAPTURE(endpoint);
    CHECK(client.error_of(TestClient::get(endpoint)) == ErrorCode::sync_endpoint);
  }
}

TEST_CASE("the target goes out as it was given") {
  std::string head;
  HostileServer server([&](HostileConnection& connection) {
    head = connection.read_head();
    connection.send(answer_text(""));
  });
  TestClient client;
  CHECK(client.ask(TestClient::get(server.endpoint() + "/base", "/v1/../x?cursor=1:a%20b:&limit=2")).has_value());
  CHECK(head.starts_with("GET /base/v1/../x?cursor=1:a%20b:&limit=2 HTTP/1.1\r\n"));
}

TEST_CASE("a proxy of the environment is not used") {
  HostileServer proxy(answer_text("from the proxy"));
  HostileServer server(answer_text("direct"));
  const std::string url = proxy.endpoint();
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"}) ::setenv(name, url.c_str(), 1);
  TestClient client;
  const auto answer = client.ask(TestClient::get(server.endpoint()));
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  REQUIRE(answer.has_value());
  CHECK(answer->body == "direct");
  CHECK(proxy.connections() == 0);
}

TEST_CASE("a peer that takes the request and says nothing runs into the deadline of the first octet") {
  HostileServer server([](HostileConnection& connection) { connection.wait_until_closed(); });
  PeerClientOptions options = TestClient::quick();
  options.deadlines.first_byte_ms = 100;
  TestClient client(options);
  CHECK(client.error_of(TestClient::get(server.endpoint())) == ErrorCode::sync_timeout);
}

TEST_CASE("the time that a peer may hold a request comes on top of that deadline") {
  HostileServer server([](HostileConnection& connection) {
    connection.read_head();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the peer's holding; nothing waits for it to pass
    connection.send(answer_text("held"));
  });
  PeerClientOptions options = TestClient::quick();
  options.deadlines.first_byte_ms = 100;
  TestClient client(options);
  auto request = TestClient::get(server.endpoint());
  request.wait_ms = 20000;
  const auto answer = client.ask(request);
  REQUIRE(answer.has_value());
  CHECK(answer->body == "held");
}

TEST_CASE("a peer that drips is given up when it has been slow for long enough") {
  HostileServer server([](HostileConnection& connection) {
    connection.read_head();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (connection.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  PeerClientOptions options = TestClient::quick();
  options.deadlines.slow_ms = 100;
  TestClient client(options);
  CHECK(client.error_of(TestClient::get(server.endpoint())) == ErrorCode::sync_timeout);
}

TEST_CASE("a whole call has its deadline, however fast the peer sends") {
  HostileServer server([](HostileConnection& connection) {
    connection.read_head();
    connection.send("HTTP/1.1 200 OK\r\n\r\n");
    while (connection.send(std::string(4096, 'x'))) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  PeerClientOptions options = TestClient::quick();
  options.deadlines.call_ms = 200;
  TestClient client(options);
  auto request = TestClient::get(server.endpoint());
  request.answer_bytes_max = std::size_t{1} << 40;
  CHECK(client.error_of(request) == ErrorCode::sync_timeout);
}

TEST_CASE("connections are kept for the next call to the same peer") {
  HostileServer server([](HostileConnection& connection) {
    while (!connection.read_head().empty()) connection.send(answer_text("again"));
  });
  TestClient client;
  for (int i = 0; i < 5; ++i) CHECK(client.ask(TestClient::get(server.endpoint())).has_value());
  CHECK(server.connections() == 1);
}

TEST_CASE("calls run at once: a peer that hangs does not hold up another") {
  HostileServer hanging([](HostileConnection& connection) { connection.wait_until_closed(); });
  HostileServer server(answer_text("ok"));
  TestClient client;
  std::optional<ErrorCode> hung;
  client.client->call(TestClient::get(hanging.endpoint()), [&](const auto& answer) { hung = answer.error().code; });
  std::optional<int> status;
  client.client->call(TestClient::get(server.endpoint()), [&](const auto& answer) { status = answer->status; });
  while (!status) client.client->turn(-1);
  CHECK(status == 200);
  CHECK(client.client->calls_in_flight() == 1);
  client.client->cancel_all();
  CHECK(hung == ErrorCode::sync_cancelled);
}

TEST_CASE("cancelling ends each call once, at once, and later calls work") {
  HostileServer server([](HostileConnection& connection) { connection.wait_until_closed(); });
  TestClient client;
  std::vector<ErrorCode> ends;
  const auto note = [&](const auto& answer) { ends.push_back(answer.error().code); };
  for (int i = 0; i < 20; ++i) client.client->call(TestClient::get(server.endpoint()), note);
  client.client->call(TestClient::get("file:///etc/passwd"), note);
  client.client->turn(0);
  while (server.connections() == 0) client.client->turn(1);
  client.client->cancel_all();
  // The refused one was told in a turn.
  CHECK(std::ranges::count(ends, ErrorCode::sync_cancelled) == 20);
  CHECK(ends.size() == 21);
  client.client->turn(0);
  CHECK(ends.size() == 21);
  HostileServer good(answer_text("ok"));
  CHECK(client.ask(TestClient::get(good.endpoint())).has_value());
}

TEST_CASE("files of certificates that cannot be read keep a client from being made, and are named") {
  const SystemClock clock;
  for (std::string PeerClientOptions::* file :
       {&PeerClientOptions::ca_file, &PeerClientOptions::certificate_file, &PeerClientOptions::key_file}) {
    PeerClientOptions options;
    options.*file = "/no/such/file.pem";
    const auto made = PeerClient::create(options, clock);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == ErrorCode::config_file);
    CHECK(made.error().text == "/no/such/file.pem: No such file or directory");
  }
}
