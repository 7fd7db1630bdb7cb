// SPDX-License-Identifier: Apache-2.0
// Where a node keeps its files (spec/storage.md 1).
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "dnsmesh-node-admin/command_end.hpp"
#include "store/backup.hpp"

namespace dnsmesh::node_admin {

/// A kind of state file: its name in a backup, and how its path is found.
struct StateFile {
  store::StateKind kind;
  std::string_view name;      // in manifests and messages
  std::string_view variable;  // names the file, when set
  std::string_view suffix;    // else it lies beside the record file
};

/// The record file first.
inline constexpr std::array k_state_files = {
    StateFile{store::StateKind::records, "records", "DMP_DB_PATH", ""},
    StateFile{store::StateKind::tokens, "tokens", "DMP_TOKEN_DB_PATH", "_tokens"},
    StateFile{store::StateKind::tsig_keys, "tsig", "DMP_TSIG_DB_PATH", "_tsig"},
    StateFile{store::StateKind::seen, "heartbeats", "DMP_HEARTBEAT_DB_PATH", "_heartbeats"},
};

/// Of a node whose variables say nothing.
inline const std::string k_state_folder = "/var/lib/dmp";

/// The path that the node of these variables uses. `record_path`, when not empty, names the record file instead.
std::string state_path(const StateFile& file, const std::string& record_path, const Variable& variable);

/// The token file of that node. Where no variable says anything and only the file is there that the existing admin
/// program falls back to, it is that one, and `remark` gets a line about it (spec/registration.md 8).
std::string token_path(const Variable& variable, std::string& remark, const std::string& folder = k_state_folder);

}  // namespace dnsmesh::node_admin
