// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <doctest/doctest.h>

#include "net/http_listener.hpp"
#include "net/http_message.hpp"
#include "net/loopback.hpp"
#include "net/raw_client.hpp"

using namespace dnsmesh;

TEST_CASE("the server binds literals of both families, localhost, and all addresses") {
  const SystemClock clock;
  for (const std::string host : {"127.0.0.1", "localhost", "", "0.0.0.0", "::", "::1"}) {
    CAPTURE(host);
    net::HttpServerOptions options;
    options.host = host;
    const auto server = net::start_http_server(options, {}, clock);
    if (host.contains(':') && !net::test::has_ipv6_loopback() && !server) {
      CHECK(server.error().code == ErrorCode::net_bind);
      continue;
    }
    REQUIRE(server.has_value());
    CHECK((*server)->port() != 0);
    if (host == "" || host == "0.0.0.0") CHECK(test::ask((*server)->port(), "GET", "/").status == 404);
  }
}

TEST_CASE("a port that is taken or a host that is not ours is one sentence of error") {
  const SystemClock clock;
  net::HttpServerOptions options;
  options.host = "127.0.0.1";
  const auto server = net::start_http_server(options, {}, clock);
  REQUIRE(server.has_value());
  options.port = (*server)->port();
  for (const std::string host : {"127.0.0.1", "", "192.0.2.1", "no such host", "256.1.1.1"}) {
    CAPTURE(host);
    options.host = host;
    const auto refused = net::start_http_server(options, {}, clock);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::net_bind);
    CHECK(refused.error().text.starts_with("cannot listen for HTTP on "));
    CHECK_FALSE(refused.error().text.contains('\n'));
  }
}

TEST_CASE("a peer mapped into IPv6 is shown as IPv4") {
  sockaddr_storage address{};
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
  v6.sin6_family = AF_INET6;
  inet_pton(AF_INET6, "::ffff:192.0.2.7", &v6.sin6_addr);
  CHECK(net::numeric_address(address) == "192.0.2.7");
  inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
  CHECK(net::numeric_address(address) == "2001:db8::1");
}

TEST_CASE("an answer is written with date, type, length and connection, a 204 without length") {
  CHECK(net::write_answer({200, "application/json", "{}", {{"Cache-Control", "no-store"}}}, {true, false}, 784111777) ==
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nCache-Control: no-store\r\nConnection: keep-alive\r\n\r\n{}");
  CHECK(net::write_answer({204, "", "", {}}, {}, 0) ==
        "HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nConnection: close\r\n\r\n");
  CHECK(net::write_answer({404, "", "", {}}, {}, 0).contains("Content-Length: 0\r\n"));
  CHECK(net::write_answer({299, "", "", {}}, {}, 0).starts_with("HTTP/1.1 299 \r\n"));
}
