// SPDX-License-Identifier: Apache-2.0
#include "generate-cluster-manifest/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/limits.hpp"
#include "generate-cluster-manifest/text.hpp"

namespace dnsmesh::manifest_tool {
namespace {

std::unexpected<Error> file_error(const std::string& path, std::string_view what) {
  return fail(ErrorCode::config_file, fmt::format("{}: {}", printable(path), what));
}

std::unexpected<Error> system_error(const std::string& path) { return file_error(path, std::strerror(errno)); }

/// Closes when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

/// Makes a rename within the folder durable. A file system that cannot sync folders is no reason to fail.
void sync_folder(const std::string& path) {
  const Descriptor folder(open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open()) fsync(folder.number());
}

}  // namespace

Result<std::optional<std::string>> read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  if (!file.is_open()) return system_error(path);
  std::string content(limits::cluster_file_bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(file.number(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size == content.size()) {
    return file_error(path, fmt::format("longer than {} bytes", limits::cluster_file_bytes_max));
  }
  content.resize(size);
  return content;
}

Result<void> check_target(const std::string& path, bool must_be_new) {
  std::error_code error;
  const auto status = std::filesystem::symlink_status(path, error);
  if (std::filesystem::is_directory(std::filesystem::status(path, error))) {
    return file_error(path,
                      "is a directory (docker makes one where it mounts a file that is missing); remove it first");
  }
  if (must_be_new && std::filesystem::exists(status)) return file_error(path, "exists; --force would replace it");
  return {};
}

Result<void> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(folder_of(path), error);
  if (error) return file_error(folder_of(path), error.message());
  return {};
}

StagedFile::StagedFile(std::string path, std::string temporary_path)
    : path_(std::move(path)), temporary_path_(std::move(temporary_path)) {}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_path_(std::exchange(other.temporary_path_, {})) {}

StagedFile::~StagedFile() {
  if (!temporary_path_.empty()) unlink(temporary_path_.c_str());
}

Result<StagedFile> StagedFile::stage(const std::string& path, std::string_view content, mode_t mode) {
  const std::string temporary_path = fmt::format("{}.{}.new", path, getpid());
  const Descriptor file(open(temporary_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.is_open()) return system_error(temporary_path);
  StagedFile staged(path, temporary_path);
  if (!write_all(file.number(), content) || fsync(file.number()) != 0) return system_error(temporary_path);
  return staged;
}

Result<void> StagedFile::commit(bool must_be_new) {
  const unsigned flags = must_be_new ? RENAME_NOREPLACE : 0U;
  int done = renameat2(AT_FDCWD, temporary_path_.c_str(), AT_FDCWD, path_.c_str(), flags);
  // Some network file systems do not know the flag; that no file is there was seen a moment ago.
  if (done != 0 && errno == EINVAL && must_be_new) done = rename(temporary_path_.c_str(), path_.c_str());
  if (done != 0) return system_error(path_);
  temporary_path_.clear();
  sync_folder(path_);
  return {};
}

}  // namespace dnsmesh::manifest_tool
