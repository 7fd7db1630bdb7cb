// SPDX-License-Identifier: Apache-2.0
// A store that asks another for everything but commits: what is below says how those go wrong, or late.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/record_store.hpp"

namespace dnsmesh::test {

class ForwardingStore : public store::RecordStore {
 public:
  explicit ForwardingStore(std::unique_ptr<store::RecordStore> inner) : inner_(std::move(inner)) {}

  void set_listener(store::CommitListener listener) override { inner_->set_listener(std::move(listener)); }
  Result<std::vector<store::Record>> values_at(std::string_view name) const override { return inner_->values_at(name); }
  Result<std::vector<store::Record>> values_at_exactly(std::string_view name) const override {
    return inner_->values_at_exactly(name);
  }
  Result<std::vector<store::Record>> values_at_names(std::span<const std::string> names) const override {
    return inner_->values_at_names(names);
  }
  Result<store::DigestPage> digest(const store::DigestCursor& after, std::size_t limit) override {
    return inner_->digest(after, limit);
  }
  Result<store::ChangePage> changes(std::int64_t after, std::size_t limit) const override {
    return inner_->changes(after, limit);
  }
  Result<std::vector<store::PairState>> states_of(std::span<const store::PairKey> keys) const override {
    return inner_->states_of(keys);
  }
  Result<std::vector<store::Record>> rows_of(std::span<const store::PairKey> keys) const override {
    return inner_->rows_of(keys);
  }
  Result<std::vector<store::Record>> rows_at(std::span<const std::int64_t> rseqs) const override {
    return inner_->rows_at(rseqs);
  }
  Result<std::vector<store::Record>> rows_under(std::string_view prefix, std::size_t rows_max) const override {
    return inner_->rows_under(prefix, rows_max);
  }
  Result<void> for_each(const std::function<void(const store::Record&)>& visit) const override {
    return inner_->for_each(visit);
  }
  Result<std::int64_t> live_count() const override { return inner_->live_count(); }
  Result<std::optional<std::string>> position(std::string_view peer, std::string_view kind) const override {
    return inner_->position(peer, kind);
  }
  Result<std::vector<store::Quarantine>> quarantined(std::string_view peer) const override {
    return inner_->quarantined(peer);
  }
  Result<std::optional<store::Tombstone>> tombstone(std::string_view name, const crypto::Hash256& hash) const override {
    return inner_->tombstone(name, hash);
  }
  store::Epoch epoch() const override { return inner_->epoch(); }
  Result<store::Swept> sweep_expired(std::size_t rows_max) override { return inner_->sweep_expired(rows_max); }
  Result<void> checkpoint() override { return inner_->checkpoint(); }
  store::Health health() const override { return inner_->health(); }
  void close() override { inner_->close(); }

 protected:
  store::RecordStore& inner() { return *inner_; }

 private:
  std::unique_ptr<store::RecordStore> inner_;
};

}  // namespace dnsmesh::test
