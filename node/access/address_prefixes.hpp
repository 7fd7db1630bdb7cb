// SPDX-License-Identifier: Apache-2.0
// Addresses and prefixes that an operator lists, and who is behind a proxy among them (spec/http-api.md 8).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace dnsmesh::access {

class AddressPrefixes {
 public:
  /// `10.0.0.0/8, 2001:db8::1`: separated by commas, blanks around entries and empty entries do not matter. Bits behind
  /// the prefix do not count. Error: config_bad_value, naming the entry.
  static Result<AddressPrefixes> parse(std::string_view list);

  /// False for text that is no address. An IPv4 address is the same when it comes mapped into IPv6.
  bool contains(std::string_view numeric_address) const;

 private:
  struct Prefix {
    ByteArray<16> start{};  // IPv4 mapped into IPv6
    std::size_t bits = 0;
  };
  static bool read(std::string_view entry, Prefix& out);

  std::vector<Prefix> prefixes_;
};

/// The client behind trusted proxies: the last address of `forwarded_for` (the X-Forwarded-For header) that is not one
/// of `trusted`. `peer` itself when it is not trusted, or when nothing usable is there; an entry that is no address
/// ends the walk, since whoever wrote it cannot be trusted for the rest.
std::string client_address(std::string_view peer, std::string_view forwarded_for, const AddressPrefixes& trusted);

}  // namespace dnsmesh::access
