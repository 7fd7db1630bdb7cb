// SPDX-License-Identifier: Apache-2.0
// The record file as a thing of the file system: its folder, its mode, and the lock that keeps a second node away
// (spec/storage.md 1, 7).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace dnsmesh::store {

/// The names of a database are its path with these: the file, its rollback journal, its log and its shared memory.
/// They belong together: a journal or log that is left alone is written into the next file of that path.
inline constexpr std::array<std::string_view, 4> k_database_suffixes = {"", "-journal", "-wal", "-shm"};

/// Holds `<path>.lock` until it goes; the lock ends with the process, whatever way it ends.
class FileLock {
 public:
  /// store_in_use when another process or store holds it, with both files in the text; store_unusable when the lock
  /// file cannot be made.
  static Result<FileLock> take(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// The path that two names of one file (links, relative names) share. store_unusable when there is none.
Result<std::string> resolved(const std::string& path);

/// Makes the folders that are missing, mode 0700. store_unusable.
Result<void> make_parent_folders(const std::string& path);

/// Makes an empty file of mode 0600 when there is none, and leaves an existing one as it is. SQLite gives its log and
/// its shared memory the mode of the file. Fails with store_unusable when the file is not one that SQLite made, or
/// cannot be read and written; `kind` is what the texts call it.
Result<void> make_or_check_file(const std::string& path, std::string_view kind);

/// The path of a file that lies beside the record file: `suffix` comes before the extension of its name, or at its end
/// where it has none (spec/storage.md 1).
std::string sibling_path(const std::string& record_path, std::string_view suffix);

/// The folder of `path` when group or others may write to it, and so put another file in its place; else nothing.
std::optional<std::string> loose_folder_of(const std::string& path);

/// Takes group and others their rights to a file with secrets in it, and to those of k_database_suffixes that are
/// there. store_unusable.
Result<void> tighten_file(const std::string& path);

}  // namespace dnsmesh::store
