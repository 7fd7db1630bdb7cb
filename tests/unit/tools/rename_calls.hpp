// SPDX-License-Identifier: Apache-2.0
// The calls that give a file another name, replaced in the test program: a test can look in before each, and make it
// fail. One test at a time.
#pragma once

#include <functional>
#include <string>

namespace dnsmesh::rename_calls {

/// Asked before each rename(); an errno other than 0 makes it fail.
void before_rename(std::function<int(const std::string& from, const std::string& to)> ask);
/// The same for renameat2() with flags, which some file systems do not know.
void fail_renameat2(int error);

/// Puts both right again at the end of a test.
struct Restore {
  Restore() = default;
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;
  ~Restore();
};

}  // namespace dnsmesh::rename_calls
