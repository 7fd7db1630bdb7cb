// SPDX-License-Identifier: Apache-2.0
// Values by pair or id, and range reconciliation (spec/anti-entropy.md 15.3, 15.4).
#include <map>

#include "base/limits.hpp"
#include "sync/reconcile.hpp"
#include "sync/server_parts.hpp"

namespace dnsmesh::sync {
namespace {

using Rows = std::vector<const store::Record*>;

ServeAnswer invalid_body() { return error_answer(400, "invalid body"); }

/// The row of each item, in their order; `key` gives what items are called by.
template <class Item, class Key>
Rows in_order(const std::vector<Item>& items, const std::vector<store::Record>& found, Key key) {
  std::map<Item, const store::Record*> by_key;
  for (const store::Record& record : found) by_key.emplace(key(PairKey{record.name, record.value_hash}), &record);
  Rows rows;
  rows.reserve(items.size());
  for (const Item& item : items) {
    const auto at = by_key.find(item);
    rows.push_back(at == by_key.end() ? nullptr : at->second);
  }
  return rows;
}

Result<std::vector<store::Record>> find_rows(const ServeContext& context, const GetRequest& request) {
  if (request.ids.empty()) return context.store.rows_of(request.want);
  std::vector<std::int64_t> rseqs;
  for (const crypto::Hash256& id : request.ids) {
    if (const auto rseq = context.pairs.rseq_of(id)) rseqs.push_back(*rseq);
  }
  return context.store.rows_at(rseqs);
}

}  // namespace

ServeAnswer serve_get(const ServeContext& context, const ServeRequest& request) {
  const auto asked = parse_get_request(request.body);
  if (!asked) return invalid_body();
  const auto found = find_rows(context, *asked);
  if (!found) return unavailable();
  const Rows rows = asked->ids.empty()
                        ? in_order(asked->want, *found, [](PairKey pair) { return pair; })
                        : in_order(asked->ids, *found, [](const PairKey& pair) { return pair_id(pair); });
  return json_answer(write_get_answer(rows, context.clock.wall_ms(), limits::sync_extended_bytes_max));
}

ServeAnswer serve_reconcile(const ServeContext& context, const ServeRequest& request) {
  auto answer = reconcile_answer(context.pairs, request.body);
  if (!answer) return invalid_body();
  return {200, "application/octet-stream", std::move(*answer), {}};
}

}  // namespace dnsmesh::sync
