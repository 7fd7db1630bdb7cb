// SPDX-License-Identifier: Apache-2.0
// Labels of stored names, by a computation that is not the node's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dnsmesh::dns::test {

/// The labels of a name in presentation form, as they are written; an escaped dot ends none.
inline std::vector<std::string> labels_of(std::string_view name) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '.') {
      out.emplace_back();
      continue;
    }
    out.back() += name[i];
    if (name[i] == '\\' && i + 1 < name.size()) out.back() += name[++i];
  }
  return out;
}

/// Whether the name is `ancestor` or lies below it.
inline bool is_within(std::string_view name, std::string_view ancestor) {
  const std::vector<std::string> labels = labels_of(name);
  const std::vector<std::string> last = labels_of(ancestor);
  return labels.size() >= last.size() && std::equal(last.rbegin(), last.rend(), labels.rbegin());
}

/// The label of a name that stands `place` labels above `zone`, 1 being the nearest; empty when there is none.
inline std::string label_above(std::string_view zone, std::size_t place, std::string_view name) {
  const std::vector<std::string> labels = labels_of(name);
  const std::size_t from_the_right = labels_of(zone).size() + place;
  return is_within(name, zone) && labels.size() >= from_the_right ? labels[labels.size() - from_the_right] : "";
}

}  // namespace dnsmesh::dns::test
