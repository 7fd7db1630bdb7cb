// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "base/hex.hpp"

using namespace dnsmesh;

namespace {

/// A row of the table in spec/records.md 1.2; nothing means "fail".
struct Row {
  std::string input;
  std::optional<std::string> strict_hex;
  std::optional<std::string> lenient_hex;
};

std::optional<std::string> hex_of(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  return to_hex(*bytes);
}

}  // namespace

TEST_CASE("each documented input decodes as its row says in both modes") {
  const auto nothing = std::nullopt;
  const Row rows[] = {
      {"AAAA", "000000", "000000"},
      {"AAA=", "0000", "0000"},
      {"AAB=", "0000", "0000"},
      {"AAAA=", "000000", "000000"},
      {"AAAA==", "000000", "000000"},
      {"AAAA====", "000000", "000000"},
      {"AAA==", nothing, "0000"},
      {"AA==AAAA", nothing, "00"},
      {"AAAAA=AAA", nothing, "000000000000"},
      {"AAAA\n", nothing, "000000"},
      {"AAAA-___", nothing, "000000"},
      {"AAAA=AAA", nothing, nothing},
      {"AAA", nothing, nothing},
      {"A", nothing, nothing},
      {"A===", nothing, nothing},
      {"=AAA", nothing, nothing},
      {"AA=", nothing, nothing},
      {"A=AA", nothing, nothing},
      {"AA=A", nothing, nothing},
      {"AA==A", nothing, "00"},
      {"AA==\n", nothing, "00"},
      {"AA===", nothing, "00"},
      {"AB==", "00", "00"},
      {"", "", ""},
      {"AAA\xC3\xA9", nothing, nothing},
  };
  for (const Row& row : rows) {
    CAPTURE(row.input);
    CHECK(hex_of(base64_decode_strict(row.input)) == row.strict_hex);
    CHECK(hex_of(base64_decode_lenient(row.input)) == row.lenient_hex);
  }
}

TEST_CASE("what is encoded decodes to itself at every length") {
  std::string bytes;
  for (int size = 0; size < 100; ++size) {
    const std::string text = base64_encode(bytes);
    CHECK(text.size() % 4 == 0);
    CHECK(base64_decode_strict(text) == bytes);
    CHECK(base64_decode_lenient(text) == bytes);
    bytes.push_back(static_cast<char>(size * 37 + 11));
  }
}
