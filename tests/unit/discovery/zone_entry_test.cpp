// SPDX-License-Identifier: Apache-2.0
#include "discovery/zone_entry.hpp"

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::discovery;

namespace {

store::SeenRow row_with(std::string wire, std::string endpoint) {
  store::SeenRow row;
  row.wire = std::move(wire);
  row.endpoint = std::move(endpoint);
  return row;
}

}  // namespace

TEST_CASE("an entry is a zone, a name with a port, or an URL that is reduced to its host") {
  for (const std::string_view entry :
       {"mesh.example", " Mesh.Example. ", "mesh.example:53", "mesh.example :53", "https://mesh.example",
        "HTTP://MESH.example:8053/path?q#f", "https://user:pw@mesh.example/", "https://mesh.example."}) {
    CAPTURE(entry);
    CHECK(zone_of_entry(entry) == "mesh.example");
  }
  CHECK(zone_of_entry("_x.a-b.example") == "_x.a-b.example");
  CHECK(zone_of_entry("mesh") == "mesh");
}

TEST_CASE("an entry that is no DNS name, or an address in any spelling, is no zone") {
  for (const std::string_view entry : {"",
                                       " ",
                                       ".",
                                       "..",
                                       "a..b",
                                       ".a",
                                       "a b",
                                       "a/b",
                                       "192.0.2.1",
                                       "192.0.2.1:53",
                                       "2130706433",
                                       "127.1",
                                       "a.123",
                                       "[2001:db8::1]",
                                       "[2001:db8::1]:53",
                                       "2001:db8::1",
                                       "https://[2001:db8::1]/",
                                       "https://",
                                       "m\xC3\xA9sh.example",
                                       "mesh.example..",
                                       "a\x01.example"}) {
    CAPTURE(entry);
    CHECK_FALSE(zone_of_entry(entry).has_value());
  }
}

TEST_CASE("a zone leaves room for our owners under it, and its labels are labels") {
  const std::string label63(63, 'a');
  CHECK(zone_of_entry(label63 + ".example").has_value());
  CHECK_FALSE(zone_of_entry(label63 + "a.example").has_value());
  const std::string longest = label63 + "." + label63 + "." + label63 + "." + std::string(42, 'a');  // 234
  CHECK(zone_of_entry(longest).has_value());
  CHECK_FALSE(zone_of_entry(longest + "a").has_value());
}

TEST_CASE("a list keeps its order and names what is no zone") {
  std::vector<std::string> refused;
  CHECK(zones_of_list(" b.example, ,https://A.example:1/x,192.0.2.1,,a b", refused) ==
        std::vector<std::string>{"b.example", "a.example"});
  CHECK(refused == std::vector<std::string>{"192.0.2.1", "a b"});
  CHECK(zones_of_list("", refused).empty());
}

TEST_CASE("the zone of a heartbeat is its zone field at any age, else the host of its endpoint") {
  CHECK(zone_of_row(row_with(heartbeat(1, "https://api.n.example", "N.Example.", 1000), "https://api.n.example")) ==
        "n.example");
  CHECK(zone_of_row(row_with(heartbeat(1, "https://api.n.example:444", ""), "https://api.n.example:444")) ==
        "api.n.example");
  CHECK_FALSE(zone_of_row(row_with(heartbeat(1, "https://8.8.8.8", ""), "https://8.8.8.8")).has_value());
  CHECK_FALSE(zone_of_row(row_with(heartbeat(1, "https://n.example", "8.8.8.8"), "https://n.example")).has_value());
}
