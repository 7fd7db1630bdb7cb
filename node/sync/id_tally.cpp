// SPDX-License-Identifier: Apache-2.0
#include "sync/id_tally.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "sync/varint.hpp"

namespace dnsmesh::sync {
namespace {

using Words = std::array<std::uint64_t, 4>;

Words words_of(const crypto::Hash256& id) {
  Words words{};
  for (std::size_t octet = 0; octet < id.size(); ++octet) {
    words[octet / 8] |= static_cast<std::uint64_t>(id[octet]) << (octet % 8 * 8);
  }
  return words;
}

void add_words(Words& sum, const Words& more) {
  unsigned long long carry = 0;
  for (std::size_t word = 0; word < sum.size(); ++word) {
    unsigned long long once = 0;
    unsigned long long twice = 0;
    const bool first = __builtin_uaddll_overflow(sum[word], more[word], &once);
    const bool second = __builtin_uaddll_overflow(once, carry, &twice);
    sum[word] = twice;
    carry = first || second ? 1 : 0;
  }
}

/// Two's complement of the sum modulo 2^256.
Words negative(const Words& words) {
  Words out{};
  for (std::size_t word = 0; word < words.size(); ++word) out[word] = ~words[word];
  add_words(out, {1, 0, 0, 0});
  return out;
}

}  // namespace

void IdTally::add(const crypto::Hash256& id) {
  add_words(sum_, words_of(id));
  ++count_;
}

IdTally& IdTally::operator+=(const IdTally& other) {
  add_words(sum_, other.sum_);
  count_ += other.count_;
  return *this;
}

IdTally& IdTally::operator-=(const IdTally& other) {
  add_words(sum_, negative(other.sum_));
  count_ -= other.count_;
  return *this;
}

Fingerprint IdTally::fingerprint() const {
  std::string text;
  for (const std::uint64_t word : sum_) {
    for (int shift = 0; shift < 64; shift += 8)
      text.push_back(static_cast<char>(static_cast<unsigned char>(word >> shift)));
  }
  append_varint(text, count_);
  const crypto::Hash256 hash = crypto::sha256(text);
  Fingerprint out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

}  // namespace dnsmesh::sync
