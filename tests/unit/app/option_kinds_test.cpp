// SPDX-License-Identifier: Apache-2.0
#include "app/option_kinds.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

using namespace dnsmesh;
using namespace dnsmesh::app;

namespace {

struct Row {
  Kind kind;
  Accepted accepted;
  std::string text;
  Value value;
};

const Accepted k_small{.min = -5, .max = 100};
const Accepted k_words{.words = "open legacy multi-tenant"};
const Accepted k_ten{.max = 10};
const std::string k_key(64, 'a');

std::string label(std::size_t size) { return std::string(size, 'x'); }

/// 253 bytes: three labels of 63 and one of 61.
std::string longest_name() { return label(63) + "." + label(63) + "." + label(63) + "." + label(61); }

}  // namespace

TEST_CASE("each kind reads what it accepts") {
  const std::vector<Row> rows = {
      {Kind::text, k_ten, " as it is ", std::string(" as it is ")},
      {Kind::text, k_ten, "\xC3\xA9", std::string("\xC3\xA9")},
      {Kind::text, k_ten, "0123456789", std::string("0123456789")},
      {Kind::path, k_ten, "/a b", std::string("/a b")},
      {Kind::integer, k_small, "7", std::int64_t{7}},
      {Kind::integer, k_small, " \t+7\n", std::int64_t{7}},
      {Kind::integer, k_small, "1_0", std::int64_t{10}},
      {Kind::integer, k_small, "007", std::int64_t{7}},
      {Kind::integer, k_small, "-5", std::int64_t{-5}},
      {Kind::integer, k_small, "100", std::int64_t{100}},
      {Kind::number, k_small, "0.5", 0.5},
      {Kind::number, k_small, ".5", 0.5},
      {Kind::number, k_small, "5.", 5.0},
      {Kind::number, k_small, " +1e2 ", 100.0},
      {Kind::number, k_small, "1_0.2_5", 10.25},
      {Kind::number,
       {.min = 0, .max = std::numeric_limits<double>::infinity()},
       "inf",
       std::numeric_limits<double>::infinity()},
      {Kind::flag, {}, "1", true},
      {Kind::flag, {}, " TRUE ", true},
      {Kind::flag, {}, "Yes", true},
      {Kind::flag, {}, "oN", true},
      {Kind::flag, {}, "0", false},
      {Kind::flag, {}, "False", false},
      {Kind::flag, {}, "no", false},
      {Kind::flag, {}, "OFF", false},
      {Kind::choice, k_words, " Multi-Tenant ", std::string("multi-tenant")},
      {Kind::choice, k_words, "open", std::string("open")},
      {Kind::choice_or_default, k_words, "LEGACY", std::string("legacy")},
      {Kind::address_ipv4, {}, " 192.0.2.1 ", std::string("192.0.2.1")},
      {Kind::address_ipv6, {}, "2001:db8::1", std::string("2001:db8::1")},
      {Kind::address, {}, " 192.0.2.1 ", std::string("192.0.2.1")},
      {Kind::address, {}, "::", std::string("::")},
      {Kind::bind_host, {}, "::", std::string("::")},
      {Kind::bind_host, {}, "127.0.0.1", std::string("127.0.0.1")},
      {Kind::bind_host, {}, "LocalHost", std::string("localhost")},
      {Kind::bind_endpoint, {}, " 127.0.0.1:0 ", std::string("127.0.0.1:0")},
      {Kind::bind_endpoint, {}, "[::1]:65535", std::string("[::1]:65535")},
      {Kind::bind_endpoint, {}, "node.example:8054", std::string("node.example:8054")},
      {Kind::domain_name, {}, " Mesh.Example.ORG.. ", std::string("mesh.example.org")},
      {Kind::domain_name, {}, "_dmp.a-b.c_d", std::string("_dmp.a-b.c_d")},
      {Kind::domain_name, {}, label(63), std::string(label(63))},
      {Kind::domain_name, {}, longest_name(), longest_name()},
      {Kind::token, k_ten, "a b~!", std::string("a b~!")},
      {Kind::address_prefixes, k_ten, "::1,::/8", std::string("::1,::/8")},
      {Kind::cookie_secrets, {}, " " + std::string(32, 'A') + "\n", std::string(32, 'a')},
      {Kind::cookie_secrets,
       {},
       std::string(32, 'a') + "\r\n" + std::string(32, 'B') + "\n",
       std::string(32, 'a') + " " + std::string(32, 'b')},
      {Kind::key_or_none, {}, " " + std::string(64, 'A') + "\n", k_key},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto reading = read_value(row.kind, row.accepted, row.text);
    REQUIRE(reading.has_value());
    CHECK(reading->warning.empty());
    CHECK(reading->value == row.value);
  }
}

TEST_CASE("each strict kind refuses what is bad, and says what it accepts") {
  struct Bad {
    Kind kind;
    Accepted accepted;
    std::vector<std::string> texts;
    std::string words;
  };
  const std::vector<Bad> rows = {
      {Kind::text, k_ten, {"01234567890", "a\nb", "\x7F", "\xFF"}, "at most 10 bytes"},
      {Kind::path, k_ten, {"01234567890", std::string("a\0b", 3)}, "a path of at most 10 bytes"},
      {Kind::integer,
       k_small,
       {"101", "-6", "1.0", "1e1", "x", "1x", "0x10", "_1", "1_", "1__0", "+-1", "--1", "- 1", "1 1", "nan", "inf",
        "99999999999999999999"},
       "a whole number from -5 to 100"},
      {Kind::number,
       k_small,
       {"100.01", "-5.1", "nan", "NaN", "inf", "-inf", "1e999", "1._5", "x", "1,5"},
       "a number from -5 to 100"},
      {Kind::choice, k_words, {"multi tenant", "closed", "ope", "openn"}, "one of open, legacy, multi-tenant"},
      {Kind::address_ipv4, {}, {"::1", "1.2.3", "1.2.3.256", "host", "192.0.2.1/24"}, "an IPv4 address"},
      {Kind::address_ipv6, {}, {"192.0.2.1", "[::1]", "::g", "host"}, "an IPv6 address"},
      {Kind::address, {}, {"localhost", "[::1]", "192.0.2.1:53", "1.2.3"}, "an IPv4 address or an IPv6 address"},
      {Kind::bind_host, {}, {"[::1]", "a b", "http://a", "host:80", "-a", "."}, "or a host name"},
      {Kind::bind_endpoint,
       {},
       {"8054", "127.0.0.1", ":8054", "::1:8054", "[127.0.0.1]:80", "[::1]", "[::1]:", "a:65536", "a:-1", "a b:80"},
       "with a port"},
      {Kind::domain_name,
       {},
       {"a..b", ".a", "a b", "-a.b", "a-.b", "\xC3\xA9.b", "*.b", "a/b", label(64), longest_name() + "x"},
       "a domain name"},
      {Kind::address_prefixes, k_ten, {"host", "::1;::2", "::1/129", "::1,::2,::3"}, "addresses and prefixes"},
      {Kind::token, k_ten, {"01234567890", "\xC3\xA9", "a\tb", " a", "a ", "a\r\n"}, "ASCII"},
  };
  for (const Bad& row : rows) {
    for (const std::string& text : row.texts) {
      CAPTURE(text);
      const auto reading = read_value(row.kind, row.accepted, text);
      REQUIRE_FALSE(reading.has_value());
      CHECK(reading.error().find(row.words) != std::string::npos);
      CHECK(reading.error() == accepted_words(row.kind, row.accepted));
    }
  }
}

TEST_CASE("the lenient kinds warn about what is bad and do without it") {
  const auto flag = read_value(Kind::flag, {}, "maybe");
  REQUIRE(flag.has_value());
  CHECK(flag->value == Value{false});
  CHECK(flag->warning.find("taken as false") != std::string::npos);

  const auto choice = read_value(Kind::choice_or_default, k_words, "verbose");
  REQUIRE(choice.has_value());
  CHECK(choice->value == Value{});
  CHECK(choice->warning.find("taken as not set") != std::string::npos);

  for (const std::string& text :
       {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'), std::string("0x12")}) {
    CAPTURE(text);
    const auto key = read_value(Kind::key_or_none, {}, text);
    REQUIRE(key.has_value());
    CHECK(key->value == Value{});
    CHECK_FALSE(key->warning.empty());
  }
}

TEST_CASE("an empty value counts as not set for every kind, blanks only where text is not taken as it is") {
  for (std::size_t index = 0; index < k_kind_count; ++index) {
    const auto kind = static_cast<Kind>(index);
    CAPTURE(kind_name(kind));
    CHECK(is_empty_value(kind, ""));
    const auto reading = read_value(kind, k_small, "");
    REQUIRE(reading.has_value());
    CHECK(reading->value == Value{});
    CHECK(reading->warning.empty());
    const bool blanks_count = kind == Kind::text || kind == Kind::path || kind == Kind::token;
    CHECK(is_empty_value(kind, " \t") == !blanks_count);
  }
}
