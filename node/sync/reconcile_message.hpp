// SPDX-License-Identifier: Apache-2.0
// The messages of range reconciliation, read and written (docs/protocol/reconciliation.md). Inside sync/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "crypto/hash.hpp"
#include "sync/id_tally.hpp"
#include "sync/pair_set.hpp"

namespace dnsmesh::sync {

inline constexpr unsigned char k_reconcile_version = 0x61;

enum class RangeMode : std::uint8_t { skip = 0, fingerprint = 1, ids = 2 };

/// What a message says of one range.
struct RangeClaim {
  IdRange range;
  RangeMode mode = RangeMode::skip;
  Fingerprint fingerprint{};  // only of mode fingerprint
  std::string_view ids{};     // only of mode ids: 32 octets each, strictly ascending and inside the range; borrowed
};

std::size_t count_of(const RangeClaim& claim);
crypto::Hash256 id_of(const RangeClaim& claim, std::size_t place);

/// All claims of a message of our version, in order; the ranges follow one another from the lowest id on. Error:
/// sync_malformed for everything else.
Result<std::vector<RangeClaim>> parse_reconcile_message(std::string_view message);

/// Writes one message within the frame. What no claim covers counts as agreed.
class ReconcileWriter {
 public:
  explicit ReconcileWriter(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  /// Claims in ascending order. False when there is no room beside the final claim; nothing is written then.
  bool fingerprint(const IdRange& range, const Fingerprint& fingerprint);
  /// At most so many ids can be listed now.
  std::size_t ids_room() const;
  /// Precondition: `ids.size() <= ids_room()`, ids of the range, ascending.
  void ids(const IdRange& range, std::span<const crypto::Hash256> ids);
  /// Ends the message with a claim about everything from `lower` on: what did not fit is asked for in the next round.
  void rest(const crypto::Hash256& lower, const Fingerprint& fingerprint);

  bool empty() const { return out_.size() == 1; }
  std::string take() { return std::move(out_); }

 private:
  void begin_claim(const IdRange& range, RangeMode mode);
  void bound(const std::optional<crypto::Hash256>& upper);

  const std::size_t frame_bytes_max_;
  std::string out_{static_cast<char>(k_reconcile_version)};
  crypto::Hash256 reached_{};  // the upper end of what was written
};

}  // namespace dnsmesh::sync
