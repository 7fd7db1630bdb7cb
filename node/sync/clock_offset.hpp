// SPDX-License-Identifier: Apache-2.0
// How far the peers' clocks are from ours, by the Date of their answers (spec/anti-entropy.md 8.3 and 16, F36). Good to
// about a second.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh::sync {

class ClockOffsets {
 public:
  /// An answer of `peer` that was asked for at `sent_ms` and came at `received_ms` (both our wall clock) and says
  /// `date_s`.
  void note(std::string_view peer, std::int64_t date_s, std::int64_t sent_ms, std::int64_t received_ms,
            std::int64_t monotonic_ms);
  void forget(std::string_view peer);

  /// The peer's clock minus ours; nothing when it sends no Date, or sent none for an hour.
  std::optional<std::int64_t> offset_ms(std::string_view peer, std::int64_t monotonic_ms) const;

  /// Our clock is off by more than an hour from the median of at least two peers. Of an even number the middle one that
  /// is nearer to us counts, so that one liar of two is not believed.
  bool own_clock_disagrees(std::int64_t monotonic_ms) const;

 private:
  struct Seen {
    std::int64_t offset_ms = 0;
    std::int64_t at_ms = 0;
  };
  bool recent(const Seen& seen, std::int64_t monotonic_ms) const;

  std::map<std::string, Seen, std::less<>> seen_;
};

}  // namespace dnsmesh::sync
