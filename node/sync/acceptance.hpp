// SPDX-License-Identifier: Apache-2.0
// The gates that a value from a peer passes before it is verified, and the life it may get (spec/anti-entropy.md 7 and
// 7.1). Pure: nothing here asks a clock, the store or the peer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "sync/status.hpp"
#include "sync/wire.hpp"
#include "sync/worker.hpp"

namespace dnsmesh::sync {

/// A pair that this peer offered and that we asked it for.
struct Wanted {
  PairKey pair;
  std::int64_t ttl_ms_max = 0;  // what it advertised, at most k_ttl_ms_max, and the slop
  /// No record lives longer.
  static constexpr std::int64_t k_ttl_ms_max = limits::sync_manifest_ttl_s_max * 1000;
};

/// What became of a wanted pair.
enum class Fate {
  missing,  // the answer does not hold it
  arrived,  // passed all gates so far
  settled,  // needs nothing: it expired on the way, or can never become valid again
  refused,  // for `reason`; to quarantine
};
struct Arrival {
  Fate fate = Fate::missing;
  std::string value;        // when arrived
  std::int64_t ttl_ms = 0;  // when arrived: what the peer gives it, under all ceilings
  std::string reason;       // when refused
};

/// Values that belong to no wanted pair.
struct Stray {
  PairKey pair;
  bool name_asked = false;  // false: unsolicited
};

struct Matched {
  std::vector<Arrival> arrivals;  // one a wanted pair, in their order
  std::vector<Stray> strays;
};

/// Gates 2 and 3: matches what came to what was asked for. With `no_hash_gate` any value at a name is taken for a pair
/// that was wanted there (the simulation's own test).
Matched match(const std::vector<Wanted>& wanted, std::vector<PulledRecord> records, bool no_hash_gate);

/// The longest life that a value may be given at `now_s`, by its type (7.1): a cluster manifest's own end, at most five
/// years; a signed end, or a week or what the operator says for all others. 0 or less: its signed end is past
/// (15.7 row 11), and it can never become valid again.
std::int64_t ttl_s_ceiling(std::string_view value, std::int64_t now_s, std::int64_t ttl_s_max);

/// Gates on one arrival that need no signature: size, an end that is past, a life under all ceilings.
void judge_arrival(Arrival& arrival, const Wanted& wanted, std::int64_t now_s, const WorkerOptions& options,
                   const InjectedBugs& bugs);

/// The whole seconds that are left of a life that a peer gave us, rounded down: the time since the request was sent
/// (both monotonic) is taken off, since the peer may have looked right then (spec/anti-entropy.md 6.3).
std::int64_t ttl_s_left(std::int64_t ttl_ms, std::int64_t sent_ms, std::int64_t now_ms);

/// Whether an own life is so near the peer's that nothing is to be fetched or written.
bool close_enough(std::int64_t own_expires_s, std::int64_t ttl_s, std::int64_t now_s);

/// True when `value` is an alias: it decodes to the blob of a record and is not spelt as base64 is (15.7, row 20).
/// `blob`, when given, gets the decoded blob.
bool is_alias(std::string_view value, std::string* blob = nullptr);

}  // namespace dnsmesh::sync
