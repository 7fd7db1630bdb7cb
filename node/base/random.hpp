// SPDX-License-Identifier: Apache-2.0
// Randomness as a parameter: the kernel's in production, a seeded sequence in tests and the simulation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dnsmesh {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> out) = 0;
  std::uint64_t u64();
  /// Uniform in [0, bound). Precondition: bound > 0.
  std::uint64_t below(std::uint64_t bound);
};

/// getrandom(2); fit for keys and secrets. Thread-safe.
class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override;
};

/// The twin: the same seed gives the same bytes (splitmix64). One thread only; never for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<unsigned char> out) override;

 private:
  std::uint64_t state_;
};

}  // namespace dnsmesh
