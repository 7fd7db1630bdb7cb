// SPDX-License-Identifier: Apache-2.0
// What an UPDATE wants, and whether its zone and prerequisites hold (RFC 2136 3.1 to 3.4; spec/dns-update.md 2 and 6).
// Pure: the store is a parameter.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "dns/update_message.hpp"
#include "dns/wire.hpp"
#include "dns/zone.hpp"
#include "record/offer.hpp"

namespace dnsmesh::dns {

/// One change of a TXT RRset.
struct UpdateOperation {
  enum class Kind : std::uint8_t { add, delete_value, delete_rrset };
  Kind kind{};
  std::string owner;        // folded, presentation form
  std::string owner_wire;   // the same on the wire
  std::string value;        // of add and delete_value: the strings joined, UTF-8
  std::int64_t ttl_s = 0;   // of an add, as asked: 1 to 2^31 - 1
  std::int64_t life_s = 0;  // of an add, as it is going to be stored
  /// Of an add: it may end a life earlier, since its writer may delete the pair (spec/http-api.md 7.2).
  bool may_shorten = false;
  record::Offer offer = {};  // of an add: what peers would say of the pair
};

/// NOERROR when the zone entry names the served zone (spec/dns-update.md 2, checks 5 and 6).
Rcode check_zone(const UpdateMessage& message, const Zone& zone);

/// The operations on TXT in the order of the message; other types are passed over. Errors: NOTZONE when any owner is
/// outside the zone, else FORMERR when a value is not TXT or not UTF-8 (checks 7 to 9).
std::expected<std::vector<UpdateOperation>, Rcode> read_operations(const UpdateMessage& message, const Zone& zone);

/// The live values at a folded name in presentation form.
using ValuesAt = std::function<Result<std::vector<std::string>>(std::string_view folded_name)>;

/// NOERROR when every prerequisite holds (RFC 2136 3.2.5), SERVFAIL when `values_at` fails. TXT only; the apex has its
/// SOA, and NS, A and AAAA where they are set.
Rcode check_prerequisites(const UpdateMessage& message, const Zone& zone, const ValuesAt& values_at);

}  // namespace dnsmesh::dns
