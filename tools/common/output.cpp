// SPDX-License-Identifier: Apache-2.0
#include "common/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace dnsmesh::tools {

bool write_out(std::string_view program, std::string_view text) {
  errno = 0;
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written == text.size() && std::fflush(stdout) == 0) return true;
  complain_of_output(program);
  return false;
}

void complain_of_output(std::string_view program) {
  const std::string line =
      fmt::format("{}: standard output: {}\n", program, errno == 0 ? "not all could be written" : std::strerror(errno));
  std::fputs(line.c_str(), stderr);
}

}  // namespace dnsmesh::tools
