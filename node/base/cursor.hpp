// SPDX-License-Identifier: Apache-2.0
// Reading and writing of binary layouts. All parsers of bytes use ByteReader: a read past the end gives zero or an
// empty view and sets a sticky error, so a parser reads a whole layout and asks ok() once. Integers are big-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dnsmesh {

/// A position in borrowed bytes. Copyable; not for use by two threads at once.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }

  /// The next `count` bytes, borrowed from the input; empty with the error set when fewer are left.
  std::string_view bytes(std::size_t count) {
    if (!ok_ || count > bytes_.size() - position_) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(position_, count);
    position_ += count;
    return taken;
  }

  std::size_t remaining() const { return ok_ ? bytes_.size() - position_ : 0; }
  std::size_t position() const { return position_; }
  bool ok() const { return ok_; }
  /// True when every byte was read and no read failed.
  bool at_end() const { return ok_ && position_ == bytes_.size(); }

 private:
  std::uint64_t number(std::size_t count) {
    std::uint64_t value = 0;
    for (const char c : bytes(count)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  std::string_view bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

/// Appends binary fields to a string that it owns until taken.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t value) { return number(value, 1); }
  ByteWriter& u16(std::uint16_t value) { return number(value, 2); }
  ByteWriter& u32(std::uint32_t value) { return number(value, 4); }
  ByteWriter& u64(std::uint64_t value) { return number(value, 8); }
  ByteWriter& bytes(std::string_view value) {
    out_.append(value);
    return *this;
  }
  const std::string& view() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  ByteWriter& number(std::uint64_t value, int count) {
    for (int shift = (count - 1) * 8; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
    }
    return *this;
  }

  std::string out_;
};

}  // namespace dnsmesh
