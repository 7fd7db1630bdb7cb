// SPDX-License-Identifier: Apache-2.0
#include "sync/name_caps.hpp"

#include <map>
#include <set>
#include <utility>

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "store/rrset.hpp"
#include "sync/acceptance.hpp"

namespace dnsmesh::sync {
namespace {

/// The live values of a name with what is added to them.
struct NameFill {
  std::set<std::string, std::less<>> values;
  std::size_t octets = 0;

  void add(std::string_view value) {
    if (values.emplace(value).second) octets += store::txt_rr_octets(value);
  }
  bool has_room_for(std::string_view value) const {
    return values.contains(value) || (std::cmp_less(values.size(), limits::sync_values_per_name_max) &&
                                      octets + store::txt_rr_octets(value) <= limits::rrset_octets_max);
  }
};

}  // namespace

std::vector<std::size_t> overfull(const store::RecordStore& store, const std::vector<Addition>& additions) {
  std::map<std::string, NameFill> fills;
  std::vector<std::size_t> refused;
  for (std::size_t i = 0; i < additions.size(); ++i) {
    const auto [at, fresh] = fills.try_emplace(fold_ascii(additions[i].name));
    if (fresh) {
      if (const auto rows = store.values_at(at->first)) {
        for (const store::Record& row : *rows) at->second.add(row.value);
      }
    }
    if (at->second.has_room_for(additions[i].value)) {
      at->second.add(additions[i].value);
    } else {
      refused.push_back(i);
    }
  }
  return refused;
}

std::vector<std::size_t> surplus_aliases(const store::RecordStore& store, const AliasesUnderway& underway,
                                         const std::vector<Addition>& additions) {
  std::map<std::string_view, std::map<std::string, std::set<std::string>>> aliases;  // name, blob, texts
  std::vector<std::size_t> refused;
  for (std::size_t i = 0; i < additions.size(); ++i) {
    std::string blob;
    if (!is_alias(additions[i].value, &blob)) continue;
    const auto [at, fresh] = aliases.try_emplace(additions[i].name);
    if (fresh) {
      const auto note = [&texts_at_name = at->second](const std::string& value) {
        std::string held_blob;
        if (is_alias(value, &held_blob)) texts_at_name[held_blob].insert(value);
      };
      if (const auto rows = store.values_at_exactly(additions[i].name)) {
        for (const store::Record& row : *rows) note(row.value);
      }
      for (const auto& one : underway) {
        const auto alias = one.lock();
        if (alias && alias->name == additions[i].name) note(alias->value);
      }
    }
    std::set<std::string>& texts = at->second[blob];
    if (!texts.contains(std::string(additions[i].value)) && texts.size() >= limits::sync_aliases_max) {
      refused.push_back(i);
    } else {
      texts.emplace(additions[i].value);
    }
  }
  return refused;
}

}  // namespace dnsmesh::sync
