// SPDX-License-Identifier: Apache-2.0
// The system calls by which SQLite writes, replaced in the test program: they can fail, be held, or do nothing. One
// test at a time.
#pragma once

#include <cstdint>

namespace dnsmesh::store::system_calls {

/// Every pwrite that ends behind `offset` of its file fails with this errno; 0: none does.
void fail_writes(int error, std::int64_t offset = 0);
/// How many pwrites have failed.
int failed_writes();
/// Every fdatasync fails with this errno; 0: none does.
void fail_syncs(int error);
/// Holds every fdatasync until release_syncs().
void hold_syncs();
/// Waits until an fdatasync is held.
void wait_until_held();
void release_syncs();

/// Puts everything right again at the end of a test.
struct Restore {
  Restore() = default;
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;
  ~Restore();
};

}  // namespace dnsmesh::store::system_calls
