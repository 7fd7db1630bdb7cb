// SPDX-License-Identifier: Apache-2.0
// What is kept of a peer across restarts (spec/anti-entropy.md 8.2): its classic watermark and its place in the change
// feed, each the text of a store position (store::SetPosition) under the normalised endpoint, and when either still
// holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/peer.hpp"
#include "sync/watermark.hpp"
#include "sync/wire.hpp"

namespace dnsmesh::sync {

/// The `kind` of store positions.
inline constexpr std::string_view k_classic_position = "classic";
inline constexpr std::string_view k_extended_position = "extended";

struct ClassicPosition {
  FeedPoint wm;
  std::int64_t full_scan_s = 0;  // when the whole feed was last read; unix seconds, 0: never
};
struct ExtendedPosition {
  WireEpoch epoch;
  std::int64_t rseq = 0;
};
/// Whose position it is: the peer at an endpoint may become another one.
struct PositionOwner {
  std::string node_id;
  bool synthetic_id = false;
};

/// The text is JSON; `updated_s` is for people. A text that is none of ours gives nothing, which means "from the
/// start".
std::string write_position(const ClassicPosition& position, const Peer& owner, std::int64_t updated_s);
std::string write_position(const ExtendedPosition& position, const Peer& owner, std::int64_t updated_s);
std::optional<ClassicPosition> read_classic_position(std::string_view text, const Peer& owner);
std::optional<ExtendedPosition> read_extended_position(std::string_view text, const Peer& owner);

/// Whether the peer now at an endpoint goes on where the earlier one stood (spec/anti-entropy.md 9.3): the same id, or
/// an earlier id that was made from the URL.
bool continues(const PositionOwner& earlier, const Peer& now);

/// Whether a watermark says anything: not more than a minute ahead of both clocks, and not older than the longest life.
bool usable_watermark(const FeedPoint& wm, std::int64_t own_now_ms, std::int64_t peer_now_ms,
                      std::int64_t longest_ttl_s);

/// For people: `1795341751333:a.test:<hash>` or `<epoch>:<rseq>`.
std::string describe(const ClassicPosition& position);
std::string describe(const ExtendedPosition& position);

}  // namespace dnsmesh::sync
