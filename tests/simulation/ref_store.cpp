// SPDX-License-Identifier: Apache-2.0
#include "ref_store.hpp"

#include <algorithm>

#include "crypto/hash.hpp"

namespace dnsmesh::simulation {

void RefStore::write(const std::string& name, const std::string& value, std::int64_t expires_s, std::int64_t ts_ms) {
  const std::pair key{name, crypto::sha256_hex(value)};
  RefRow& row = rows_[key];
  feed_.erase({row.ts_ms, key.first, key.second});
  row = {name, value, key.second, expires_s, ts_ms};
  feed_[{ts_ms, key.first, key.second}] = key;
}

void RefStore::remove(const std::string& name, const std::optional<std::string>& value) {
  for (auto at = rows_.lower_bound({name, {}}); at != rows_.end() && at->first.first == name;) {
    if (value && at->second.value != *value) {
      ++at;
      continue;
    }
    feed_.erase({at->second.ts_ms, at->first.first, at->first.second});
    at = rows_.erase(at);
  }
}

RefStore::Page RefStore::page(const Position& after, std::size_t limit, std::int64_t now_s) const {
  Page page;
  for (auto at = feed_.upper_bound(after); at != feed_.end(); ++at) {
    const RefRow& row = rows_.at(at->second);
    if (row.expires_s <= now_s) continue;
    page.has_more = page.rows.size() == limit;
    if (page.has_more) break;
    page.rows.push_back(&row);
  }
  return page;
}

std::vector<const RefRow*> RefStore::at(const std::string& name, std::int64_t now_s) const {
  std::vector<const RefRow*> found;
  for (auto at = rows_.lower_bound({name, {}}); at != rows_.end() && at->first.first == name; ++at) {
    if (at->second.expires_s > now_s) found.push_back(&at->second);
  }
  std::ranges::sort(found, {}, [](const RefRow* row) { return std::tie(row->ts_ms, row->name, row->hash); });
  return found;
}

std::optional<std::int64_t> RefStore::remaining_s(const std::string& name, const std::string& hash,
                                                  std::int64_t now_s) const {
  const auto found = rows_.find({name, hash});
  if (found == rows_.end() || found->second.expires_s <= now_s) return std::nullopt;
  return found->second.expires_s - now_s;
}

}  // namespace dnsmesh::simulation
