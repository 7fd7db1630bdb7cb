// SPDX-License-Identifier: Apache-2.0
// Checks what peers gave us, on all cores: a signature costs more than everything else that sync does with a record.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "crypto/ed25519.hpp"
#include "sync/loop.hpp"
#include "sync/verifier.hpp"

namespace dnsmesh::app {

/// Runs from construction until stop() or destruction. What waits is bounded by the callers: a session asks for one
/// batch at a time. `loop` must outlive it.
class VerifyPool final : public sync::Verifier {
 public:
  /// At least one thread.
  VerifyPool(sync::Loop& loop, std::optional<crypto::PublicKey> operator_key, unsigned threads);
  ~VerifyPool() override;

  void check(std::vector<sync::Candidate> candidates, std::int64_t now_s, sync::VerdictCallback done) override;

  /// Ends the threads after the slices that they are at; batches that are not done are dropped. Idempotent.
  void stop();

 private:
  /// A batch that is being checked. Whoever ends its last slice hands the verdicts over.
  struct Job;
  struct Slice {
    std::shared_ptr<Job> job;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void run();
  void check_slice(const Slice& slice);

  sync::Loop& loop_;
  const std::optional<crypto::PublicKey> operator_key_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Slice> slices_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace dnsmesh::app
