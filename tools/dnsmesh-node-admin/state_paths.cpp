// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/state_paths.hpp"

#include <fmt/format.h>

#include "store/sqlite_file.hpp"

namespace dnsmesh::node_admin {
namespace {

constexpr std::string_view k_record_path = "/var/lib/dmp/dmp.db";  // of k_state_folder

std::string value_of(std::string_view name, const Variable& variable) {
  return variable(std::string(name).c_str()).value_or(std::string());
}

}  // namespace

std::string state_path(const StateFile& file, const std::string& record_path, const Variable& variable) {
  std::string records = record_path.empty() ? value_of("DMP_DB_PATH", variable) : record_path;
  if (records.empty()) records = k_record_path;
  if (file.kind == store::StateKind::records) return records;
  if (std::string path = value_of(file.variable, variable); !path.empty()) return path;
  return store::sibling_path(records, file.suffix);
}

std::string token_path(const Variable& variable, std::string& remark, const std::string& folder) {
  const bool is_default = value_of("DMP_TOKEN_DB_PATH", variable).empty() && value_of("DMP_DB_PATH", variable).empty();
  std::string path = state_path(k_state_files[1], is_default ? folder + "/dmp.db" : "", variable);
  std::string old = folder + "/tokens.db";
  // A file that cannot be looked at is no reason to take another one: opening it says why.
  const bool is_there = store::has_state_file(path).value_or(true);
  if (!is_default || is_there || !store::has_state_file(old).value_or(false)) return path;
  remark = fmt::format("dnsmesh-node-admin: there is no {}, so this is about {}\n", path, old);
  return old;
}

}  // namespace dnsmesh::node_admin
