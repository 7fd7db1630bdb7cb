// SPDX-License-Identifier: Apache-2.0
#include "sync/get_fetcher.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "record/name_rule.hpp"
#include "sync/pair_set.hpp"

namespace dnsmesh::sync {
namespace {

/// What a pair adds to the body at most beside its name: its hash, quotes, brackets and commas.
constexpr std::size_t k_pair_bytes = 80;

/// As many of `indices` as go in one get.
std::vector<std::size_t> next_chunk(const OfferPage& page, const std::vector<std::size_t>& indices, std::size_t from) {
  std::vector<std::size_t> chunk;
  std::size_t bytes = 0;
  for (std::size_t i = from; i < indices.size() && chunk.size() < k_get_items_max; ++i) {
    bytes += page.entries[indices[i]].pair.name.size() + k_pair_bytes;
    if (bytes > limits::sync_get_body_bytes_max) break;
    chunk.push_back(indices[i]);
  }
  return chunk;
}

}  // namespace

Task<bool> GetFetcher::fetch(std::shared_ptr<OfferPage> page, std::vector<std::size_t> indices) {
  std::deque<Task<bool>> in_flight;
  std::size_t from = 0;
  bool all = true;
  while (from < indices.size() || !in_flight.empty()) {
    while (all && from < indices.size() && in_flight.size() < limits::sync_gets_in_flight) {
      std::vector<std::size_t> chunk = next_chunk(*page, indices, from);
      from += chunk.size();
      in_flight.push_back(get(page, std::move(chunk)));
      in_flight.back().start();
    }
    if (in_flight.empty()) break;
    Task<bool> first = std::move(in_flight.front());
    in_flight.pop_front();
    auto got = co_await first;
    all = all && got;
  }
  co_return all;
}

Task<CallResult> GetFetcher::call_get(std::string body) {
  Call request;
  request.kind = CallKind::get;
  request.target = "/v1/sync/x1/get";
  request.body = std::move(body);
  request.content_type = "application/json";
  request.answer_bytes_max = limits::sync_extended_bytes_max;
  auto result = co_await calls_.call(std::move(request));
  if (result.unsupported()) unsupported_ = true;
  co_return result;
}

Task<bool> GetFetcher::get(std::shared_ptr<OfferPage> page, std::vector<std::size_t> indices) {
  const SingleFlight::Claim claimed = claim(*page, indices);
  std::size_t from = 0;
  while (from < indices.size()) {
    std::vector<PairKey> want;
    for (std::size_t i = from; i < indices.size(); ++i) want.push_back(page->entries[indices[i]].pair);
    auto result = co_await call_get(write_get_request(want));
    if (!result.answer) co_return false;
    auto answer = parse_get_answer(result.answer->body, want.size());
    if (!answer) {
      calls_.failed("malformed", "a get answer is malformed: " + answer.error().text);
      co_return false;
    }
    const auto begin = indices.begin() + static_cast<std::ptrdiff_t>(from);
    Arrived arrived;
    arrived.page = page;
    arrived.indices.assign(begin, begin + static_cast<std::ptrdiff_t>(answer->done));
    arrived.records = std::move(answer->records);
    arrived.malformed = answer->malformed;
    arrived.sent_ms = result.sent_ms;
    arrived.extended = true;
    from += answer->done;
    auto taken = co_await importer_.take(std::move(arrived));
    if (!taken) co_return false;
  }
  co_return true;
}

Task<bool> GetFetcher::fetch_ids(std::vector<crypto::Hash256> ids) {
  for (std::size_t from = 0; from < ids.size(); from += k_get_items_max) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), from + k_get_items_max));
    std::vector<crypto::Hash256> some(begin, end);
    auto got = co_await get_ids(std::move(some));
    if (!got) co_return false;
  }
  co_return true;
}

Task<bool> GetFetcher::get_ids(std::vector<crypto::Hash256> ids) {
  while (!ids.empty()) {
    auto result = co_await call_get(write_get_request_by_id(ids));
    if (!result.answer) co_return false;
    auto answer = parse_get_answer(result.answer->body, ids.size());
    if (!answer) {
      calls_.failed("malformed", "a get answer is malformed: " + answer.error().text);
      co_return false;
    }
    const auto done = ids.begin() + static_cast<std::ptrdiff_t>(answer->done);
    std::vector<crypto::Hash256> asked(ids.begin(), done);
    ids.erase(ids.begin(), done);
    auto imported = co_await import_found(std::move(*answer), std::move(asked), result.sent_ms);
    if (!imported) co_return false;
  }
  co_return true;
}

/// What comes by id has no listing: the pair is recomputed and held against the ids, and the life is what the answer
/// says.
Task<bool> GetFetcher::import_found(GetAnswer answer, std::vector<crypto::Hash256> asked, std::int64_t sent_ms) {
  const std::set<crypto::Hash256> wanted(asked.begin(), asked.end());
  std::vector<Offered> entries;
  std::vector<PulledRecord> records;
  for (PulledRecord& record : answer.records) {
    PairKey pair{record.name, crypto::sha256(record.value)};
    if (!wanted.contains(pair_id(pair))) {
      ++peer_.status.counters.records[RecordResult::unsolicited];
      continue;
    }
    entries.push_back({std::move(pair), record.ttl_ms, record::is_digest_name(record.name)});
    records.push_back(std::move(record));
  }
  auto page = std::make_shared<OfferPage>(std::move(entries), 0, sent_ms);
  auto found = difference(context_, peer_, *page, all_indices(page->entries.size()));
  if (!found) co_return false;
  Arrived arrived;
  for (std::size_t i = 0; i < page->entries.size(); ++i) {
    if (page->prefix.settled(i)) {
      vain_ids_.push_back(pair_id(page->entries[i].pair));
      continue;
    }
    arrived.indices.push_back(i);
    arrived.records.push_back(std::move(records[i]));
  }
  arrived.page = page;
  arrived.malformed = answer.malformed;
  arrived.sent_ms = sent_ms;
  arrived.extended = true;
  auto taken = co_await importer_.take(std::move(arrived));
  co_return taken && !page->overflowed;
}

}  // namespace dnsmesh::sync
