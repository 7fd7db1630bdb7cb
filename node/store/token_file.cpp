// SPDX-License-Identifier: Apache-2.0
#include "store/token_file.hpp"

#include <fmt/format.h>

#include <cassert>
#include <functional>
#include <utility>

#include "base/limits.hpp"
#include "base/registration_limits.hpp"
#include "store/sqlite_file.hpp"
#include "store/token_schema.hpp"

namespace dnsmesh::store {
namespace {

using sqlite::Connection;
using sqlite::Rows;
using sqlite::Statement;

constexpr std::string_view k_select_token =
    "SELECT token_hash, subject, subject_type, subject_hash12, rate_per_sec, rate_burst, issued_at, expires_at, "
    "revoked_at, issuer, note, registered_spk FROM tokens ";

std::optional<std::string> optional_text(const Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return std::string(rows.text(column));
}

std::optional<std::int64_t> optional_integer(const Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return rows.integer(column);
}

/// An empty text is kept as NULL (spec/storage.md 3).
std::optional<std::string> null_if_empty(const std::optional<std::string>& text) {
  return text && text->empty() ? std::nullopt : text;
}

TokenRow token_at(const Rows& rows) {
  TokenRow out;
  out.hash = rows.text(0);
  out.subject = rows.text(1);
  out.subject_type = static_cast<int>(rows.integer(2));
  out.subject_hash12 = optional_text(rows, 3);
  out.rate_per_s = rows.real(4);
  out.rate_burst = rows.integer(5);
  out.issued_s = rows.integer(6);
  out.expires_s = optional_integer(rows, 7);
  out.revoked_s = optional_integer(rows, 8);
  out.issuer = rows.text(9);
  out.note = rows.text(10);
  out.registered_spk = optional_text(rows, 11);
  return out;
}

std::vector<TokenRow> tokens_of(Rows rows) {
  std::vector<TokenRow> out;
  while (rows.next()) out.push_back(token_at(rows));
  return out;
}

void write_token(Connection& connection, const TokenRow& token) {
  Statement insert(connection,
                   "INSERT INTO tokens (token_hash, subject, subject_type, subject_hash12, rate_per_sec, rate_burst, "
                   "issued_at, expires_at, revoked_at, issuer, note, registered_spk) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.execute(token.hash, token.subject, token.subject_type, token.subject_hash12, token.rate_per_s,
                 token.rate_burst, token.issued_s, token.expires_s, token.revoked_s, token.issuer, token.note,
                 token.registered_spk);
}

void write_audit(Connection& connection, std::span<const AuditRow> rows) {
  Statement insert(connection,
                   "INSERT INTO token_audit (ts, event, token_hash, subject, remote_addr, detail) "
                   "VALUES (?, ?, ?, ?, ?, ?)");
  for (const AuditRow& row : rows) {
    insert.execute(row.ts_s, row.event, null_if_empty(row.token_hash), null_if_empty(row.subject),
                   null_if_empty(row.remote_addr), null_if_empty(row.detail));
  }
}

std::size_t revoke_all_of(Connection& connection, std::string_view subject, AuditRow audit) {
  const std::int64_t before = connection.total_changes();
  Statement revoke(connection, "UPDATE tokens SET revoked_at = ? WHERE subject = ? AND revoked_at IS NULL");
  revoke.execute(audit.ts_s, subject);
  const auto count = static_cast<std::size_t>(connection.total_changes() - before);
  if (count == 0) return 0;
  audit.event = "revoked";
  audit.token_hash = std::nullopt;
  audit.subject = std::string(subject);
  audit.detail = fmt::format("by_subject count={}", count);
  write_audit(connection, {&audit, 1});
  return count;
}

void revoke_one(Connection& connection, const TokenRow& token, AuditRow audit) {
  Statement revoke(connection, "UPDATE tokens SET revoked_at = ? WHERE token_hash = ?");
  revoke.execute(audit.ts_s, token.hash);
  audit.event = "revoked";
  audit.token_hash = token.hash;
  audit.subject = token.subject;
  write_audit(connection, {&audit, 1});
}

/// What `work` gives, unless the connection failed in it.
template <class Work>
auto outcome_of(Connection& connection, Work&& work) -> Result<std::invoke_result_t<Work, Connection&>> {
  Result<std::invoke_result_t<Work, Connection&>> out = std::forward<Work>(work)(connection);
  if (auto failure = connection.take_failure()) return std::unexpected(std::move(failure->error));
  return out;
}

/// `work` in one transaction: durable when this gives a value, without effect when it gives an error.
template <class Work>
auto transaction(const LockGuarded<std::unique_ptr<Connection>>& writer, Work&& work) {
  return writer.with([&](const std::unique_ptr<Connection>& connection) {
    auto out = outcome_of(*connection, [&](Connection& open) {
      open.execute("BEGIN IMMEDIATE");
      auto value = work(open);
      open.execute("COMMIT");
      return value;
    });
    if (!out) connection->roll_back();
    return out;
  });
}

template <class Work>
auto query(const LockGuarded<std::unique_ptr<Connection>>& reader, Work&& work) {
  return reader.with([&](const std::unique_ptr<Connection>& connection) { return outcome_of(*connection, work); });
}

template <class Value>
Result<void> without_value(Result<Value> result) {
  if (!result) return std::unexpected(std::move(result.error()));
  return {};
}

std::unexpected<Error> at_path(Error error, const std::string& path) {
  return fail(error.code, fmt::format("token file {}: {}", path, error.text));
}

Result<std::unique_ptr<Connection>> connect(const std::string& path) {
  auto connection = Connection::open(path, limits::sqlite_busy_timeout_ms);
  if (connection) (*connection)->execute("PRAGMA synchronous = FULL");
  return connection;
}

}  // namespace

/// Making the statement costs more than running it. SQLite makes it anew by itself when the layout has changed.
struct TokenFile::Finder {
  explicit Finder(std::unique_ptr<sqlite::Connection> opened)
      : connection(std::move(opened)), by_hash(*connection, std::string(k_select_token) + "WHERE token_hash = ?") {}

  std::unique_ptr<sqlite::Connection> connection;
  Statement by_hash;
};

TokenFile::TokenFile(Connection writer, Connection reader, std::unique_ptr<Finder> finder)
    : writer_(std::move(writer)), reader_(std::move(reader)), finder_(std::move(finder)) {}

TokenFile::~TokenFile() = default;

Result<std::unique_ptr<TokenFile>> TokenFile::open(const std::string& path) {
  if (const auto made = make_or_check_file(path, "token file"); !made) return std::unexpected(made.error());
  if (const auto tightened = tighten_file(path); !tightened) return std::unexpected(tightened.error());
  auto writer = connect(path);
  if (!writer) return at_path(std::move(writer.error()), path);
  if (auto prepared = prepare_token_file(**writer); !prepared) return at_path(std::move(prepared.error()), path);
  auto reader = connect(path);
  if (!reader) return at_path(std::move(reader.error()), path);
  auto finding = connect(path);
  if (!finding) return at_path(std::move(finding.error()), path);
  (*finding)->execute(fmt::format("PRAGMA cache_size = -{}", limits::token_cache_kib));
  auto finder = std::make_unique<Finder>(std::move(*finding));
  if (auto failure = finder->connection->take_failure()) return at_path(std::move(failure->error), path);
  return std::unique_ptr<TokenFile>(new TokenFile(std::move(*writer), std::move(*reader), std::move(finder)));
}

Result<std::optional<TokenRow>> TokenFile::find(std::string_view hash) const {
  return finder_.with([&](const std::unique_ptr<Finder>& finder) {
    return outcome_of(*finder->connection, [&](sqlite::Connection&) -> std::optional<TokenRow> {
      auto rows = finder->by_hash.run(hash);
      if (!rows.next()) return std::nullopt;
      return token_at(rows);
    });
  });
}

Result<void> TokenFile::insert(const TokenRow& token, const AuditRow& audit) {
  return without_value(transaction(writer_, [&](sqlite::Connection& connection) {
    write_token(connection, token);
    write_audit(connection, {&audit, 1});
    return true;
  }));
}

Result<std::vector<TokenRow>> TokenFile::list(std::optional<std::string_view> subject, bool include_revoked) const {
  return query(reader_, [&](sqlite::Connection& connection) {
    Statement select(connection, std::string(k_select_token) +
                                     "WHERE (?1 IS NULL OR subject = ?1) AND (?2 OR revoked_at IS NULL) "
                                     "ORDER BY issued_at DESC, rowid DESC");
    return tokens_of(select.run(subject, static_cast<int>(include_revoked)));
  });
}

Result<std::size_t> TokenFile::revoke_subject(std::string_view subject, AuditRow audit) {
  return transaction(
      writer_, [&](sqlite::Connection& connection) { return revoke_all_of(connection, subject, std::move(audit)); });
}

Result<std::vector<TokenRow>> TokenFile::revoke_hash_prefix(std::string_view prefix, AuditRow audit) {
  return transaction(writer_, [&](sqlite::Connection& connection) {
    Statement select(connection, std::string(k_select_token) +
                                     "WHERE substr(token_hash, 1, ?) = ? AND revoked_at IS NULL "
                                     "ORDER BY issued_at DESC, rowid DESC LIMIT ?");
    const auto matches = tokens_of(select.run(prefix.size(), prefix, limits::token_matches_max));
    if (matches.size() == 1) revoke_one(connection, matches.front(), std::move(audit));
    return matches;
  });
}

Result<std::size_t> TokenFile::replace_subject(const TokenRow& fresh, const AuditRow& audit) {
  return transaction(writer_, [&](sqlite::Connection& connection) {
    const std::size_t revoked = revoke_all_of(connection, fresh.subject, audit);
    write_token(connection, fresh);
    write_audit(connection, {&audit, 1});
    return revoked;
  });
}

Result<SelfServiceOutcome> TokenFile::register_self_service(const TokenRow& fresh, std::int64_t now_s,
                                                            std::optional<std::string> remote_addr) {
  assert(fresh.registered_spk);
  return transaction(writer_, [&](sqlite::Connection& connection) {
    SelfServiceOutcome out;
    Statement select(connection, std::string(k_select_token) +
                                     "WHERE subject = ? AND revoked_at IS NULL AND registered_spk IS NOT NULL");
    const std::vector<TokenRow> present = tokens_of(select.run(fresh.subject));
    for (const TokenRow& token : present) {
      out.is_taken = out.is_taken || (token.is_live(now_s) && token.registered_spk != fresh.registered_spk);
    }
    if (out.is_taken) return out;
    AuditRow audit{now_s, "issued", fresh.hash, fresh.subject, std::move(remote_addr), "self-service"};
    for (const TokenRow& token : present) {
      AuditRow superseded = audit;
      superseded.detail = "self-service rotate: superseded";
      revoke_one(connection, token, std::move(superseded));
      out.superseded.push_back(token.hash);
    }
    write_token(connection, fresh);
    write_audit(connection, {&audit, 1});
    return out;
  });
}

Result<void> TokenFile::add_audit(std::span<const AuditRow> rows) {
  return without_value(transaction(writer_, [&](sqlite::Connection& connection) {
    write_audit(connection, rows);
    return true;
  }));
}

Result<std::vector<AuditRow>> TokenFile::audit(std::optional<std::string_view> event, std::size_t rows_max) const {
  return query(reader_, [&](sqlite::Connection& connection) {
    Statement select(connection,
                     "SELECT ts, event, token_hash, subject, remote_addr, detail FROM token_audit "
                     "WHERE ?1 IS NULL OR event = ?1 ORDER BY ts DESC, id DESC LIMIT ?2");
    std::vector<AuditRow> out;
    auto rows = select.run(event, rows_max);
    while (rows.next()) {
      out.push_back({rows.integer(0), std::string(rows.text(1)), optional_text(rows, 2), optional_text(rows, 3),
                     optional_text(rows, 4), optional_text(rows, 5)});
    }
    return out;
  });
}

Result<std::size_t> TokenFile::prune_audit(std::int64_t before_s, std::size_t rows_max) {
  return transaction(writer_, [&](sqlite::Connection& connection) {
    const std::int64_t before = connection.total_changes();
    Statement remove(connection,
                     "DELETE FROM token_audit WHERE id IN (SELECT id FROM token_audit WHERE ts < ? LIMIT ?)");
    remove.execute(before_s, rows_max);
    return static_cast<std::size_t>(connection.total_changes() - before);
  });
}

Result<bool> TokenFile::is_denied(std::string_view entry) const {
  return query(reader_, [&](sqlite::Connection& connection) {
    Statement select(connection, "SELECT 1 FROM registration_denied WHERE entry = ?");
    return select.run(entry).next();
  });
}

Result<bool> TokenFile::deny(std::string_view entry, std::int64_t now_s) {
  return transaction(writer_, [&](sqlite::Connection& connection) {
    const std::int64_t before = connection.total_changes();
    Statement insert(connection, "INSERT OR IGNORE INTO registration_denied (entry, denied_at) VALUES (?, ?)");
    insert.execute(entry, now_s);
    return connection.total_changes() > before;
  });
}

Result<bool> TokenFile::allow(std::string_view entry) {
  return transaction(writer_, [&](sqlite::Connection& connection) {
    const std::int64_t before = connection.total_changes();
    Statement remove(connection, "DELETE FROM registration_denied WHERE entry = ?");
    remove.execute(entry);
    return connection.total_changes() > before;
  });
}

Result<std::vector<DeniedRow>> TokenFile::list_denied() const {
  return query(reader_, [&](sqlite::Connection& connection) {
    Statement select(connection, "SELECT entry, denied_at FROM registration_denied ORDER BY entry");
    std::vector<DeniedRow> out;
    auto rows = select.run();
    while (rows.next()) out.push_back({std::string(rows.text(0)), rows.integer(1)});
    return out;
  });
}

}  // namespace dnsmesh::store
