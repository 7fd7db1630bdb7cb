// SPDX-License-Identifier: Apache-2.0
// What only the answering side of the sync endpoints needs: requests read, answers written (spec/anti-entropy.md 3 to 5
// and 15; docs/protocol/sync.md). Bodies are spelled as existing nodes spell them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "sync/cluster.hpp"
#include "sync/wire.hpp"

namespace dnsmesh::sync {

/// A page of the classic feed. `asked` is the cursor of the request, echoed when the page is empty.
std::string write_digest_answer(const store::DigestPage& page, const store::DigestCursor& asked, std::int64_t now_s,
                                const std::optional<Extension>& extension);

/// The names of a pull: trimmed, without dots at the end, each once, in their order. The error's text is that of the
/// 400 answer (4).
Result<std::vector<std::string>> parse_pull_request(std::string_view body);
std::string write_pull_answer(std::span<const store::Record> records, std::int64_t now_s);

std::string write_manifest_answer(const ServedManifest& manifest);

/// `malformed` and `replicable` do not matter.
std::string write_feed_answer(const FeedAnswer& answer);

/// The items of a get, at most k_get_items_max: pairs, or ids of pairs. Error: sync_malformed.
struct GetRequest {
  std::vector<PairKey> want;
  std::vector<crypto::Hash256> ids;

  std::size_t size() const { return want.size() + ids.size(); }
};
Result<GetRequest> parse_get_request(std::string_view body);

/// The rows of the items in their order, nothing for an item that is not there. Ends before the row that would make the
/// answer longer than `bytes_max`, but not before the first.
std::string write_get_answer(std::span<const store::Record* const> rows, std::int64_t now_ms, std::size_t bytes_max);

}  // namespace dnsmesh::sync
