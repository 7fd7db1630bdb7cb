// SPDX-License-Identifier: Apache-2.0
// One HTTP call to a peer, as a parameter: production uses libcurl (net/peer_client.hpp), the simulation its network.
// The rules of spec/anti-entropy.md 11 (schemes, redirects, proxies, deadlines, caps) are the transport's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace dnsmesh::sync {

struct PeerRequest {
  std::string endpoint;  // base URL of the peer without trailing slash, `http://host:port/path`
  std::string method;    // GET or POST
  std::string target;    // appended to the endpoint: `/v1/sync/digest?cursor=0::&limit=1000`
  std::string token;     // sent as `Authorization: Bearer`; empty: no such header
  std::string body;
  std::string content_type;          // of the body
  std::size_t answer_bytes_max = 0;  // of the decoded body; more is sync_answer_too_big
  std::int64_t wait_ms = 0;          // what the peer may hold the request beyond the usual deadlines
  bool accepts_gzip = false;         // the answer may come compressed; caps and `body` are of what was decoded
};

struct PeerAnswer {
  int status = 0;
  std::string body;  // decoded
  std::string content_type;
  std::optional<std::int64_t> date_s;  // the Date header as unix seconds
  std::size_t wire_bytes_received = 0;
  std::size_t wire_bytes_sent = 0;
};

/// Errors: sync_endpoint (an URL that must not be called), sync_unreachable, sync_timeout, sync_answer_too_big,
/// sync_transport (broken or not HTTP), sync_cancelled. A redirect is an answer with its status, never followed.
using PeerCallback = std::move_only_function<void(Result<PeerAnswer>)>;

class Transport {
 public:
  virtual ~Transport() = default;

  /// Starts a call; `done` runs once on the loop's thread, never inside call(). Only on the loop's thread.
  virtual void call(PeerRequest request, PeerCallback done) = 0;

  /// Ends every call in flight: each `done` gets sync_cancelled before this returns. Only on the loop's thread.
  virtual void cancel_all() = 0;
};

}  // namespace dnsmesh::sync
