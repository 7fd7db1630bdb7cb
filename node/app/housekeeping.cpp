// SPDX-License-Identifier: Apache-2.0
#include "app/housekeeping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace dnsmesh::app {

Housekeeping::Housekeeping(store::RecordStore& store, std::int64_t sweep_interval_ms, HousekeepingQuestions questions)
    : store_(store),
      sweep_interval_ms_(sweep_interval_ms),
      questions_(std::move(questions)),
      thread_([this] { run(); }) {}

Housekeeping::~Housekeeping() { stop(); }

void Housekeeping::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Housekeeping::Trouble::note(bool holds, std::string_view begun, std::string_view over) {
  if (holds && !is_told) log::warning(log::k_cleanup, begun);
  if (!holds && is_told) log::info(log::k_cleanup, over);
  is_told = holds;
}

void Housekeeping::run() {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  const milliseconds sweep_interval(sweep_interval_ms_);
  const milliseconds checkpoint_interval(limits::checkpoint_interval_ms);
  auto next_sweep = steady_clock::now() + sweep_interval;
  auto next_checkpoint = steady_clock::now() + checkpoint_interval;
  auto next_comparison = steady_clock::now() + limits::pair_set_check_interval;
  watch_feed();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_until(lock, std::min(next_sweep, next_checkpoint), [this] { return stopping_; })) {
    lock.unlock();
    const auto now = steady_clock::now();
    if (now >= next_sweep) {
      sweep();
      next_sweep = now + sweep_interval;
    }
    if (now >= next_checkpoint) {
      checkpoint();
      next_checkpoint = now + checkpoint_interval;
    }
    if (now >= next_comparison) {
      compare_pairs();
      next_comparison = now + limits::pair_set_check_interval;
    }
    watch_feed();
    lock.lock();
  }
}

void Housekeeping::sweep() {
  const bool clock_is_wrong = questions_.clock_is_wrong();
  clock_wrong_.note(clock_is_wrong,
                    "this node's clock is more than an hour off what its peers say: expired records are kept and "
                    "nothing is taken from peers until it is put right",
                    "this node's clock agrees with its peers again");
  if (clock_is_wrong) return;
  std::size_t removed = 0;
  for (bool more = true; more;) {
    const auto swept = store_.sweep_expired(limits::sweep_rows_max);
    sweep_failed_.note(!swept, swept ? "" : fmt::format("expired records cannot be removed: {}", swept.error().text),
                       "expired records can be removed again");
    if (!swept) return;
    removed += swept->records;
    const std::scoped_lock lock(mutex_);
    more = swept->rows() == limits::sweep_rows_max && !stopping_;
  }
  if (removed > 0)
    log::debug(log::k_cleanup, fmt::format("removed {} expired records", removed),
               {{.key = "removed", .value = static_cast<std::int64_t>(removed)}});
}

void Housekeeping::checkpoint() {
  const auto done = store_.checkpoint();
  checkpoint_failed_.note(!done,
                          done ? "" : fmt::format("the write-ahead log cannot be emptied: {}", done.error().text),
                          "the write-ahead log can be emptied again");
}

void Housekeeping::compare_pairs() {
  const auto agree = questions_.pairs_agree();
  if (!agree) return;  // a store that cannot be read says so elsewhere
  pairs_differ_.note(!*agree,
                     "the set that peers compare with differs from the store: restart this node, and report it, for it "
                     "is a fault of the program",
                     "the set that peers compare with agrees with the store again");
}

void Housekeeping::watch_feed() {
  const std::int64_t ahead_ms = store_.health().feed_ahead_ms;
  feed_ahead_.note(
      ahead_ms > limits::feed_ahead_ms_max,
      fmt::format("the clock was set back: stamps of new records are {} s ahead of it, and other nodes may "
                  "not take them until it has caught up",
                  ahead_ms / 1000),
      "the clock has caught up with the stamps of new records");
}

}  // namespace dnsmesh::app
