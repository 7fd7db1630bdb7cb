// SPDX-License-Identifier: Apache-2.0
#include "generate-cluster-manifest/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ranges>
#include <system_error>

#include "base/limits.hpp"
#include "common/text.hpp"

namespace dnsmesh::manifest_tool {
namespace {

constexpr int k_links_max = 40;  // as many as Linux follows
constexpr std::string_view k_not_regular = "is not a regular file";

std::filesystem::path whole_path(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  auto whole = std::filesystem::weakly_canonical(absolute, error);
  return error ? absolute.lexically_normal() : whole;
}

}  // namespace

std::unexpected<Error> file_error(const std::string& path, std::string_view what) {
  return fail(ErrorCode::config_file, fmt::format("{}: {}", tools::printable(path), what));
}

std::unexpected<Error> system_error(const std::string& path) { return file_error(path, std::strerror(errno)); }

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

Result<std::optional<std::string>> read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  if (!file.is_open()) return system_error(path);
  struct stat status{};
  if (fstat(file.number(), &status) != 0) return system_error(path);
  if (S_ISDIR(status.st_mode)) return file_error(path, std::strerror(EISDIR));
  if (!S_ISREG(status.st_mode)) return file_error(path, k_not_regular);
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

Result<std::string> find_target(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      return file_error(path,
                        "is a directory (docker makes one where it mounts a file that is missing); remove it first");
    }
    if (!S_ISREG(status.st_mode)) return file_error(path, k_not_regular);
  } else if (errno != ENOENT) {
    return system_error(path);
  }
  std::filesystem::path target = path;
  for (int links = 0; links < k_links_max; ++links) {
    std::error_code error;
    if (!std::filesystem::is_symlink(std::filesystem::symlink_status(target, error))) return target.string();
    const auto next = std::filesystem::read_symlink(target, error);
    if (error) return file_error(path, error.message());
    target = target.parent_path() / next;
  }
  return file_error(path, std::strerror(ELOOP));
}

bool exists(const std::string& path) {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0;
}

bool is_same_file(const std::string& one, const std::string& other) {
  std::error_code error;
  if (std::filesystem::equivalent(one, other, error)) return true;
  return whole_path(one) == whole_path(other);
}

NewFolders::~NewFolders() {
  for (const auto& folder : made_ | std::views::reverse) rmdir(folder.c_str());
}

Result<void> NewFolders::make_for(const std::string& target) {
  std::error_code error;
  std::vector<std::filesystem::path> missing;
  std::filesystem::path folder = folder_of(target);
  for (; !folder.empty() && !std::filesystem::exists(folder, error); folder = folder.parent_path()) {
    missing.push_back(folder);
  }
  for (const auto& next : missing | std::views::reverse) {
    if (std::filesystem::create_directory(next, error)) made_.push_back(next);
    if (error) return file_error(next, error.message());
  }
  return {};
}

}  // namespace dnsmesh::manifest_tool
