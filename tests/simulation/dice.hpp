// SPDX-License-Identifier: Apache-2.0
// The one source of chance of a run. Everything that is drawn comes from the seed, in the order of events, so the same
// seed and options give the same run.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "base/random.hpp"

namespace dnsmesh::simulation {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  /// True in `probability` of the cases, 0 to 1.
  bool chance(double probability) {
    return static_cast<double>(random_.u64() >> 11) * 0x1.0p-53 < probability;  // 53 bits: the integers of a double
  }
  /// Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    assert(low <= high);
    return low + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(high - low) + 1));
  }
  /// Uniform in [0, size). Precondition: size > 0.
  std::size_t index(std::size_t size) { return static_cast<std::size_t>(random_.below(size)); }
  template <class Container>
  auto& pick(Container& container) {
    return container[index(container.size())];
  }
  std::uint64_t u64() { return random_.u64(); }
  Random& random() { return random_; }

 private:
  SeededRandom random_;
};

}  // namespace dnsmesh::simulation
