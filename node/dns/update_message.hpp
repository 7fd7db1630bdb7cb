// SPDX-License-Identifier: Apache-2.0
// An UPDATE as it came (RFC 2136 2): its zone entry, prerequisites and updates, read but not yet judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dns/message.hpp"
#include "dns/name.hpp"

namespace dnsmesh::dns {

struct UpdateRecord {
  Name owner;  // folded
  RecordFields fields;
};

struct UpdateMessage {
  bool has_zone = false;
  Name zone;  // folded
  std::uint16_t zone_class = 0;
  std::vector<UpdateRecord> prerequisites;
  std::vector<UpdateRecord> updates;
};

/// Reads a whole UPDATE whose opcode is known; views borrow from `octets`. Nothing when it must get FORMERR: what
/// parse_message finds wrong, more than one zone entry, one that is no SOA or of a meta class, a class or RDLENGTH that
/// RFC 2136 3.2.4 and 3.4.1.2 forbid, or a TSIG that is not the last RR.
std::optional<UpdateMessage> parse_update(std::string_view octets);

}  // namespace dnsmesh::dns
