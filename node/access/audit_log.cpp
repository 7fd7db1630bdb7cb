// SPDX-License-Identifier: Apache-2.0
#include "access/audit_log.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/limits.hpp"
#include "base/log.hpp"

namespace dnsmesh::access {
namespace {

constexpr std::int64_t k_day_s = 86400;

}  // namespace

AuditLog::AuditLog(store::TokenFile& file, const Clock& clock, std::int64_t retention_days)
    : file_(file),
      clock_(clock),
      retention_days_(retention_days),
      rejected_({limits::audit_rejected_per_s, limits::audit_rejected_burst}, clock),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "audit");
}

AuditLog::~AuditLog() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  flush();
}

void AuditLog::add(store::AuditRow row) {
  const bool is_refusal = row.event == "rejected" || row.event == "throttled" || row.event == "tsig_rejected";
  if (is_refusal && !rejected_.allow("")) {
    dropped_for_rate_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() < limits::audit_rows_waiting_max) {
    waiting_.push_back(std::move(row));
  } else {
    dropped_for_room_.fetch_add(1, std::memory_order_relaxed);
  }
}

void AuditLog::flush() {
  const std::scoped_lock turn(flushing_);
  std::vector<store::AuditRow> rows;
  {
    const std::scoped_lock lock(mutex_);
    rows.swap(waiting_);
  }
  if (rows.empty()) return;
  const auto written = file_.add_audit(rows);
  if (!written && !failure_is_told_) {
    log::warning(log::k_http, fmt::format("the audit trail cannot be written: {}", written.error().text));
  }
  failure_is_told_ = !written;
  if (written) return;
  const std::scoped_lock lock(mutex_);
  const std::size_t room = limits::audit_rows_waiting_max - std::min(limits::audit_rows_waiting_max, rows.size());
  if (waiting_.size() > room) {
    dropped_for_room_.fetch_add(waiting_.size() - room, std::memory_order_relaxed);
    waiting_.resize(room);
  }
  rows.insert(rows.end(), std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
  waiting_ = std::move(rows);
}

void AuditLog::prune() {
  if (retention_days_ <= 0) return;
  const std::int64_t before_s = clock_.wall_s() - retention_days_ * k_day_s;
  for (bool more = true; more;) {
    const auto removed = file_.prune_audit(before_s, limits::sweep_rows_max);
    more = removed && *removed == limits::sweep_rows_max;
  }
}

void AuditLog::run() {
  using std::chrono::steady_clock;
  auto next_prune = steady_clock::now();
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    flush();
    if (steady_clock::now() >= next_prune) {
      prune();
      next_prune = steady_clock::now() + limits::audit_prune_interval;
    }
    lock.lock();
  } while (!wake_.wait_for(lock, limits::audit_flush_interval, [this] { return stopping_; }));
}

}  // namespace dnsmesh::access
