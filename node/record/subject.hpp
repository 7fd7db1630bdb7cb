// SPDX-License-Identifier: Apache-2.0
// Whom a rotation or revocation is about (spec/records.md 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/cursor.hpp"
#include "base/error.hpp"

namespace dnsmesh::record {

enum class SubjectType : std::uint8_t { user_identity = 1, cluster_operator = 2, bootstrap_signer = 3 };

/// True for 1, 2 and 3.
bool is_subject_type(std::uint8_t value);

/// Bytes that a subject of this type may have on the wire.
std::size_t subject_bytes_max(SubjectType type);

/// Whether the rules of the type hold. `subject` is UTF-8; its length is checked elsewhere.
bool is_subject(SubjectType type, std::string_view subject);

/// Are both the same subject by the rules of `type` (the record's)? The empty expectation never matches.
bool matches_expected_subject(SubjectType type, std::string_view signed_subject, std::string_view expected);

/// The type, length and bytes of a subject as read from a body. Errors: record_body_subject_type, record_body_range,
/// record_body_truncated, record_body_utf8. Whether the subject follows its rules is asked later (is_subject).
struct SubjectField {
  SubjectType type{};
  std::string subject;
};
Result<SubjectField> read_subject(ByteReader& reader);

/// Writes the field. Errors: record_issue_refused when the length or the rules do not hold.
Result<void> write_subject(ByteWriter& writer, SubjectType type, std::string_view subject);

}  // namespace dnsmesh::record
