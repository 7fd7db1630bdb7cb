// SPDX-License-Identifier: Apache-2.0
#include "generate-cluster-manifest/staged_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "common/text.hpp"
#include "generate-cluster-manifest/files.hpp"

namespace dnsmesh::manifest_tool {
namespace {

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Makes a rename within the folder durable. A file system that cannot sync folders is no reason to fail.
void sync_folder(const std::string& path) {
  const Descriptor folder(open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open()) fsync(folder.number());
}

/// Renames, and never over a file that is there. 0, or -1 and errno.
int rename_to_free(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  // Some network file systems do not know the flag; a link is as careful.
  if (linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) != 0) return -1;
  return unlink(from.c_str());
}

/// What errno says of a rename at `path`.
std::unexpected<Error> rename_error(const std::string& path) {
  if (errno != EBUSY) return system_error(path);
  return file_error(path, "is mounted by itself, so it cannot be replaced; mount the folder that it lies in");
}

}  // namespace

StagedFile::StagedFile(std::string path, std::string temporary_path)
    : path_(std::move(path)), temporary_path_(std::move(temporary_path)) {}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_path_(std::exchange(other.temporary_path_, {})),
      old_path_(std::exchange(other.old_path_, {})) {}

StagedFile::~StagedFile() {
  if (!temporary_path_.empty()) unlink(temporary_path_.c_str());
  if (!old_path_.empty()) unlink(old_path_.c_str());
}

Result<StagedFile> StagedFile::stage(const std::string& path, std::string_view content, mode_t mode) {
  const std::string temporary_path = fmt::format("{}.{}.new", path, getpid());
  const auto failed = [&] {
    return file_error(
        path, fmt::format("cannot write {} beside it: {}", tools::printable(temporary_path), std::strerror(errno)));
  };
  const Descriptor file(open(temporary_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.is_open()) return failed();
  StagedFile staged(path, temporary_path);
  if (!write_all(file.number(), content) || fsync(file.number()) != 0) return failed();
  return staged;
}

Result<void> StagedFile::set_old_aside() {
  const std::string old_path = fmt::format("{}.{}.old", path_, getpid());
  if (rename_to_free(path_, old_path) == 0) {
    old_path_ = old_path;
  } else if (errno != ENOENT) {
    return rename_error(path_);
  }
  return {};
}

Result<void> StagedFile::commit(OldFile old) {
  if (old == OldFile::hold) {
    if (auto aside = set_old_aside(); !aside) return aside;
  }
  const int done = old == OldFile::replace ? std::rename(temporary_path_.c_str(), path_.c_str())
                                           : rename_to_free(temporary_path_, path_);
  if (done != 0) {
    auto error = rename_error(path_);
    if (auto back = undo(); !back) return back;
    return error;
  }
  temporary_path_.clear();
  sync_folder(path_);
  return {};
}

Result<void> StagedFile::undo() {
  const std::string old_path = std::exchange(old_path_, {});
  if (!old_path.empty() && std::rename(old_path.c_str(), path_.c_str()) != 0) {
    return file_error(path_,
                      fmt::format("the old file is now {}: {}", tools::printable(old_path), std::strerror(errno)));
  }
  if (old_path.empty() && temporary_path_.empty()) unlink(path_.c_str());
  sync_folder(path_);
  return {};
}

}  // namespace dnsmesh::manifest_tool
