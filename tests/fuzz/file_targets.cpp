// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "app/config_file.hpp"
#include "record/cluster_file.hpp"
#include "record/operator_key_file.hpp"
#include "targets.hpp"

namespace dnsmesh::fuzz {

void config_file(std::string_view input) {
  const auto entries = app::parse_config_file("node.env", input);
  if (!entries) return require(!entries.error().empty(), "a refused file says why");
  for (const app::FileEntry& entry : *entries) {
    require(!entry.key.empty() && entry.key.find_first_of(" =\n") == std::string::npos, "a key is a word");
    require(!entry.value.contains('\n'), "a value is of one line");
  }
}

void cluster_file(std::string_view input) {
  static_cast<void>(record::cluster_file_peers(input, "node-a", "http://a.test"));
  static_cast<void>(record::cluster_file_publication(input, std::nullopt, 1700000000));
  static_cast<void>(record::cluster_file_publication(input, crypto::PublicKey{1}, 1700000000));
}

void key_file(std::string_view input) {
  if (record::parse_operator_key_file(input)) {
    require(record::holds_operator_seed(input), "a key file that is read is known as one");
    require(!record::parse_heartbeat_key_file(input), "and is no key of another kind");
  }
  static_cast<void>(record::parse_heartbeat_key_file(input));
}

}  // namespace dnsmesh::fuzz
