// SPDX-License-Identifier: Apache-2.0
// Domain names in wire form: labels with their length octets, ended by the root label (RFC 1035 3.1). Functions on
// views take such a whole name without compression.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.hpp"

namespace dnsmesh::dns {

/// A name in a buffer of its own, so that the query path needs no heap. Empty until a parser has filled it.
class Name {
 public:
  std::string_view wire() const { return {octets_.data(), size_}; }

  void clear() { size_ = 0; }
  /// Appends one label with its length octet, or the root label when `label` is empty. False when the name would pass
  /// 255 octets or the label 63; the name is unchanged then.
  bool append_label(std::string_view label);
  /// ASCII upper case to lower case. Length octets are below 64, so they stay.
  void fold();

  /// Reads the presentation form, with or without the final dot: `\X` and `\DDD` escapes, every other octet as itself.
  /// Case is kept. Nothing when the text is not a DNS name: an empty label, one over 63 octets, over 255 in all, a bad
  /// escape.
  static std::optional<Name> from_text(std::string_view text);

 private:
  std::array<char, limits::wire_name_octets_max> octets_;
  std::size_t size_ = 0;
};

/// Presentation form without the final dot, escaped as spec/dns.md 4 says. The root gives the empty text.
std::string name_to_text(std::string_view wire);

/// The first label without its length octet; empty for the root.
std::string_view first_label(std::string_view wire);

/// The name without its first label. Precondition: not the root.
std::string_view parent_of(std::string_view wire);

/// True when `wire` is `ancestor` or ends in it at a label boundary. Both folded.
bool is_at_or_under(std::string_view wire, std::string_view ancestor);

/// Reads a name at `position` of `message`, following compression pointers, and moves `position` behind it. Strict: a
/// pointer goes only backwards from the part that holds it, never into the header, and there are at most
/// limits::name_pointers_max of them. False on anything else; `position` and `out` are then without meaning.
bool read_name(std::string_view message, std::size_t& position, Name& out);

/// Which shortened life an owner name has (spec/dns.md 5): clients poll these names before they exist.
enum class OwnerShape {
  ordinary,
  polled,     // slot-<digits>.mb-<hex>. or claim-<digits>.mb-<hex>.
  heartbeat,  // _dnsmesh-heartbeat. or _dnsmesh-seen.
};
OwnerShape owner_shape(std::string_view folded_wire);

}  // namespace dnsmesh::dns
