// SPDX-License-Identifier: Apache-2.0
#include "sync/peer_calls.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "base/log.hpp"
#include "sync/await.hpp"

namespace dnsmesh::sync {
namespace {

constexpr std::array<std::string_view, 7> k_kind_names = {"digest", "pull",      "manifest", "feed",
                                                          "get",    "reconcile", "hint"};

std::string status_label(const Result<PeerAnswer>& answer) {
  return answer ? std::to_string(answer->status) : std::string(error_name(answer.error().code));
}

bool is_extended(CallKind kind) {
  return kind == CallKind::feed || kind == CallKind::get || kind == CallKind::reconcile;
}

bool is_forbidden(const Result<PeerAnswer>& answer) { return answer && answer->status == 403; }

}  // namespace

std::string_view call_kind_name(CallKind kind) { return k_kind_names[static_cast<std::size_t>(kind)]; }

Task<CallResult> PeerCalls::call(Call call) {
  CallResult result;
  co_await wait_for_budget();
  result.sent_ms = context_.monotonic_ms();
  auto answer = co_await send(call, peer_.token_alternative);
  if (is_forbidden(answer) && !context_.options.token_alternative.empty()) {
    co_await wait_for_budget();
    result.sent_ms = context_.monotonic_ms();
    auto second = co_await send(call, !peer_.token_alternative);
    answer = std::move(second);
    if (!is_forbidden(answer) && answer) peer_.token_alternative = !peer_.token_alternative;
  }
  judge(call, answer, result);
  if (answer && (answer->status == 200 || answer->status == 204)) result.answer = std::move(*answer);
  publish_status(context_, peer_);
  co_return result;
}

Task<> PeerCalls::wait_for_budget() {
  while (true) {
    const std::int64_t wait_ms = peer_.budget.wait_ms(context_.monotonic_ms());
    if (wait_ms == 0) break;
    co_await sleep_for(context_.loop, wait_ms);
  }
  peer_.budget.take(context_.monotonic_ms());
}

Task<Result<PeerAnswer>> PeerCalls::send(Call call, bool alternative) {
  const std::int64_t sent_wall_ms = context_.clock.wall_ms();
  PeerRequest request;
  request.endpoint = peer_.peer.endpoint;
  request.method = call.body.empty() ? "GET" : "POST";
  request.target = call.target;
  request.token = alternative ? context_.options.token_alternative : context_.options.token;
  request.body = call.body;
  request.content_type = call.content_type;
  request.answer_bytes_max = call.answer_bytes_max;
  request.wait_ms = call.wait_ms;
  // Peers over https are far away; a local network is faster than compressing.
  request.accepts_gzip = is_extended(call.kind) && peer_.key.starts_with("https:");
  auto answer = co_await call_peer(context_.transport, std::move(request));
  count(call, answer, sent_wall_ms);
  co_return answer;
}

void PeerCalls::count(const Call& call, const Result<PeerAnswer>& answer, std::int64_t sent_wall_ms) {
  const std::string kind(call_kind_name(call.kind));
  PeerCounters& counters = peer_.status.counters;
  ++counters.requests[{kind, status_label(answer)}];
  if (!answer) return;
  counters.bytes[{kind, "in"}] += answer->wire_bytes_received;
  counters.bytes[{kind, "out"}] += answer->wire_bytes_sent;
  if (answer->date_s) note_clock(*answer->date_s, sent_wall_ms);
}

void PeerCalls::note_clock(std::int64_t date_s, std::int64_t sent_wall_ms) {
  const std::int64_t now_ms = context_.monotonic_ms();
  context_.clocks.note(peer_.key, date_s, sent_wall_ms, context_.clock.wall_ms(), now_ms);
  const auto offset_ms = context_.clocks.offset_ms(peer_.key, now_ms);
  if (!offset_ms) return;
  peer_.status.clock_offset_s = static_cast<double>(*offset_ms) / 1000;
  const bool disagrees = context_.clocks.own_clock_disagrees(now_ms);
  context_.published->with([&](Published& published) { published.clock_disagrees = disagrees; });
  if (std::abs(*offset_ms) <= limits::sync_clock_warn_ms) return;
  peer_.log.warning(peer_.peer.node_id, "clock",
                    fmt::format("its clock is {:+.0f} s from ours{}", *peer_.status.clock_offset_s,
                                std::abs(*offset_ms) > limits::sync_clock_alarm_ms ? ": existing nodes stop taking "
                                                                                     "records at 60 s"
                                                                                   : ""),
                    now_ms);
}

void PeerCalls::judge(const Call& call, const Result<PeerAnswer>& answer, CallResult& result) {
  if (!answer) {
    result.error = answer.error().code;
    if (result.error == ErrorCode::sync_cancelled || call.kind == CallKind::hint) return;
    if (result.error == ErrorCode::sync_answer_too_big && call.kind == CallKind::pull) return;
    failed(error_name(*result.error), fmt::format("{} failed: {}", call_kind_name(call.kind), answer.error().text));
    if (result.error != ErrorCode::sync_answer_too_big) peer_.status.state = "unreachable";
    return;
  }
  result.status = answer->status;
  if (call.kind == CallKind::hint) return;  // best effort
  if (result.status == 200 || result.status == 204) return;
  if (call.kind == CallKind::manifest && result.status != 403 && result.status != 429) return;  // F13
  if (is_extended(call.kind) && result.unsupported()) return;
  if (result.status == 429) peer_.budget.halve(context_.monotonic_ms());
  failed(std::to_string(result.status),
         fmt::format("{} was answered with status {}", call_kind_name(call.kind), result.status));
  if (result.status == 403) peer_.status.state = "refused";
}

void PeerCalls::failed(std::string_view reason, std::string text) {
  peer_.back_off.failed(context_.monotonic_ms(), context_.random);
  peer_.log.warning(peer_.peer.node_id, reason, text, context_.monotonic_ms());
  peer_.status.last_error = std::move(text);
  peer_.status.last_error_s = context_.now_s();
}

void PeerCalls::succeeded() {
  peer_.back_off.succeeded();
  peer_.status.last_success_s = context_.now_s();
  peer_.status.last_error.clear();
}

void publish_status(SyncContext& context, const PeerState& peer) {
  PublishedPeer shown{peer.status, peer.back_off.until_ms()};
  shown.status.quarantine = peer.quarantine.reasons();
  shown.status.manifest_seq = peer.manifest_seq;
  context.published->with([&](Published& published) { published.peers.insert_or_assign(peer.key, std::move(shown)); });
}

}  // namespace dnsmesh::sync
