// SPDX-License-Identifier: Apache-2.0
// The SQLite library behind two small classes. A connection remembers its first failure and then runs nothing more, so
// a piece of work runs its statements and asks once. Only for files of this folder.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace dnsmesh::store::sqlite {

/// A failure and the extended result code behind it.
struct Failure {
  Error error;
  int code = 0;
};

/// True for a failed fsync: what was written before it may or may not be in the file.
bool is_failed_sync(const Failure& failure);
/// True when another connection held the file for longer than the busy timeout.
bool is_busy(const Failure& failure);

/// One connection. One thread at a time; statements must end before it.
class Connection {
 public:
  /// Opens an existing file for reading and writing.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, int busy_timeout_ms);
  /// Opens a file that nobody writes, for reading it and nothing beside it: no lock is taken, no log or journal is read
  /// or made. So the file system may be read-only. Precondition: the path is absolute.
  static Result<std::unique_ptr<Connection>> open_unchanging(const std::string& path);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs SQL text; false when it or something before it failed.
  bool execute(const std::string& sql);
  /// Ends an open transaction without its changes, also after a failure.
  void roll_back();
  /// Rows changed since the connection was opened.
  std::int64_t total_changes() const;

  enum class CheckpointMode { passive, truncate };
  /// Copies the log into the file. False when it failed, or when readers or the writer were in the way of some of it,
  /// which is no failure.
  bool checkpoint(CheckpointMode mode);
  /// Makes closing leave the log alone, for a file that must not be touched.
  void keep_log_on_close(bool keep);

  const std::optional<Failure>& failure() const { return failure_; }
  /// The failure, after which the connection runs statements again.
  std::optional<Failure> take_failure();

 private:
  friend class Statement;
  friend class Rows;
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  static Result<std::unique_ptr<Connection>> open_with(const std::string& name, int flags);
  void note(int code);

  sqlite3* handle_;
  std::optional<Failure> failure_;
};

/// The rows of one run of a statement, which is reset when this goes.
class Rows {
 public:
  Rows(Connection& connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  /// Moves to the next row; false at the end and after a failure.
  bool next();
  std::int64_t integer(int column) const;
  double real(int column) const;
  /// Valid until next().
  std::string_view text(int column) const;
  bool is_null(int column) const;

 private:
  Connection& connection_;
  sqlite3_stmt* statement_;
};

/// A prepared statement, for use again and again.
class Statement {
 public:
  Statement(Connection& connection, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Starts it with one value a parameter: an integer, a real number, a text, or an optional one of these (NULL).
  /// Values are copied.
  template <class... Values>
  Rows run(const Values&... values) {
    int parameter = 0;
    (bind(++parameter, values), ...);
    return Rows(connection_, statement_);
  }
  /// Runs it to its end, for statements that give no rows; false when it or something before it failed.
  template <class... Values>
  bool execute(const Values&... values) {
    run(values...).next();
    return !connection_.failure();
  }

 private:
  template <class Value>
  void bind(int parameter, const Value& value) {
    if constexpr (std::integral<Value>) {
      bind_integer(parameter, static_cast<std::int64_t>(value));
    } else if constexpr (std::convertible_to<Value, std::string_view>) {
      bind_text(parameter, value);
    } else if constexpr (std::floating_point<Value>) {
      bind_real(parameter, value);
    } else {
      value ? bind(parameter, *value) : bind_null(parameter);
    }
  }
  void bind_integer(int parameter, std::int64_t value);
  void bind_real(int parameter, double value);
  void bind_text(int parameter, std::string_view value);
  void bind_null(int parameter);

  Connection& connection_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace dnsmesh::store::sqlite
