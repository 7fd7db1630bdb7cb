// SPDX-License-Identifier: Apache-2.0
// What cluster manifests and bootstrap records have in common (spec/records.md 2 and 3): the signed list of an operator
// under a name, with `seq`, `exp`, the operator's key and the same order of checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record {

/// The fields before the list.
struct ListHead {
  std::uint64_t seq = 0;
  std::uint64_t exp = 0;
  crypto::PublicKey spk{};
  std::string name;  // without a trailing dot
};

/// The body of `text` once its signature by `spk` holds. Errors, in this order: those of open_text, record_short,
/// record_key_arg (`spk` is not 32 bytes), record_signature.
Result<std::string> open_signed_list(const TextForm& form, std::string_view text, std::string_view spk);

/// Reads the head. Errors: record_body_short, record_body_magic, record_body_truncated, record_body_name.
Result<ListHead> read_list_head(ByteReader& reader, std::string_view magic);

/// The checks after the body. Errors: record_key_mismatch, record_expired, record_exp_too_far, record_name_mismatch.
Result<void> check_list_head(const ListHead& head, std::string_view spk, std::int64_t now_s,
                             std::optional<std::string_view> expected_name);

/// Writes the head, or refuses (record_issue_refused) a name that cannot be signed or a key that is not `head.spk`.
/// `name_title` is how the refusal calls the name.
Result<ByteWriter> write_list_head(const ListHead& head, std::string_view magic, const crypto::SigningKey& key,
                                   std::string_view name_title);

}  // namespace dnsmesh::record
