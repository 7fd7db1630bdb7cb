// SPDX-License-Identifier: Apache-2.0
// What a peer may add to one name (spec/anti-entropy.md 7.1 and 15.7, 20): so many values, so many octets, and only a
// few spellings of one blob.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/record_store.hpp"

namespace dnsmesh::sync {

struct Addition {
  std::string_view name;
  std::string_view value;
};

/// Which additions, taken in order, would pass the caps on a name's values or octets: indices. The store refuses a
/// whole batch for one of them, so this is asked after it did.
std::vector<std::size_t> overfull(const store::RecordStore& store, const std::vector<Addition>& additions);

/// Aliases on their way into the store: each is there for as long as the import that brings it holds it.
struct AliasUnderway {
  std::string name;
  std::string value;
};
using AliasesUnderway = std::vector<std::weak_ptr<const AliasUnderway>>;

/// Which additions are one spelling too many of a blob: the canonical one is always taken, of others four at a name,
/// those that other imports bring at the same time included. Asks the store only about names to which an alias comes.
std::vector<std::size_t> surplus_aliases(const store::RecordStore& store, const AliasesUnderway& underway,
                                         const std::vector<Addition>& additions);

}  // namespace dnsmesh::sync
