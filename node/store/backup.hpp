// SPDX-License-Identifier: Apache-2.0
// Copies of state files: made while a node writes, checked, and prepared to be served again (docs/backup.md). Blocking
// calls for the admin program; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/random.hpp"

namespace dnsmesh::store {

enum class StateKind : std::uint8_t { records, tokens, tsig_keys, seen };

struct StateFacts {
  std::int64_t user_version = 0;
  std::int64_t rows = 0;  // of the table that the file is for
};

/// A row as a copy holds it.
struct CopiedPair {
  std::string_view name;
  std::string_view value;
  std::string_view value_hash;  // hex; empty: the file has none
  /// The node that wrote the row judged it and offered it to peers.
  bool was_offered = false;
};

/// What is copied: a file that others may write meanwhile, or one that nobody does. The latter is read alone, without a
/// log or journal beside it, and nothing there is changed.
enum class Source : std::uint8_t { live, copy };

/// Copies one database in one step, of one moment; `to` must not exist and gets mode 0600. When it returns the content
/// is durable (its folder entry is not). On failure there is no `to`. Errors: store_unusable, store_corrupt, store_io,
/// store_disk_full, store_busy.
Result<void> copy_state_file(const std::string& from, Source source, const std::string& to);

/// Reads a whole copy and changes nothing, also where nothing can be changed. Errors: store_corrupt, store_newer_schema
/// with both numbers, store_unusable when it is not there, cannot be read or has not this kind's table.
Result<StateFacts> inspect_state_file(const std::string& path, StateKind kind);

/// Shows every row of a copy of a record file, and changes nothing.
Result<void> for_each_copied_pair(const std::string& path, const std::function<void(const CopiedPair&)>& visit);

/// Makes a record file another database to its peers: a new epoch, and no positions of theirs, so both sides compare
/// instead of trusting what was true before (spec/anti-entropy.md 15.2). A file that no node of ours has opened gets
/// its epoch when one does. Precondition: nobody else has it open.
Result<void> renew_epoch(const std::string& path, Random& random);

/// True when the path or another name of that database (k_database_suffixes) exists. store_unusable when the file
/// system does not say, as in a folder that this user may not enter.
Result<bool> has_state_file(const std::string& path);
/// Moves a file with the other names of its database: all, or after a failure none. store_unusable.
Result<void> move_state_file(const std::string& from, const std::string& to);
/// Removes a file with the other names of its database, as far as it can.
void remove_state_file(const std::string& path);

/// Makes durable which files a folder holds. store_unusable.
Result<void> sync_folder(const std::string& folder);

}  // namespace dnsmesh::store
