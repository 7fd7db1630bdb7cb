// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace dnsmesh::access {

/// Under which key limits count a client: an IPv4 address as it is, also when it arrives mapped into IPv6; an IPv6
/// address as its /64, since one host usually has all of it (spec/http-api.md 8). Text that is no address is its own
/// key.
std::string address_key(std::string_view numeric_address);

}  // namespace dnsmesh::access
