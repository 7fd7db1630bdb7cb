// SPDX-License-Identifier: Apache-2.0
#include "sync/page_fetcher.hpp"

#include <algorithm>
#include <utility>

#include "sync/await.hpp"

namespace dnsmesh::sync {

Task<bool> PageFetcher::bring(std::shared_ptr<OfferPage> page, std::vector<std::size_t> among) {
  auto found = difference(context_, peer_, *page, among);
  if (!found) co_return false;
  if (!found->fetch.empty()) {
    auto fetched = co_await fetch(page, found->fetch);
    if (!fetched) co_return false;
  }
  if (found->in_flight.empty()) co_return true;
  co_await wait_for_others(page, found->in_flight);
  auto left = difference(context_, peer_, *page, found->in_flight);
  if (!left) co_return false;
  std::vector<std::size_t> own = std::move(left->fetch);
  own.insert(own.end(), left->in_flight.begin(), left->in_flight.end());
  if (own.empty()) co_return true;
  auto fetched = co_await fetch(page, own);
  co_return fetched;
}

/// Another peer is giving us these pairs; one that is slow must not keep us from this one for long.
Task<> PageFetcher::wait_for_others(std::shared_ptr<OfferPage> page, std::vector<std::size_t> indices) {
  constexpr std::int64_t k_look_ms = 20;
  const std::int64_t until_ms = context_.monotonic_ms() + limits::sync_in_flight_wait_ms;
  while (context_.monotonic_ms() < until_ms) {
    const bool busy = std::ranges::any_of(
        indices, [&](std::size_t index) { return context_.in_flight.claimed(page->entries[index].pair); });
    if (!busy) co_return;
    co_await sleep_for(context_.loop, k_look_ms);
  }
}

Task<bool> PageFetcher::retry_quarantined() {
  const std::int64_t now_s = context_.now_s();
  std::vector<store::Operation> released = peer_.quarantine.release_ended(now_s);
  auto written = co_await importer_.write_position(nullptr, std::move(released));
  if (!written) co_return false;
  std::vector<Offered> entries;
  for (PairKey& pair : peer_.quarantine.due(now_s, limits::sync_quarantine_retries_per_pass)) {
    const std::int64_t ttl_ms = (peer_.quarantine.advertised_until_s(pair) - now_s) * 1000;
    entries.push_back({std::move(pair), ttl_ms, true});
  }
  if (entries.empty()) co_return true;
  auto page = std::make_shared<OfferPage>(std::move(entries), 0, context_.monotonic_ms());
  auto found = difference(context_, peer_, *page, all_indices(page->entries.size()), true);
  if (!found) co_return false;
  std::vector<store::Operation> held;
  for (std::size_t i = 0; i < page->entries.size(); ++i) {
    if (!page->prefix.settled(i)) continue;
    if (auto release = peer_.quarantine.release(page->entries[i].pair)) held.push_back(std::move(*release));
  }
  auto let_go = co_await importer_.write_position(nullptr, std::move(held));
  if (!let_go) co_return false;
  if (found->fetch.empty()) co_return true;
  auto fetched = co_await fetch(page, found->fetch);
  co_return fetched;
}

SingleFlight::Claim PageFetcher::claim(const OfferPage& page, const std::vector<std::size_t>& indices) {
  std::vector<PairKey> pairs;
  for (const std::size_t index : indices) pairs.push_back(page.entries[index].pair);
  return context_.in_flight.claim(std::move(pairs));
}

}  // namespace dnsmesh::sync
