// SPDX-License-Identifier: Apache-2.0
// A TXT question to a resolver, and its answer. What comes back may be forged or hostile: it is believed as far as the
// question goes and no further.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"

namespace dnsmesh::dns {

struct TxtQuestion {
  std::uint16_t id = 0;
  std::string name;     // wire form, the case of its letters random (0x20)
  std::string message;  // to be sent
};

/// A question with a random id, with recursion, EDNS and room for `udp_octets` in the answer. With `wants_dnssec` the
/// resolver is asked to vouch for the answer (DO and AD, RFC 6840 5.7). Nothing when `owner` is no DNS name.
std::optional<TxtQuestion> make_txt_question(std::string_view owner, std::uint16_t udp_octets, bool wants_dnssec,
                                             Random& random);

enum class TxtOutcome : std::uint8_t {
  stray,       // no answer to this question: another id, another question, not a response
  other_case,  // an answer that repeats our name in another case: honest over a connection, no proof in a datagram
  truncated,   // ask again over TCP
  failed,      // the resolver says that it cannot, or sent what is no DNS message
  answered,    // the values, or that there are none
};

struct TxtAnswer {
  TxtOutcome outcome = TxtOutcome::stray;
  std::vector<std::string> values;  // the strings of each TXT record put together, in the order of the answer
  bool is_authenticated = false;    // AD
  std::uint16_t rcode = 0;          // without the EDNS part
};

/// Reads an answer: TXT records of class IN at the name asked for or where its aliases lead, at most
/// limits::lookup_aliases_max of them. `values` also has what came with `other_case`, for an answer over TCP. Any
/// thread.
TxtAnswer read_txt_answer(const TxtQuestion& question, std::string_view message);

}  // namespace dnsmesh::dns
