// SPDX-License-Identifier: Apache-2.0
// A request as the engine needs it: header, first question, EDNS. Every RR of the other sections is only walked over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dns/edns.hpp"
#include "dns/name.hpp"
#include "dns/wire.hpp"

namespace dnsmesh::dns {

struct Message {
  Header header;
  std::string_view question;  // the first question as sent, borrowed from the input; empty when there is none
  Name name;                  // its name, folded
  std::uint16_t type = 0;
  std::uint16_t qclass = 0;
  std::optional<Edns> edns;
  bool has_tsig = false;  // an RR of that type is somewhere in it
};

/// Everything of an RR but its owner.
struct RecordFields {
  std::uint16_t type = 0;
  std::uint16_t rclass = 0;
  std::uint32_t ttl = 0;
  std::string_view rdata;  // borrowed from the message
};

/// Reads the RR at `position` and moves `position` behind it. False when it is cut or its owner is no name.
bool read_record(std::string_view octets, std::size_t& position, Name& owner, RecordFields& fields);

enum class Fault {
  none,
  syntax,  // cut or invalid names, RDLENGTH beyond the end, octets after the last RR
  edns,    // two OPT RRs, OPT outside the additional section, its owner not the root, malformed options
};

/// Reads a whole request behind its header, which is in `out` already. After a fault, `out` holds what came before it.
/// Any number of questions is walked over; only the first is kept.
Fault parse_message(std::string_view octets, Message& out);

}  // namespace dnsmesh::dns
