// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace dnsmesh::sync {

/// Warnings about one peer: one a reason and minute (spec/anti-entropy.md 12), since the peer decides how often there
/// is cause for them.
class PeerLog {
 public:
  /// `reason` is one of our own words, so that there are few.
  void warning(std::string_view node_id, std::string_view reason, std::string_view text, std::int64_t monotonic_ms);

 private:
  std::map<std::string, std::int64_t, std::less<>> last_ms_;
};

}  // namespace dnsmesh::sync
