// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace dnsmesh::store::sqlite {
namespace {

/// The primary code of an extended one.
int primary(int code) { return code & 0xFF; }

ErrorCode code_of(int code, int system_errno) {
  switch (primary(code)) {
    case SQLITE_FULL:
      return ErrorCode::store_disk_full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:  // a file that is served begins as one: that is looked at before
      return ErrorCode::store_corrupt;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return ErrorCode::store_unusable;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::store_busy;
    case SQLITE_IOERR:
      return system_errno == ENOSPC || system_errno == EDQUOT ? ErrorCode::store_disk_full : ErrorCode::store_io;
    default:
      return ErrorCode::store_io;
  }
}

/// The errno behind the last failure, 0 when none is known. The library does not hand on what COMMIT met in the log.
int system_error_of(sqlite3* handle) {
  int number = sqlite3_system_errno(handle);
  sqlite3_file* log = nullptr;
  if (number != 0 || sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK)
    return number;
  if (log != nullptr && log->pMethods != nullptr) log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number);
  return number;
}

}  // namespace

bool is_failed_sync(const Failure& failure) {
  return failure.code == SQLITE_IOERR_FSYNC || failure.code == SQLITE_IOERR_DIR_FSYNC;
}

bool is_busy(const Failure& failure) {
  return primary(failure.code) == SQLITE_BUSY || primary(failure.code) == SQLITE_LOCKED;
}

Result<std::unique_ptr<Connection>> Connection::open_with(const std::string& name, int flags) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (code != SQLITE_OK) {
    connection->note(code);
    return std::unexpected(connection->failure_->error);
  }
  sqlite3_extended_result_codes(handle, 1);
  return connection;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, int busy_timeout_ms) {
  auto connection = open_with(path, SQLITE_OPEN_READWRITE);
  if (connection) sqlite3_busy_timeout((*connection)->handle_, busy_timeout_ms);
  return connection;
}

Result<std::unique_ptr<Connection>> Connection::open_unchanging(const std::string& path) {
  std::string name = "file://";
  for (const char c : path) {
    const bool is_special = c == '%' || c == '?' || c == '#';
    name += is_special ? fmt::format("%{:02X}", static_cast<int>(c)) : std::string(1, c);
  }
  return open_with(name + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

Connection::~Connection() { sqlite3_close_v2(handle_); }

void Connection::note(int code) {
  if (failure_) return;
  std::string text = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  const int system_errno = handle_ != nullptr && primary(code) == SQLITE_IOERR ? system_error_of(handle_) : 0;
  if (system_errno != 0) text += fmt::format(": {}", std::strerror(system_errno));
  failure_ = Failure{{code_of(code, system_errno), std::move(text)}, code};
}

bool Connection::execute(const std::string& sql) {
  if (failure_) return false;
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) note(code);
  return code == SQLITE_OK;
}

void Connection::roll_back() {
  // Its own failure says nothing new: the transaction ends with the connection at the latest.
  if (sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

std::int64_t Connection::total_changes() const { return sqlite3_total_changes64(handle_); }

bool Connection::checkpoint(CheckpointMode mode) {
  if (failure_) return false;
  const int sqlite_mode = mode == CheckpointMode::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
  int log_frames = 0;
  int copied_frames = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, sqlite_mode, &log_frames, &copied_frames);
  if (code != SQLITE_OK && primary(code) != SQLITE_BUSY) note(code);
  return code == SQLITE_OK && log_frames == copied_frames;
}

void Connection::keep_log_on_close(bool keep) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, nullptr);
}

std::optional<Failure> Connection::take_failure() { return std::exchange(failure_, std::nullopt); }

Rows::~Rows() { sqlite3_reset(statement_); }

bool Rows::next() {
  if (connection_.failure_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_.note(code);
  return false;
}

std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Rows::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view Rows::text(int column) const {
  const auto* bytes = static_cast<const char*>(static_cast<const void*>(sqlite3_column_text(statement_, column)));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Rows::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Statement::Statement(Connection& connection, std::string_view sql) : connection_(connection) {
  if (connection_.failure_) return;
  const int code = sqlite3_prepare_v3(connection_.handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) connection_.note(code);
}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::bind_integer(int parameter, std::int64_t value) {
  if (connection_.failure_) return;
  if (const int code = sqlite3_bind_int64(statement_, parameter, value); code != SQLITE_OK) connection_.note(code);
}

void Statement::bind_real(int parameter, double value) {
  if (connection_.failure_) return;
  if (const int code = sqlite3_bind_double(statement_, parameter, value); code != SQLITE_OK) connection_.note(code);
}

void Statement::bind_text(int parameter, std::string_view value) {
  if (connection_.failure_) return;
  const char* bytes = value.data() != nullptr ? value.data() : "";  // a null pointer would bind NULL
  const int code = sqlite3_bind_text64(statement_, parameter, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) connection_.note(code);
}

void Statement::bind_null(int parameter) {
  if (connection_.failure_) return;
  if (const int code = sqlite3_bind_null(statement_, parameter); code != SQLITE_OK) connection_.note(code);
}

}  // namespace dnsmesh::store::sqlite
