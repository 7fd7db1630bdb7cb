// SPDX-License-Identifier: Apache-2.0
// User tokens, their audit trail and who may not register: one SQLite file that the node and the admin program have
// open at once (spec/storage.md 3). What is told to a caller is durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/lock_guarded.hpp"
#include "store/sqlite.hpp"

namespace dnsmesh::store {

/// Only the SHA-256 of a token is kept, in lower-case hex, never the token.
struct TokenRow {
  std::string hash;
  std::string subject;                        // canonical `local@domain`
  int subject_type = 1;                       // 1: a user; others are reserved and never issued
  std::optional<std::string> subject_hash12;  // 12 hex digits of a prekey's hash
  double rate_per_s = 10;
  std::int64_t rate_burst = 50;
  std::int64_t issued_s = 0;
  std::optional<std::int64_t> expires_s;  // none: never
  std::optional<std::int64_t> revoked_s;
  std::string issuer;
  std::string note;
  std::optional<std::string> registered_spk;  // 64 hex digits of the key that registered it; none: issued by the admin

  bool is_live(std::int64_t now_s) const { return !revoked_s && (!expires_s || now_s < *expires_s); }
};

struct AuditRow {
  std::int64_t ts_s = 0;
  std::string event;  // issued, revoked, used, rejected, throttled
  std::optional<std::string> token_hash;
  std::optional<std::string> subject;
  std::optional<std::string> remote_addr;
  std::optional<std::string> detail;
};

struct DeniedRow {
  std::string entry;  // a subject, or a key in hex
  std::int64_t denied_s = 0;
};

/// What became of a registration: the subject belongs to another key (nothing was changed), or the token is in.
struct SelfServiceOutcome {
  bool is_taken = false;
  std::vector<std::string> superseded;  // hashes of the tokens that the new one replaced
};

/// Any thread; looking a token up never waits for a writer. Errors of all functions: store_busy when another program
/// held the file for longer than limits::sqlite_busy_timeout_ms, store_disk_full, store_io, store_corrupt.
class TokenFile {
 public:
  /// Makes the file when there is none (its folder must exist), brings an older layout up to date, and takes the file
  /// away from other users (mode 0600). Errors: store_unusable, store_newer_schema with both numbers, store_corrupt.
  static Result<std::unique_ptr<TokenFile>> open(const std::string& path);
  ~TokenFile();

  Result<std::optional<TokenRow>> find(std::string_view hash) const;

  /// Adds a token and its audit row together.
  Result<void> insert(const TokenRow& token, const AuditRow& audit);

  /// Newest first; of one subject, or of all. Expired tokens are always there.
  Result<std::vector<TokenRow>> list(std::optional<std::string_view> subject, bool include_revoked) const;

  /// Revokes what is not revoked of a subject, expired tokens too; gives how many. `audit` says when and who asked; its
  /// event, subject and detail are written here, and no row when there was nothing to revoke.
  Result<std::size_t> revoke_subject(std::string_view subject, AuditRow audit);

  /// The tokens not revoked whose hash begins so; revokes when it is exactly one. At most limits::token_matches_max.
  Result<std::vector<TokenRow>> revoke_hash_prefix(std::string_view prefix, AuditRow audit);

  /// Revokes all of the token's subject and adds the token, together; gives how many were revoked. `audit` is the row
  /// of the new token.
  Result<std::size_t> replace_subject(const TokenRow& fresh, const AuditRow& audit);

  /// Registration by the holder of a key (spec/registration.md 6, "Ownership"), in one transaction. Precondition:
  /// `fresh.registered_spk` is given.
  Result<SelfServiceOutcome> register_self_service(const TokenRow& fresh, std::int64_t now_s,
                                                   std::optional<std::string> remote_addr);

  /// In one transaction.
  Result<void> add_audit(std::span<const AuditRow> rows);
  /// Newest first; those of one event, or all.
  Result<std::vector<AuditRow>> audit(std::optional<std::string_view> event, std::size_t rows_max) const;
  /// Removes up to `rows_max` rows that are older than this; gives how many.
  Result<std::size_t> prune_audit(std::int64_t before_s, std::size_t rows_max);

  /// Whether a subject, or a key in lower-case hex, may not register.
  Result<bool> is_denied(std::string_view entry) const;
  /// False when it was denied before.
  Result<bool> deny(std::string_view entry, std::int64_t now_s);
  /// False when it was not denied.
  Result<bool> allow(std::string_view entry);
  /// In the order of their text.
  Result<std::vector<DeniedRow>> list_denied() const;

 private:
  using Connection = std::unique_ptr<sqlite::Connection>;
  struct Finder;
  TokenFile(Connection writer, Connection reader, std::unique_ptr<Finder> finder);

  mutable LockGuarded<Connection> writer_;
  /// A connection of its own: whoever looks up a token must not wait for an fsync.
  mutable LockGuarded<Connection> reader_;
  /// And one for find() alone, whose statement and pages stay ready, and which waits for no long list.
  mutable LockGuarded<std::unique_ptr<Finder>> finder_;
};

}  // namespace dnsmesh::store
