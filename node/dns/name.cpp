// SPDX-License-Identifier: Apache-2.0
#include "dns/name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>

#include "base/cursor.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::dns {
namespace {

constexpr unsigned k_pointer_mark = 0xC0;  // RFC 1035 4.1.4

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

std::size_t label_size(std::string_view wire) { return static_cast<unsigned char>(wire.front()); }

/// True when `label` is `prefix` and then one or more characters that all satisfy `accepted`.
bool is_prefixed(std::string_view label, std::string_view prefix, bool (*accepted)(char)) {
  if (label.size() <= prefix.size() || !label.starts_with(prefix)) return false;
  return std::ranges::all_of(label.substr(prefix.size()), accepted);
}

/// Takes the escape behind a backslash off `text`; nothing when it is not one.
std::optional<char> take_escape(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  if (!is_digit(text.front())) {
    const char c = text.front();
    text.remove_prefix(1);
    return c;
  }
  if (text.size() < 3 || !is_digit(text[1]) || !is_digit(text[2])) return std::nullopt;
  const int value = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  if (value > 255) return std::nullopt;
  text.remove_prefix(3);
  return static_cast<char>(value);
}

}  // namespace

bool Name::append_label(std::string_view label) {
  if (label.size() > limits::label_bytes_max || size_ + 1 + label.size() > octets_.size()) return false;
  octets_[size_++] = static_cast<char>(label.size());
  std::ranges::copy(label, octets_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += label.size();
  return true;
}

void Name::fold() {
  for (std::size_t i = 0; i < size_; ++i) octets_[i] = fold_ascii(octets_[i]);
}

std::optional<Name> Name::from_text(std::string_view text) {
  Name name;
  if (text.ends_with('.') && text.size() == 1) text = {};
  std::string label;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '.') {
      if (label.empty() || !name.append_label(label)) return std::nullopt;
      label.clear();
      if (text.empty()) break;
      continue;
    }
    const std::optional<char> octet = c == '\\' ? take_escape(text) : c;
    if (!octet) return std::nullopt;
    label.push_back(*octet);
  }
  if (!label.empty() && !name.append_label(label)) return std::nullopt;
  if (!name.append_label({})) return std::nullopt;
  return name;
}

std::string name_to_text(std::string_view wire) {
  constexpr std::string_view k_escaped = "\"().;\\@$";
  std::string text;
  for (; label_size(wire) > 0; wire = parent_of(wire)) {
    if (!text.empty()) text.push_back('.');
    for (const char c : first_label(wire)) {
      const auto octet = static_cast<unsigned char>(c);
      if (k_escaped.find(c) != std::string_view::npos) {
        text.push_back('\\');
        text.push_back(c);
      } else if (octet <= 0x20 || octet >= 0x7F) {
        fmt::format_to(std::back_inserter(text), "\\{:03}", octet);
      } else {
        text.push_back(c);
      }
    }
  }
  return text;
}

std::string_view first_label(std::string_view wire) { return wire.substr(1, label_size(wire)); }

std::string_view parent_of(std::string_view wire) {
  assert(label_size(wire) > 0);
  return wire.substr(1 + label_size(wire));
}

bool is_at_or_under(std::string_view wire, std::string_view ancestor) {
  while (wire.size() > ancestor.size()) wire = parent_of(wire);
  return wire == ancestor;
}

bool read_name(std::string_view message, std::size_t& position, Name& out) {
  out.clear();
  std::size_t part_start = position;
  std::size_t pointers = 0;
  ByteReader reader(message);
  reader.bytes(position);
  while (true) {
    const std::uint8_t length = reader.u8();
    if (!reader.ok()) return false;
    if ((length & k_pointer_mark) == k_pointer_mark) {
      const std::size_t target = (length & ~k_pointer_mark) << 8 | reader.u8();
      if (!reader.ok() || target >= part_start || target < limits::name_pointer_target_min) return false;
      if (++pointers > limits::name_pointers_max) return false;
      if (pointers == 1) position = reader.position();
      part_start = target;
      reader = ByteReader(message);
      reader.bytes(target);
      continue;
    }
    const std::string_view label = reader.bytes(length);
    if (!reader.ok() || !out.append_label(label)) return false;
    if (length == 0) break;
  }
  if (pointers == 0) position = reader.position();
  return true;
}

OwnerShape owner_shape(std::string_view folded_wire) {
  const std::string_view first = first_label(folded_wire);
  if (first.empty()) return OwnerShape::ordinary;
  const std::string_view rest = parent_of(folded_wire);
  if (first == "_dnsmesh-heartbeat" || first == "_dnsmesh-seen") {
    return rest.size() > 1 ? OwnerShape::heartbeat : OwnerShape::ordinary;
  }
  if (!is_prefixed(first, "slot-", is_digit) && !is_prefixed(first, "claim-", is_digit)) return OwnerShape::ordinary;
  if (!is_prefixed(first_label(rest), "mb-", is_hex)) return OwnerShape::ordinary;
  return parent_of(rest).size() > 1 ? OwnerShape::polled : OwnerShape::ordinary;
}

}  // namespace dnsmesh::dns
