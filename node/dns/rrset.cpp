// SPDX-License-Identifier: Apache-2.0
#include "dns/rrset.hpp"

#include <algorithm>
#include <cassert>
#include <new>

namespace dnsmesh::dns {
namespace {

constexpr std::size_t k_string_octets_max = 255;  // RFC 1035 3.3

/// Of equal RDATA, only the one with the latest expiry stays in front. Gives how many distinct ones there are.
std::size_t distinct_first(std::vector<IndexedValue>& values) {
  std::ranges::sort(values, [](const IndexedValue& a, const IndexedValue& b) {
    return a.rdata != b.rdata ? a.rdata < b.rdata : a.expires_s > b.expires_s;
  });
  std::vector<IndexedValue> shadowed;
  std::size_t distinct = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (distinct > 0 && values[distinct - 1].rdata == values[i].rdata) {
      shadowed.push_back(values[i]);
    } else {
      values[distinct++] = values[i];
    }
  }
  std::ranges::copy(shadowed, values.begin() + static_cast<std::ptrdiff_t>(distinct));
  return distinct;
}

}  // namespace

std::string to_character_strings(std::string_view value) {
  std::string out;
  out.reserve(value.size() + value.size() / k_string_octets_max + 1);
  do {
    const std::string_view piece = value.substr(0, k_string_octets_max);
    out.push_back(static_cast<char>(piece.size()));
    out.append(piece);
    value.remove_prefix(piece.size());
  } while (!value.empty());
  return out;
}

std::unique_ptr<const RRset> RRset::make(std::vector<IndexedValue> values) {
  assert(!values.empty());
  static_assert(sizeof(RRset) % alignof(Entry) == 0, "entries follow the object");
  std::size_t tail_bytes = values.size() * sizeof(Entry);
  for (const IndexedValue& value : values) tail_bytes += value.rdata.size() + value.spelling.size();
  const std::size_t distinct = distinct_first(values);
  std::unique_ptr<RRset> made(new_with_tail<RRset>(tail_bytes, values.size(), sizeof(RRset) + tail_bytes));
  made->distinct_count_ = distinct;
  char* const tail = tail_of(made.get());
  std::size_t offset = values.size() * sizeof(Entry);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const IndexedValue& value = values[i];
    ::new (tail + i * sizeof(Entry))
        Entry{value.expires_s, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(value.rdata.size()),
              static_cast<std::uint32_t>(value.spelling.size())};
    std::ranges::copy(value.rdata, tail + offset);
    std::ranges::copy(value.spelling, tail + offset + value.rdata.size());
    offset += value.rdata.size() + value.spelling.size();
  }
  return made;
}

std::int64_t RRset::expires_s(std::size_t i) const { return entry(i).expires_s; }

std::vector<IndexedValue> RRset::values() const {
  std::vector<IndexedValue> out;
  out.reserve(value_count_ + 1);
  for (std::size_t i = 0; i < value_count_; ++i) out.push_back(value(i));
  return out;
}

std::int64_t RRset::latest_expiry_s() const {
  std::int64_t latest = entry(0).expires_s;
  for (std::size_t i = 1; i < distinct_count_; ++i) latest = std::max(latest, entry(i).expires_s);
  return latest;
}

const RRset::Entry& RRset::entry(std::size_t i) const {
  assert(i < value_count_);
  return *static_cast<const Entry*>(static_cast<const void*>(tail_of(this) + i * sizeof(Entry)));
}

IndexedValue RRset::value(std::size_t i) const {
  const Entry& e = entry(i);
  const std::string_view bytes(tail_of(this) + e.offset, e.rdata_octets + e.spelling_octets);
  return {bytes.substr(e.rdata_octets), bytes.substr(0, e.rdata_octets), e.expires_s};
}

}  // namespace dnsmesh::dns
