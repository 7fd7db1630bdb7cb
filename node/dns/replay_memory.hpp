// SPDX-License-Identifier: Apache-2.0
// Signed requests that were applied already: one that comes again, by the network or by a stranger who recorded it,
// gets the same rcode and is not applied again (spec/dns-update.md 3, "Replay").
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/limits.hpp"
#include "base/lock_guarded.hpp"
#include "crypto/hash.hpp"
#include "dns/tsig.hpp"

namespace dnsmesh::dns {

enum class ReplaySeen {
  fresh,     // never before: now it is pending, and finish or forget must follow
  pending,   // the first one is not answered yet
  answered,  // the first one had `rcode`
  unknown,   // as old as requests of the key that had to be forgotten, so it may be one of them
};

struct ReplayLook {
  ReplaySeen seen = ReplaySeen::fresh;
  Rcode rcode = Rcode::noerror;
};

/// Remembers (key, MAC) of verified requests for twice their fudge: after that they are too old to be verified. When it
/// is full the oldest goes, and its key gets nothing applied any more that is no younger: the holder of one key cannot
/// flood the requests of others out of the memory to repeat them. Any thread.
class ReplayMemory {
 public:
  explicit ReplayMemory(std::size_t requests_max = limits::tsig_replays_max) : requests_max_(requests_max) {}

  ReplayLook begin(const TsigContext& request, std::int64_t now_s);
  /// The request was answered with `rcode`.
  void finish(const TsigContext& request, Rcode rcode);
  /// The request was not carried out: it may come again.
  void forget(const TsigContext& request);

 private:
  struct Entry {
    std::int64_t until_s = 0;
    std::uint64_t number = 0;
    std::optional<Rcode> rcode;
    std::string key_name;  // on the wire
    std::uint64_t time_signed_s = 0;
  };
  /// The youngest of the requests of a key that were forgotten before their end.
  struct Forgotten {
    std::uint64_t time_signed_s = 0;
    std::int64_t until_s = 0;
  };
  struct Digest {
    std::size_t operator()(const crypto::Hash256& hash) const;
  };
  struct State {
    std::unordered_map<crypto::Hash256, Entry, Digest> entries;
    std::deque<std::pair<crypto::Hash256, std::uint64_t>> order;  // oldest first; the number says which entry is meant
    std::unordered_map<std::string, Forgotten> forgotten;         // by key name on the wire
    std::uint64_t count = 0;

    void remove_oldest(std::int64_t now_s);
    bool may_be_forgotten(const TsigContext& request, std::int64_t now_s);
  };

  const std::size_t requests_max_;
  LockGuarded<State> state_;
};

}  // namespace dnsmesh::dns
