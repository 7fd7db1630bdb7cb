// SPDX-License-Identifier: Apache-2.0
// The change feed and its waiting readers (spec/anti-entropy.md 15.2).
#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "base/limits.hpp"
#include "base/lock_guarded.hpp"
#include "sync/server_parts.hpp"
#include "sync/wire_parts.hpp"

namespace dnsmesh::sync {
namespace {

/// A request for the feed.
struct FeedQuery {
  std::optional<WireEpoch> epoch;  // nothing: from the start, whatever database this is
  std::int64_t after = 0;
  std::size_t limit = limits::sync_feed_rows_default;
  std::int64_t wait_ms = 0;
  bool tombstones = false;
};

/// The longest page there can be still fits an answer, so that pages need no cut of their own: an entry has 24 octets
/// around its numbers, name and hash, and names that are offered need no escapes.
constexpr std::size_t k_number_digits_max = 19;
constexpr std::size_t k_entry_bytes_max = 24 + 2 * k_number_digits_max + limits::owner_name_bytes_max + 64;
static_assert(limits::digest_page_rows_max * k_entry_bytes_max < limits::sync_extended_bytes_max);

/// `<epoch>:<rseq>`.
bool read_after(std::string_view text, FeedQuery& out) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto epoch = parse_epoch(text.substr(0, colon));
  const auto after = parse_natural(text.substr(colon + 1));
  if (!epoch || !after) return false;
  out.epoch = *epoch;
  out.after = *after;
  return true;
}

std::optional<FeedQuery> read_query(const ServeRequest& request) {
  const Query query(request.target);
  FeedQuery out;
  if (const auto after = query.get("after"); after && !read_after(*after, out)) return std::nullopt;
  if (const auto text = query.get("limit")) {
    const auto limit = parse_integer(*text);
    if (limit.value_or(0) <= 0) return std::nullopt;
    out.limit = std::min(static_cast<std::size_t>(*limit), limits::digest_page_rows_max);
  }
  if (const auto text = query.get("wait")) {
    const auto wait_ms = parse_integer(*text);
    if (wait_ms.value_or(-1) < 0) return std::nullopt;
    out.wait_ms = std::min(*wait_ms, limits::sync_feed_wait_ms_max);
  }
  if (request.method != "GET") out.wait_ms = 0;
  out.tombstones = query.get("tomb") == "1";
  return out;
}

/// The answer to a reader that has seen all there is.
FeedAnswer nothing_new(const ServeContext& context, const store::Epoch& epoch, std::int64_t after) {
  FeedAnswer out;
  out.epoch = context.epoch_of(epoch);
  out.high = std::max(epoch.high, after);
  out.next = after;
  out.now_ms = context.clock.wall_ms();
  out.manifest_seq = context.manifest_seq();
  return out;
}

/// The reader's position is of another database, or of a later state of this one than we have.
bool is_foreign(const FeedQuery& query, const store::Epoch& epoch) {
  const bool other = query.epoch && (query.epoch->id != epoch.id || query.epoch->boot > epoch.boot);
  return other || query.after > epoch.high;
}

void take_entries(const store::ChangePage& page, const FeedQuery& query, FeedAnswer& out) {
  const std::int64_t now_ms = out.now_ms;
  for (const store::Record& record : page.records) {
    out.entries.push_back(
        {record.rseq, FeedKind::put, {record.name, record.value_hash}, left_ms(record.expires_s, now_ms), true});
  }
  if (!query.tombstones) return;
  for (const store::BuriedPair& buried : page.tombstones) {
    // No peer holds a pair whose name does not replicate.
    if (!is_replicable(buried.pair.name) || !is_wire_name(buried.pair.name)) continue;
    out.entries.push_back({buried.rseq, FeedKind::tombstone, buried.pair, left_ms(buried.until_s, now_ms), true});
  }
  std::ranges::sort(out.entries, {}, &FeedEntry::rseq);
}

Result<FeedAnswer> read_feed(const ServeContext& context, const FeedQuery& query) {
  const store::Epoch epoch = context.store.epoch();
  FeedAnswer out = nothing_new(context, epoch, query.after);
  out.reset = is_foreign(query, epoch);
  if (!out.reset) {
    const auto page = context.store.changes(query.after, query.limit);
    if (!page) return std::unexpected(page.error());
    out.reset = page->reset;
    if (!out.reset) {
      take_entries(*page, query, out);
      out.next = page->next;
      out.more = page->has_more;
      out.high = std::max(out.high, out.next);
    }
  }
  if (out.reset) out.high = out.next = epoch.high;
  return out;
}

ServeAnswer answer_of(const Result<FeedAnswer>& feed) {
  return feed ? json_answer(write_feed_answer(*feed)) : unavailable();
}

bool has_news(const Result<FeedAnswer>& feed, const FeedQuery& query) {
  return !feed || feed->reset || feed->next > query.after;
}

struct Waiter {
  FeedQuery query;
  std::string address;
  ServeResponder respond;
};

/// Those that wait, by number; one an address.
struct Waiters {
  bool stopped = false;
  std::uint64_t next_id = 0;
  std::map<std::uint64_t, Waiter> by_id;
  std::set<std::string> addresses;
};

std::optional<Waiter> take(Waiters& waiters, std::uint64_t id) {
  auto node = waiters.by_id.extract(id);
  if (node.empty()) return std::nullopt;
  waiters.addresses.erase(node.mapped().address);
  return std::move(node.mapped());
}

}  // namespace

struct FeedDoor::State {
  LockGuarded<Waiters> waiters;
  std::atomic<bool> look_posted{false};
};

FeedDoor::FeedDoor(std::shared_ptr<const ServeContext> context, Loop& loop)
    : context_(std::move(context)), loop_(loop), state_(std::make_unique<State>()) {}
FeedDoor::~FeedDoor() = default;

void FeedDoor::handle(const ServeRequest& request, ServeResponder respond) {
  const auto query = read_query(request);
  if (!query) return respond(error_answer(400, "invalid parameter"));
  const auto feed = read_feed(*context_, *query);
  const bool may_wait = query->wait_ms > 0 && !has_news(feed, *query);
  const auto parked = state_->waiters.with([&](Waiters& waiters) -> std::optional<std::uint64_t> {
    if (!may_wait || waiters.stopped || !waiters.addresses.insert(request.peer_address).second) return std::nullopt;
    waiters.by_id.emplace(++waiters.next_id, Waiter{*query, request.peer_address, std::move(respond)});
    return waiters.next_id;
  });
  if (!parked) return respond(answer_of(feed));
  loop_.after(query->wait_ms, [weak = weak_from_this(), id = *parked] {
    if (const auto self = weak.lock()) self->expire(id);
  });
  // What was committed before this reader was among those that moved() tells.
  if (context_->store.epoch().high > query->after) moved();
}

void FeedDoor::moved() {
  if (waiting() == 0 || state_->look_posted.exchange(true)) return;
  loop_.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->look();
  });
}

void FeedDoor::look() {
  state_->look_posted = false;
  const auto waiting = state_->waiters.with([](const Waiters& waiters) {
    std::vector<std::pair<std::uint64_t, FeedQuery>> out;
    for (const auto& [id, waiter] : waiters.by_id) out.emplace_back(id, waiter.query);
    return out;
  });
  for (const auto& [id, query] : waiting) {
    const auto feed = read_feed(*context_, query);
    if (!has_news(feed, query)) continue;
    auto waiter = state_->waiters.with([id = id](Waiters& waiters) { return take(waiters, id); });
    if (waiter) waiter->respond(answer_of(feed));
  }
}

void FeedDoor::expire(std::uint64_t id) {
  auto waiter = state_->waiters.with([id](Waiters& waiters) { return take(waiters, id); });
  if (waiter) waiter->respond(answer_of(read_feed(*context_, waiter->query)));
}

void FeedDoor::stop() {
  auto waiting = state_->waiters.with([](Waiters& waiters) {
    waiters.stopped = true;
    waiters.addresses.clear();
    return std::exchange(waiters.by_id, {});
  });
  for (auto& [id, waiter] : waiting) {
    waiter.respond(answer_of(nothing_new(*context_, context_->store.epoch(), waiter.query.after)));
  }
}

std::size_t FeedDoor::waiting() const {
  return state_->waiters.with([](const Waiters& waiters) { return waiters.by_id.size(); });
}

}  // namespace dnsmesh::sync
