// SPDX-License-Identifier: Apache-2.0
#include "access/subject.hpp"

#include <doctest/doctest.h>

#include "base/limits.hpp"
#include "base/registration_limits.hpp"

using namespace dnsmesh;
using access::parse_subject;

namespace {

std::string repeated(std::size_t count) { return std::string(count, 'a'); }

/// Two labels of 63, then what is missing to `size` characters.
std::string domain_of(std::size_t size) {
  std::string out = repeated(63) + "." + repeated(63) + "." + repeated(63) + ".";
  return out + repeated(size - out.size());
}

}  // namespace

TEST_CASE("a subject is trimmed and folded") {
  const auto subject = parse_subject(" \tAlice.B_c+d-9@Mail.Example.COM\r\n");
  REQUIRE(subject);
  CHECK(subject->local == "alice.b_c+d-9");
  CHECK(subject->domain == "mail.example.com");
  CHECK(subject->text() == "alice.b_c+d-9@mail.example.com");
}

TEST_CASE("a subject that is not local@domain is refused") {
  for (const std::string_view text : {"",
                                      "@",
                                      "alice",
                                      "alice@",
                                      "@example.com",
                                      "alice@example",
                                      "alice@@example.com",
                                      "alice@b@example.com",
                                      ".alice@example.com",
                                      "-alice@example.com",
                                      "_alice@example.com",
                                      "+a@example.com",
                                      "al ice@example.com",
                                      "al/ice@example.com",
                                      "alice@example..com",
                                      "alice@.example.com",
                                      "alice@example.com.",
                                      "alice@-a.com",
                                      "alice@a-.com",
                                      "alice@a_b.com",
                                      "alice@exa mple.com",
                                      "alice\n@example.com"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_subject(text));
  }
}

TEST_CASE("a local part that would give an empty label is refused") {
  CHECK(parse_subject("a.b@example.com"));
  CHECK_FALSE(parse_subject("a..b@example.com"));
  CHECK_FALSE(parse_subject("a.@example.com"));
}

TEST_CASE("a subject with a character beyond ASCII is refused, and the text says so") {
  const auto wide = parse_subject("\xef\xbd\x81lice@example.com");
  REQUIRE_FALSE(wide);
  CHECK(wide.error() == "only ASCII characters are accepted");
  CHECK_FALSE(parse_subject("alice@example.com\xc2\xa0"));
}

TEST_CASE("the parts of a subject have the lengths of what they become") {
  CHECK(parse_subject(repeated(limits::subject_local_bytes_max) + "@example.com"));
  CHECK_FALSE(parse_subject(repeated(limits::subject_local_bytes_max + 1) + "@example.com"));
  CHECK(parse_subject("a@" + repeated(63) + ".com"));
  CHECK_FALSE(parse_subject("a@" + repeated(64) + ".com"));
  CHECK(parse_subject("a@" + domain_of(253)));
  CHECK_FALSE(parse_subject("a@" + domain_of(254)));
}

TEST_CASE("the refusal shows no more than 128 characters of what was sent") {
  const auto refused = parse_subject(repeated(10000));
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == "expected local@domain, got '" + repeated(128) + "'");
}
