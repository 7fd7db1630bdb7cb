// SPDX-License-Identifier: Apache-2.0
// The simulation as a program: runs seeds one after the other and stops at the first that finds something.
//
//   simulation --seeds 1..1000 [--minutes 10] [--real-checks] [--only ref|ours] [--bug NAME]
//   simulation --seed 17 --verbose
//
// Exit status 0: nothing was found; 1: something was, and the last line is the command that replays it; 2: bad usage.
// With --bug it is the other way round: a bug that no seed finds is the failure.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "world.hpp"

namespace {

using namespace dnsmesh::simulation;

struct Command {
  Options options;
  std::uint64_t first = 1;
  std::uint64_t last = 100;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Command> parse(const std::vector<std::string_view>& words) {
  Command command;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--verbose") {
      command.options.verbose = true;
      continue;
    }
    if (word == "--real-checks") {
      command.options.real_checks = true;
      continue;
    }
    if (++i == words.size()) return std::nullopt;
    const std::string_view value = words[i];
    if (word == "--seed" || word == "--seeds") {
      const std::size_t dots = value.find("..");
      const auto first = number(value.substr(0, dots));
      const auto last = dots == std::string_view::npos ? first : number(value.substr(dots + 2));
      if (!first || !last || *first > *last) return std::nullopt;
      command.first = *first;
      command.last = *last;
    } else if (word == "--minutes" && number(value)) {
      command.options.minutes = static_cast<std::int64_t>(*number(value));
    } else if (word == "--only" && (value == "ref" || value == "ours")) {
      command.options.only = value;
    } else if (word == "--bug") {
      command.options.bug = value;
    } else {
      return std::nullopt;
    }
  }
  return command;
}

std::string replay(std::string_view program, const Options& options) {
  std::string line = fmt::format("{} --seed {} --minutes {}", program, options.seed, options.minutes);
  if (options.real_checks) line += " --real-checks";
  if (!options.only.empty()) line += " --only " + options.only;
  if (!options.bug.empty()) line += " --bug " + options.bug;
  return line + " --verbose";
}

int run(std::string_view program, Command command) {
  // Peers are made to behave badly here: what the engine says about them is only of interest in a replay.
  dnsmesh::log::configure(command.options.verbose ? dnsmesh::log::Level::warning : dnsmesh::log::Level::critical,
                          dnsmesh::log::Format::text);
  const Pool pool;
  Verdicts verdicts(pool.operator_key().public_key(), !command.options.real_checks);
  std::uint64_t calls = 0;
  std::int64_t rest_after_s_max = 0;
  const auto started = std::chrono::steady_clock::now();
  for (std::uint64_t seed = command.first; seed <= command.last; ++seed) {
    command.options.seed = seed;
    World world(command.options, pool, verdicts);
    if (const auto finding = world.run()) {
      fmt::print("{} after seed {}: {}\n  {}\n", finding->invariant, seed, finding->text,
                 replay(program, command.options));
      return command.options.bug.empty() ? 1 : 0;
    }
    calls += world.calls();
    rest_after_s_max = std::max(rest_after_s_max, world.rest_after_s());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  fmt::print("{} seeds, {} calls, at rest after {} s at most, took {:.1f} s\n", command.last - command.first + 1, calls,
             rest_after_s_max, took.count());
  if (command.options.bug.empty()) return 0;
  fmt::print("no seed found the bug {}\n", command.options.bug);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  const auto command = parse(words);
  if (!command) {
    fmt::print(stderr,
               "usage: simulation --seeds FROM..TO [--minutes N] [--real-checks] [--only ref|ours] [--bug NAME] "
               "[--verbose]\n");
    return 2;
  }
  return run(argv[0], *command);
}
