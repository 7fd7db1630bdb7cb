// SPDX-License-Identifier: Apache-2.0
#include "record/reed_solomon.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

namespace dnsmesh::record {
namespace {

using Element = std::uint8_t;

struct Field {
  std::array<Element, 510> power{};  // alpha^i; twice around, so that a sum of two logarithms needs no reduction
  std::array<int, 256> log{};
};

constexpr Field k_field = [] {
  Field field;
  unsigned value = 1;
  for (int i = 0; i < 255; ++i) {
    field.power[static_cast<std::size_t>(i)] = field.power[static_cast<std::size_t>(i) + 255] =
        static_cast<Element>(value);
    field.log[value] = i;
    value <<= 1;
    if (value & 0x100) value ^= 0x11D;
  }
  return field;
}();

constexpr Element multiply(Element a, Element b) {
  if (a == 0 || b == 0) return 0;
  return k_field.power[static_cast<std::size_t>(k_field.log[a] + k_field.log[b])];
}

/// Precondition: b is not zero.
constexpr Element divide(Element a, Element b) {
  if (a == 0) return 0;
  return k_field.power[static_cast<std::size_t>(k_field.log[a] + 255 - k_field.log[b])];
}

constexpr Element alpha_power(std::size_t exponent) { return k_field.power[exponent % 255]; }

/// Coefficients by ascending degree; room for any product of two polynomials of the decoder.
using Polynomial = std::array<Element, 2 * k_parity_octets + 2>;
using Syndromes = std::array<Element, k_parity_octets>;

/// The generator without its leading 1, highest degree first.
constexpr std::array<Element, k_parity_octets> k_generator = [] {
  std::array<Element, k_parity_octets + 1> g{};  // ascending
  g[0] = 1;
  for (std::size_t root = 0; root < k_parity_octets; ++root) {
    for (std::size_t i = root + 1; i > 0; --i)
      g[i] = static_cast<Element>(g[i - 1] ^ multiply(g[i], alpha_power(root)));
    g[0] = multiply(g[0], alpha_power(root));
  }
  std::array<Element, k_parity_octets> out{};
  for (std::size_t i = 0; i < k_parity_octets; ++i) out[i] = g[k_parity_octets - 1 - i];
  return out;
}();

Element evaluate(const Polynomial& polynomial, Element x) {
  Element sum = 0;
  for (std::size_t i = polynomial.size(); i-- > 0;) sum = static_cast<Element>(multiply(sum, x) ^ polynomial[i]);
  return sum;
}

/// The word, first octet as highest coefficient, at each root of the generator.
Syndromes syndromes_of(std::string_view word) {
  Syndromes out{};
  for (std::size_t i = 0; i < k_parity_octets; ++i) {
    Element sum = 0;
    for (const char c : word) sum = static_cast<Element>(multiply(sum, alpha_power(i)) ^ static_cast<Element>(c));
    out[i] = sum;
  }
  return out;
}

struct Locator {
  Polynomial polynomial{};
  std::size_t errors = 0;
};

/// Berlekamp-Massey: the shortest recurrence that gives the syndromes. Its roots are the inverse error positions.
Locator find_locator(const Syndromes& syndromes) {
  Locator current;
  current.polynomial[0] = 1;
  Polynomial previous{};
  previous[0] = 1;
  Element previous_discrepancy = 1;
  std::size_t shift = 1;
  for (std::size_t n = 0; n < k_parity_octets; ++n) {
    Element discrepancy = syndromes[n];
    for (std::size_t i = 1; i <= current.errors; ++i) {
      discrepancy = static_cast<Element>(discrepancy ^ multiply(current.polynomial[i], syndromes[n - i]));
    }
    if (discrepancy == 0) {
      ++shift;
      continue;
    }
    const Polynomial before = current.polynomial;
    const Element scale = divide(discrepancy, previous_discrepancy);
    for (std::size_t i = shift; i < current.polynomial.size(); ++i) {
      current.polynomial[i] = static_cast<Element>(current.polynomial[i] ^ multiply(scale, previous[i - shift]));
    }
    if (2 * current.errors <= n) {
      current.errors = n + 1 - current.errors;
      previous = before;
      previous_discrepancy = discrepancy;
      shift = 1;
    } else {
      ++shift;
    }
  }
  return current;
}

/// syndromes * locator mod x^32, from which Forney's formula takes the error values.
Polynomial error_evaluator(const Syndromes& syndromes, const Locator& locator) {
  Polynomial out{};
  for (std::size_t i = 0; i < k_parity_octets; ++i) {
    for (std::size_t k = 0; k <= std::min(i, locator.errors); ++k) {
      out[i] = static_cast<Element>(out[i] ^ multiply(locator.polynomial[k], syndromes[i - k]));
    }
  }
  return out;
}

/// The formal derivative: in characteristic 2 only odd powers remain.
Polynomial derivative(const Polynomial& polynomial) {
  Polynomial out{};
  for (std::size_t i = 1; i < polynomial.size(); i += 2) out[i - 1] = polynomial[i];
  return out;
}

}  // namespace

std::string rs_parity(std::string_view data) {
  assert(data.size() + k_parity_octets <= k_codeword_octets_max);
  std::array<Element, k_parity_octets> remainder{};
  for (const char c : data) {
    const auto lead = static_cast<Element>(static_cast<Element>(c) ^ remainder[0]);
    for (std::size_t i = 0; i < k_parity_octets; ++i) {
      const Element next = i + 1 < k_parity_octets ? remainder[i + 1] : Element{0};
      remainder[i] = static_cast<Element>(next ^ multiply(lead, k_generator[i]));
    }
  }
  return {remainder.begin(), remainder.end()};
}

std::optional<std::string> rs_correct(std::string_view received) {
  if (received.size() > k_codeword_octets_max) return std::nullopt;
  const Syndromes syndromes = syndromes_of(received);
  std::string word(received);
  if (syndromes == Syndromes{}) return word;
  const Locator locator = find_locator(syndromes);
  if (locator.errors > k_parity_octets / 2) return std::nullopt;
  const Polynomial evaluator = error_evaluator(syndromes, locator);
  const Polynomial slope = derivative(locator.polynomial);
  std::size_t corrected = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const std::size_t degree = word.size() - 1 - i;
    const Element inverse_position = alpha_power(255 - degree % 255);
    if (evaluate(locator.polynomial, inverse_position) != 0) continue;
    const Element divisor = evaluate(slope, inverse_position);
    if (divisor == 0) return std::nullopt;
    // With the first root at alpha^0, Forney's value carries one factor of the position itself.
    const Element ratio = divide(evaluate(evaluator, inverse_position), divisor);
    const Element value = multiply(alpha_power(degree), ratio);
    word[i] = static_cast<char>(static_cast<Element>(word[i]) ^ value);
    ++corrected;
  }
  if (corrected != locator.errors || syndromes_of(word) != Syndromes{}) return std::nullopt;
  return word;
}

}  // namespace dnsmesh::record
