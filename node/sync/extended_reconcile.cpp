// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "sync/extended_reader.hpp"
#include "sync/pair_set.hpp"
#include "sync/reconcile.hpp"

namespace dnsmesh::sync {

Task<bool> ExtendedReader::reconcile_when_due() {
  if (context_.monotonic_ms() < reconcile_due_ms_) co_return true;
  reconcile_due_ms_ = context_.monotonic_ms() + jittered(limits::sync_reconcile_ms, context_.random);
  vain_.clear();
  auto outcome = co_await reconcile();
  co_return outcome != Outcome::failed;
}

Task<CallResult> ExtendedReader::call_reconcile(std::string message) {
  Call request;
  request.kind = CallKind::reconcile;
  request.target = "/v1/sync/x1/reconcile";
  request.body = std::move(message);
  request.content_type = "application/octet-stream";
  request.answer_bytes_max = limits::sync_extended_bytes_max;
  auto result = co_await calls_.call(std::move(request));
  if (result.unsupported()) unsupported_ = true;
  co_return result;
}

/// Finds the ids that the peer has and we lack, then fetches them. What a peer that never agrees can cost is bounded by
/// the rounds (15.4).
Task<ExtendedReader::Outcome> ExtendedReader::reconcile() {
  Reconciliation run(context_.pairs);
  std::vector<crypto::Hash256> need;
  std::string message = run.open();
  while (!message.empty()) {
    auto result = co_await call_reconcile(std::move(message));
    if (!result.answer) co_return Outcome::failed;
    auto step = run.take(result.answer->body);
    if (!step) {
      calls_.failed("reconcile", "comparing all records with it did not end: " + step.error().text);
      co_return Outcome::incomplete;
    }
    need.insert(need.end(), step->need.begin(), step->need.end());
    message = std::move(step->next);
  }
  std::vector<crypto::Hash256> ids = without_vain(std::move(need));
  auto fetched = co_await fetcher_.fetch_ids(std::move(ids));
  for (const crypto::Hash256& id : fetcher_.take_vain_ids()) vain_.insert(id);
  if (fetched) co_return Outcome::converged;
  co_return peer_.back_off.wait_ms(context_.monotonic_ms()) > 0 || fetcher_.unsupported() ? Outcome::failed
                                                                                          : Outcome::incomplete;
}

std::vector<crypto::Hash256> ExtendedReader::without_vain(std::vector<crypto::Hash256> need) const {
  std::set<crypto::Hash256> skipped = vain_;
  for (const PairKey& pair : peer_.quarantine.pairs()) skipped.insert(pair_id(pair));
  std::erase_if(need, [&](const crypto::Hash256& id) { return !skipped.insert(id).second; });
  return need;
}

}  // namespace dnsmesh::sync
