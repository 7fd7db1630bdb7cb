// SPDX-License-Identifier: Apache-2.0
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

TEST_CASE("names are read from presentation form, with and without the final dot") {
  CHECK(wire_name("a.bc") == std::string("\1a\2bc\0", 6));
  CHECK(wire_name("a.bc.") == wire_name("a.bc"));
  CHECK(wire_name("") == std::string(1, '\0'));
  CHECK(wire_name(".") == std::string(1, '\0'));
  CHECK(wire_name("A") == std::string("\1A\0", 3));
}

TEST_CASE("escapes are read and written as the look-up key has them") {
  CHECK(wire_name("a\\.b.c") == std::string("\3a.b\1c\0", 7));
  CHECK(wire_name("\\097") == std::string("\1a\0", 3));
  for (const char* text : {"a\\.b.c", "\\032\\000\\255.x", "\\\"\\(\\)\\;\\\\\\@\\$", "plain-name._x"}) {
    CHECK(name_to_text(wire_name(text)) == text);
  }
}

TEST_CASE("texts that are not names are refused") {
  for (const std::string& text :
       {std::string("a..b"), std::string(".a"), std::string(".."), std::string(64, 'a'), std::string("a\\"),
        std::string("a\\25"), std::string("a\\256"), std::string("a\\2x5")}) {
    CAPTURE(text);
    CHECK_FALSE(Name::from_text(text));
  }
}

TEST_CASE("the longest name in text has 253 characters") {
  const std::string label = std::string(63, 'a') + ".";
  CHECK(Name::from_text(label + label + label + std::string(61, 'a')));
  CHECK_FALSE(Name::from_text(label + label + label + std::string(62, 'a')));
}

TEST_CASE("folding touches ASCII letters only") {
  Name name = Name::from_text("AZ@[`az\\192").value();
  name.fold();
  CHECK(name.wire() == wire_name("az@[`az\\192"));
}

TEST_CASE("a name is under another one at label boundaries only") {
  const auto under = [](std::string_view a, std::string_view b) { return is_at_or_under(wire_name(a), wire_name(b)); };
  CHECK(under("mesh.test", "mesh.test"));
  CHECK(under("a.mesh.test", "mesh.test"));
  CHECK(under("a.b", ""));
  CHECK_FALSE(under("amesh.test", "mesh.test"));
  CHECK_FALSE(under("test", "mesh.test"));
  CHECK_FALSE(under("mesh.test.x", "mesh.test"));
  // The octets of a longer label that end like a name are not that name.
  CHECK_FALSE(is_at_or_under(std::string("\5a\3com\0", 7), std::string("\3com\0", 5)));
}

TEST_CASE("ldns reads the names that we write") {
  for (const char* text : {"a.b.c", "\\000.x", "_dmp.alice.example.org", "\\.\\@.test"}) {
    const std::string wire = wire_name(text);
    ldns_rdf* rdf = nullptr;
    std::size_t position = 0;
    REQUIRE(ldns_wire2dname(&rdf, octets(wire), wire.size(), &position) == LDNS_STATUS_OK);
    CHECK(position == wire.size());
    ldns_rdf_deep_free(rdf);
  }
}
