// SPDX-License-Identifier: Apache-2.0
#include "record/chunk.hpp"

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "crypto/hash.hpp"
#include "record/reed_solomon.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record {
namespace {

constexpr std::size_t k_checksum_octets = 8;
constexpr std::size_t k_data_octets_max = k_codeword_octets_max - k_parity_octets;

std::string checksum_of(std::string_view block) {
  return std::string(view(crypto::sha256(block)).substr(0, k_checksum_octets));
}

}  // namespace

std::string wrap_chunk(std::string_view block) {
  std::string blob = checksum_of(block);
  for (std::size_t i = 0; i < block.size(); i += k_data_octets_max) {
    const std::string_view piece = block.substr(i, k_data_octets_max);
    blob += piece;
    blob += rs_parity(piece);
  }
  return blob;
}

Result<std::string> unwrap_chunk(std::string_view blob) {
  if (blob.size() <= k_checksum_octets) return fail(ErrorCode::record_body_unwrap);
  const std::string_view coded = blob.substr(k_checksum_octets);
  std::string block;
  for (std::size_t i = 0; i < coded.size(); i += k_codeword_octets_max) {
    const auto word = rs_correct(coded.substr(i, k_codeword_octets_max));
    if (!word) return fail(ErrorCode::record_body_unwrap);
    if (word->size() > k_parity_octets) block.append(*word, 0, word->size() - k_parity_octets);
  }
  if (checksum_of(block) != blob.substr(0, k_checksum_octets)) return fail(ErrorCode::record_body_unwrap);
  return block;
}

Result<std::string> parse_chunk(std::string_view text) {
  const auto blob = open_text(k_chunk_form, text);
  if (!blob) return std::unexpected(blob.error());
  return unwrap_chunk(*blob);
}

std::string issue_chunk(std::string_view block) {
  return std::string(k_chunk_form.prefix) + base64_encode(wrap_chunk(block));
}

}  // namespace dnsmesh::record
