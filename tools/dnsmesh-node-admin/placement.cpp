// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/placement.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <ranges>
#include <utility>
#include <vector>

#include "store/backup.hpp"

namespace dnsmesh::node_admin {
namespace {

/// Keeps the signals that end a program waiting while it lives.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t ending;
    ::sigemptyset(&ending);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&ending, number);
    ::pthread_sigmask(SIG_BLOCK, &ending, &before_);
  }
  ~SignalsWait() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;

 private:
  sigset_t before_{};
};

/// Moves that can be taken back.
class Moves {
 public:
  Result<void> make(const std::string& from, const std::string& to) {
    auto moved = store::move_state_file(from, to);
    if (moved) made_.emplace_back(from, to);
    return moved;
  }
  /// Gives what could not be: `; <where it is> could not be moved back to <where it was>`, for each.
  std::string take_back() const {
    std::string out;
    for (const auto& [from, to] : made_ | std::views::reverse) {
      if (store::move_state_file(to, from)) continue;
      out += fmt::format("; {} could not be moved back to {}", to, from);
    }
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::string>> made_;
};

Result<void> move_aside(const std::string& target, std::int64_t now_s, Moves& moves, std::string& lines) {
  const auto is_there = store::has_state_file(target);
  if (!is_there) return std::unexpected(is_there.error());
  if (!*is_there) return {};
  const std::string aside = fmt::format("{}.before-restore-{}", target, now_s);
  const auto is_taken = store::has_state_file(aside);
  if (!is_taken) return std::unexpected(is_taken.error());
  if (*is_taken) {
    return fail(ErrorCode::store_unusable, fmt::format("{} is there already: try again in a second", aside));
  }
  lines += fmt::format("kept the file that was there as {}\n", aside);
  return moves.make(target, aside);
}

Result<void> place_all(std::span<const Placement> files, std::int64_t now_s, Moves& moves, std::string& lines) {
  for (const Placement& file : files) {
    if (const auto moved = move_aside(file.target, now_s, moves, lines); !moved) return moved;
  }
  for (const Placement& file : files) {
    if (const auto moved = moves.make(file.part, file.target); !moved) return moved;
    const std::string folder = std::filesystem::path(file.target).parent_path().string();
    if (const auto durable = store::sync_folder(folder); !durable) return durable;
  }
  return {};
}

}  // namespace

Result<std::string> put_in_place(std::span<const Placement> files, std::int64_t now_s) {
  const SignalsWait guard;
  Moves moves;
  std::string lines;
  const auto placed = place_all(files, now_s, moves, lines);
  if (placed) return lines;
  return fail(placed.error().code, placed.error().text + moves.take_back());
}

}  // namespace dnsmesh::node_admin
