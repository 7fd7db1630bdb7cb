// SPDX-License-Identifier: Apache-2.0
#include "system_calls.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>

namespace dnsmesh::store::system_calls {
namespace {

std::atomic<int> g_write_error{0};
std::atomic<std::int64_t> g_write_offset{0};
std::atomic<int> g_failed_writes{0};
std::atomic<int> g_sync_error{0};

std::mutex g_mutex;
std::condition_variable g_changed;
bool g_holding = false;
int g_held = 0;

void pass_gate() {
  std::unique_lock lock(g_mutex);
  if (!g_holding) return;
  ++g_held;
  g_changed.notify_all();
  g_changed.wait(lock, [] { return !g_holding; });
  --g_held;
}

}  // namespace

void fail_writes(int error, std::int64_t offset) {
  g_write_offset = offset;
  g_write_error = error;
}
int failed_writes() { return g_failed_writes; }
void fail_syncs(int error) { g_sync_error = error; }

void hold_syncs() {
  const std::scoped_lock lock(g_mutex);
  g_holding = true;
}

void wait_until_held() {
  std::unique_lock lock(g_mutex);
  g_changed.wait(lock, [] { return g_held > 0; });
}

void release_syncs() {
  const std::scoped_lock lock(g_mutex);
  g_holding = false;
  g_changed.notify_all();
}

Restore::~Restore() {
  fail_writes(0);
  fail_syncs(0);
  release_syncs();
}

}  // namespace dnsmesh::store::system_calls

// The program's own definitions come before those of the C library, also for the calls of libsqlite3.
extern "C" {

ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) {
  using namespace dnsmesh::store::system_calls;
  const std::int64_t end = offset + static_cast<std::int64_t>(count);
  if (const int error = g_write_error; error != 0 && end > g_write_offset) {
    ++g_failed_writes;
    errno = error;
    return -1;
  }
  return syscall(SYS_pwrite64, file, bytes, count, offset);
}

int fdatasync(int) {
  using namespace dnsmesh::store::system_calls;
  pass_gate();
  if (const int error = g_sync_error; error != 0) {
    errno = error;
    return -1;
  }
  return 0;
}

}  // extern "C"
