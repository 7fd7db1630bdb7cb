// SPDX-License-Identifier: Apache-2.0
#include "rename_calls.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace dnsmesh::rename_calls {
namespace {

std::function<int(const std::string&, const std::string&)> g_ask;
int g_renameat2_error = 0;

}  // namespace

void before_rename(std::function<int(const std::string&, const std::string&)> ask) { g_ask = std::move(ask); }
void fail_renameat2(int error) { g_renameat2_error = error; }

Restore::~Restore() {
  before_rename({});
  fail_renameat2(0);
}

}  // namespace dnsmesh::rename_calls

// The program's own definitions come before those of the C library.
extern "C" {

int rename(const char* from, const char* to) noexcept {
  using namespace dnsmesh::rename_calls;
  if (const int error = g_ask ? g_ask(from, to) : 0; error != 0) {
    errno = error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned int flags) noexcept {
  if (const int error = dnsmesh::rename_calls::g_renameat2_error; error != 0) {
    errno = error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

}  // extern "C"
