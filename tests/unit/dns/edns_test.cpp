// SPDX-License-Identifier: Apache-2.0
// The table of spec/dns.md 7.
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

constexpr unsigned k_noerror = 0, k_formerr = 1, k_nxdomain = 3;
constexpr std::string_view k_client_cookie = "clientck";

std::string option(std::uint16_t code, std::string_view content = {}) {
  return ByteWriter().u16(code).u16(static_cast<std::uint16_t>(content.size())).bytes(content).take();
}

std::string with_options(std::string options) { return message({.payload = 1232, .options = std::move(options)}); }

/// The content of the only option of an answer, which must be COOKIE.
std::string cookie_of(const Answer& answer) {
  REQUIRE(answer.options.size() == 4 + k_cookie_octets);
  CHECK(answer.options.substr(0, 4) == std::string("\0\12\0\30", 4));
  return answer.options.substr(4);
}

}  // namespace

TEST_CASE("NSID is returned when it is configured and asked for") {
  const std::string ask = option(k_option_nsid);
  Bed bed({.served_zone = "mesh.test", .nsid = "node-7"});
  CHECK(bed.ask(with_options(ask)).options == option(k_option_nsid, "node-7"));
  CHECK(bed.ask(message({.payload = 1232})).options.empty());
  Bed unset;
  CHECK(unset.ask(with_options(ask)).options.empty());
  const Answer both = bed.ask(message({.name = "example.org", .payload = 512, .options = ask}));
  CHECK(both.options == option(k_option_nsid, "node-7") + option(k_option_ede, "\0\24"sv));
}

TEST_CASE("a client cookie gets a server cookie, which is then known as valid") {
  Bed bed;
  const ClientAddress client = client_of("\xC0\x00\x02\x07"sv);
  const Answer answer = bed.ask_from(client, with_options(option(k_option_cookie, k_client_cookie)));
  CHECK(answer.rcode == k_nxdomain);
  const std::string cookie = cookie_of(answer);
  CHECK(cookie.starts_with(k_client_cookie));
  CHECK(is_valid_cookie(k_secret, cookie, client, k_now_s));
}

TEST_CASE("a server cookie that is wrong, or of another maker, is answered in full with a new one, never BADCOOKIE") {
  Bed bed;
  bed.put("x.mesh.test", "v");
  for (const std::size_t server_octets : {8U, 15U, 16U, 17U, 32U}) {
    const std::string cookie = std::string(k_client_cookie) + std::string(server_octets, '\1');
    const Answer answer = bed.ask(with_options(option(k_option_cookie, cookie)));
    CHECK(answer.rcode == k_noerror);
    CHECK(answer.extended_rcode == 0);
    CHECK(answer.answers.size() == 1);
    CHECK(cookie_of(answer).starts_with(k_client_cookie));
  }
}

TEST_CASE("a cookie of a length that cookies do not have is FORMERR without a cookie") {
  Bed bed;
  for (const std::size_t octets : {0U, 1U, 7U, 9U, 15U, 41U}) {
    const Answer answer = bed.ask(with_options(option(k_option_cookie, std::string(octets, 'c'))));
    CHECK(answer.rcode == k_formerr);
    CHECK(answer.has_opt);
    CHECK(answer.options.empty());
  }
  CHECK(bed.count(Outcome::malformed) == 6);
}

TEST_CASE("of two cookies the first counts") {
  Bed bed;
  const std::string first = option(k_option_cookie, k_client_cookie);
  CHECK(cookie_of(bed.ask(with_options(first + option(k_option_cookie, "other ck")))).starts_with(k_client_cookie));
  CHECK(bed.ask(with_options(first + option(k_option_cookie, "short"))).rcode == k_nxdomain);
}

TEST_CASE("no question and a cookie is NOERROR with the cookie, in every other case FORMERR") {
  Bed bed;
  const auto ask = [&](std::string options) {
    return bed.ask(message({.questions = 0, .payload = 1232, .options = std::move(options)}));
  };
  const Answer answer = ask(option(k_option_cookie, k_client_cookie));
  CHECK(answer.rcode == k_noerror);
  CHECK(answer.questions == 0);
  CHECK(answer.answers.empty());
  CHECK(cookie_of(answer).starts_with(k_client_cookie));
  CHECK(ask(option(k_option_cookie, std::string(24, 'c'))).rcode == k_noerror);
  CHECK(ask(option(k_option_cookie, "short")).rcode == k_formerr);
  CHECK(ask(option(k_option_nsid)).rcode == k_formerr);
  CHECK(ask({}).rcode == k_formerr);
}

TEST_CASE("TCP keepalive is answered with the idle time in units of 100 ms, over TCP only") {
  Bed bed;
  const std::string asked = with_options(option(k_option_tcp_keepalive));
  CHECK(bed.ask(asked, Transport::tcp).options == option(k_option_tcp_keepalive, "\0\144"sv));
  CHECK(bed.ask(asked, Transport::udp).options.empty());
  CHECK(bed.ask(message({.payload = 1232}), Transport::tcp).options.empty());
}

TEST_CASE("padding, ECS and unknown options are ignored and not echoed") {
  Bed bed;
  for (const std::uint16_t code : {std::uint16_t{8}, std::uint16_t{12}, std::uint16_t{100}, std::uint16_t{65001}}) {
    for (const Transport transport : {Transport::udp, Transport::tcp}) {
      const Answer answer = bed.ask(with_options(option(code, "\0\1\30\0\300\0\2"sv)), transport);
      CHECK(answer.rcode == k_nxdomain);
      CHECK(answer.has_opt);
      CHECK(answer.options.empty());
    }
  }
}

TEST_CASE("an answer with every option and the longest name fits 512 octets") {
  Bed bed({.served_zone = "mesh.test", .nsid = std::string(limits::dns_identity_bytes_max, 'n')});
  const std::string label(63, 'a');
  const std::string name = label + "." + label + "." + label + "." + label.substr(0, 61);
  const std::string options =
      option(k_option_nsid) + option(k_option_cookie, k_client_cookie) + option(k_option_tcp_keepalive);
  const Answer answer = bed.ask(message({.name = name, .payload = 512, .options = options}));
  CHECK(answer.rcode == 5);
  CHECK(answer.options.size() == 4 + limits::dns_identity_bytes_max + 4 + k_cookie_octets + 4 + 2);
}
