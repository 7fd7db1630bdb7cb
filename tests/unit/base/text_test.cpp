// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "base/hex.hpp"
#include "base/utf8.hpp"

using namespace dnsmesh;

TEST_CASE("strict UTF-8 refuses overlong forms, surrogates, what is too large and what is cut") {
  for (const char* good :
       {"", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(good);
    CHECK(is_utf8(good));
  }
  for (const char* bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC2", "\xE0\xA0", "\xF0\x90\x80", "\xC2\x41", "a\xE0\xA0"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_utf8(bad));
  }
  CHECK(is_utf8(std::string(1, '\0')));
}

TEST_CASE("every kind of white space goes from both ends and none from the middle") {
  const std::string blanks =
      "\t\n\v\f\r\x1C\x1D\x1E\x1F "
      "\xC2\x85\xC2\xA0\xE1\x9A\x80\xE2\x80\x80\xE2\x80\x8A\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAF"
      "\xE2\x81\x9F\xE3\x80\x80";
  CHECK(strip_whitespace(blanks + "a" + blanks + "b" + blanks) == "a" + blanks + "b");
  CHECK(strip_whitespace(blanks).empty());
  CHECK(strip_whitespace("").empty());
  // Next to the table's ranges: U+001B, U+200B, U+2027, U+180E are none.
  for (const char* kept : {"\x1B", "\xE2\x80\x8B", "\xE2\x80\xA7", "\xE1\xA0\x8E", "\x7F"})
    CHECK(strip_whitespace(kept) == kept);
}

TEST_CASE("ASCII white space is that of bytes: separators and wide blanks stay") {
  CHECK(strip_ascii_whitespace("\t\n\v\f\r a b\r\n") == "a b");
  CHECK(strip_ascii_whitespace("\x1C\xC2\xA0") == "\x1C\xC2\xA0");
  CHECK(strip_ascii_whitespace(" \n").empty());
}

TEST_CASE("folding touches A to Z only") { CHECK(fold_ascii("AZ@[`{az\xC3\x89") == "az@[`{az\xC3\x89"); }

TEST_CASE("hex is read in either case and without blanks") {
  CHECK(from_hex("00fFA9") == std::string("\x00\xff\xa9", 3));
  CHECK(to_hex(std::string("\x00\xff", 2)) == "00ff");
  CHECK(from_hex("") == "");
  for (const char* bad : {"0", "0g", "00 ", " 00", "0x00", "0\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(from_hex(bad).has_value());
  }
}
