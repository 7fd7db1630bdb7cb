// SPDX-License-Identifier: Apache-2.0
#include "http/record_name.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace dnsmesh;
using http::is_valid_record_name;
using http::record_name_in;

TEST_CASE("the name in a record path") {
  struct Row {
    std::string target;
    std::optional<std::string> name;
  };
  const auto none = std::nullopt;
  for (const Row& row : std::vector<Row>{
           {"/v1/records/a.example.com", "a.example.com"},
           {"/v1/records/a.example.com/", "a.example.com"},
           {"/v1/records/a.example.com//", none},
           {"/v1/records/a/b", none},
           {"/v1/records/", none},
           {"/v1/records//", none},
           {"/v1/records", none},
           {"/v1/recordsx/a", none},
           {"/V1/records/a", none},
           {"/v1/records/A.Example.COM", "A.Example.COM"},
           {"/v1/records/a.example.com...", "a.example.com"},
           {"/v1/records/a.example.com%2e%2E", "a.example.com"},
           {"/v1/records/...", ""},
           {"/v1/records/%20", ""},
           {"/v1/records/%20sp%20", "sp"},
           {"/v1/records/%09%0A%0B%0C%0D%1C%1F%C2%85%C2%A0%E2%80%83sp%E3%80%80", "sp"},
           {"/v1/records/in%20side", "in side"},
           {"/v1/records/sp.%20.", "sp. "},
           {"/v1/records/sp%20.", "sp "},
           {"/v1/records/a%2Fb.example.com", "a/b.example.com"},
           {"/v1/records/a+b", "a+b"},
           {"/v1/records/a?x=1", "a?x=1"},
           {"/v1/records/a?x=1/", "a?x=1"},
           {"/v1/records/a?x/y", none},
           {"/v1/records/%zz%4%", "%zz%4%"},
           {"/v1/records/%2541", "%41"},
           {"/v1/records/%C3%A9", "\u00e9"},
           {"/v1/records/\xC3\xA9", "\u00e9"},
           {"/v1/records/a%FFb", "a\uFFFDb"},
           {"/v1/records/%ED%A0%80", "\uFFFD\uFFFD\uFFFD"},
           {"/v1/records/a%00b", std::string("a\0b", 3)},
       }) {
    CAPTURE(row.target);
    CHECK(record_name_in(row.target) == row.name);
  }
}

TEST_CASE("which names may be written") {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  for (const std::string& name : std::vector<std::string>{"a", "foo", "A.b-c.9", "_dmp.example.com", "_a._b", "a--b",
                                                          "1.2", label, "_" + label.substr(1), longest}) {
    CAPTURE(name);
    CHECK(is_valid_record_name(name));
  }
  for (const std::string& name :
       std::vector<std::string>{"",          ".",         "a.",         ".a",      "a..b",
                                "-a",        "a-",        "a.b-",       "_",       "_-a",
                                "__a",       "a_b",       "a_",         "a b",     "a\n.example",
                                "a\n",       "a/b",       "a?b",        "a\u00e9", std::string("a\0", 2),
                                label + "a", "_" + label, longest + "b"}) {
    CAPTURE(name);
    CHECK_FALSE(is_valid_record_name(name));
  }
}
