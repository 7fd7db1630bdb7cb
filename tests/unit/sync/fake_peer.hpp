// SPDX-License-Identifier: Apache-2.0
// Peers for the worker's tests: honest nodes in memory behind endpoints, each of which can be made to lie, fail, or be
// slow; all on one clock and loop that stand still until a test moves them.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "manual_loop.hpp"
#include "record/offer.hpp"
#include "store/memory_store.hpp"
#include "sync/server.hpp"
#include "sync/transport.hpp"
#include "sync/verifier.hpp"

namespace dnsmesh::test {

/// A clock that is off from another by a constant, until it is set.
class OffsetClock final : public Clock {
 public:
  explicit OffsetClock(const Clock& base) : base_(base) {}
  std::int64_t wall_ms() const override { return base_.wall_ms() + offset_ms; }
  std::int64_t monotonic_ms() const override { return base_.monotonic_ms(); }
  std::int64_t offset_ms = 0;

 private:
  const Clock& base_;
};

/// A store with what hangs on it.
struct MemoryNode {
  MemoryNode(const Clock& clock, std::uint64_t seed)
      : random(seed), store(store::make_memory_store(clock, random)), pairs(clock) {
    listen();
  }

  void listen() {
    store->set_listener([this](std::span<const store::Change> changes) {
      pairs.apply(changes);
      if (changed) changed();
    });
  }
  void put(std::string name, std::string value, std::int64_t ttl_s = 3600, record::Offer offer = {}) {
    commit(store::Put{.name = std::move(name), .value = std::move(value), .ttl_s = ttl_s, .offer = offer});
  }
  void remove(std::string name, std::string value) { commit(store::Delete{std::move(name), std::move(value)}); }
  void commit(store::Operation operation) {
    store::Batch batch;
    batch.operations.push_back(std::move(operation));
    REQUIRE(store::commit_and_wait(*store, std::move(batch)).has_value());
  }
  std::vector<store::Record> values(std::string_view name) const { return store->values_at_exactly(name).value(); }
  bool holds(std::string_view name, std::string_view value) const {
    for (const store::Record& row : values(name)) {
      if (row.value == value) return true;
    }
    return false;
  }
  std::int64_t count() const { return store->live_count().value(); }

  SeededRandom random;
  std::unique_ptr<store::RecordStore> store;
  sync::PairSet pairs;
  std::function<void()> changed;
};

class FakePeer {
 public:
  FakePeer(ManualClock& base, ManualLoop& on_loop, bool extended, std::uint64_t seed)
      : loop(&on_loop),
        clock(base),
        node(clock, seed),
        server(std::make_unique<sync::Server>(
            sync::ServerOptions{"peer", extended}, *node.store, node.pairs, clock, on_loop, [this] { return manifest; },
            [this](const sync::Hint& hint) {
              hints.push_back(hint);
              return true;
            })) {
    node.changed = [this] { server->moved(); };
  }

  ManualLoop* loop;
  OffsetClock clock;
  MemoryNode node;
  std::optional<sync::ServedManifest> manifest;
  std::vector<sync::Hint> hints;
  std::unique_ptr<sync::Server> server;

  std::set<std::string> tokens = {"secret"};
  std::int64_t delay_ms = 0;        // of each answer
  std::optional<ErrorCode> broken;  // every call fails so
  bool has_date = true;
  std::function<std::optional<sync::PeerAnswer>(const sync::PeerRequest&)> instead;  // answers in its place
  std::function<void(const sync::PeerRequest&, sync::PeerAnswer&)> tamper;           // changes the answer
  std::vector<sync::PeerRequest> requests;

  std::size_t asked(std::string_view target_begin) const {
    std::size_t count = 0;
    for (const sync::PeerRequest& request : requests) {
      if (request.target.starts_with(target_begin)) ++count;
    }
    return count;
  }
};

class FakeNet final : public sync::Transport {
 public:
  explicit FakeNet(ManualLoop& loop) : loop_(loop) {}

  std::map<std::string, FakePeer*> peers;  // by endpoint

  void call(sync::PeerRequest request, sync::PeerCallback done) override {
    const auto shared = std::make_shared<sync::PeerCallback>(std::move(done));
    const auto found = peers.find(request.endpoint);
    if (found == peers.end()) return answer(shared, 0, fail(ErrorCode::sync_unreachable, "nobody there"));
    FakePeer& peer = *found->second;
    peer.requests.push_back(request);
    if (peer.broken) return answer(shared, peer.delay_ms, fail(*peer.broken, "broken"));
    if (peer.instead) {
      if (auto given = peer.instead(request)) return bounded(shared, request, peer, std::move(*given));
    }
    if (!peer.tokens.contains(request.token)) {
      sync::PeerAnswer refused;
      refused.status = 403;
      refused.body = R"({"error": "forbidden"})";
      return answer(shared, peer.delay_ms, std::move(refused));
    }
    peer.server->handle({request.method, request.target, request.body, "192.0.2.1", false},
                        [this, shared, request, &peer](sync::ServeAnswer served) {
                          sync::PeerAnswer given;
                          given.status = served.status;
                          given.body = std::move(served.body);
                          given.content_type = std::move(served.content_type);
                          if (peer.has_date) given.date_s = peer.clock.wall_s();
                          if (peer.tamper) peer.tamper(request, given);
                          bounded(shared, request, peer, std::move(given));
                        });
  }
  void cancel_all() override {}

 private:
  void bounded(const std::shared_ptr<sync::PeerCallback>& done, const sync::PeerRequest& request, FakePeer& peer,
               sync::PeerAnswer given) {
    if (given.body.size() > request.answer_bytes_max) {
      return answer(done, peer.delay_ms, fail(ErrorCode::sync_answer_too_big, "too big"));
    }
    given.wire_bytes_received = given.body.size();
    given.wire_bytes_sent = request.body.size() + request.target.size();
    answer(done, peer.delay_ms, std::move(given));
  }
  void answer(const std::shared_ptr<sync::PeerCallback>& done, std::int64_t delay_ms, Result<sync::PeerAnswer> result) {
    auto task = [done, result = std::move(result)]() mutable { (*done)(std::move(result)); };
    if (delay_ms > 0) {
      loop_.after(delay_ms, std::move(task));
    } else {
      loop_.post(std::move(task));
    }
  }

  ManualLoop& loop_;
};

/// Checks at once what production spreads over threads.
class DirectVerifier final : public sync::Verifier {
 public:
  explicit DirectVerifier(ManualLoop& loop) : loop_(loop) {}
  std::size_t checked = 0;

  void check(std::vector<sync::Candidate> candidates, std::int64_t now_s, sync::VerdictCallback done) override {
    std::vector<sync::Verdict> verdicts;
    for (const sync::Candidate& candidate : candidates) {
      ++checked;
      verdicts.push_back({record::sync_accepts(candidate.name, candidate.value, now_s, std::nullopt),
                          record::judge_offer(candidate.name, candidate.value, now_s, std::nullopt)});
    }
    loop_.post([done = std::move(done), verdicts = std::move(verdicts)]() mutable { done(std::move(verdicts)); });
  }

 private:
  ManualLoop& loop_;
};

}  // namespace dnsmesh::test
