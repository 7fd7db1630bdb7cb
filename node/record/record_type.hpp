// SPDX-License-Identifier: Apache-2.0
// Which type a value is, by its prefix alone: never by the magic, which claims and cluster manifests share
// (spec/records.md 16.1).
#pragma once

#include <cstdint>
#include <string_view>

namespace dnsmesh::record {

enum class RecordType : std::uint8_t {
  slot_manifest,
  identity,
  prekey,
  cluster_manifest,
  bootstrap,
  chunk,
  claim,
  rotation,
  revocation,
  heartbeat,
  unknown_dmp,  // begins `v=dmp` and is none of the above
  other,        // text of somebody else, and the empty value
};

/// The type by prefix, in the order of spec/records.md 14.
RecordType record_type_of(std::string_view value);

/// The name in log lines, metrics and for people: `slot manifest`, `claim record`, `unknown DMP record`, `other text`.
std::string_view record_type_title(RecordType type);

}  // namespace dnsmesh::record
