// SPDX-License-Identifier: Apache-2.0
#include "sync/await.hpp"

namespace dnsmesh::sync {

void Waker::wake() {
  if (woken_) return;
  woken_ = true;
  if (resolve_) loop_.post(std::exchange(resolve_, nullptr));
}

Task<> Waker::sleep(std::int64_t ms) {
  Completion<bool> over;
  if (!woken_) {
    resolve_ = [resolve = over.resolver()]() { resolve(true); };
    loop_.after(ms, [resolve = over.resolver()]() { resolve(true); });
    [[maybe_unused]] const bool ended = co_await over;
  }
  woken_ = false;
  resolve_ = nullptr;
}

Task<> sleep_for(Loop& loop, std::int64_t ms) {
  Completion<bool> over;
  loop.after(ms, [resolve = over.resolver()]() { resolve(true); });
  [[maybe_unused]] const bool ended = co_await over;
}

Task<Result<PeerAnswer>> call_peer(Transport& transport, PeerRequest request) {
  Completion<Result<PeerAnswer>> answered;
  transport.call(std::move(request), answered.resolver());
  auto answer = co_await answered;
  co_return answer;
}

Task<Result<store::Receipt>> commit_batch(store::RecordStore& store, Loop& loop, store::Batch batch) {
  Completion<Result<store::Receipt>> committed;
  store.commit(std::move(batch), [&loop, resolve = committed.resolver()](Result<store::Receipt> receipt) mutable {
    loop.post([resolve = std::move(resolve), receipt = std::move(receipt)]() mutable { resolve(std::move(receipt)); });
  });
  auto receipt = co_await committed;
  co_return receipt;
}

Task<std::vector<Verdict>> check_records(Verifier& verifier, std::vector<Candidate> candidates, std::int64_t now_s) {
  Completion<std::vector<Verdict>> checked;
  verifier.check(std::move(candidates), now_s, checked.resolver());
  auto verdicts = co_await checked;
  co_return verdicts;
}

}  // namespace dnsmesh::sync
