// SPDX-License-Identifier: Apache-2.0
#include "record/subject.hpp"

#include <optional>

#include "base/utf8.hpp"
#include "record/hostname.hpp"
#include "record/refuse.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::size_t k_user_subject_bytes_max = 255;

struct Address {
  std::string_view user;
  std::string_view host;
};

/// Both halves around the first `@`, each without white space at its ends.
std::optional<Address> split_address(std::string_view subject) {
  const std::size_t at = subject.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  return Address{strip_whitespace(subject.substr(0, at)), strip_whitespace(subject.substr(at + 1))};
}

/// One trailing dot is dropped here and the hostname rule tolerates another: `mesh.example.com..` passes, as existing
/// nodes have it.
bool is_host(std::string_view host) { return is_hostname(without_trailing_dot(host)); }

std::string normal_form(SubjectType type, std::string_view subject) {
  if (type != SubjectType::user_identity) return fold_ascii(without_trailing_dot(subject));
  const auto address = split_address(subject);
  if (!address) return std::string(subject);
  return std::string(address->user) + "@" + fold_ascii(without_trailing_dot(address->host));
}

}  // namespace

bool is_subject_type(std::uint8_t value) { return value >= 1 && value <= 3; }

std::size_t subject_bytes_max(SubjectType type) {
  return type == SubjectType::user_identity ? k_user_subject_bytes_max : k_signed_name_bytes_max;
}

bool is_subject(SubjectType type, std::string_view subject) {
  if (type != SubjectType::user_identity) return is_host(subject);
  const auto address = split_address(subject);
  return address && !address->user.empty() && is_host(address->host);
}

bool matches_expected_subject(SubjectType type, std::string_view signed_subject, std::string_view expected) {
  return !expected.empty() && normal_form(type, signed_subject) == normal_form(type, expected);
}

Result<SubjectField> read_subject(ByteReader& reader) {
  const std::uint8_t type = reader.u8();
  if (!is_subject_type(type)) return fail(ErrorCode::record_body_subject_type);
  SubjectField field;
  field.type = static_cast<SubjectType>(type);
  const std::size_t size = reader.u8();
  if (size == 0 || size > subject_bytes_max(field.type)) return fail(ErrorCode::record_body_range);
  field.subject = reader.bytes(size);
  if (!reader.ok()) return fail(ErrorCode::record_body_truncated);
  if (!is_utf8(field.subject)) return fail(ErrorCode::record_body_utf8);
  return field;
}

Result<void> write_subject(ByteWriter& writer, SubjectType type, std::string_view subject) {
  if (!is_subject_type(static_cast<std::uint8_t>(type))) {
    return refuse("subject type {} is unknown: 1 is a user, 2 a cluster operator, 3 a bootstrap signer",
                  static_cast<int>(type));
  }
  if (subject.empty() || subject.size() > subject_bytes_max(type)) {
    return refuse("a subject of type {} must be 1 to {} bytes, it has {}", static_cast<int>(type),
                  subject_bytes_max(type), subject.size());
  }
  if (!is_utf8(subject) || !is_subject(type, subject)) {
    return refuse("the subject must be {}",
                  type == SubjectType::user_identity ? "user@host, with a DNS name as host" : "a DNS name");
  }
  writer.u8(static_cast<std::uint8_t>(type)).u8(static_cast<std::uint8_t>(subject.size())).bytes(subject);
  return {};
}

}  // namespace dnsmesh::record
