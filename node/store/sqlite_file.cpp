// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace dnsmesh::store {
namespace {

namespace fs = std::filesystem;

constexpr mode_t k_file_mode = 0600;
constexpr mode_t k_folder_mode = 0700;
constexpr std::string_view k_sqlite_header{"SQLite format 3\0", 16};

/// An open descriptor; closes it.
struct Descriptor {
  int number;
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

/// Where the reason is a permission, the text says who lacks it.
std::unexpected<Error> unusable(std::string_view what, const std::string& path, int reason = errno) {
  const bool is_forbidden = reason == EACCES || reason == EPERM;
  const std::string user = is_forbidden ? fmt::format(" for the user with uid {}", ::geteuid()) : std::string();
  return fail(ErrorCode::store_unusable, fmt::format("{} {}: {}{}", what, path, std::strerror(reason), user));
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path) {
  const std::string lock_path = path + ".lock";
  const int descriptor = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, k_file_mode);
  if (descriptor < 0) return unusable("cannot open the lock file", lock_path);
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return unusable("cannot lock", lock_path);
  return fail(ErrorCode::store_in_use,
              fmt::format("record file {} is in use by another node, which holds {}", path, lock_path));
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> resolved(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  const fs::path canonical = error ? fs::path() : fs::weakly_canonical(absolute, error);
  if (error) return unusable("cannot use the path of record file", path, error.value());
  return canonical.string();
}

Result<void> make_parent_folders(const std::string& path) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path folder = fs::path(path).parent_path(); !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(folder, error) || folder == folder.root_path()) break;
    missing.push_back(folder);
  }
  for (; !missing.empty(); missing.pop_back()) {
    const std::string folder = missing.back().string();
    if (::mkdir(folder.c_str(), k_folder_mode) != 0 && errno != EEXIST) {
      return unusable(fmt::format("cannot make a folder for {}:", path), folder);
    }
    // A power cut must not take the folder with the records in it. SQLite does the same for the file.
    const Descriptor parent(::open(missing.back().parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent.number < 0 || ::fsync(parent.number) != 0) return unusable("cannot make durable the folder", folder);
  }
  return {};
}

Result<void> make_or_check_file(const std::string& path, std::string_view kind) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, k_file_mode));
  if (file.number < 0) return unusable(fmt::format("cannot open {}", kind), path);
  struct stat facts{};
  if (::fstat(file.number, &facts) != 0) return unusable(fmt::format("cannot look at {}", kind), path);
  if (!S_ISREG(facts.st_mode)) return fail(ErrorCode::store_unusable, fmt::format("{} is not a file", path));
  if (facts.st_size == 0) return {};
  std::array<char, k_sqlite_header.size()> header{};
  const ssize_t got = ::pread(file.number, header.data(), header.size(), 0);
  if (got < 0) return unusable(fmt::format("cannot read {}", kind), path);
  if (std::string_view(header.data(), static_cast<std::size_t>(got)) == k_sqlite_header) return {};
  return fail(ErrorCode::store_unusable,
              fmt::format("{} is not a database and was left as it is: move it away, or name another {}", path, kind));
}

std::string sibling_path(const std::string& record_path, std::string_view suffix) {
  fs::path path(record_path);
  return path.replace_filename(fmt::format("{}{}{}", path.stem().string(), suffix, path.extension().string())).string();
}

std::optional<std::string> loose_folder_of(const std::string& path) {
  std::string folder = fs::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  struct stat facts{};
  if (::stat(folder.c_str(), &facts) != 0 || (facts.st_mode & 022) == 0) return std::nullopt;
  return folder;
}

Result<void> tighten_file(const std::string& path) {
  for (const std::string_view suffix : k_database_suffixes) {
    const std::string file = path + std::string(suffix);
    struct stat facts{};
    if (::stat(file.c_str(), &facts) != 0) {
      if (errno == ENOENT) continue;
      return unusable("cannot look at", file);
    }
    if ((facts.st_mode & 077) != 0 && ::chmod(file.c_str(), k_file_mode) != 0)
      return unusable("cannot take others their rights to", file);
  }
  return {};
}

}  // namespace dnsmesh::store
