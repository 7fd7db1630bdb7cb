// SPDX-License-Identifier: Apache-2.0
// A one-time X25519 public key (spec/records.md 5). The record does not name its signer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::record {

struct Prekey {
  std::uint32_t prekey_id = 0;  // never 0 in a record
  ByteArray<32> x25519_pub{};
  std::uint64_t exp = 0;  // unix seconds; a past one still parses, the consumer drops it when now > exp

  bool operator==(const Prekey&) const = default;
};

/// The prekey of `text` when `signer_spk` signed it; a key that is not 32 bytes signs nothing. Errors: the codes of
/// spec/records.md 5, in its order.
Result<Prekey> parse_prekey(std::string_view text, std::string_view signer_spk, std::int64_t now_s);

/// The fields of `text` without the signature and the time rule. Errors: those of open_text, record_length,
/// record_body_range.
Result<Prekey> read_prekey(std::string_view text);

/// Signs a prekey. Errors: record_issue_refused for the reserved id 0.
Result<std::string> issue_prekey(const Prekey& prekey, const crypto::SigningKey& key);

}  // namespace dnsmesh::record
