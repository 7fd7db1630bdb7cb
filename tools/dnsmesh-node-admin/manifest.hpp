// SPDX-License-Identifier: Apache-2.0
// `manifest.json` of a backup: which files it has and what is in them. Written last, so a copy without it is not whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "dnsmesh-node-admin/state_paths.hpp"

namespace dnsmesh::node_admin {

struct CopiedFile {
  const StateFile* file = nullptr;  // of k_state_files
  store::StateFacts facts;
  std::string sha256;  // of the whole file, hex

  std::string file_name() const { return std::string(file->name) + ".db"; }
};

struct BackupManifest {
  std::int64_t made_s = 0;
  std::vector<CopiedFile> files;  // the record file first
};

/// Writes it into the folder with mode 0600, durable. store_unusable.
Result<void> write_manifest(const std::string& folder, const BackupManifest& manifest);

/// Errors: store_unusable when there is none, store_corrupt when it is not one, store_newer_schema.
Result<BackupManifest> read_manifest(const std::string& folder);

}  // namespace dnsmesh::node_admin
