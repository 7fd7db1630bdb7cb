// SPDX-License-Identifier: Apache-2.0
// The audit trail of user tokens on its way to the file: rows gather in memory and are committed together, so that a
// request never waits for them (spec/http-api.md 5.3).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "access/rate_limiter.hpp"
#include "base/clock.hpp"
#include "store/token_file.hpp"

namespace dnsmesh::access {

/// Any thread. Writes every second, and what is left when it goes. `file` and `clock` must outlive it.
class AuditLog {
 public:
  /// Rows older than `retention_days` are removed; 0 keeps all.
  AuditLog(store::TokenFile& file, const Clock& clock, std::int64_t retention_days);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  /// Rows beyond limits::audit_rows_waiting_max are dropped, and so are those of refusals that come faster than
  /// limits::audit_rejected_per_s: neither strangers nor a client in a loop must grow the file.
  void add(store::AuditRow row);

  /// Rows that were never written, since the start: about refused requests over their rate, and beyond what may wait.
  std::uint64_t dropped_for_rate() const { return dropped_for_rate_.load(std::memory_order_relaxed); }
  std::uint64_t dropped_for_room() const { return dropped_for_room_.load(std::memory_order_relaxed); }

  /// Writes what waits, now. After an error the rows wait for the next time.
  void flush();

  /// Removes what is older than the retention, a bounded piece at a time.
  void prune();

 private:
  void run();

  store::TokenFile& file_;
  const Clock& clock_;
  const std::int64_t retention_days_;
  RateLimiter rejected_;
  std::atomic<std::uint64_t> dropped_for_rate_{0};
  std::atomic<std::uint64_t> dropped_for_room_{0};
  std::mutex flushing_;           // one flush at a time, so that rows keep their order
  bool failure_is_told_ = false;  // under flushing_
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<store::AuditRow> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace dnsmesh::access
