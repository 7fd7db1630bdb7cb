// SPDX-License-Identifier: Apache-2.0
#include "base/random.hpp"

#include <sys/random.h>

#include <cassert>
#include <cerrno>

namespace dnsmesh {

std::uint64_t Random::u64() {
  unsigned char bytes[8];
  fill(bytes);
  std::uint64_t value = 0;
  for (const unsigned char b : bytes) value = value << 8 | b;
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  assert(bound > 0);
  // Values above the last whole multiple of `bound` would favour small results: draw again.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = u64();
  while (value >= limit) value = u64();
  return value % bound;
}

void SystemRandom::fill(std::span<unsigned char> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      assert(errno == EINTR && "getrandom(2) fails for no other reason with valid arguments");
      continue;
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

void SeededRandom::fill(std::span<unsigned char> out) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) {
      state_ += 0x9E3779B97F4A7C15U;
      word = state_;
      word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9U;
      word = (word ^ word >> 27) * 0x94D049BB133111EBU;
      word ^= word >> 31;
    }
    out[i] = static_cast<unsigned char>(word >> i % 8 * 8);
  }
}

}  // namespace dnsmesh
