// SPDX-License-Identifier: Apache-2.0
// Every request to one peer goes through here: budget, token, clock, counters, back-off (spec/anti-entropy.md 6.3, 11,
// 12; failures F17 to F20, F43 of 16).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/session_context.hpp"
#include "sync/task.hpp"

namespace dnsmesh::sync {

/// The label `kind` of the request counters.
enum class CallKind { digest, pull, manifest, feed, get, reconcile, hint };
std::string_view call_kind_name(CallKind kind);

struct Call {
  CallKind kind{};
  std::string target;
  std::string body{};  // empty: GET
  std::string content_type{};
  std::size_t answer_bytes_max = 0;
  std::int64_t wait_ms = 0;
};

struct CallResult {
  std::optional<PeerAnswer> answer;  // 200 or 204
  int status = 0;                    // 0: no answer
  std::optional<ErrorCode> error;    // without an answer
  std::int64_t sent_ms = 0;          // monotonic, when the request that was answered left
  bool unsupported() const { return status == 400 || status == 404 || status == 501; }
};

class PeerCalls {
 public:
  /// Both must outlive it.
  PeerCalls(SyncContext& context, PeerState& peer) : context_(context), peer_(peer) {}

  /// Waits for the budget, calls, tries the other token once after a 403. Anything but 200 and 204 is counted and told,
  /// and begins a back-off; `unsupported` answers and too big ones are left to the caller, who knows what they mean.
  Task<CallResult> call(Call call);

  /// A failure that only the caller could see: an answer that says nothing sensible.
  void failed(std::string_view reason, std::string text);
  /// What was asked for is here and in the store: ends the back-off.
  void succeeded();

 private:
  Task<> wait_for_budget();
  Task<Result<PeerAnswer>> send(Call call, bool alternative);
  void count(const Call& call, const Result<PeerAnswer>& answer, std::int64_t sent_wall_ms);
  void judge(const Call& call, const Result<PeerAnswer>& answer, CallResult& result);
  void note_clock(std::int64_t date_s, std::int64_t sent_wall_ms);

  SyncContext& context_;
  PeerState& peer_;
};

/// The status of `peer`, for any thread.
void publish_status(SyncContext& context, const PeerState& peer);

}  // namespace dnsmesh::sync
