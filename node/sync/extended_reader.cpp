// SPDX-License-Identifier: Apache-2.0
#include "sync/extended_reader.hpp"

#include <algorithm>
#include <utility>

#include "sync/pair_set.hpp"
#include "sync/peer_tombstones.hpp"

namespace dnsmesh::sync {

void ExtendedReader::load() {
  const auto text = context_.store.position(peer_.key, k_extended_position);
  if (text && *text) position_ = read_extended_position(**text, peer_.peer);
  if (position_) written_rseq_ = position_->rseq;
  reconcile_due_ms_ = context_.monotonic_ms() + jittered(limits::sync_reconcile_ms, context_.random);
}

void ExtendedReader::reset() {
  position_.reset();
  next_page_.reset();
}

bool ExtendedReader::take_unsupported() {
  const bool unsupported = unsupported_ || fetcher_.unsupported();
  unsupported_ = false;
  fetcher_.expect_support();
  return unsupported;
}

Task<bool> ExtendedReader::meet(Extension extension) {
  note_epoch(extension.epoch);
  if (position_ && follows(extension.epoch) && position_->rseq <= extension.high) co_return true;
  position_.reset();
  ExtendedPosition start{extension.epoch, 0};
  // A reader that lacks more than a third reads the whole feed instead (15.4); so does one that honours tombstones,
  // which a comparison does not show.
  const bool far_behind = std::cmp_less(context_.pairs.count() * 3, static_cast<std::uint64_t>(extension.count) * 2);
  if (!far_behind && extension.rbsr && !context_.options.peer_tombstones) {
    auto outcome = co_await reconcile();
    if (outcome == Outcome::failed) co_return false;
    // The height is from before the comparison, so nothing between is missed. A comparison shows no lives, so the last
    // changes are listed all the same: what was refreshed since this peer was read last is among them.
    if (outcome == Outcome::converged) {
      start.rseq = std::max<std::int64_t>(extension.high - limits::sync_feed_look_back, 0);
    }
  }
  reconcile_due_ms_ = context_.monotonic_ms() + jittered(limits::sync_reconcile_ms, context_.random);
  std::vector<store::Operation> operations;
  operations.emplace_back(stored(start));
  auto written = co_await importer_.write_position(nullptr, std::move(operations));
  if (!written) co_return false;
  position_ = start;
  written_rseq_ = start.rseq;
  calls_.succeeded();
  co_return true;
}

/// Whether the peer still has the database that the position is in; a higher boot asks for one comparison (15.2).
bool ExtendedReader::follows(const WireEpoch& epoch) {
  if (epoch.id != position_->epoch.id || epoch.boot < position_->epoch.boot) return false;
  if (epoch.boot > position_->epoch.boot) {
    position_->epoch = epoch;
    reconcile_due_ms_ = context_.monotonic_ms();
  }
  return true;
}

void ExtendedReader::note_epoch(const WireEpoch& epoch) {
  context_.published->with([&](Published& published) {
    std::erase_if(published.epoch_peers, [&](const auto& shown) { return shown.second == peer_.key; });
    published.epoch_peers.insert_or_assign(epoch.id, peer_.key);
  });
}

void ExtendedReader::begin_pass() {
  scan_ = position_->rseq;
  contiguous_ = true;
  behind_ = false;
  written_count_ = 0;
  next_page_.reset();
  peer_.missed_before = std::exchange(peer_.missed, {});
}

Task<CallResult> ExtendedReader::call_feed(std::int64_t after, std::size_t rows, std::int64_t wait_ms) {
  Call request;
  request.kind = CallKind::feed;
  request.target = feed_target(position_->epoch, after, rows, wait_ms, context_.options.peer_tombstones);
  request.answer_bytes_max = limits::sync_extended_bytes_max;
  request.wait_ms = wait_ms;
  auto result = co_await calls_.call(std::move(request));
  if (wait_ms > 0) result.sent_ms = context_.monotonic_ms();  // the peer looked at its rows when it answered
  if (result.unsupported()) unsupported_ = true;
  co_return result;
}

Task<Step> ExtendedReader::read_page(std::int64_t wait_ms) {
  const std::size_t rows = behind_ ? limits::sync_feed_rows_behind : limits::sync_feed_rows;
  Task<CallResult> page = next_page_.empty() ? call_feed(scan_, rows, wait_ms) : std::move(next_page_);
  auto result = co_await page;
  if (!result.answer) co_return Step::failed;
  auto answer = parse_feed_answer(result.answer->body, limits::sync_feed_rows_behind);
  if (answer && (!follows(answer->epoch) || answer->reset)) {
    position_.reset();
    co_return Step::changed;
  }
  if (!answer || answer->next < scan_) {
    calls_.failed("malformed", "a feed answer is malformed");
    co_return Step::failed;
  }
  peer_.manifest_seq = std::max(peer_.manifest_seq, answer->manifest_seq);
  note_epoch(answer->epoch);
  if (context_.clocks.own_clock_disagrees(context_.monotonic_ms())) co_return Step::failed;
  const std::int64_t next = answer->next;
  const bool more = answer->more && next > scan_;
  behind_ = more;
  if (more) {
    next_page_ = call_feed(next, limits::sync_feed_rows_behind, 0);
    next_page_.start();
  }
  peer_.status.backlog = std::max<std::int64_t>(answer->high - next, 0);
  auto taken = co_await take_page(std::move(*answer), result.sent_ms);
  if (!taken) {
    next_page_.reset();
    co_return Step::failed;
  }
  scan_ = next;
  calls_.succeeded();
  co_return more ? Step::more : Step::exhausted;
}

Task<bool> ExtendedReader::take_page(FeedAnswer answer, std::int64_t sent_ms) {
  const std::int64_t next = answer.next;
  peer_.status.counters.records[RecordResult::rejected] += answer.malformed;
  const auto entries = std::make_shared<const std::vector<FeedEntry>>(std::move(answer.entries));
  std::vector<Offered> offered;
  std::vector<std::size_t> puts;
  offered.reserve(entries->size());
  for (const FeedEntry& entry : *entries) {
    if (entry.kind == FeedKind::put) puts.push_back(offered.size());
    offered.push_back({entry.pair, entry.ttl_ms, entry.replicable});
  }
  auto page = std::make_shared<OfferPage>(std::move(offered), 0, sent_ms);
  page->position_at = [this, entries, next](std::size_t end) { return position_at(*entries, next, end); };
  const std::uint64_t before = records_written();
  auto done = co_await fetcher_.bring(page, std::move(puts));
  if (done) {
    auto buried = co_await tombstones_.honour(page, entries);
    done = buried;
  }
  written_count_ += records_written() - before;
  if (page->overflowed) reconcile_due_ms_ = std::min(reconcile_due_ms_, context_.monotonic_ms());
  if (contiguous_) position_->rseq = std::max(position_->rseq, rseq_at(*entries, next, page->prefix.end()));
  contiguous_ = contiguous_ && page->prefix.complete();
  co_return done;
}

std::uint64_t ExtendedReader::records_written() const {
  std::uint64_t count = 0;
  for (const RecordResult result : {RecordResult::written, RecordResult::refreshed}) {
    const auto found = peer_.status.counters.records.find(result);
    if (found != peer_.status.counters.records.end()) count += found->second;
  }
  return count;
}

/// Where the settled prefix ends: a page that is settled whole passes its gaps too.
std::int64_t ExtendedReader::rseq_at(const std::vector<FeedEntry>& entries, std::int64_t next, std::size_t end) const {
  if (end >= entries.size() || context_.bugs.no_prefix_rule) return next;
  return end == 0 ? position_->rseq : entries[end - 1].rseq;
}

std::optional<store::SetPosition> ExtendedReader::position_at(const std::vector<FeedEntry>& entries, std::int64_t next,
                                                              std::size_t end) {
  const std::int64_t rseq = rseq_at(entries, next, end);
  if (!contiguous_ || rseq <= written_rseq_) return std::nullopt;
  written_rseq_ = rseq;
  return stored({position_->epoch, rseq});
}

store::SetPosition ExtendedReader::stored(const ExtendedPosition& position) const {
  return {.peer = peer_.key,
          .kind = std::string(k_extended_position),
          .position = write_position(position, peer_.peer, context_.now_s())};
}

/// A position that moved over rows we held already is written now and then only: reading them again costs little.
Task<bool> ExtendedReader::end_pass() {
  std::vector<store::Operation> operations;
  if (position_->rseq > written_rseq_ && context_.monotonic_ms() >= position_due_ms_) {
    position_due_ms_ = context_.monotonic_ms() + limits::sync_position_ms;
    written_rseq_ = position_->rseq;
    operations.emplace_back(stored(*position_));
  }
  auto written = co_await importer_.write_position(nullptr, std::move(operations));
  if (!written) co_return false;
  auto retried = co_await fetcher_.retry_quarantined();
  co_return retried;
}

}  // namespace dnsmesh::sync
