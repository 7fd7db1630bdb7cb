// SPDX-License-Identifier: Apache-2.0
// What the generator asks of files before it writes any. Only regular files are read and written: a device would be
// replaced, and a pipe would wait.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace dnsmesh::manifest_tool {

/// config_file, with the path before `what` or before what errno says.
std::unexpected<Error> file_error(const std::string& path, std::string_view what);
std::unexpected<Error> system_error(const std::string& path);

/// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

/// The folder that a file lies in; `.` when the path has none.
std::string folder_of(const std::string& path);

/// The content of a file, or nothing when there is none. Errors: config_file with path and reason (not a regular file,
/// too long, not readable).
Result<std::optional<std::string>> read_file(const std::string& path);

/// Where a write to `path` ends: symbolic links are followed, the last one also when it leads to nothing. What is there
/// is a regular file or nothing. Errors: config_file when it is anything else, or cannot be found out.
Result<std::string> find_target(const std::string& path);

/// True when there is something at `path`, if only a symbolic link that leads nowhere.
bool exists(const std::string& path);

/// True when both paths lead to one file, or would if it were there.
bool is_same_file(const std::string& one, const std::string& other);

/// Folders that were made for files to be written; they go again unless they are kept.
class NewFolders {
 public:
  NewFolders() = default;
  NewFolders(const NewFolders&) = delete;
  NewFolders& operator=(const NewFolders&) = delete;
  ~NewFolders();

  /// Makes the folder of `target` and those above it as far as they are missing. Errors: config_file.
  Result<void> make_for(const std::string& target);
  void keep() { made_.clear(); }

 private:
  std::vector<std::filesystem::path> made_;  // outermost first
};

}  // namespace dnsmesh::manifest_tool
