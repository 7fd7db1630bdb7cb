// SPDX-License-Identifier: Apache-2.0
#include "app/housekeeping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace dnsmesh::app {

Housekeeping::Housekeeping(store::RecordStore& store, std::int64_t sweep_interval_ms)
    : store_(store), sweep_interval_ms_(sweep_interval_ms), thread_([this] { run(); }) {}

Housekeeping::~Housekeeping() { stop(); }

void Housekeeping::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Housekeeping::run() {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  const milliseconds sweep_interval(sweep_interval_ms_);
  const milliseconds checkpoint_interval(limits::checkpoint_interval_ms);
  auto next_sweep = steady_clock::now() + sweep_interval;
  auto next_checkpoint = steady_clock::now() + checkpoint_interval;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_until(lock, std::min(next_sweep, next_checkpoint), [this] { return stopping_; })) {
    lock.unlock();
    const auto now = steady_clock::now();
    if (now >= next_sweep) {
      sweep();
      next_sweep = now + sweep_interval;
    }
    if (now >= next_checkpoint) {
      const auto done = store_.checkpoint();
      if (!done) log::warning(log::k_cleanup, fmt::format("checkpoint failed: {}", done.error().text));
      next_checkpoint = now + checkpoint_interval;
    }
    lock.lock();
  }
}

void Housekeeping::sweep() {
  std::size_t removed = 0;
  for (bool more = true; more;) {
    const auto swept = store_.sweep_expired(limits::sweep_rows_max);
    if (!swept) {
      log::warning(log::k_cleanup, fmt::format("expired records could not be removed: {}", swept.error().text));
      return;
    }
    removed += swept->records;
    const std::scoped_lock lock(mutex_);
    more = swept->rows() == limits::sweep_rows_max && !stopping_;
  }
  if (removed > 0)
    log::debug(log::k_cleanup, fmt::format("removed {} expired records", removed),
               {{.key = "removed", .value = static_cast<std::int64_t>(removed)}});
}

}  // namespace dnsmesh::app
