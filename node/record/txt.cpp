// SPDX-License-Identifier: Apache-2.0
#include "record/txt.hpp"

namespace dnsmesh::record {

std::vector<std::string_view> txt_strings(std::string_view value) {
  std::vector<std::string_view> strings;
  do {
    strings.push_back(value.substr(0, k_character_string_octets_max));
    value.remove_prefix(strings.back().size());
  } while (!value.empty());
  return strings;
}

}  // namespace dnsmesh::record
