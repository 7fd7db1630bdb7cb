// SPDX-License-Identifier: Apache-2.0
// The text around every record: an exact prefix, then one base64 string of `body || signature` (spec/records.md 1.1).
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/ed25519.hpp"

namespace dnsmesh::record {

enum class Base64Mode { strict, lenient };

inline constexpr std::size_t k_no_text_cap = std::numeric_limits<std::size_t>::max();

/// How a record type is written as text. `text_bytes_max` counts the whole text with its prefix, inclusive.
struct TextForm {
  std::string_view title;
  std::string_view prefix;
  Base64Mode mode;
  std::size_t text_bytes_max;
};

inline constexpr TextForm k_cluster_manifest_form{"cluster manifest", "v=dmp1;t=cluster;", Base64Mode::strict, 1200};
inline constexpr TextForm k_bootstrap_record_form{"bootstrap record", "v=dmp1;t=bootstrap;", Base64Mode::strict, 1200};
inline constexpr TextForm k_identity_record_form{"identity record", "v=dmp1;t=identity;d=", Base64Mode::lenient,
                                                 k_no_text_cap};
inline constexpr TextForm k_prekey_form{"prekey", "v=dmp1;t=prekey;d=", Base64Mode::lenient, k_no_text_cap};
inline constexpr TextForm k_slot_manifest_form{"slot manifest", "v=dmp1;t=manifest;d=", Base64Mode::lenient,
                                               k_no_text_cap};
inline constexpr TextForm k_rotation_record_form{"rotation record", "v=dmp1;t=rotation;", Base64Mode::strict, 1200};
inline constexpr TextForm k_revocation_record_form{"revocation record", "v=dmp1;t=revocation;", Base64Mode::strict,
                                                   1200};
inline constexpr TextForm k_heartbeat_record_form{"heartbeat record", "v=dmp1;t=heartbeat;", Base64Mode::strict, 1200};
inline constexpr TextForm k_claim_record_form{"claim record", "v=dmp1;t=claim;", Base64Mode::strict, 255};
inline constexpr TextForm k_chunk_form{"chunk", "v=dmp1;t=chunk;d=", Base64Mode::strict, k_no_text_cap};

inline constexpr std::size_t k_signature_bytes = 64;

/// The decoded blob of a text. Errors, in this order: record_prefix, record_oversize, record_base64.
Result<std::string> open_text(const TextForm& form, std::string_view text);

/// The text of a blob. Errors: record_issue_refused when the text would be longer than the cap; the message says by how
/// much.
Result<std::string> seal_text(const TextForm& form, std::string_view blob);

/// Signs `body` and gives the text. Errors: record_issue_refused above the cap.
Result<std::string> seal_signed(const TextForm& form, std::string_view body, const crypto::SigningKey& key);

/// A blob without its last `k_signature_bytes`, and those bytes. Both borrow from `blob`.
struct SignedBody {
  std::string_view body;
  std::string_view signature;
};

/// Precondition: `blob` holds at least a signature.
SignedBody split_signature(std::string_view blob);

}  // namespace dnsmesh::record
