// SPDX-License-Identifier: Apache-2.0
// The files of the generator. A write is in two steps, so that nothing is changed before everything is known to work:
// the content goes durably into a temporary file beside its target, and takes the target's name later.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace dnsmesh::manifest_tool {

/// The content of a file, or nothing when there is none. Errors: config_file with path and reason (a directory, too
/// long, not readable).
Result<std::optional<std::string>> read_file(const std::string& path);

/// May this file become a target? Errors: config_file when it is a directory, or exists and `must_be_new`.
Result<void> check_target(const std::string& path, bool must_be_new);

/// Makes the directory of a target when it is missing. Errors: config_file.
Result<void> make_folder(const std::string& path);

/// A complete temporary file, removed again unless it is committed.
class StagedFile {
 public:
  /// Writes and syncs `content`. The file has `mode` (less the umask) before the first byte is in it. Errors:
  /// config_file.
  static Result<StagedFile> stage(const std::string& path, std::string_view content, mode_t mode);

  StagedFile(StagedFile&& other) noexcept;
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  /// Gives the file its name. With `must_be_new` never over a file that is there. Errors: config_file.
  Result<void> commit(bool must_be_new);

 private:
  StagedFile(std::string path, std::string temporary_path);

  std::string path_;
  std::string temporary_path_;  // empty when there is nothing to remove
};

}  // namespace dnsmesh::manifest_tool
