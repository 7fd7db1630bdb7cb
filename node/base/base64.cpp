// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace dnsmesh {
namespace {

constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::int8_t k_foreign = -1;

constexpr std::array<std::int8_t, 256> k_symbol_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(k_foreign);
  for (std::size_t i = 0; i < k_alphabet.size(); ++i) {
    values[static_cast<unsigned char>(k_alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

enum class Mode { strict, lenient };

/// Collects six-bit symbols into bytes and knows the position inside the group of four.
class Decoder {
 public:
  explicit Decoder(std::size_t text_size) { out_.reserve(text_size / 4 * 3 + 3); }

  void symbol(std::int8_t value) {
    bits_ = (bits_ << 6 | static_cast<std::uint32_t>(value)) & 0xFFFFFF;
    group_position_ = (group_position_ + 1) % 4;
    if (group_position_ == 1) return;
    const int spare_bits = group_position_ == 0 ? 0 : 6 - 2 * (group_position_ - 1);
    out_.push_back(static_cast<char>(static_cast<unsigned char>(bits_ >> spare_bits)));
  }

  int group_position() const { return group_position_; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::uint32_t bits_ = 0;
  int group_position_ = 0;
};

std::optional<std::string> decode(std::string_view text, Mode mode) {
  const bool ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii) return std::nullopt;
  if (mode == Mode::strict && text.starts_with('=')) return std::nullopt;
  Decoder decoder(text.size());
  int pads = 0;
  bool padding_started = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '=') {
      padding_started = true;
      if (decoder.group_position() < 2 || decoder.group_position() + ++pads < 4) continue;
      if (mode == Mode::strict && i + 1 != text.size()) return std::nullopt;
      return decoder.take();
    }
    const std::int8_t value = k_symbol_values[static_cast<unsigned char>(c)];
    if (value == k_foreign) {
      if (mode == Mode::strict) return std::nullopt;
      continue;
    }
    if (mode == Mode::strict && padding_started) return std::nullopt;
    pads = 0;
    decoder.symbol(value);
  }
  if (decoder.group_position() != 0) return std::nullopt;
  return decoder.take();
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out.push_back(k <= group.size() ? k_alphabet[bits >> (18 - 6 * k) & 63] : '=');
    }
  }
  return out;
}

std::optional<std::string> base64_decode_strict(std::string_view text) { return decode(text, Mode::strict); }

std::optional<std::string> base64_decode_lenient(std::string_view text) { return decode(text, Mode::lenient); }

}  // namespace dnsmesh
