// SPDX-License-Identifier: Apache-2.0
#include "store/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"
#include "store/sqlite.hpp"
#include "store/sqlite_file.hpp"

namespace dnsmesh::store {
namespace {

using sqlite::Connection;
using sqlite::Rows;
using sqlite::Statement;

constexpr mode_t k_copy_mode = 0600;

/// What a file of a kind is known by, in the order of StateKind (spec/storage.md 1).
struct Layout {
  std::string_view table;
  std::int64_t user_version;
};
constexpr std::array k_layouts = {Layout{"records", 0}, Layout{"tokens", 2}, Layout{"tsig_keys", 4},
                                  Layout{"heartbeats_seen", 1}};

std::unexpected<Error> unusable(std::string_view what, const std::string& path) {
  return fail(ErrorCode::store_unusable, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

std::unexpected<Error> failed(const std::string& path, const Error& error) {
  return fail(error.code, fmt::format("{}: {}", path, error.text));
}

/// Opens what is there, or makes it, and makes it durable.
Result<void> sync_path(const std::string& path, int open_flags) {
  const int descriptor = ::open(path.c_str(), open_flags | O_CLOEXEC, k_copy_mode);
  if (descriptor < 0) return unusable("open", path);
  const int outcome = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  if (outcome != 0) return unusable("make durable", path);
  return {};
}

/// An existing database: opening one that is not there must not make it.
Result<std::unique_ptr<Connection>> open_existing(const std::string& path, Source source) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0 && errno != ENOENT && errno != ENOTDIR) return unusable("look at", path);
  if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::store_unusable, fmt::format("{}: is not a file", path));
  if (source == Source::live) {
    if (const auto usable = make_or_check_file(path, "database"); !usable) return std::unexpected(usable.error());
  }
  const auto absolute = resolved(path);
  if (!absolute) return std::unexpected(absolute.error());
  auto connection = source == Source::live ? Connection::open(*absolute, limits::sqlite_busy_timeout_ms)
                                           : Connection::open_unchanging(*absolute);
  if (!connection) return failed(path, connection.error());
  return connection;
}

/// The first integer of the first row.
std::optional<std::int64_t> first_integer(Connection& connection, const std::string& sql) {
  Statement statement(connection, sql);
  Rows rows = statement.run();
  if (!rows.next()) return std::nullopt;
  return rows.integer(0);
}

bool has_column(Connection& connection, std::string_view table, std::string_view column) {
  Statement statement(connection, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2");
  return statement.run(table, column).next();
}

Result<void> check_integrity(Connection& connection, const std::string& path) {
  Statement check(connection, "PRAGMA integrity_check(1)");
  Rows rows = check.run();
  const std::string found = rows.next() ? std::string(rows.text(0)) : std::string();
  if (found == "ok") return {};
  const auto& failure = connection.failure();
  if (failure && failure->error.code != ErrorCode::store_corrupt) return failed(path, failure->error);
  return fail(ErrorCode::store_corrupt, fmt::format("{}: is damaged: {}", path, failure ? failure->error.text : found));
}

}  // namespace

Result<void> copy_state_file(const std::string& from, Source source, const std::string& to) {
  auto opened = open_existing(from, source);
  if (!opened) return std::unexpected(opened.error());
  // The library makes files by the umask, but takes an empty one as it is.
  if (const auto made = sync_path(to, O_RDWR | O_CREAT | O_EXCL); !made) return std::unexpected(made.error());
  {
    Statement copy(**opened, "VACUUM INTO ?1");
    copy.execute(to);
  }
  Result<void> outcome;
  if (const auto failure = (*opened)->take_failure()) {
    outcome = failed(from, failure->error);
  } else {
    // The library leaves a copy to the system's cache.
    outcome = sync_path(to, O_RDWR);
  }
  if (!outcome) {
    ::unlink(to.c_str());
    ::unlink((to + "-journal").c_str());
  }
  return outcome;
}

Result<StateFacts> inspect_state_file(const std::string& path, StateKind kind) {
  const Layout& layout = k_layouts[static_cast<std::size_t>(kind)];
  auto opened = open_existing(path, Source::copy);
  if (!opened) return std::unexpected(opened.error());
  Connection& connection = **opened;
  if (const auto whole = check_integrity(connection, path); !whole) return std::unexpected(whole.error());
  const std::int64_t user_version = first_integer(connection, "PRAGMA user_version").value_or(0);
  if (user_version > layout.user_version) {
    return fail(ErrorCode::store_newer_schema, fmt::format("{}: has schema version {}, this program knows up to {}",
                                                           path, user_version, layout.user_version));
  }
  const auto rows = first_integer(connection, fmt::format("SELECT count(*) FROM {}", layout.table));
  if (!rows) return fail(ErrorCode::store_unusable, fmt::format("{}: has no table {}", path, layout.table));
  return StateFacts{user_version, *rows};
}

Result<void> for_each_copied_pair(const std::string& path, const std::function<void(const CopiedPair&)>& visit) {
  auto opened = open_existing(path, Source::copy);
  if (!opened) return std::unexpected(opened.error());
  Connection& connection = **opened;
  // Files that our node never opened lack columns.
  const bool has_hash = has_column(connection, "records", "value_hash");
  const bool was_judged = has_column(connection, "records", "offer_reason");
  {
    Statement select(connection, fmt::format("SELECT name, value, {}, {} FROM records", has_hash ? "value_hash" : "''",
                                             was_judged ? "rseq IS NOT NULL AND offer_reason IS NULL" : "0"));
    Rows rows = select.run();
    while (rows.next()) visit({rows.text(0), rows.text(1), rows.text(2), rows.integer(3) != 0});
  }
  if (const auto& failure = connection.failure()) return failed(path, failure->error);
  return {};
}

Result<void> renew_epoch(const std::string& path, Random& random) {
  auto opened = open_existing(path, Source::live);
  if (!opened) return std::unexpected(opened.error());
  Connection& connection = **opened;
  ByteArray<16> id{};
  random.fill(id);
  connection.execute("PRAGMA synchronous = FULL");
  connection.execute("BEGIN IMMEDIATE");
  if (has_column(connection, "node_state", "epoch_id")) {
    Statement renew(connection, "UPDATE node_state SET epoch_id = ?1, boot = 0");
    renew.execute(to_hex(view(id)));
  }
  if (has_column(connection, "sync_positions", "position")) connection.execute("DELETE FROM sync_positions");
  connection.execute("COMMIT");
  if (const auto failure = connection.take_failure()) {
    connection.roll_back();
    return failed(path, failure->error);
  }
  return {};
}

Result<bool> has_state_file(const std::string& path) {
  for (const std::string_view suffix : k_database_suffixes) {
    const std::string file = path + std::string(suffix);
    struct stat facts{};
    if (::lstat(file.c_str(), &facts) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR) return unusable("look at", file);
  }
  return false;
}

Result<void> move_state_file(const std::string& from, const std::string& to) {
  for (std::size_t i = 0; i < k_database_suffixes.size(); ++i) {
    const auto move = [](const std::string& source, const std::string& target, std::string_view suffix) {
      return std::rename(fmt::format("{}{}", source, suffix).c_str(), fmt::format("{}{}", target, suffix).c_str());
    };
    if (move(from, to, k_database_suffixes[i]) == 0 || errno == ENOENT) continue;
    const auto failure = unusable("move", fmt::format("{}{}", from, k_database_suffixes[i]));
    while (i-- > 0) move(to, from, k_database_suffixes[i]);
    return failure;
  }
  return {};
}

void remove_state_file(const std::string& path) {
  for (const std::string_view suffix : k_database_suffixes) ::unlink(fmt::format("{}{}", path, suffix).c_str());
}

Result<void> sync_folder(const std::string& folder) { return sync_path(folder, O_RDONLY | O_DIRECTORY); }

}  // namespace dnsmesh::store
