// SPDX-License-Identifier: Apache-2.0
// Writes a DNS message into a buffer of the caller. What does not fit sets a sticky error and writes nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dns/name.hpp"
#include "dns/wire.hpp"

namespace dnsmesh::dns {

class WireWriter {
 public:
  /// Writes at most `limit` octets; `limit` <= `out.size()`.
  WireWriter(std::span<char> out, std::size_t limit) : out_(out), limit_(limit) {}

  void u8(std::uint8_t value) { number(value, 1); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u32(std::uint32_t value) { number(value, 4); }
  void bytes(std::string_view value) {
    if (!has_room(value.size())) return;
    std::ranges::copy(value, out_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += value.size();
  }
  /// `name`, its longest common end with the question's name as a pointer there (RFC 1035 4.1.4). Both folded; the
  /// question stands right behind the header.
  void name(std::string_view name, std::string_view question_name) {
    while (name.size() > 1) {
      if (is_at_or_under(question_name, name)) {
        u16(static_cast<std::uint16_t>(0xC000 + k_header_octets + question_name.size() - name.size()));
        return;
      }
      bytes(name.substr(0, 1 + first_label(name).size()));
      name = parent_of(name);
    }
    u8(0);
  }
  /// Overwrites two octets that are written already.
  void u16_at(std::size_t position, std::uint16_t value) {
    out_[position] = static_cast<char>(value >> 8);
    out_[position + 1] = static_cast<char>(value & 0xFF);
  }
  /// Goes back to `size` octets and clears the error.
  void rewind(std::size_t size) {
    size_ = size;
    is_full_ = false;
  }
  void set_limit(std::size_t limit) { limit_ = limit; }

  std::size_t size() const { return size_; }
  bool is_full() const { return is_full_; }

 private:
  bool has_room(std::size_t count) {
    is_full_ = is_full_ || count > limit_ - size_;
    return !is_full_;
  }
  void number(std::uint32_t value, std::size_t count) {
    if (!has_room(count)) return;
    for (std::size_t i = count; i > 0; --i) out_[size_++] = static_cast<char>(value >> (i - 1) * 8 & 0xFF);
  }

  std::span<char> out_;
  std::size_t limit_;
  std::size_t size_ = 0;
  bool is_full_ = false;
};

}  // namespace dnsmesh::dns
