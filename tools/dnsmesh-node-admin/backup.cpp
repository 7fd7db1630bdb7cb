// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "common/text.hpp"
#include "crypto/hash.hpp"
#include "crypto/running_hash.hpp"
#include "dnsmesh-node-admin/manifest.hpp"
#include "dnsmesh-node-admin/placement.hpp"
#include "record/offer.hpp"
#include "store/sqlite_file.hpp"

namespace dnsmesh::node_admin {
namespace {

namespace fs = std::filesystem;

/// Read at once of a file of any size.
constexpr std::size_t k_block_bytes = 1 << 16;

CommandEnd failed(const Error& error) {
  return {k_exit_failed, {}, fmt::format("error: {}\n", tools::printable(error.text, 1000))};
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string without_slash(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

/// A folder that goes with the object, with all in it, unless it was moved away.
struct PartFolder {
  std::string path;
  explicit PartFolder(std::string made) : path(std::move(made)) {}
  PartFolder(const PartFolder&) = delete;
  PartFolder& operator=(const PartFolder&) = delete;
  ~PartFolder() {
    std::error_code error;
    fs::remove_all(path, error);
  }
};

Result<std::string> hash_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  crypto::RunningSha256 hash;
  std::string block(k_block_bytes, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    hash.add(std::string_view(block).substr(0, static_cast<std::size_t>(file.gcount())));
  }
  if (!file.eof()) return fail(ErrorCode::store_io, fmt::format("{}: cannot be read", path));
  return hash.hex();
}

/// The lines about the kinds that this node has no file of go to `left_out`.
Result<BackupManifest> copy_all(const std::string& part, const std::string& record_path, const Variable& variable,
                                const Clock& clock, std::string& left_out) {
  BackupManifest manifest{clock.wall_s(), {}};
  for (const StateFile& file : k_state_files) {
    const std::string from = state_path(file, record_path, variable);
    const auto is_there = store::has_state_file(from);
    if (!is_there) return std::unexpected(is_there.error());
    if (!*is_there && file.kind != store::StateKind::records) {
      left_out += fmt::format("no {} file at {}\n", file.name, from);
      continue;
    }
    CopiedFile copied{&file, {}, {}};
    const std::string to = part + "/" + copied.file_name();
    if (const auto done = store::copy_state_file(from, store::Source::live, to); !done)
      return std::unexpected(done.error());
    const auto facts = store::inspect_state_file(to, file.kind);
    if (!facts) return std::unexpected(facts.error());
    copied.facts = *facts;
    auto hash = hash_of_file(to);
    if (!hash) return std::unexpected(hash.error());
    copied.sha256 = *std::move(hash);
    manifest.files.push_back(copied);
  }
  return manifest;
}

/// What the rows of a record file are worth.
struct Judgement {
  std::size_t accepted = 0;
  std::map<std::string_view, std::size_t> held;  // by reason
  std::size_t changed = 0;                       // not what the node stored
};

Result<Judgement> judge_records(const std::string& path, std::int64_t now_s) {
  Judgement out;
  const auto shown = store::for_each_copied_pair(path, [&](const store::CopiedPair& pair) {
    const auto offer = record::judge_offer(pair.name, pair.value, now_s, std::nullopt);
    const bool is_forged = pair.was_offered && offer.reason == ErrorCode::record_signature;
    const bool is_other = !pair.value_hash.empty() && pair.value_hash != crypto::sha256_hex(pair.value);
    if (is_forged || is_other) ++out.changed;
    if (offer.reason) {
      ++out.held[error_name(*offer.reason)];
    } else {
      ++out.accepted;
    }
  });
  if (!shown) return std::unexpected(shown.error());
  return out;
}

std::string lines_of(const Judgement& judgement) {
  std::string out = fmt::format("  {} records that peers accept\n", judgement.accepted);
  for (const auto& [reason, count] : judgement.held) {
    out += fmt::format("  {} that this node serves and peers do not take: {}\n", count, reason);
  }
  if (judgement.changed != 0) out += fmt::format("  {} that are NOT what the node stored\n", judgement.changed);
  return out;
}

/// Checks one file; the lines about it go to `out`. Gives the first fault.
Result<void> check_file(const std::string& folder, const CopiedFile& copied, std::int64_t now_s, std::string& out) {
  const std::string path = folder + "/" + copied.file_name();
  const auto facts = store::inspect_state_file(path, copied.file->kind);
  if (!facts) return std::unexpected(facts.error());
  if (facts->rows != copied.facts.rows || facts->user_version != copied.facts.user_version) {
    return fail(ErrorCode::store_corrupt,
                fmt::format("{}: has {} rows and version {}, but the manifest says {} and {}", path, facts->rows,
                            facts->user_version, copied.facts.rows, copied.facts.user_version));
  }
  const auto hash = hash_of_file(path);
  if (!hash) return std::unexpected(hash.error());
  if (*hash != copied.sha256) {
    return fail(ErrorCode::store_corrupt, fmt::format("{}: is not what was copied: it has another SHA-256", path));
  }
  out += fmt::format("{}: whole, schema version {}, {} rows\n", copied.file_name(), facts->user_version, facts->rows);
  if (copied.file->kind != store::StateKind::records) return {};
  const auto judgement = judge_records(path, now_s);
  if (!judgement) return std::unexpected(judgement.error());
  out += lines_of(*judgement);
  if (judgement->changed == 0) return {};
  return fail(ErrorCode::store_corrupt, fmt::format("{}: {} records changed", path, judgement->changed));
}

/// What an earlier try left there is not complete, and its journal or log would be read into the next.
void remove_parts(const std::vector<Placement>& files) {
  for (const Placement& file : files) store::remove_state_file(file.part);
}

Result<void> copy_back(const std::string& folder, const BackupManifest& manifest, const std::vector<Placement>& files,
                       Random& random) {
  remove_parts(files);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const CopiedFile& copied = manifest.files[i];
    const auto done = store::copy_state_file(folder + "/" + copied.file_name(), store::Source::copy, files[i].part);
    if (!done) return done;
    if (copied.file->kind != store::StateKind::records) continue;
    if (const auto renewed = store::renew_epoch(files[i].part, random); !renewed) return renewed;
  }
  return {};
}

/// Gives `folder` to the part. Only a whole copy ever has the name, and not even a folder that came meanwhile is
/// replaced; where the file system cannot promise that (NFS, FUSE), at most an empty one is.
Result<void> name_backup(const std::string& part, const std::string& folder) {
  const bool is_named = ::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, folder.c_str(), RENAME_NOREPLACE) == 0 ||
                        (errno == EINVAL && std::rename(part.c_str(), folder.c_str()) == 0);
  if (!is_named)
    return fail(ErrorCode::store_unusable, fmt::format("cannot make {}: {}", folder, std::strerror(errno)));
  return store::sync_folder(folder_of(folder));
}

}  // namespace

CommandEnd make_backup(const std::string& folder_text, const std::string& record_path, const Variable& variable,
                       const Clock& clock) {
  const std::string folder = without_slash(folder_text);
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error))) {
    return failed({ErrorCode::store_unusable, fmt::format("{} is there already: name a new folder", folder)});
  }
  std::string name = folder + ".part-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {  // mode 0700
    return failed({ErrorCode::store_unusable, fmt::format("cannot make {}: {}", name, std::strerror(errno))});
  }
  const PartFolder part(name);
  std::string left_out;
  const auto manifest = copy_all(part.path, record_path, variable, clock, left_out);
  if (!manifest) return failed(manifest.error());
  if (const auto written = write_manifest(part.path, *manifest); !written) return failed(written.error());
  if (const auto durable = store::sync_folder(part.path); !durable) return failed(durable.error());
  if (const auto named = name_backup(part.path, folder); !named) return failed(named.error());
  std::string out;
  for (const CopiedFile& copied : manifest->files) {
    out += fmt::format("{}/{}: {} rows\n", folder, copied.file_name(), copied.facts.rows);
  }
  return {0, out + left_out, {}};
}

CommandEnd check_backup(const std::string& folder_text, const Clock& clock) {
  const std::string folder = without_slash(folder_text);
  const auto manifest = read_manifest(folder);
  if (!manifest) return failed(manifest.error());
  CommandEnd end;
  for (const CopiedFile& copied : manifest->files) {
    const auto checked = check_file(folder, copied, clock.wall_s(), end.out);
    if (checked) continue;
    end.status = k_exit_failed;
    end.err += failed(checked.error()).err;
  }
  return end;
}

CommandEnd restore_backup(const std::string& folder_text, const std::string& record_path, bool force,
                          const Variable& variable, const Clock& clock, Random& random) {
  const std::string folder = without_slash(folder_text);
  if (CommandEnd checked = check_backup(folder, clock); checked.status != 0) return {checked.status, {}, checked.err};
  const auto manifest = read_manifest(folder);
  if (!manifest) return failed(manifest.error());
  std::vector<Placement> files;
  for (const CopiedFile& copied : manifest->files) {
    const std::string path = state_path(*copied.file, record_path, variable);
    const auto target = store::resolved(path);
    if (!target) return failed(target.error());
    if (const auto made = store::make_parent_folders(*target); !made) return failed(made.error());
    files.push_back({*target + ".restoring", *target});
  }
  // Held to the end: no node starts on files that are half in place.
  const auto lock = store::FileLock::take(files.front().target);
  if (!lock) return failed(lock.error());
  for (const Placement& file : files) {
    const auto is_there = store::has_state_file(file.target);
    if (!is_there) return failed(is_there.error());
    if (force || !*is_there) continue;
    return failed({ErrorCode::store_unusable,
                   fmt::format("{} is there already: --force moves it aside and keeps it", file.target)});
  }
  const auto copied = copy_back(folder, *manifest, files, random);
  const auto placed = copied ? put_in_place(files, clock.wall_s()) : std::unexpected(copied.error());
  if (!placed) {
    remove_parts(files);
    return failed(placed.error());
  }
  std::string out = *placed;
  for (std::size_t i = 0; i < files.size(); ++i) {
    out += fmt::format("restored {} ({} rows)\n", files[i].target, manifest->files[i].facts.rows);
  }
  return {0, std::move(out), {}};
}

}  // namespace dnsmesh::node_admin
