// SPDX-License-Identifier: Apache-2.0
#include "net/update_worker.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <span>
#include <utility>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace dnsmesh::net {

UpdateWorker::UpdateWorker(dns::Updater& updater, const dns::Engine& engine, const Clock& clock)
    : updater_(updater),
      engine_(engine),
      clock_(clock),
      answer_buffer_(limits::dns_message_octets_max),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "update");
}

bool UpdateWorker::take(UpdateJob job) {
  {
    const std::scoped_lock lock(mutex_);
    if (is_stopping_ || jobs_.size() >= limits::dns_updates_waiting_max) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void UpdateWorker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void UpdateWorker::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return is_stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    UpdateJob job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    answer(job);
    lock.lock();
  }
}

void UpdateWorker::answer(UpdateJob& job) {
  const dns::UpdateResult result = updater_.apply(job.message, job.arrival.client);
  job.arrival.now_s = clock_.wall_s();
  job.arrival.now_ms = clock_.monotonic_ms();
  const std::size_t octets = engine_.answer_update(job.message, result.rcode, job.arrival, answer_buffer_);
  const dns::Outcome outcome = octets > 0 ? dns::outcome_of(result.rcode) : dns::Outcome::rate_limited;
  counters_[job.arrival.transport == dns::Transport::tcp].add(outcome);
  job.reply({answer_buffer_.data(), octets});
  log(result);
}

/// Never values. Strangers send claims, so a recipient is named once a minute.
void UpdateWorker::log(const dns::UpdateResult& result) {
  if (result.has_foreign_text && result.rcode == dns::Rcode::noerror &&
      !std::exchange(has_told_of_foreign_text_, true)) {
    log::info(log::k_dns, "an UPDATE published text that is not ASCII; existing nodes do not answer it over DNS");
  }
  if (result.recipient.empty()) return;
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (logged_ms_.size() >= limits::claim_log_recipients_max) {
    std::erase_if(logged_ms_, [&](const auto& entry) { return now_ms - entry.second >= limits::claim_log_ms; });
  }
  const auto known = logged_ms_.find(result.recipient);
  const bool is_due = known == logged_ms_.end() ? logged_ms_.size() < limits::claim_log_recipients_max
                                                : now_ms - known->second >= limits::claim_log_ms;
  if (!is_due) return;
  logged_ms_[result.recipient] = now_ms;
  log::info(log::k_dns, fmt::format("UPDATE with claims for {}: {} added, {}", result.recipient, result.adds,
                                    dns::outcome_name(dns::outcome_of(result.rcode))));
}

dns::CounterTotals UpdateWorker::totals(dns::Transport transport) const {
  const dns::Counters* const block = &counters_[transport == dns::Transport::tcp];
  return dns::sum({&block, 1});
}

}  // namespace dnsmesh::net
