// SPDX-License-Identifier: Apache-2.0
#include "sync/importer.hpp"

#include <fmt/format.h>

#include <utility>

#include "sync/await.hpp"

namespace dnsmesh::sync {

Task<bool> Importer::take(Arrived arrived) {
  auto work = std::make_shared<ImportWork>();
  work->from = std::move(arrived);
  apply_gates(context_, peer_, *work);
  co_await verify(work);
  if (context_.clocks.own_clock_disagrees(context_.monotonic_ms())) co_return false;  // F36
  settle_held(context_, peer_, *work);
  store::Batch batch = batch_of(context_, peer_, *work);
  if (batch.operations.empty()) {
    settle_committed(peer_, *work, {});
    co_return true;
  }
  auto receipt = co_await commit_batch(context_.store, context_.loop, std::move(batch));
  if (!receipt && store::classify(receipt.error().code) == store::CommitFailure::refused) {
    reload_quarantine();
    refuse_overfull(context_, *work);
    store::Batch smaller = batch_of(context_, peer_, *work);
    auto second = co_await commit_batch(context_.store, context_.loop, std::move(smaller));
    receipt = std::move(second);
  }
  if (!receipt) {
    commit_failed(receipt.error());
    co_return false;
  }
  settle_committed(peer_, *work, *receipt);
  co_return true;
}

Task<> Importer::verify(std::shared_ptr<ImportWork> work) {
  std::vector<Candidate> candidates;
  std::vector<std::size_t> arrival_of;
  for (std::size_t i = 0; i < work->arrivals.size(); ++i) {
    if (work->arrivals[i].fate != Fate::arrived) continue;
    candidates.push_back({work->pair(i).name, work->arrivals[i].value});
    arrival_of.push_back(i);
  }
  work->offers.resize(work->arrivals.size());
  if (candidates.empty()) co_return;
  auto verdicts = co_await check_records(context_.verifier, std::move(candidates), context_.now_s());
  for (std::size_t k = 0; k < arrival_of.size(); ++k) {
    const std::size_t i = arrival_of[k];
    if (verdicts[k].accepted) {
      work->offers[i] = verdicts[k].offer;
    } else {
      work->refuse(i, error_name(verdicts[k].accepted.error().code));
    }
  }
}

Task<bool> Importer::write_position(std::shared_ptr<OfferPage> page, std::vector<store::Operation> more) {
  store::Batch batch;
  batch.operations = std::move(more);
  if (page && page->position_at) {
    if (auto position = page->position_at(page->prefix.end())) batch.operations.emplace_back(std::move(*position));
  }
  if (batch.operations.empty()) co_return true;
  auto receipt = co_await commit_batch(context_.store, context_.loop, std::move(batch));
  if (!receipt) commit_failed(receipt.error());
  co_return receipt.has_value();
}

void Importer::reload_quarantine() {
  peer_.quarantine = QuarantineTable(peer_.key, context_.bugs.no_quarantine_limit);
  if (const auto stored = context_.store.quarantined(peer_.key)) {
    peer_.quarantine.load(*stored, context_.now_s());
  }
}

void Importer::commit_failed(const Error& error) {
  reload_quarantine();
  if (error.code == ErrorCode::store_disk_full) {
    context_.paused_until_ms = context_.monotonic_ms() + limits::sync_disk_full_pause_ms;
  }
  peer_.status.last_error = fmt::format("the store took nothing: {}", error_name(error.code));
  peer_.status.last_error_s = context_.now_s();
}

}  // namespace dnsmesh::sync
