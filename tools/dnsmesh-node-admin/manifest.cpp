// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/manifest.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/json.hpp"

namespace dnsmesh::node_admin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t k_format = 1;
/// Ours has some 500 bytes.
constexpr std::size_t k_manifest_bytes_max = 65536;
constexpr int k_manifest_depth_max = 8;

std::string path_in(const std::string& folder) { return folder + "/manifest.json"; }

std::unexpected<Error> bad(const std::string& path, std::string_view why) {
  return fail(ErrorCode::store_corrupt, fmt::format("{}: {}", path, why));
}

Result<void> write_durably(const std::string& path, const std::string& text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written = descriptor >= 0 &&
                       ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (written) return {};
  return fail(ErrorCode::store_unusable, fmt::format("cannot write {}: {}", path, std::strerror(reason)));
}

/// A member that is a whole number; nothing otherwise.
std::optional<std::int64_t> whole(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && !std::in_range<std::int64_t>(found->get<std::uint64_t>())) return std::nullopt;
  return found->get<std::int64_t>();
}

std::optional<CopiedFile> file_of(const Json& entry) {
  if (!entry.is_object() || !entry.contains("kind") || !entry["kind"].is_string()) return std::nullopt;
  const auto* file = std::ranges::find(k_state_files, entry["kind"].get<std::string>(), &StateFile::name);
  const auto version = whole(entry, "user_version");
  const auto rows = whole(entry, "rows");
  const auto hash = entry.find("sha256");
  if (file == k_state_files.end() || !version || !rows || hash == entry.end() || !hash->is_string())
    return std::nullopt;
  return CopiedFile{file, {*version, *rows}, hash->get<std::string>()};
}

}  // namespace

Result<void> write_manifest(const std::string& folder, const BackupManifest& manifest) {
  Json out = {{"format", k_format}, {"program", "dnsmesh-node " DNSMESH_VERSION}, {"made_at", manifest.made_s}};
  out["files"] = Json::array();
  for (const CopiedFile& copied : manifest.files) {
    out["files"].push_back({{"kind", copied.file->name},
                            {"file", copied.file_name()},
                            {"user_version", copied.facts.user_version},
                            {"rows", copied.facts.rows},
                            {"sha256", copied.sha256}});
  }
  return write_durably(path_in(folder), out.dump(2) + "\n");
}

Result<BackupManifest> read_manifest(const std::string& folder) {
  const std::string path = path_in(folder);
  std::ifstream file(path);
  if (!file) {
    return fail(ErrorCode::store_unusable, fmt::format("{}: there is none, so this is no whole backup", path));
  }
  std::string text(k_manifest_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const auto json = parse_json(text, k_manifest_depth_max);
  if (text.size() > k_manifest_bytes_max || !json || !json->is_object()) return bad(path, "is no manifest");
  const auto format = whole(*json, "format");
  if (!format) return bad(path, "is no manifest");
  if (*format > k_format) {
    return fail(ErrorCode::store_newer_schema,
                fmt::format("{}: has format {}, this program knows up to {}", path, *format, k_format));
  }
  const auto made = whole(*json, "made_at");
  if (!made || !json->contains("files") || !(*json)["files"].is_array()) return bad(path, "is no manifest");
  BackupManifest out{*made, {}};
  for (const Json& entry : (*json)["files"]) {
    const auto copied = file_of(entry);
    const auto is_same = [&](const CopiedFile& other) { return copied && other.file == copied->file; };
    if (!copied || std::ranges::any_of(out.files, is_same)) return bad(path, "names a file that is none of a node's");
    out.files.push_back(*copied);
  }
  if (out.files.empty() || out.files.front().file != k_state_files.begin()) return bad(path, "names no record file");
  return out;
}

}  // namespace dnsmesh::node_admin
