// SPDX-License-Identifier: Apache-2.0
#include "sync/classic_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dnsmesh::sync {
namespace {

store::DigestCursor cursor_of(const FeedPoint& point) { return {point.ts_ms, point.name, point.hash}; }

/// A name that ends in a dot passes the rule of a digest entry, but a pull drops the dot (spec/anti-entropy.md 3.4).
bool can_be_pulled(const DigestEntry& entry) { return entry.replicable && !entry.name.ends_with('.'); }

}  // namespace

void ClassicReader::load() {
  const std::int64_t now_s = context_.now_s();
  const auto text = context_.store.position(peer_.key, k_classic_position);
  if (text && *text) {
    if (auto stored = read_classic_position(**text, peer_.peer)) {
      position_ = std::move(*stored);
      resumed_ = doubted_ = true;
    }
  }
  const std::int64_t age_s = std::max<std::int64_t>(now_s - position_.full_scan_s, 0);
  const std::int64_t left_ms = std::max<std::int64_t>(limits::sync_full_scan_ms - age_s * 1000, 0);
  full_scan_due_ms_ = context_.monotonic_ms() +
                      static_cast<std::int64_t>(context_.random.below(static_cast<std::uint64_t>(left_ms) + 1));
}

void ClassicReader::reset() {
  position_ = {};
  resumed_ = doubted_ = false;
}

void ClassicReader::begin_pass() {
  written_ = position_.wm;
  pass_began_ms_ = context_.monotonic_ms();
  contiguous_ = true;
  behind_ = false;
  peer_.missed_before = std::exchange(peer_.missed, {});
  full_scan_ = position_.wm == FeedPoint{} || pass_began_ms_ >= full_scan_due_ms_;
  if (full_scan_) {
    scan_ = {};
  } else if (std::exchange(resumed_, false)) {
    scan_ = moved_back(position_.wm, limits::sync_resume_back_ms);
  } else if (context_.bugs.no_look_back) {
    scan_ = position_.wm;
  } else {
    scan_ = pass_start(position_.wm, peer_now_ms(context_, peer_), context_.options.interval_ms);
  }
}

/// The first page of a peer that may turn out to be one of ours is small.
std::size_t ClassicReader::page_rows(bool take_extension) const {
  const bool may_change = take_extension && peer_.status.mode != Mode::classic;
  return !may_change && (behind_ || full_scan_) ? limits::sync_digest_rows_behind : limits::sync_digest_rows;
}

Task<Step> ClassicReader::read_page(bool take_extension) {
  const std::size_t rows = page_rows(take_extension);
  Call request;
  request.kind = CallKind::digest;
  request.target = digest_target(cursor_of(scan_), rows, context_.options.extended);
  request.answer_bytes_max = limits::sync_digest_bytes_fixed + rows * limits::sync_digest_bytes_per_row;
  auto result = co_await calls_.call(std::move(request));
  if (!result.answer) co_return Step::failed;
  auto answer = parse_digest_answer(result.answer->body, rows);
  if (!answer) {
    calls_.failed("malformed", "a digest answer is malformed: " + answer.error().text);
    co_return Step::failed;
  }
  extension_ = answer->extension;
  if (extension_) peer_.manifest_seq = std::max(peer_.manifest_seq, extension_->manifest_seq);
  if (take_extension && extension_ && extension_->feed && extension_->get) co_return Step::changed;
  if (context_.clocks.own_clock_disagrees(context_.monotonic_ms())) co_return Step::failed;
  if (std::exchange(doubted_, false) && !still_usable()) {
    position_.wm = {};
    begin_pass();
    co_return Step::more;
  }
  const std::string body = context_.bugs.watermark_from_next_cursor ? result.answer->body : std::string();
  auto step = co_await import_page(std::move(*answer), result.sent_ms);
  if (context_.bugs.watermark_from_next_cursor) believe_next_cursor(body);
  co_return step;
}

Task<Step> ClassicReader::import_page(DigestAnswer answer, std::int64_t sent_ms) {
  peer_.status.counters.records[RecordResult::rejected] += answer.malformed;
  const std::int64_t ts_ms_max = newest_ts_ms(context_.clock.wall_ms(), peer_now_ms(context_, peer_));
  UsableEntries usable = usable_entries(std::move(answer.entries), scan_, ts_ms_max);
  peer_.status.counters.records[RecordResult::rejected] += usable.future;
  if (usable.future > 0 || usable.disordered) {
    peer_.log.warning(peer_.peer.node_id, usable.disordered ? "disordered" : "future",
                      usable.disordered ? "its digest is not in order" : "its digest lists records of the future",
                      context_.monotonic_ms());
  }
  if (usable.entries.empty()) {
    if (answer.malformed > 0) {
      peer_.log.warning(peer_.peer.node_id, "malformed-page", "a page of its digest holds nothing well-formed",
                        context_.monotonic_ms());
    }
    co_return Step::exhausted;
  }
  const auto entries = std::make_shared<const std::vector<DigestEntry>>(std::move(usable.entries));
  auto page = page_of(*entries, sent_ms);
  page->position_at = [this, entries](std::size_t end) { return position_at(*entries, end); };
  auto done = co_await fetcher_.bring(page, all_indices(page->entries.size()));
  if (done) {
    auto written = co_await importer_.write_position(page, {});
    done = written;
  }
  if (contiguous_) position_.wm = std::max(position_.wm, watermark_at(*entries, page->prefix.end()));
  contiguous_ = contiguous_ && page->prefix.complete();
  scan_ = point_of(entries->back());
  behind_ = answer.has_more;
  peer_.status.lag_s =
      static_cast<double>(std::max<std::int64_t>(peer_now_ms(context_, peer_) - scan_.ts_ms, 0)) / 1000;
  if (!done) co_return Step::failed;
  calls_.succeeded();
  co_return answer.has_more ? Step::more : Step::exhausted;
}

std::shared_ptr<OfferPage> ClassicReader::page_of(const std::vector<DigestEntry>& entries, std::int64_t sent_ms) {
  std::vector<Offered> offered;
  offered.reserve(entries.size());
  for (const DigestEntry& entry : entries) {
    offered.push_back({{entry.name, entry.hash}, entry.ttl_s * 1000, can_be_pulled(entry)});
  }
  const auto beyond =
      std::ranges::find_if(entries, [&](const DigestEntry& entry) { return point_of(entry) > position_.wm; });
  return std::make_shared<OfferPage>(std::move(offered), static_cast<std::size_t>(beyond - entries.begin()), sent_ms);
}

/// The end of the settled prefix, `end` entries long; entries re-read below the watermark do not move it back.
FeedPoint ClassicReader::watermark_at(const std::vector<DigestEntry>& entries, std::size_t end) const {
  if (context_.bugs.no_prefix_rule) end = entries.size();
  return end == 0 ? position_.wm : std::max(position_.wm, point_of(entries[end - 1]));
}

std::optional<store::SetPosition> ClassicReader::position_at(const std::vector<DigestEntry>& entries, std::size_t end) {
  if (!contiguous_) return std::nullopt;
  FeedPoint wm = watermark_at(entries, end);
  if (wm <= written_) return std::nullopt;
  written_ = wm;
  return stored({.wm = std::move(wm), .full_scan_s = position_.full_scan_s});
}

store::SetPosition ClassicReader::stored(const ClassicPosition& position) const {
  return {.peer = peer_.key,
          .kind = std::string(k_classic_position),
          .position = write_position(position, peer_.peer, context_.now_s())};
}

Task<bool> ClassicReader::end_pass() {
  std::vector<store::Operation> operations;
  if (full_scan_) {
    const std::int64_t duration_ms = context_.monotonic_ms() - pass_began_ms_;
    const std::int64_t period_ms = std::max(limits::sync_full_scan_ms, duration_ms * limits::sync_full_scan_durations);
    full_scan_due_ms_ = context_.monotonic_ms() + jittered(period_ms, context_.random);
    position_.full_scan_s = context_.now_s();
    if (position_.wm != FeedPoint{}) operations.emplace_back(stored(position_));
    full_scan_ = false;
  }
  auto written = co_await importer_.write_position(nullptr, std::move(operations));
  if (!written) co_return false;
  auto retried = co_await fetcher_.retry_quarantined();
  co_return retried;
}

/// A watermark from before a restart that is ahead of both clocks would hide what the peer writes now (8.2).
bool ClassicReader::still_usable() const {
  return usable_watermark(position_.wm, context_.clock.wall_ms(), peer_now_ms(context_, peer_),
                          context_.options.ttl_s_max);
}

void ClassicReader::believe_next_cursor(const std::string& body) {
  constexpr std::string_view k_member = "\"next_cursor\": \"";
  const std::size_t at = body.find(k_member);
  if (at == std::string::npos) return;
  const std::size_t begin = at + k_member.size();
  if (const auto cursor = parse_cursor(std::string_view(body).substr(begin, body.find('"', begin) - begin))) {
    position_.wm = {cursor->stored_ms, cursor->name, cursor->hash};
  }
}

}  // namespace dnsmesh::sync
