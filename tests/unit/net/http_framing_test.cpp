// SPDX-License-Identifier: Apache-2.0
// Where a request ends and what is none (spec/http-api.md 1), with raw bytes over a real socket.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/random.hpp"
#include "net/echo_server.hpp"
#include "net/http_head.hpp"
#include "net/raw_client.hpp"

using namespace dnsmesh;
using test::EchoServer;
using test::RawAnswer;
using test::RawClient;

namespace {

struct Refused {
  std::string bytes;
  int status;
  std::string_view error;
};

/// The answer, and that the connection ends after it although the client keeps its side open.
void check_refused(std::uint16_t port, const Refused& row) {
  CAPTURE(row.bytes.substr(0, 120));
  RawClient client(port);
  client.send(row.bytes);
  const RawAnswer answer = client.read_answer();
  CHECK(answer.status == row.status);
  CHECK(answer.body == fmt::format("{{\"error\": \"{}\"}}", row.error));
  CHECK(answer.header("Content-Type") == "application/json");
  CHECK(answer.header("Connection") == "close");
  CHECK(client.read_to_end().empty());
}

std::string get(std::string_view headers) { return fmt::format("GET /echo HTTP/1.1\r\n{}\r\n", headers); }
std::string post(std::string_view headers) { return fmt::format("POST /echo HTTP/1.1\r\n{}\r\nbody", headers); }

net::HttpServerOptions quick_linger() {
  net::HttpServerOptions options;
  options.front.deadlines.linger_ms = 20;
  return options;
}

}  // namespace

TEST_CASE("what is no request is refused with 400 and the connection ends") {
  const EchoServer server(quick_linger());
  for (const std::string& bytes : std::vector<std::string>{
           "GET /echo\r\n\r\n",
           "GET  /echo HTTP/1.1\r\n\r\n",
           "GET /echo  HTTP/1.1\r\n\r\n",
           "GET /echo HTTP/1.1 \r\n\r\n",
           " GET /echo HTTP/1.1\r\n\r\n",
           "GET\t/echo HTTP/1.1\r\n\r\n",
           "GET /echo HTTP/x.1\r\n\r\n",
           "GET /echo http/1.1\r\n\r\n",
           "GET /echo HTTP/1.10\r\n\r\n",
           "G(T /echo HTTP/1.1\r\n\r\n",
           "GET /ec\x7Fho HTTP/1.1\r\n\r\n",
           "\r\n\r\nGET /echo HTTP/1.1\r\n\r\n",
           "\x16\x03\x01\x02\x00\x01",
           std::string("GET /ec\0ho HTTP/1.1\r\n\r\n", 24),
           "GET /echo HTTP/1.1\n\n",
           "GET /echo HTTP/1.1\r\nA: b\n\r\n",
           "GET /echo HTTP/1.1\r\nA: b\rc\r\n\r\n",
           get("no colon\r\n"),
           get(": no name\r\n"),
           get("A : blank before the colon\r\n"),
           get("A\t: tab before the colon\r\n"),
           get(" Folded: first\r\n"),
           get("A: b\r\n folded\r\n"),
           get("A: b\r\n\tfolded\r\n"),
           get("A(b): c\r\n"),
           get("A: \x01\r\n"),
           get(std::string("A: b\0c\r\n", 8)),
           get("Host: a\r\nHost: b\r\n"),
           get("Authorization: a\r\nAuthorization: b\r\n"),
           post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
           post("Transfer-Encoding: identity\r\nContent-Length: 4\r\n"),
           "GET http://[::1/echo HTTP/1.1\r\n\r\n",
           "GET http://::1]/echo HTTP/1.1\r\n\r\n",
           "GET http://[::1]x/echo HTTP/1.1\r\n\r\n",
           "GET http:///echo HTTP/1.1\r\n\r\n",
       }) {
    check_refused(server.port(), {bytes, 400, "bad request"});
  }
}

TEST_CASE("a Content-Length that is no plain number is an invalid body") {
  const EchoServer server(quick_linger());
  for (const std::string length : {"", "x", "-1", "+4", "4.0", "0x4", "4 4", "4, 4", "1e1"}) {
    check_refused(server.port(), {post("Content-Length: " + length + "\r\n"), 400, "invalid body"});
  }
  check_refused(server.port(), {post("Content-Length: 4\r\nContent-Length: 4\r\n"), 400, "invalid body"});
  check_refused(server.port(), {post("Content-Length: 4\r\nContent-Length: 5\r\n"), 400, "invalid body"});
}

TEST_CASE("chunked bodies, other versions and other methods have their own answers") {
  const EchoServer server(quick_linger());
  check_refused(server.port(), {post("Transfer-Encoding: chunked\r\n"), 411, "length required"});
  check_refused(server.port(), {"DELETE /echo HTTP/1.0\r\ntransfer-encoding: CHUNKED\r\n\r\n", 411, "length required"});
  check_refused(server.port(), {"GET /echo HTTP/2.0\r\n\r\n", 505, "http version not supported"});
  check_refused(server.port(), {"GET /echo HTTP/0.9\r\n\r\n", 505, "http version not supported"});
  for (const std::string method : {"PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PRI", "get", "FOO"}) {
    check_refused(server.port(), {method + " /echo HTTP/1.1\r\n\r\n", 501, "method not supported"});
  }
}

TEST_CASE("limits of the head hold at the bound and refuse just above it") {
  const EchoServer server(quick_linger());
  const auto line = [](std::size_t size) {
    return "GET /echo?" + std::string(size - std::string("GET /echo? HTTP/1.1").size(), 'q') + " HTTP/1.1";
  };
  const auto path = [](std::size_t size) { return "GET /echo" + std::string(size - 5, 'p') + " HTTP/1.1\r\n\r\n"; };
  const auto query = [](std::size_t size) { return "GET /echo?" + std::string(size - 6, 'q') + " HTTP/1.1\r\n\r\n"; };
  const auto lines = [](int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += "A: b\r\n";
    return get(out);
  };
  const auto block = [](std::size_t size) { return get("A: " + std::string(size - 5, 'h') + "\r\n"); };
  for (const std::string& accepted : {path(2048), query(2048), lines(100), block(32768)}) {
    CAPTURE(accepted.size());
    RawClient client(server.port());
    client.send(accepted);
    CHECK(client.read_answer().status == 200);
  }
  check_refused(server.port(), {line(8192) + "\r\n\r\n", 414, "target too long"});
  check_refused(server.port(), {line(8193) + "\r\n\r\n", 414, "request line too long"});
  check_refused(server.port(), {path(2049), 414, "target too long"});
  check_refused(server.port(), {query(2049), 414, "target too long"});
  // What the routes match is the target with every octet that needs it encoded: the longest still has a route.
  RawClient encoded(server.port());
  encoded.send("GET /echo" + std::string(2043, '\xFF') + " HTTP/1.1\r\n\r\n");
  CHECK(encoded.read_answer().status == 200);
  check_refused(server.port(), {lines(101), 431, "too many headers"});
  check_refused(server.port(), {block(32769), 431, "headers too large"});
}

TEST_CASE("endless lines and headers are refused early, whatever the client goes on sending") {
  const EchoServer server(quick_linger());
  for (const std::string begin : {"GET /", "GET / HTTP/1.1\r\nA: "}) {
    RawClient client(server.port());
    std::size_t sent = begin.size();
    const std::string more(65536, 'a');
    client.send(begin);
    constexpr std::size_t k_far_too_much = 64U << 20;
    while (sent < k_far_too_much && client.send(more)) sent += more.size();
    CHECK(sent < k_far_too_much);
  }
  CHECK(test::ask(server.port(), "GET", "/echo").status == 200);
}

TEST_CASE("a body of 16384 bytes is read, a longer one is announced to the route and not read") {
  const EchoServer server(quick_linger());
  const std::string body(16384, 'b');
  CHECK(test::ask(server.port(), "POST", "/echo", body).body.ends_with("body=" + body));
  for (const std::string length : {"16385", "18446744073709551616", "99999999999999999999999999999999"}) {
    RawClient client(server.port());
    client.send(fmt::format("POST /echo HTTP/1.1\r\nContent-Length: {}\r\n\r\n", length));
    const RawAnswer answer = client.read_answer();
    CHECK(answer.body.ends_with("body=(too large)"));
    CHECK(answer.header("Connection") == "close");
    CHECK(client.read_to_end().empty());
  }
}

TEST_CASE("how long a body may be is decided by the request's head") {
  net::HttpServerOptions options = quick_linger();
  options.front.body_bytes_max = [](const http::Request& head) {
    const bool long_one = head.method == "POST" && head.target == "/echo" && head.authorization == "Bearer long";
    return long_one ? std::size_t{20000} : limits::http_body_bytes_max;
  };
  const EchoServer server(options);
  const std::string body(20000, 'b');
  CHECK(test::ask(server.port(), "POST", "/echo", body, "Authorization: Bearer long\r\n").body.ends_with("=" + body));
  CHECK(test::ask(server.port(), "POST", "//echo", body, "Authorization: Bearer long\r\n").body.ends_with("=" + body));
  CHECK(test::ask(server.port(), "POST", "/echo", body + "b", "Authorization: Bearer long\r\n")
            .body.ends_with("body=(too large)"));
  CHECK(test::ask(server.port(), "POST", "/echo", body, "Authorization: Bearer other\r\n")
            .body.ends_with("body=(too large)"));
}

TEST_CASE("requests that come together are answered one after the other, in order") {
  const EchoServer server;
  RawClient client(server.port());
  std::string bytes;
  constexpr int k_count = 200;
  for (int i = 0; i < k_count; ++i)
    bytes += test::request_text(i % 2 == 0 ? "POST" : "DELETE", "/echo", fmt::format("{}", i));
  client.send(bytes);
  client.end_sending();
  for (int i = 0; i < k_count; ++i) {
    const RawAnswer answer = client.read_answer();
    REQUIRE(answer.status == 200);
    CHECK(answer.body.ends_with(fmt::format("body={}", i)));
  }
  CHECK(client.read_to_end().empty());
}

TEST_CASE("the connection is kept for HTTP/1.1 and ended for HTTP/1.0, unless the client says otherwise") {
  const EchoServer server;
  struct Row {
    std::string version;
    std::string connection;
    bool kept;
  };
  for (const Row& row : std::vector<Row>{{"1.1", "", true},
                                         {"1.1", "Connection: close\r\n", false},
                                         {"1.1", "Connection: foo, Close\r\n", false},
                                         {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
                                         {"1.0", "", false},
                                         {"1.0", "Connection: Keep-Alive\r\n", true},
                                         {"1.0", "Connection: keep-alive, close\r\n", false}}) {
    CAPTURE(row.version);
    CAPTURE(row.connection);
    RawClient client(server.port());
    client.send(fmt::format("GET /echo HTTP/{}\r\n{}\r\n", row.version, row.connection));
    const RawAnswer answer = client.read_answer();
    CHECK(answer.status == 200);
    CHECK(answer.header("Connection") == (row.kept ? "keep-alive" : "close"));
    if (row.kept) {
      client.send("GET /echo HTTP/1.0\r\n\r\n");
      CHECK(client.read_answer().status == 200);
    }
    CHECK(client.read_to_end().empty());
  }
}

TEST_CASE("a HEAD has the headers of the GET and no body, also on a kept connection") {
  const EchoServer server;
  RawClient client(server.port());
  client.send(test::request_text("HEAD", "/echo") + test::request_text("GET", "/echo"));
  const RawAnswer head = client.read_answer(true);
  const RawAnswer answer = client.read_answer();
  CHECK(head.header("Content-Length") == fmt::format("{}", answer.body.size() + 1));  // HEAD is a letter longer
  CHECK(answer.body.starts_with("GET /echo "));
}

TEST_CASE("a HEAD that is refused or too slow is answered without a body") {
  net::HttpServerOptions options = quick_linger();
  options.front.deadlines.header_ms = 40;
  options.front.deadlines.body_ms = 40;
  const EchoServer server(options);
  struct Row {
    std::string bytes;
    int status;
  };
  for (const Row& row : std::vector<Row>{{"HEAD /echo HTTP/1.1\r\nno colon\r\n\r\n", 400},
                                         {"\r\nHEAD /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
                                         {"HEAD /" + std::string(2048, 'p') + " HTTP/1.1\r\n\r\n", 414},
                                         {"HEAD /" + std::string(9000, 'p'), 414},
                                         {"HEAD /echo HTTP/1.1\r\nA: " + std::string(32768, 'h') + "\r\n\r\n", 431},
                                         {"HEAD /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411},
                                         {"HEAD /echo HTTP/2.0\r\n\r\n", 505},
                                         {"HEAD /echo HTTP/1.1\r\n", 408},
                                         {"HEAD /echo HTTP/1.1\r\nContent-Length: 4\r\n\r\n", 408}}) {
    CAPTURE(row.bytes.substr(0, 60));
    RawClient client(server.port());
    client.send(row.bytes);
    const RawAnswer answer = client.read_answer(true);
    CHECK(answer.status == row.status);
    CHECK(answer.header("Content-Length") != "0");
    CHECK(client.read_to_end().empty());
  }
  check_refused(server.port(), {"HEADER /echo HTTP/1.1\r\n\r\n", 501, "method not supported"});
}

TEST_CASE("a client that waits for 100 Continue gets it once, an HTTP/1.0 client or one that sends at once does not") {
  const EchoServer server;
  RawClient waiting(server.port());
  waiting.send("POST /echo HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n");
  CHECK(waiting.read_answer(true).head == "HTTP/1.1 100 Continue\r\n\r\n");
  waiting.send("bo");
  waiting.send("dy");
  CHECK(waiting.read_answer().body.ends_with("body=body"));

  for (const std::string bytes : {"POST /echo HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody",
                                  "POST /echo HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody",
                                  "POST /echo HTTP/1.1\r\nContent-Length: 99999\r\nExpect: 100-continue\r\n\r\n",
                                  "POST /echo HTTP/1.1\r\nExpect: 100-continue\r\n\r\n"}) {
    RawClient client(server.port());
    client.send(bytes);
    CHECK(client.read_answer().status == 200);
  }
}

TEST_CASE("targets reach the handler as they were sent, apart from scheme, host and leading slashes") {
  const EchoServer server;
  struct Row {
    std::string target;
    std::string seen;
  };
  for (const Row& row : std::vector<Row>{{"/echo%2Fa%u0041+b%zz", "/echo%2Fa%u0041+b%zz"},
                                         {"/echo?a=b&c#d;e", "/echo?a=b&c#d;e"},
                                         {"/echo/\xC3\xA9\xFF", "/echo/\xC3\xA9\xFF"},
                                         {"///echo//x", "/echo//x"},
                                         {"http://other/echo", "/echo"},
                                         {"HTTPS://[::1]:8053/echo", "/echo"}}) {
    CHECK(test::ask(server.port(), "GET", row.target).body.starts_with("GET " + row.seen + " host="));
  }
  CHECK(test::ask(server.port(), "GET", "http://other:1/echo").body.contains("host=other:1 "));
  for (const std::string target : {"/", "//", "*", "echo", "/nothing", "/ECHO", "http://other", "?"}) {
    CAPTURE(target);
    const RawAnswer answer = test::ask(server.port(), "GET", target);
    CHECK(answer.status == 404);
    CHECK(answer.body == R"({"error": "not found"})");
  }
}

TEST_CASE("headers that would change an answer in the HTTP library change nothing") {
  const EchoServer server;
  const RawAnswer plain = test::ask(server.port(), "POST", "/echo", "a=b");
  const RawAnswer loaded = test::ask(server.port(), "POST", "/echo", "a=b",
                                     "Range: bytes=0-1\r\nAccept-Encoding: gzip\r\nContent-Encoding: gzip\r\n"
                                     "Content-Type: multipart/form-data; boundary=x\r\nUpgrade: h2c\r\n");
  CHECK(loaded.status == 200);
  CHECK(loaded.body == plain.body);
  CHECK(test::ask(server.port(), "GET", "/echo", "", "Authorization: \t Bearer %41 \t\r\n")
            .body.contains("auth=Bearer %41 from=127.0.0.1 "));
}

TEST_CASE("a head is read the same however it is cut into pieces") {
  const std::string bytes = "\r\nPOST /echo?x HTTP/1.1\r\nHost: h\r\nContent-Length:\t7 \r\nA: b:c\r\n\r\nbody";
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    const http::BodyBound usual;
    net::HttpHeadReader reader(usual);
    const auto first = reader.read(std::string_view(bytes).substr(0, cut));
    REQUIRE(first.has_value());
    const auto head = first->has_value() ? first : reader.read(bytes);
    REQUIRE(head.has_value());
    REQUIRE(head->has_value());
    CHECK((*head)->head_bytes == bytes.size() - 4);
    CHECK((*head)->body_bytes == 7);
    CHECK((*head)->request.target == "/echo?x");
    CHECK((*head)->request.host == "h");
  }
}

TEST_CASE("what encodings a client takes is one list, however many lines it comes in") {
  const http::BodyBound usual;
  net::HttpHeadReader reader(usual);
  const auto head = reader.read("GET / HTTP/1.1\r\nAccept-Encoding: br;q=1, gzip\r\naccept-encoding:deflate\r\n\r\n");
  REQUIRE(head.has_value());
  CHECK((*head)->request.accept_encoding == "br;q=1, gzip,deflate");
}

TEST_CASE("garbage never stops the server") {
  const EchoServer server(quick_linger());
  SeededRandom random(20261124);
  const std::string good = test::request_text("POST", "/echo", "body", "Authorization: Bearer x\r\n");
  for (int round = 0; round < 300; ++round) {
    std::string bytes = good;
    for (std::uint64_t i = random.below(6) + 1; i > 0; --i) {
      const auto at = static_cast<std::size_t>(random.below(bytes.size()));
      const char octet = static_cast<char>(random.u64() & 0xFF);
      switch (random.below(3)) {
        case 0:
          bytes[at] = octet;
          break;
        case 1:
          bytes.insert(at, 1, octet);
          break;
        default:
          bytes.erase(at, random.below(4) + 1);
          break;
      }
      if (bytes.empty()) bytes = "x";
    }
    CAPTURE(bytes);
    RawClient client(server.port());
    client.send(bytes);
    client.end_sending();
    client.read_to_end();
  }
  CHECK(test::ask(server.port(), "POST", "/echo", "still here").body.ends_with("body=still here"));
}
