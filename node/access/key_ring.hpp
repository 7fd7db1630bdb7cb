// SPDX-License-Identifier: Apache-2.0
// The TSIG keys in memory, so that a signed message never touches the file (spec/dns-update.md 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "access/tsig_algorithm.hpp"
#include "base/error.hpp"
#include "base/lock_guarded.hpp"
#include "store/tsig_file.hpp"

namespace dnsmesh::access {

/// A key that can sign and verify.
struct TsigKey {
  std::string name;  // lower case, without the final dot
  TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256;
  std::string secret;
  std::vector<std::string> scope;  // entries for access/name_scope.hpp
  std::string subject;
  std::int64_t expires_s = 0;  // 0: never
};

/// Any thread may ask; what it gets stays as it was, whatever happens to the file.
class KeyRing {
 public:
  /// Reads the file, which outlives the ring.
  static Result<std::unique_ptr<KeyRing>> open(store::TsigFile& file);
  ~KeyRing();

  /// The active key of a name in lower case, with or without the final dot; null for others. Costs the same whatever
  /// the number of keys.
  std::shared_ptr<const TsigKey> find(std::string_view folded_name, std::int64_t now_s) const;

  /// The hashes (12 lower-case hex) of the users whose mailboxes lie directly under `zone`, of the keys that are active
  /// (spec/dns-update.md 7, spec/storage.md 4). Goes through all keys.
  std::set<std::string> registered_recipients(std::string_view zone, std::int64_t now_s) const;

  /// True when `hash12` is one of them; costs the same whatever the number of keys.
  bool is_registered_recipient(std::string_view hash12, std::string_view zone, std::int64_t now_s) const;

  /// Mints in the file; a key that was minted is known here when this returns.
  Result<store::MintOutcome> mint(store::TsigKeyRow row, std::int64_t now_s);

  /// Reads the file again when another connection changed it; true when it did. To be called once a second, since the
  /// admin program tells nobody. After a failure the keys stay as they were.
  Result<bool> refresh();

  /// Keys that can be found, also those that are over by now.
  std::size_t size() const;

 private:
  struct Snapshot;
  explicit KeyRing(store::TsigFile& file);
  Result<void> reload();
  std::shared_ptr<const Snapshot> snapshot() const;

  store::TsigFile& file_;
  std::mutex reading_;              // one reader of the file at a time, so that an older list never follows a newer one
  std::int64_t data_version_ = -1;  // of the snapshot; under reading_
  LockGuarded<std::shared_ptr<const Snapshot>> snapshot_;
};

}  // namespace dnsmesh::access
