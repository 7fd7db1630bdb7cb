// SPDX-License-Identifier: Apache-2.0
#include "sync/pull_fetcher.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace dnsmesh::sync {
namespace {

constexpr std::string_view k_pull_target = "/v1/sync/pull";

std::size_t answer_bytes_for(const PullBatch& batch) {
  return std::min(limits::sync_pull_bytes_max,
                  std::max(limits::sync_pull_bytes_min, batch.names.size() * limits::sync_pull_bytes_per_name));
}

std::pair<PullBatch, PullBatch> halved(const OfferPage& page, const PullBatch& batch) {
  std::pair<PullBatch, PullBatch> halves;
  const auto middle = batch.names.begin() + static_cast<std::ptrdiff_t>(batch.names.size() / 2);
  halves.first.names.assign(batch.names.begin(), middle);
  halves.second.names.assign(middle, batch.names.end());
  const std::set<std::string_view> in_first(batch.names.begin(), middle);
  for (const std::size_t index : batch.indices) {
    PullBatch& half = in_first.contains(page.entries[index].pair.name) ? halves.first : halves.second;
    half.indices.push_back(index);
  }
  return halves;
}

}  // namespace

std::vector<PullBatch> pull_batches(const OfferPage& page, const std::vector<std::size_t>& indices) {
  std::vector<PullBatch> batches;
  std::map<std::string_view, std::size_t> batch_of;  // a name is asked for once
  std::size_t bytes = 0;
  const std::size_t empty_bytes = write_pull_request({}).size();
  for (const std::size_t index : indices) {
    const std::string& name = page.entries[index].pair.name;
    const auto known = batch_of.find(name);
    if (known != batch_of.end()) {
      batches[known->second].indices.push_back(index);
      continue;
    }
    const std::size_t name_bytes = pull_request_bytes_of(name);
    if (batches.empty() || batches.back().names.size() == k_pull_names_max ||
        bytes + name_bytes > k_pull_body_bytes_max) {
      batches.emplace_back();
      bytes = empty_bytes;
    }
    bytes += name_bytes;
    batch_of.emplace(name, batches.size() - 1);
    batches.back().names.push_back(name);
    batches.back().indices.push_back(index);
  }
  return batches;
}

Task<bool> PullFetcher::fetch(std::shared_ptr<OfferPage> page, std::vector<std::size_t> indices) {
  for (PullBatch& batch : pull_batches(*page, indices)) {
    const std::size_t bytes_max = answer_bytes_for(batch);
    auto pulled = co_await pull(page, std::move(batch), bytes_max);
    if (!pulled) co_return false;
  }
  co_return true;
}

Task<bool> PullFetcher::pull(std::shared_ptr<OfferPage> page, PullBatch batch, std::size_t answer_bytes_max) {
  const SingleFlight::Claim claimed = claim(*page, batch.indices);
  Call request;
  request.kind = CallKind::pull;
  request.target = k_pull_target;
  request.body = write_pull_request(batch.names);
  request.content_type = "application/json";
  request.answer_bytes_max = answer_bytes_max;
  auto result = co_await calls_.call(std::move(request));
  if (result.answer) {
    auto imported = co_await import(page, std::move(batch), std::move(*result.answer), result.sent_ms);
    co_return imported;
  }
  if (result.error != ErrorCode::sync_answer_too_big) co_return false;
  auto smaller = co_await pull_smaller(page, std::move(batch), answer_bytes_max);
  co_return smaller;
}

Task<bool> PullFetcher::pull_smaller(std::shared_ptr<OfferPage> page, PullBatch batch, std::size_t answer_bytes_max) {
  if (batch.names.size() == 1) {
    if (answer_bytes_max < limits::sync_pull_bytes_max) {
      auto alone = co_await pull(page, std::move(batch), limits::sync_pull_bytes_max);
      co_return alone;
    }
    Arrived nothing;
    nothing.page = page;
    nothing.indices = std::move(batch.indices);
    nothing.sent_ms = context_.monotonic_ms();
    nothing.too_big = true;
    auto refused = co_await importer_.take(std::move(nothing));
    co_return refused;
  }
  auto halves = halved(*page, batch);
  const std::size_t first_bytes_max = answer_bytes_for(halves.first);
  const std::size_t second_bytes_max = answer_bytes_for(halves.second);
  auto first = co_await pull(page, std::move(halves.first), first_bytes_max);
  if (!first) co_return false;
  auto second = co_await pull(page, std::move(halves.second), second_bytes_max);
  co_return second;
}

Task<bool> PullFetcher::import(std::shared_ptr<OfferPage> page, PullBatch batch, PeerAnswer answer,
                               std::int64_t sent_ms) {
  auto pulled = parse_pull_answer(answer.body);
  if (!pulled) {
    calls_.failed("malformed", "a pull answer is malformed: " + pulled.error().text);
    co_return false;
  }
  Arrived arrived;
  arrived.page = page;
  arrived.indices = std::move(batch.indices);
  arrived.records = std::move(pulled->records);
  arrived.malformed = pulled->malformed;
  arrived.sent_ms = sent_ms;
  auto taken = co_await importer_.take(std::move(arrived));
  co_return taken;
}

}  // namespace dnsmesh::sync
