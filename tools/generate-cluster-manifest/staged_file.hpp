// SPDX-License-Identifier: Apache-2.0
// A write in two steps, so that nothing is changed before everything is known to work: the content goes durably into a
// temporary file beside its target, and takes the target's name later.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace dnsmesh::manifest_tool {

/// What becomes of a file that has the name already.
enum class OldFile {
  refuse,   // it stays, and the commit fails
  replace,  // it is gone at once
  hold,     // it is set aside under another name until the StagedFile goes; undo() brings it back
};

/// A complete temporary file, removed again unless it is committed.
class StagedFile {
 public:
  /// Writes and syncs `content`. The file has `mode` (less the umask) before the first byte is in it. Errors:
  /// config_file, which names `path`.
  static Result<StagedFile> stage(const std::string& path, std::string_view content, mode_t mode);

  StagedFile(StagedFile&& other) noexcept;
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  /// Gives the file its name. Errors: config_file; nothing is changed then.
  Result<void> commit(OldFile old);

  /// After a commit with `refuse` or `hold`: makes the name what it was before. Errors: config_file with where the old
  /// file lies now.
  Result<void> undo();

 private:
  StagedFile(std::string path, std::string temporary_path);

  Result<void> set_old_aside();

  std::string path_;
  std::string temporary_path_;  // empty when there is nothing to remove
  std::string old_path_;        // the same
};

}  // namespace dnsmesh::manifest_tool
