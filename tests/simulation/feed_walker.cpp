// SPDX-License-Identifier: Apache-2.0
#include "feed_walker.hpp"

#include <fmt/format.h>

#include "base/hex.hpp"

namespace dnsmesh::simulation {
namespace {

constexpr std::size_t k_page = 50;
constexpr int k_pages_max = 100;
/// What ends sooner may have been over, and not listed, before a clock was set back.
constexpr std::int64_t k_steady_s = 2000;

store::DigestCursor place_of(const store::Record& row) {
  return {row.stored_ms, row.name, to_hex(view(row.value_hash))};
}

}  // namespace

void FeedWalker::walk(store::RecordStore& store) {
  for (int i = 0; i < k_pages_max; ++i) {
    const auto page = store.digest(position_, k_page);
    if (!page || page->records.empty()) return;
    for (const store::Record& row : page->records) seen_[{row.name, row.value_hash}] = row.stored_ms;
    position_ = place_of(page->records.back());
    if (!page->has_more) return;
  }
}

std::optional<std::string> FeedWalker::missed(store::RecordStore& store, std::int64_t now_s) const {
  store::DigestCursor at;
  for (int i = 0; i < k_pages_max; ++i) {
    const auto page = store.digest(at, k_page);
    if (!page || page->records.empty()) return std::nullopt;
    for (const store::Record& row : page->records) {
      if (row.expires_s < now_s + k_steady_s || !row.offer.allowed_at(now_s + k_steady_s)) continue;
      const auto found = seen_.find({row.name, row.value_hash});
      if (found == seen_.end() || found->second != row.stored_ms) {
        return fmt::format("{} stored at {} was never listed above the reader's position", row.name, row.stored_ms);
      }
    }
    at = place_of(page->records.back());
  }
  return std::nullopt;
}

}  // namespace dnsmesh::simulation
