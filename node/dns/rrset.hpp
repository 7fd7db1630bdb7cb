// SPDX-License-Identifier: Apache-2.0
// The TXT values of one owner name, ready to be copied into answers. Immutable: a change makes a new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/tail.hpp"

namespace dnsmesh::dns {

/// One value as it is kept at one spelling of the owner name.
struct IndexedValue {
  std::string_view spelling;  // as stored; empty when it is the folded presentation form
  std::string_view rdata;     // character-strings (spec/dns.md 5)
  std::int64_t expires_s = 0;
};

/// `value` cut into consecutive character-strings of 255 octets, the last one shorter; an empty value is one empty
/// string.
std::string to_character_strings(std::string_view value);

class RRset final : public HasTail {
 public:
  /// Copies `values`, of which there is at least one. Order is not kept.
  static std::unique_ptr<const RRset> make(std::vector<IndexedValue> values);

  /// Distinct values; a value at several spellings counts once and has its latest expiry.
  std::size_t size() const { return distinct_count_; }
  /// Of the distinct values, 0 <= i < size().
  std::string_view rdata(std::size_t i) const { return value(i).rdata; }
  std::int64_t expires_s(std::size_t i) const;

  /// Everything that make() was given; borrowed from this object.
  std::vector<IndexedValue> values() const;
  /// The latest expiry of all.
  std::int64_t latest_expiry_s() const;
  /// What it takes in memory.
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::int64_t expires_s;
    std::uint32_t offset;  // in the tail: the RDATA, then the spelling
    std::uint32_t rdata_octets;
    std::uint32_t spelling_octets;
  };
  RRset(std::size_t value_count, std::size_t bytes) : value_count_(value_count), bytes_(bytes) {}
  template <class T, class... Arguments>
  friend T* new_with_tail(std::size_t, Arguments&&...);

  const Entry& entry(std::size_t i) const;
  IndexedValue value(std::size_t i) const;

  std::size_t value_count_;
  std::size_t distinct_count_ = 0;  // these come first
  std::size_t bytes_;
};

}  // namespace dnsmesh::dns
