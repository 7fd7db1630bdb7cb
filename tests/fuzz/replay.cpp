// SPDX-License-Identifier: Apache-2.0
// Runs a target over inputs that are kept: `replay TARGET FILE_OR_FOLDER…`. Needs nothing but the compiler, so the
// corpus is part of the test suite; with a finding of the fuzzer it shows the fault again.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "targets.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs_of(const fs::path& place) {
  if (!fs::is_directory(place)) return {place};
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(place)) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto target = arguments.empty() ? std::nullopt : dnsmesh::fuzz::find_target(arguments.front());
  if (!target || arguments.size() < 2) {
    std::fprintf(stderr, "usage: replay TARGET FILE_OR_FOLDER...\nwith one of these targets:\n");
    dnsmesh::fuzz::print_targets(stderr);
    return 2;
  }
  std::size_t count = 0;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    for (const fs::path& path : inputs_of(arguments[i])) {
      std::ifstream file(path, std::ios::binary);
      const std::string input{std::istreambuf_iterator<char>(file), {}};
      if (!file) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return 1;
      }
      (*target)(input);
      ++count;
    }
  }
  std::printf("%s: %zu inputs\n", arguments.front().c_str(), count);
  return count > 0 ? 0 : 1;
}
