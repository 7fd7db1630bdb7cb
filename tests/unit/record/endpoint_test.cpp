// SPDX-License-Identifier: Apache-2.0
#include "record/endpoint.hpp"

#include <doctest/doctest.h>

#include <string>

#include "record/ip_ranges.hpp"

using namespace dnsmesh::record;

TEST_CASE("an endpoint of scheme and authority is accepted, whatever stands for its port") {
  for (const char* good : {"https://n1.example.com:8053",
                           "http://h",
                           "HTTP://H",
                           "hTTps://h",
                           "https://h?",
                           "https://h#",
                           "https://h?#",
                           "https://h:",
                           "https://h:99999",
                           "https://h:abc",
                           "https://h:80:90",
                           "https://h;x",
                           "https://a_b",
                           "https://h%20",
                           "https://-h",
                           "https://h\\x",
                           "https://localhost.",
                           "https://8.8.8.8",
                           "https://100.64.0.1",
                           "https://192.0.0.9",
                           "https://192.0.0.10:1",
                           "https://127.1",
                           "https://2130706433",
                           "https://0x7f.0.0.1",
                           "https://01.2.3.4",
                           "https://256.1.1.1",
                           "https://[2001:4860:4860::8888]:8053",
                           "https://[2001:4860::1%eth0]",
                           "https://[fec0::1]",
                           "https://[3fff::1]",
                           "https://[2001:1::1]",
                           "https://[2001:1::2]",
                           "https://[2001:3::9]",
                           "https://[2001:4:112::9]",
                           "https://[2001:20::9]",
                           "https://[2001:2f::9]",
                           "https://[2001:30::9]",
                           "https://[2003::]",
                           "https://[v1.x]",
                           "https://[vF0.anything]:1",
                           "https://[2001:4860::8.8.8.8]"}) {
    CAPTURE(good);
    CHECK(is_heartbeat_endpoint(good));
  }
}

TEST_CASE("what is not a bare http or https authority is refused") {
  for (const char* bad : {"",
                          "https://",
                          "https://:80",
                          "https:h",
                          "https:/h",
                          "://h",
                          "ftp://h",
                          "h",
                          "//h",
                          "https://h/",
                          "https://h/a",
                          "https://h?a",
                          "https://h#a",
                          "https://h?#a",
                          "https://h?a#",
                          "https://h/?",
                          " https://h",
                          "https://h ",
                          "https://h\t",
                          "https://h\x7f",
                          "https://h\xC3\xA9",
                          "https://@h",
                          "https://u@h",
                          "https://u:p@h",
                          "https://[::1",
                          "https://::1]",
                          "https://x[2003::1]",
                          "https://[2003::1]x",
                          "https://[2003::1]]",
                          "https://]2003::1[",
                          "https://[]",
                          "https://[8.8.8.8]",
                          "https://[2003::1%]",
                          "https://[2003::1%a%b]",
                          "https://[V1.x]",
                          "https://[v.x]",
                          "https://[v1.]",
                          "https://[v1]",
                          "https://[vg.x]",
                          "https://[2003:::1]",
                          "https://[2003]",
                          "https://@[2003::1]"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_heartbeat_endpoint(bad));
  }
  CHECK_FALSE(is_heartbeat_endpoint(std::string("https://h\0", 10)));
}

TEST_CASE("loopback names and private or special addresses are refused") {
  for (const char* bad : {"https://localhost",     "https://LocalHost:80",     "https://localhost.localdomain",
                          "https://ip6-localhost", "https://0.0.0.0",          "https://0.255.255.255",
                          "https://10.0.0.1",      "https://127.0.0.1:8053",   "https://169.254.1.1",
                          "https://172.16.0.0",    "https://172.31.255.255",   "https://192.0.0.8",
                          "https://192.0.0.11",    "https://192.0.2.1",        "https://192.168.0.1",
                          "https://198.18.0.0",    "https://198.19.255.255",   "https://198.51.100.1",
                          "https://203.0.113.255", "https://224.0.0.1",        "https://239.1.1.1",
                          "https://240.0.0.0",     "https://255.255.255.255",  "https://[::]",
                          "https://[::1]",         "https://[::ffff:8.8.8.8]", "https://[64:ff9b::1]",
                          "https://[100::1]",      "https://[200::1]",         "https://[3ff::1]",
                          "https://[400::1]",      "https://[7ff::1]",         "https://[fff::1]",
                          "https://[1fff::1]",     "https://[4000::1]",        "https://[ffff::1]",
                          "https://[fe00::1]",     "https://[fe7f::1]",        "https://[fe80::1%eth0]",
                          "https://[febf::1]",     "https://[fc00::1]",        "https://[fdff::1]",
                          "https://[ff02::1]",     "https://[2001::1]",        "https://[2001:1::3]",
                          "https://[2001:1ff::1]", "https://[2001:4:113::1]",  "https://[2001:db8::1]",
                          "https://[2002::1]"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_heartbeat_endpoint(bad));
  }
  CHECK(is_heartbeat_endpoint("https://172.32.0.0"));
  CHECK(is_heartbeat_endpoint("https://198.20.0.0"));
  CHECK(is_heartbeat_endpoint("https://223.255.255.255"));
  CHECK(is_heartbeat_endpoint("https://[2001:200::1]"));
}

TEST_CASE("an endpoint may have 255 bytes and no more") {
  const std::string longest = "https://" + std::string(247, 'h');
  CHECK(is_heartbeat_endpoint(longest));
  CHECK_FALSE(is_heartbeat_endpoint(longest + "h"));
}

TEST_CASE("only the strict spellings are IP literals") {
  for (const char* bad :
       {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.00", "1.2.3.1000", "256.0.0.0", "1.2.3.4 ", "a.b.c.d"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_ipv4(bad).has_value());
  }
  CHECK(parse_ipv4("0.0.0.0").has_value());
  CHECK(parse_ipv6("::").has_value());
  CHECK(parse_ipv6("1:2:3:4:5:6:7::").has_value());
  for (const char* bad :
       {"", ":", "1:2:3:4:5:6:7:8::", "1::2::3", "12345::", "::1%1", "1.2.3.4", "::1.2.3", "::01.2.3.4"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_ipv6(bad).has_value());
  }
  CHECK_FALSE(parse_ipv4(std::string_view("1.2.3.4\0x", 9)).has_value());
}
