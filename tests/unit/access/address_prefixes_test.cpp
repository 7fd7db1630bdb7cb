// SPDX-License-Identifier: Apache-2.0
#include "access/address_prefixes.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace dnsmesh;
using access::AddressPrefixes;

namespace {

AddressPrefixes prefixes(std::string_view list) {
  auto parsed = AddressPrefixes::parse(list);
  REQUIRE(parsed.has_value());
  return std::move(*parsed);
}

}  // namespace

TEST_CASE("a list of addresses and prefixes contains what it says, to the bit, IPv4 also when mapped into IPv6") {
  const AddressPrefixes list = prefixes(" 10.0.0.0/8,192.0.2.130/25 , ,2001:db8::/47,::1,203.0.113.7,");
  for (const std::string_view in : {"10.0.0.0", "10.255.255.255", "192.0.2.128", "192.0.2.255", "2001:db8:1::9", "::1",
                                    "203.0.113.7", "::ffff:10.1.2.3"}) {
    CAPTURE(in);
    CHECK(list.contains(in));
  }
  for (const std::string_view out : {"9.255.255.255", "11.0.0.0", "192.0.2.127", "2001:db8:2::", "::2", "203.0.113.8",
                                     "::10.1.2.3", "", "10", "host", "10.0.0.1\n"}) {
    CAPTURE(out);
    CHECK_FALSE(list.contains(out));
  }
  CHECK_FALSE(prefixes("").contains("127.0.0.1"));
  CHECK(prefixes("0.0.0.0/0").contains("198.51.100.1"));
  CHECK_FALSE(prefixes("0.0.0.0/0").contains("2001:db8::1"));
  CHECK(prefixes("::/0").contains("198.51.100.1"));
}

TEST_CASE("an entry that is no address or prefix is named") {
  for (const std::string entry : {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "10.0.0.0/8/8",
                                  "10.0.0", "host", "[::1]", "10.0.0.1:80", "/8", "1.2.3.4/99999999999999999999"}) {
    CAPTURE(entry);
    const auto parsed = AddressPrefixes::parse("127.0.0.1, " + entry);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == ErrorCode::config_bad_value);
    CHECK(parsed.error().text.contains("'" + entry + "'"));
  }
}

TEST_CASE("the client is the last hop that is not trusted, and a stranger's claims count for nothing") {
  const AddressPrefixes trusted = prefixes("127.0.0.1,10.0.0.0/8,2001:db8::/32");
  struct Row {
    std::string_view peer;
    std::string_view forwarded_for;
    std::string_view client;
  };
  for (const Row& row : {
           Row{"192.0.2.1", "198.51.100.1", "192.0.2.1"},                    // nobody we trust says so
           Row{"127.0.0.1", "", "127.0.0.1"},                                //
           Row{"127.0.0.1", "198.51.100.1", "198.51.100.1"},                 //
           Row{"127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"},        // the first was sent by the client
           Row{"127.0.0.1", "198.51.100.1, 10.1.1.1", "198.51.100.1"},       // two proxies
           Row{"127.0.0.1", "198.51.100.1,10.1.1.1,", "127.0.0.1"},          // an empty entry is no address
           Row{"127.0.0.1", "10.2.2.2, 10.1.1.1", "10.2.2.2"},               // all are trusted: the farthest
           Row{"127.0.0.1", "198.51.100.1, unknown, 10.1.1.1", "10.1.1.1"},  //
           Row{"127.0.0.1", "198.51.100.1:5678", "198.51.100.1"},            //
           Row{"127.0.0.1", "[2001:db9::1]:5678", "2001:db9::1"},            //
           Row{"127.0.0.1", "[2001:db9::1", "2001:db9::1"},                  //
           Row{"2001:db8::1", " 2001:db9::1 ", "2001:db9::1"},               //
           Row{"127.0.0.1", "fe80::1%eth0", "127.0.0.1"},                    //
       }) {
    CAPTURE(row.peer);
    CAPTURE(row.forwarded_for);
    CHECK(access::client_address(row.peer, row.forwarded_for, trusted) == row.client);
  }
}
