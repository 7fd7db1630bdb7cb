// SPDX-License-Identifier: Apache-2.0
// The store of one of our nodes: the store in memory behind a disk that takes its time, can be full, and forgets at a
// crash what it had not written. A batch becomes visible when it is durable, as in the real store. Everything that is
// committed is checked here.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>

#include "env.hpp"
#include "ledger.hpp"
#include "node.hpp"
#include "shadow.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::simulation {

/// What stays of a store when nobody has it open.
struct Disk {
  std::unique_ptr<store::RecordStore> rows;
  Shadow shadow;
};

struct StoreOptions {
  bool open_millisecond = false;  // the injected bug: a digest does not close the current millisecond
  bool peer_tombstones = false;
  std::int64_t ttl_s_max = 604800;
};

class SimStore final : public store::RecordStore {
 public:
  /// `env`, `node` and `ledger` must outlive it.
  SimStore(Env& env, const Node& node, const Ledger& ledger, Disk disk, StoreOptions options);
  ~SimStore() override;

  /// Ends it as a power cut does: of the batches that wait, some of the first may have reached the disk. Later ones are
  /// never answered.
  void crash();
  /// What is left, after crash().
  Disk take() { return {std::move(rows_), std::move(shadow_)}; }

  void set_disk_full(bool full) { disk_full_ = full; }
  /// A batch of users, not of the engine.
  void commit_of_user(store::Batch batch);
  /// A copy of the file as it is now.
  Disk copy() const;

  const Shadow& shadow() const { return shadow_; }
  Shadow& shadow() { return shadow_; }

  void commit(store::Batch batch, store::CommitCallback done) override;
  void set_listener(store::CommitListener listener) override { listener_ = std::move(listener); }
  Result<std::vector<store::Record>> values_at(std::string_view folded_name) const override;
  Result<std::vector<store::Record>> values_at_exactly(std::string_view name) const override;
  Result<std::vector<store::Record>> values_at_names(std::span<const std::string> names) const override;
  Result<store::DigestPage> digest(const store::DigestCursor& after, std::size_t limit) override;
  Result<store::ChangePage> changes(std::int64_t after_rseq, std::size_t limit) const override;
  Result<std::vector<store::PairState>> states_of(std::span<const store::PairKey> keys) const override;
  Result<std::vector<store::Record>> rows_of(std::span<const store::PairKey> keys) const override;
  Result<std::vector<store::Record>> rows_at(std::span<const std::int64_t> rseqs) const override;
  Result<std::vector<store::Record>> rows_under(std::string_view name_prefix, std::size_t rows_max) const override;
  Result<void> for_each(const std::function<void(const store::Record&)>& visit) const override;
  Result<std::int64_t> live_count() const override;
  Result<std::optional<std::string>> position(std::string_view peer, std::string_view kind) const override;
  Result<std::vector<store::Quarantine>> quarantined(std::string_view peer) const override;
  Result<std::optional<store::Tombstone>> tombstone(std::string_view name, const crypto::Hash256& hash) const override;
  store::Epoch epoch() const override;
  Result<store::Swept> sweep_expired(std::size_t rows_max) override;
  Result<void> checkpoint() override { return {}; }
  store::Health health() const override;
  void close() override {}

 private:
  struct Job {
    store::Batch batch;
    store::CommitCallback done;
    bool of_user = false;
  };

  struct Ended {
    UserBook::Pair pair;
    std::int64_t at_s = 0;  // by this node's clock
    bool deleted = false;
  };

  std::vector<Ended> ends_of(const store::Batch& batch, std::int64_t now_s) const;
  void enqueue(Job job);
  void write_next();
  void apply(Job job);
  void apply_of_user(Job job);
  void follow(std::span<const store::Change> changes);
  Result<store::DigestPage> digest_of_open_millisecond(const store::DigestCursor& after, std::size_t limit) const;

  Env& env_;
  const Node& node_;
  const Ledger& ledger_;
  const StoreOptions options_;
  std::unique_ptr<store::RecordStore> rows_;
  Shadow shadow_;
  store::CommitListener listener_;
  std::deque<Job> waiting_;
  std::int64_t busy_until_ms_ = 0;
  bool disk_full_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dnsmesh::simulation
