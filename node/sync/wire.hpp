// SPDX-License-Identifier: Apache-2.0
// The JSON of the sync endpoints, read and written: classic (spec/anti-entropy.md 3 to 5) and extended (15.1 to 15.5).
// Readers trust nothing: any bytes give a value or sync_malformed. What only a server reads and writes is in
// wire_server.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "crypto/hash.hpp"
#include "store/record_store.hpp"

namespace dnsmesh::sync {

using store::PairKey;

/// Which database a peer has, as the wire spells it: `<32 hex>.<boot>`.
struct WireEpoch {
  std::string id;
  std::int64_t boot = 0;

  bool operator==(const WireEpoch&) const = default;
};
Result<WireEpoch> parse_epoch(std::string_view text);
std::string write_epoch(const WireEpoch& epoch);

/// The member `x` of a digest answer (15.1).
struct Extension {
  std::string node;
  WireEpoch epoch;
  bool feed = false;
  bool get = false;
  bool rbsr = false;
  bool hint = false;
  bool gzip = false;
  bool tombstones = false;
  std::int64_t high = 0;
  std::int64_t count = 0;
  std::int64_t now_ms = 0;
  std::optional<std::uint64_t> manifest_seq;
};

struct DigestEntry {
  std::string name;  // 1 to 253 bytes
  crypto::Hash256 hash{};
  std::int64_t ts_ms = 0;  // not negative
  std::int64_t ttl_s = 0;  // 0 to 2^31
  bool replicable = true;  // false: the name fails the character rule (3.3); it gives a position and nothing else (F22)
};

struct DigestAnswer {
  std::vector<DigestEntry> entries;  // those that give a position, in the order received
  std::size_t malformed = 0;         // the others
  bool has_more = false;
  std::optional<Extension> extension;
};

/// More entries than `limit` is sync_malformed (11). An entry's `ts` is not held against any clock here.
Result<DigestAnswer> parse_digest_answer(std::string_view body, std::size_t limit);
/// The target of a digest request; `extended` asks for the member `x`.
std::string digest_target(const store::DigestCursor& after, std::size_t limit, bool extended);
/// A cursor in three parts, as a watermark is stored and as `next_cursor` has it.
std::string write_cursor(const store::DigestCursor& cursor);
/// Two or three parts (3.1). Error: sync_malformed.
Result<store::DigestCursor> parse_cursor(std::string_view text);

/// An element of a pull or get answer; `ttl_ms` is whole seconds times 1000 in a pull.
struct PulledRecord {
  std::string name;
  std::string value;
  std::int64_t ttl_ms = 0;
};
struct PullAnswer {
  std::vector<PulledRecord> records;  // those with string name, string value and integer ttl > 0 (7, gate 1)
  std::size_t malformed = 0;
};
Result<PullAnswer> parse_pull_answer(std::string_view body);

/// The body of a pull for these names. The caller keeps it within k_pull_body_bytes_max (pull_request_bytes_of).
inline constexpr std::size_t k_pull_names_max = 256;
inline constexpr std::size_t k_pull_body_bytes_max = 16383;
std::string write_pull_request(const std::vector<std::string>& names);
/// The bytes that a name adds to the body, separators included.
std::size_t pull_request_bytes_of(std::string_view name);

/// The wire of a `cluster-manifest` answer (5); nothing is verified.
Result<std::string> parse_manifest_answer(std::string_view body);

enum class FeedKind { put = 0, tombstone = 1 };
struct FeedEntry {
  std::int64_t rseq = 0;
  FeedKind kind = FeedKind::put;
  PairKey pair;
  std::int64_t ttl_ms = 0;  // of a tombstone: until it ends
  bool replicable = true;
};
struct FeedAnswer {
  WireEpoch epoch;
  std::int64_t high = 0;
  std::int64_t next = 0;
  bool more = false;
  bool reset = false;
  std::int64_t now_ms = 0;
  std::optional<std::uint64_t> manifest_seq;
  std::vector<FeedEntry> entries;  // strictly ascending by rseq and not beyond `next`, or it is sync_malformed
  std::size_t malformed = 0;
};
Result<FeedAnswer> parse_feed_answer(std::string_view body, std::size_t limit);
std::string feed_target(const WireEpoch& epoch, std::int64_t after, std::size_t limit, std::int64_t wait_ms,
                        bool tombstones);

inline constexpr std::size_t k_get_items_max = 1024;
std::string write_get_request(const std::vector<PairKey>& want);
std::string write_get_request_by_id(const std::vector<crypto::Hash256>& ids);
struct GetAnswer {
  std::vector<PulledRecord> records;
  std::size_t malformed = 0;
  std::size_t done = 0;  // how many of the items were processed, at least one
};
Result<GetAnswer> parse_get_answer(std::string_view body, std::size_t asked);

struct Hint {
  std::string node;
  WireEpoch epoch;
  std::int64_t high = 0;
  std::optional<std::uint64_t> manifest_seq;
};
std::string write_hint(const Hint& hint);
Result<Hint> parse_hint(std::string_view body);

}  // namespace dnsmesh::sync
