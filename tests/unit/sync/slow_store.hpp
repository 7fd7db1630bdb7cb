// SPDX-License-Identifier: Apache-2.0
// A store whose disk can be slow or full: commits wait until they are let through, or fail.
#pragma once

#include <deque>
#include <memory>
#include <utility>

#include "../store/forwarding_store.hpp"

namespace dnsmesh::test {

class SlowStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  bool writable = true;
  ErrorCode error = ErrorCode::store_io;  // of a commit while it is not writable
  bool slow = false;

  std::size_t waiting() const { return waiting_.size(); }
  void let_through() {
    auto all = std::exchange(waiting_, {});
    for (auto& [batch, done] : all) inner().commit(std::move(batch), std::move(done));
  }

  void commit(store::Batch batch, store::CommitCallback done) override {
    if (!writable) return done(fail(error));
    if (slow) return waiting_.push_back({std::move(batch), std::move(done)});
    inner().commit(std::move(batch), std::move(done));
  }

 private:
  std::deque<std::pair<store::Batch, store::CommitCallback>> waiting_;
};

}  // namespace dnsmesh::test
