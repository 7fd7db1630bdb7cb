// SPDX-License-Identifier: Apache-2.0
// What is written to the log while it lives: standard output goes to a file meanwhile.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/log.hpp"

namespace dnsmesh::test {

class LogLines {
 public:
  explicit LogLines(log::Level level = log::Level::info) {
    log::configure(level, log::Format::text);
    std::fflush(stdout);
    file_ = std::tmpfile();
    REQUIRE(file_ != nullptr);
    kept_ = dup(STDOUT_FILENO);
    dup2(fileno(file_), STDOUT_FILENO);
  }
  ~LogLines() {
    const std::string all = text();
    dup2(kept_, STDOUT_FILENO);
    close(kept_);
    std::fclose(file_);
    log::configure(log::Level::critical, log::Format::text);
    // doctest writes to the same place: its complaints must not go with the lines.
    if (all.find("[doctest]") != std::string::npos || all.find("TEST CASE:") != std::string::npos)
      std::puts(all.c_str());
  }
  LogLines(const LogLines&) = delete;
  LogLines& operator=(const LogLines&) = delete;

  /// All lines until now.
  std::string text() const {
    log::flush();
    std::fflush(stdout);
    std::string out(static_cast<std::size_t>(lseek(fileno(file_), 0, SEEK_END)), '\0');
    out.resize(static_cast<std::size_t>(std::max<ssize_t>(0, pread(fileno(file_), out.data(), out.size(), 0))));
    return out;
  }
  /// How often `part` stands in them.
  std::size_t count(std::string_view part) const {
    const std::string all = text();
    std::size_t found = 0;
    for (std::size_t at = all.find(part); at != std::string::npos; at = all.find(part, at + 1)) ++found;
    return found;
  }

 private:
  std::FILE* file_ = nullptr;
  int kept_ = -1;
};

}  // namespace dnsmesh::test
