// SPDX-License-Identifier: Apache-2.0
#include "app/config_file.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/limits.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;

TEST_CASE("a configuration file holds KEY=VALUE lines, comments and blank lines") {
  const auto entries = parse_config_file("node.env",
                                         "# comment\n"
                                         "\n"
                                         "  # indented comment\n"
                                         "A=1\n"
                                         "export B_2= two words \n"
                                         "export   C=\"quoted # not a comment\"\r\n"
                                         "d='it\"s'\n"
                                         "E=\n"
                                         "F=a=b#c\n"
                                         "G=\"\"\n"
                                         "H=last line without an end");
  REQUIRE(entries.has_value());
  REQUIRE(entries->size() == 8);
  const auto is = [&](std::size_t index, const std::string& key, const std::string& value, const std::string& where) {
    CAPTURE(key);
    CHECK(entries->at(index).key == key);
    CHECK(entries->at(index).value == value);
    CHECK(entries->at(index).where == where);
  };
  is(0, "A", "1", "node.env:4");
  is(1, "B_2", "two words", "node.env:5");
  is(2, "C", "quoted # not a comment", "node.env:6");
  is(3, "d", "it\"s", "node.env:7");
  is(4, "E", "", "node.env:8");
  is(5, "F", "a=b#c", "node.env:9");
  is(6, "G", "", "node.env:10");
  is(7, "H", "last line without an end", "node.env:11");
}

TEST_CASE("every bad line of a configuration file is reported with file and line, and without its value") {
  const auto entries =
      parse_config_file("node.env", "A=1\nnothing here\nB =2\n1A=3\nC=\"open\nD='a'b'\n=secret\nexport\n");
  REQUIRE_FALSE(entries.has_value());
  REQUIRE(entries.error().size() == 7);
  for (std::size_t i = 0; i < entries.error().size(); ++i) {
    const Error& error = entries.error()[i];
    CHECK(error.code == ErrorCode::config_file);
    CHECK(error.text.starts_with("node.env:" + std::to_string(i + 2) + ": "));
    CHECK(error.text.find("secret") == std::string::npos);
    CHECK(error.text.find('\n') == std::string::npos);
  }
}

TEST_CASE("a configuration file is bounded") {
  const std::string fits = "#" + std::string(limits::config_file_bytes_max - 1, 'x');
  CHECK(parse_config_file("node.env", fits).has_value());
  const auto refused = parse_config_file("node.env", fits + "x");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().at(0).code == ErrorCode::config_file);
}

TEST_CASE("an empty configuration file has no entries") {
  const auto entries = parse_config_file("node.env", "");
  REQUIRE(entries.has_value());
  CHECK(entries->empty());
}
