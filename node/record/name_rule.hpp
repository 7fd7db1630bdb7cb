// SPDX-License-Identifier: Apache-2.0
// What an owner name is allowed to be at each door, and what it is reserved for (spec/records.md 13).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh::record {

/// True when the name, lower-cased, begins like the owner name of a DMP record type: other text may not be there.
bool is_reserved_owner(std::string_view name);

/// The 12 hex characters of a claim owner that lies directly under `claim_zone` (`claim-<digits>.mb-<hash12>.<zone>`,
/// any slot number); nothing for another name. Case and trailing dots do not matter on either side.
std::optional<std::string> claim_owner_hash(std::string_view name, std::string_view claim_zone);

/// The rule of a name in a sync digest: 1..253 of `[A-Za-z0-9._-]` (spec/anti-entropy.md 3.3).
bool is_digest_name(std::string_view name);

/// The rule of a name that is published or deleted over HTTP: at most 253 bytes, labels of letters, digits and inner
/// hyphens, each with an underscore before it at will; one trailing dot.
bool is_http_name(std::string_view name);

}  // namespace dnsmesh::record
