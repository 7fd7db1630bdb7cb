// SPDX-License-Identifier: Apache-2.0
#include "app/verify_pool.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/limits.hpp"
#include "sync/verdict.hpp"

namespace dnsmesh::app {

struct VerifyPool::Job {
  std::vector<sync::Candidate> candidates;
  std::int64_t now_s = 0;
  sync::VerdictCallback done;
  std::vector<sync::Verdict> verdicts;  // each element is written by one thread
  std::atomic<std::size_t> slices_left{0};
};

VerifyPool::VerifyPool(sync::Loop& loop, std::optional<crypto::PublicKey> operator_key, unsigned threads)
    : loop_(loop), operator_key_(operator_key) {
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) threads_.emplace_back([this] { run(); });
}

VerifyPool::~VerifyPool() { stop(); }

void VerifyPool::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    slices_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void VerifyPool::check(std::vector<sync::Candidate> candidates, std::int64_t now_s, sync::VerdictCallback done) {
  if (candidates.empty()) {
    return loop_.post([done = std::move(done)]() mutable { done({}); });
  }
  const auto job = std::make_shared<Job>();
  const std::size_t count = candidates.size();
  job->candidates = std::move(candidates);
  job->now_s = now_s;
  job->done = std::move(done);
  job->verdicts.resize(count);
  job->slices_left = (count + limits::verify_slice_records - 1) / limits::verify_slice_records;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    for (std::size_t begin = 0; begin < count; begin += limits::verify_slice_records) {
      slices_.push_back({job, begin, std::min(begin + limits::verify_slice_records, count)});
    }
  }
  wake_.notify_all();
}

void VerifyPool::run() {
  while (true) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !slices_.empty(); });
    if (stopping_) return;
    const Slice slice = std::move(slices_.front());
    slices_.pop_front();
    lock.unlock();
    check_slice(slice);
  }
}

void VerifyPool::check_slice(const Slice& slice) {
  Job& job = *slice.job;
  for (std::size_t i = slice.begin; i < slice.end; ++i) {
    const auto& [name, value] = job.candidates[i];
    job.verdicts[i] = sync::verdict_of(name, value, job.now_s, operator_key_);
  }
  if (--job.slices_left > 0) return;
  loop_.post([job = slice.job] { job->done(std::move(job->verdicts)); });
}

}  // namespace dnsmesh::app
