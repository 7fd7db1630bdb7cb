// SPDX-License-Identifier: Apache-2.0
#include "record/text_form.hpp"

#include <cassert>
#include <utility>

#include "base/base64.hpp"
#include "base/bytes.hpp"
#include "record/refuse.hpp"

namespace dnsmesh::record {

Result<std::string> open_text(const TextForm& form, std::string_view text) {
  if (!text.starts_with(form.prefix)) return fail(ErrorCode::record_prefix);
  if (text.size() > form.text_bytes_max) return fail(ErrorCode::record_oversize);
  text.remove_prefix(form.prefix.size());
  auto blob = form.mode == Base64Mode::strict ? base64_decode_strict(text) : base64_decode_lenient(text);
  if (!blob) return fail(ErrorCode::record_base64);
  return std::move(*blob);
}

Result<std::string> seal_text(const TextForm& form, std::string_view blob) {
  std::string text(form.prefix);
  text += base64_encode(blob);
  if (text.size() > form.text_bytes_max) {
    return refuse("the {} is {} bytes, the cap is {} ({} too many)", form.title, text.size(), form.text_bytes_max,
                  text.size() - form.text_bytes_max);
  }
  return text;
}

Result<std::string> seal_signed(const TextForm& form, std::string_view body, const crypto::SigningKey& key) {
  std::string blob(body);
  blob += view(key.sign(body));
  return seal_text(form, blob);
}

SignedBody split_signature(std::string_view blob) {
  assert(blob.size() >= k_signature_bytes);
  const std::size_t body_size = blob.size() - k_signature_bytes;
  return {blob.substr(0, body_size), blob.substr(body_size)};
}

}  // namespace dnsmesh::record
