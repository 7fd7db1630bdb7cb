// SPDX-License-Identifier: Apache-2.0
// The file of TSIG keys (spec/storage.md 4). The admin program and the node have it open at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/lock_guarded.hpp"

namespace dnsmesh::store {

/// A row of the file. Times are Unix seconds.
struct TsigKeyRow {
  std::string name;                       // lower case, with the final dot
  std::string algorithm = "hmac-sha256";  // as spelled in the file
  std::string secret;                     // raw octets
  std::vector<std::string> allowed_suffixes;
  std::int64_t created_s = 0;
  std::int64_t expires_s = 0;  // 0: never
  bool revoked = false;
  std::string subject;                // canonical `user@host`; empty for a key made by hand
  std::string registered_spk;         // 64 lower-case hex, or empty
  std::string registered_x25519_pub;  // 64 lower-case hex when possession was proven, else empty

  bool is_active(std::int64_t now_s) const { return !revoked && (expires_s == 0 || expires_s > now_s); }
};

/// What became of a key that was to be minted.
enum class MintOutcome {
  minted,
  owned_by_other,  // the subject, an identity suffix or the name belongs to another Ed25519 key or subject
  revoked,         // the operator revoked this key, and only the operator lifts that
};

/// Every operation is one transaction, durable when it returns. Fails with the store_ errors of SQLite. Any thread.
class TsigFile {
 public:
  /// Makes the file (mode 0600) and its missing folders (0700), tightens a looser file with its log, warns of a
  /// folder that others may write to, and brings any
  /// older layout to version 4. store_newer_schema for a higher one, store_unusable, store_corrupt.
  static Result<std::unique_ptr<TsigFile>> open(const std::string& path);
  ~TsigFile();

  /// The row of a name in lower case with the final dot, whether active or not.
  Result<std::optional<TsigKeyRow>> find(std::string_view name) const;
  /// All rows by name, also those that are revoked or over.
  Result<std::vector<TsigKeyRow>> list() const;

  /// Inserts `row`, or gives the row of that name a new secret, scope and times, unless it is another's or revoked
  /// (spec/registration.md 7.5). The scope is stored lower-cased, without outer dots, sorted and unique; the row is
  /// created at `now_s` and not revoked, whatever it says. Precondition: the name ends in a dot, the secret and the
  /// scope are not empty.
  Result<MintOutcome> mint(TsigKeyRow row, std::int64_t now_s);

  /// Sets the flag on a key, or on all keys of a subject that lack it; how many.
  Result<std::size_t> revoke(std::string_view name);
  Result<std::size_t> revoke_subject(std::string_view subject);
  /// Removes the row of a revoked key, so that its owner may register again; how many.
  Result<std::size_t> allow(std::string_view name);
  /// Removes the row of a key that is not revoked: the ban of one that is stays; how many.
  Result<std::size_t> remove(std::string_view name);

  /// A number that changes when another connection, of this process or another, has changed the file.
  Result<std::int64_t> data_version() const;

 private:
  struct Inner;
  explicit TsigFile(std::unique_ptr<Inner> inner);
  LockGuarded<std::unique_ptr<Inner>> inner_;
};

}  // namespace dnsmesh::store
