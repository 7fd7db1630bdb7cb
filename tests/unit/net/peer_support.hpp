// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "net/peer_client.hpp"

namespace dnsmesh::net::test {

/// A client driven by the test's own thread. Its deadlines are short, but for the connection's: there a busy machine
/// must not fail a test.
class TestClient {
 public:
  static PeerClientOptions quick() {
    PeerClientOptions options;
    options.deadlines = {.connect_ms = 5000, .first_byte_ms = 10000, .call_ms = 20000, .slow_ms = 10000};
    return options;
  }

  explicit TestClient(const PeerClientOptions& options = quick()) {
    std::signal(SIGPIPE, SIG_IGN);
    auto made = PeerClient::create(options, clock);
    REQUIRE(made.has_value());
    client = std::move(*made);
  }

  static sync::PeerRequest get(std::string endpoint, std::string target = "/v1/sync/digest?cursor=0::") {
    sync::PeerRequest request;
    request.endpoint = std::move(endpoint);
    request.method = "GET";
    request.target = std::move(target);
    request.answer_bytes_max = 1024;
    return request;
  }

  Result<sync::PeerAnswer> ask(sync::PeerRequest request) {
    std::optional<Result<sync::PeerAnswer>> result;
    client->call(std::move(request), [&](Result<sync::PeerAnswer> answer) { result.emplace(std::move(answer)); });
    CHECK_FALSE(result.has_value());  // never inside call()
    while (!result) client->turn(-1);
    CHECK(client->calls_in_flight() == 0);
    return std::move(*result);
  }

  /// The code of the error; count_ when there was none.
  ErrorCode error_of(sync::PeerRequest request) {
    const auto answer = ask(std::move(request));
    return answer ? ErrorCode::count_ : answer.error().code;
  }

  SystemClock clock;
  std::unique_ptr<PeerClient> client;
};

}  // namespace dnsmesh::net::test
