// SPDX-License-Identifier: Apache-2.0
#include "store/memory_store.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <mutex>
#include <utility>

#include "base/hex.hpp"
#include "base/lock_guarded.hpp"
#include "base/utf8.hpp"
#include "store/memory_rows.hpp"
#include "store/rrset.hpp"

namespace dnsmesh::store {
namespace {

class MemoryStore final : public RecordStore {
 public:
  MemoryStore(const Clock& clock, std::string epoch_id) : clock_(clock), epoch_id_(std::move(epoch_id)) {}

  /// What `other` holds now, under an identity of its own.
  MemoryStore(const MemoryStore& other, const Clock& clock, std::string epoch_id, std::int64_t boot)
      : clock_(clock), epoch_id_(std::move(epoch_id)), boot_(boot) {
    other.state_.with([this](const State& theirs) {
      state_.with([&theirs](State& state) {
        state.rows.copy_from(theirs.rows);
        // The last millisecond may have been served before the stop.
        state.feed = FeedClock(theirs.feed.last_ms() + 1, theirs.feed.rseq_high());
      });
    });
  }

  void commit(Batch batch, CommitCallback done) override {
    assert(batch.operations.size() <= limits::batch_operations_max);
    done(run([&](MemoryRows& rows, CommitStamp& stamp) { return apply_batch(batch, rows, stamp); }));
  }

  void set_listener(CommitListener listener) override { listener_ = std::move(listener); }

  Result<std::vector<Record>> values_at(std::string_view folded_name) const override {
    return read([&](const State& state) {
      std::vector<Record> found;
      for (const std::string& name : state.rows.spellings(folded_name)) {
        std::ranges::move(live_at(state, name), std::back_inserter(found));
      }
      return union_of_spellings(std::move(found));
    });
  }

  Result<std::vector<Record>> values_at_exactly(std::string_view name) const override {
    const std::string one(name);
    return values_at_names({&one, 1});
  }

  Result<std::vector<Record>> values_at_names(std::span<const std::string> names) const override {
    return read([&](const State& state) {
      std::vector<Record> found;
      for (const std::string& name : names) std::ranges::move(live_at(state, name), std::back_inserter(found));
      std::ranges::sort(found, in_feed_order);
      return found;
    });
  }

  Result<DigestPage> digest(const DigestCursor& after, std::size_t limit) override {
    const std::size_t rows_max = std::clamp<std::size_t>(limit, 1, limits::digest_page_rows_max);
    return read([&](State& state) {
      const std::int64_t below_ms = state.feed.close();
      const std::int64_t now_s = clock_.wall_s();
      DigestPage page;
      const auto& feed = state.rows.by_feed();
      for (auto at = feed.upper_bound({after.stored_ms, after.name, after.hash}); at != feed.end(); ++at) {
        const Record& row = state.rows.rows().at(at->second);
        if (row.stored_ms >= below_ms) break;
        if (!listed(row, now_s)) continue;
        page.has_more = page.records.size() == rows_max;
        if (page.has_more) break;
        page.records.push_back(without_value(row));
      }
      return page;
    });
  }

  Result<ChangePage> changes(std::int64_t after_rseq, std::size_t limit) const override {
    const std::size_t rows_max = std::clamp<std::size_t>(limit, 1, limits::digest_page_rows_max);
    return read([&](const State& state) {
      const std::int64_t high = state.feed.rseq_high();
      if (after_rseq < 0 || after_rseq > high) return ChangePage{.records = {}, .next = high, .reset = true};
      ChangePage page{.records = {}, .next = high};
      const std::int64_t now_s = clock_.wall_s();
      const auto& by_rseq = state.rows.by_rseq();
      const auto& buried = state.rows.tombstones_by_rseq();
      auto row = by_rseq.upper_bound(after_rseq);
      auto tombstone = buried.upper_bound(after_rseq);
      for (std::size_t examined = 1; row != by_rseq.end() || tombstone != buried.end(); ++examined) {
        std::int64_t rseq = 0;
        if (tombstone == buried.end() || (row != by_rseq.end() && row->first < tombstone->first)) {
          rseq = row->first;
          const Record& record = state.rows.rows().at((row++)->second);
          if (listed(record, now_s)) page.records.push_back(without_value(record));
        } else {
          rseq = tombstone->first;
          const Tombstone& entry = state.rows.tombstones().at((tombstone++)->second);
          if (entry.until_s > now_s) page.tombstones.push_back({{entry.name, entry.value_hash}, entry.until_s, rseq});
        }
        if (examined < rows_max) continue;
        page.next = rseq;
        page.has_more = rseq < high;
        break;
      }
      return page;
    });
  }

  Result<std::vector<PairState>> states_of(std::span<const PairKey> keys) const override {
    return read([&](const State& state) {
      std::vector<PairState> states;
      for (const PairKey& key : keys) {
        PairState& found = states.emplace_back();
        for (const Record& row : live_at(state, key.name)) {
          if (row.value_hash == key.hash) found.expires_s = row.expires_s;
        }
        const auto entry = state.rows.tombstones().find(key);
        if (entry == state.rows.tombstones().end() || entry->second.until_s <= clock_.wall_s()) continue;
        found.tombstone = entry->second;
      }
      return states;
    });
  }

  Result<std::vector<Record>> rows_of(std::span<const PairKey> keys) const override {
    return read([&](const State& state) {
      std::vector<Record> found;
      for (const PairKey& key : keys) {
        for (Record& row : live_at(state, key.name)) {
          if (row.value_hash == key.hash && listed(row, clock_.wall_s())) found.push_back(std::move(row));
        }
      }
      return found;
    });
  }

  Result<std::vector<Record>> rows_at(std::span<const std::int64_t> rseqs) const override {
    return read([&](const State& state) {
      std::vector<Record> found;
      for (const std::int64_t rseq : rseqs) {
        const auto pair = state.rows.by_rseq().find(rseq);
        if (pair == state.rows.by_rseq().end()) continue;
        const Record& row = state.rows.rows().at(pair->second);
        if (listed(row, clock_.wall_s())) found.push_back(row);
      }
      return found;
    });
  }

  Result<std::vector<Record>> rows_under(std::string_view name_prefix, std::size_t rows_max) const override {
    return read([&](const State& state) {
      std::vector<Record> found;
      for (const auto& [pair, row] : state.rows.rows()) {
        if (found.size() == rows_max) break;
        if (row.expires_s > clock_.wall_s() && fold_ascii(row.name).starts_with(name_prefix)) found.push_back(row);
      }
      return found;
    });
  }

  Result<void> for_each(const std::function<void(const Record&)>& visit) const override {
    const auto rows = read([&](const State& state) {
      std::vector<Record> all;
      for (const auto& [pair, row] : state.rows.rows()) all.push_back(row);
      return all;
    });
    if (!rows) return std::unexpected(rows.error());
    for (const Record& row : *rows) visit(row);
    return {};
  }

  Result<std::int64_t> live_count() const override {
    return read([&](const State& state) {
      return static_cast<std::int64_t>(std::ranges::count_if(
          state.rows.rows(), [now_s = clock_.wall_s()](const auto& entry) { return entry.second.expires_s > now_s; }));
    });
  }

  Result<std::optional<std::string>> position(std::string_view peer, std::string_view kind) const override {
    return read([&](const State& state) -> std::optional<std::string> {
      const auto found = state.rows.positions().find({std::string(peer), std::string(kind)});
      if (found == state.rows.positions().end()) return std::nullopt;
      return found->second;
    });
  }

  Result<std::vector<Quarantine>> quarantined(std::string_view peer) const override {
    return read([&](const State& state) {
      std::vector<Quarantine> out;
      for (const auto& [key, entry] : state.rows.quarantined()) {
        if (entry.peer == peer) out.push_back(entry);
      }
      return out;
    });
  }

  Result<std::optional<Tombstone>> tombstone(std::string_view name, const crypto::Hash256& hash) const override {
    return read([&](State& state) {
      auto found = state.rows.tombstone(name, hash);
      if (found && found->until_s <= clock_.wall_s()) found.reset();
      return found;
    });
  }

  Epoch epoch() const override {
    return {epoch_id_, boot_, state_.with([](const State& state) { return state.feed.rseq_high(); })};
  }

  Result<Swept> sweep_expired(std::size_t rows_max) override {
    const Result<Receipt> receipt = run(
        [&](MemoryRows& rows, CommitStamp& stamp) -> Result<Applied> { return apply_sweep(rows_max, rows, stamp); });
    if (!receipt) return std::unexpected(receipt.error());
    return swept_of(*receipt);
  }

  Result<void> checkpoint() override {
    if (closed_) return fail(ErrorCode::store_closed);
    return {};
  }

  Health health() const override {
    const std::int64_t last_ms = state_.with([](const State& state) { return state.feed.last_ms(); });
    return {.feed_ahead_ms = std::max<std::int64_t>(0, last_ms - clock_.wall_ms())};
  }

  void close() override {
    const std::scoped_lock committing(commit_mutex_);
    closed_ = true;
  }

 private:
  struct State {
    MemoryRows rows;
    FeedClock feed{1, 0};
  };

  static Record without_value(Record row) {
    row.value.clear();
    return row;
  }

  static bool listed(const Record& row, std::int64_t now_s) {
    return row.expires_s > now_s && row.offer.allowed_at(now_s);
  }

  std::vector<Record> live_at(const State& state, const std::string& name) const {
    std::vector<Record> rows = state.rows.rows_named(name);
    std::erase_if(rows, [now_s = clock_.wall_s()](const Record& row) { return row.expires_s <= now_s; });
    return rows;
  }

  template <class Read>
  auto read(Read&& function) const -> Result<decltype(function(std::declval<State&>()))> {
    if (closed_) return fail(ErrorCode::store_closed);
    return state_.with(std::forward<Read>(function));
  }

  /// One commit: applies, tells the listener. Commits are in one order for the rows and the listener.
  template <class Apply>
  Result<Receipt> run(Apply&& apply) {
    const std::scoped_lock committing(commit_mutex_);
    if (closed_) return fail(ErrorCode::store_closed);
    Result<Applied> applied = state_.with([&](State& state) {
      CommitStamp stamp = state.feed.begin(clock_.wall_ms());
      Result<Applied> result = apply(state.rows, stamp);
      if (!result) state.rows.undo();
      const bool changed = state.rows.keep();
      changed ? state.feed.finish(stamp.rseq) : state.feed.abandon();
      return result;
    });
    if (!applied) return std::unexpected(std::move(applied.error()));
    if (!applied->changes.empty() && listener_) listener_(applied->changes);
    return std::move(applied->receipt);
  }

  const Clock& clock_;
  const std::string epoch_id_;
  const std::int64_t boot_ = 1;
  std::mutex commit_mutex_;
  std::atomic<bool> closed_{false};
  CommitListener listener_;
  mutable LockGuarded<State> state_;
};

std::string new_epoch_id(Random& random) {
  ByteArray<16> id{};
  random.fill(id);
  return to_hex(view(id));
}

}  // namespace

std::unique_ptr<RecordStore> make_memory_store(const Clock& clock, Random& random) {
  return std::make_unique<MemoryStore>(clock, new_epoch_id(random));
}

std::unique_ptr<RecordStore> reopened(const RecordStore& memory_store, const Clock& clock, Random&) {
  const auto& original = dynamic_cast<const MemoryStore&>(memory_store);
  const Epoch epoch = original.epoch();
  return std::make_unique<MemoryStore>(original, clock, epoch.id, epoch.boot + 1);
}

std::unique_ptr<RecordStore> with_new_epoch(const RecordStore& memory_store, const Clock& clock, Random& random) {
  return std::make_unique<MemoryStore>(dynamic_cast<const MemoryStore&>(memory_store), clock, new_epoch_id(random), 1);
}

}  // namespace dnsmesh::store
