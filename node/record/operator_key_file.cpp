// SPDX-License-Identifier: Apache-2.0
#include "record/operator_key_file.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "crypto/keys.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::string_view k_seed_field = "operator_seed_hex=";
constexpr std::string_view k_public_field = "operator_public_hex=";
constexpr std::size_t k_key_bytes = 32;

std::optional<ByteArray<32>> key_from_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != k_key_bytes) return std::nullopt;
  return to_array<32>(*bytes);
}

/// The first line of `rest`, which loses it.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

/// What is wrong, and never what stands there: it may be most of a secret.
std::unexpected<Error> bad_line(int number, std::string_view what) {
  return fail(ErrorCode::key_file, fmt::format("line {}: {}", number, what));
}

}  // namespace

bool holds_operator_seed(std::string_view content) { return content.find(k_seed_field) != std::string_view::npos; }

std::string render_operator_key_file(const ByteArray<32>& x) {
  return fmt::format(
      "# Operator key of a DNS mesh cluster. Whoever holds this file can sign the cluster's manifest: keep it secret.\n"
      "# The seed is an X25519 private value; the Ed25519 key is derived from it. It is no heartbeat key.\n"
      "{}{}\n{}{}\n",
      k_seed_field, to_hex(view(x)), k_public_field, to_hex(view(crypto::signing_key_from_x25519(x).public_key())));
}

Result<crypto::SigningKey> parse_operator_key_file(std::string_view content) {
  std::optional<ByteArray<32>> x;
  std::optional<ByteArray<32>> stated_public;
  for (int number = 1; !content.empty(); ++number) {
    const std::string_view line = strip_ascii_whitespace(take_line(content));
    if (line.empty() || line.starts_with('#')) continue;
    const bool is_seed = line.starts_with(k_seed_field);
    if (!is_seed && !line.starts_with(k_public_field)) {
      return bad_line(number, "neither operator_seed_hex=, operator_public_hex= nor a comment");
    }
    auto& field = is_seed ? x : stated_public;
    // Which of two keys is meant nobody can know, and a manifest of the wrong one is lost on the cluster.
    if (field) return bad_line(number, is_seed ? "a second operator_seed_hex=" : "a second operator_public_hex=");
    field = key_from_hex(line.substr(is_seed ? k_seed_field.size() : k_public_field.size()));
    if (!field) return bad_line(number, "the key is not 64 hex characters");
  }
  if (!x) return fail(ErrorCode::key_file, "there is no operator_seed_hex= line");
  crypto::SigningKey signing_key = crypto::signing_key_from_x25519(*x);
  if (stated_public && *stated_public != signing_key.public_key()) {
    return fail(ErrorCode::key_file, "operator_public_hex does not belong to operator_seed_hex");
  }
  return signing_key;
}

Result<crypto::SigningKey> parse_heartbeat_key_file(std::string_view content) {
  if (content.size() == k_key_bytes) return crypto::SigningKey(to_array<32>(content));
  const std::string_view trimmed = strip_ascii_whitespace(content);
  if (trimmed.size() == k_key_bytes) return crypto::SigningKey(to_array<32>(trimmed));
  if (const auto seed = key_from_hex(trimmed)) return crypto::SigningKey(*seed);
  if (holds_operator_seed(content)) {
    return fail(ErrorCode::key_file,
                "this is a manifest's key file; a heartbeat key is 32 raw bytes or 64 hex characters, used as the "
                "Ed25519 seed itself");
  }
  return fail(ErrorCode::key_file, "a heartbeat key is 32 raw bytes or 64 hex characters");
}

}  // namespace dnsmesh::record
