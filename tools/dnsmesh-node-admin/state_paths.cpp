// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/state_paths.hpp"

#include <filesystem>

namespace dnsmesh::node_admin {
namespace {

constexpr std::string_view k_record_path = "/var/lib/dmp/dmp.db";

std::string value_of(std::string_view name, const Variable& variable) {
  return variable(std::string(name).c_str()).value_or(std::string());
}

}  // namespace

std::string state_path(const StateFile& file, const std::string& record_path, const Variable& variable) {
  std::string records = record_path.empty() ? value_of("DMP_DB_PATH", variable) : record_path;
  if (records.empty()) records = k_record_path;
  if (file.kind == store::StateKind::records) return records;
  if (std::string path = value_of(file.variable, variable); !path.empty()) return path;
  const std::filesystem::path whole(records);
  std::filesystem::path sibling = whole;
  sibling.replace_filename(whole.stem().string() + std::string(file.suffix) + whole.extension().string());
  return sibling.string();
}

}  // namespace dnsmesh::node_admin
