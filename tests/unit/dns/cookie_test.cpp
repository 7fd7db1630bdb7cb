// SPDX-License-Identifier: Apache-2.0
#include "dns/cookie.hpp"

#include "base/hex.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

std::string octets_of(std::string_view hex) { return from_hex(hex).value(); }

CookieSecret secret_of(std::string_view hex) { return to_array<16>(octets_of(hex)); }

// RFC 9018 appendix A.
const CookieSecret k_rfc_secret = secret_of("e5e973e5a6b2a43f48e7dc849e37bfcf");
const ClientAddress k_rfc_client = client_of("\xC6\x33\x64\x64"sv);    // 198.51.100.100
const ClientAddress k_other_client = client_of("\xCB\x00\x71\xCB"sv);  // 203.0.113.203
const ClientAddress k_ipv6_client = client_of("\x20\x01\x0D\xB8\x02\x20\x00\x01\x59\xDE\xD0\xF4\x87\x69\x82\xB8"sv);

std::string made(const CookieSecret& secret, std::string_view client_cookie, const ClientAddress& client,
                 std::int64_t now_s) {
  return to_hex(view(make_cookie(secret, octets_of(client_cookie), client, now_s)));
}

bool is_valid(const CookieSecret& secret, std::string_view cookie, const ClientAddress& client, std::int64_t now_s) {
  return is_valid_cookie(secret, octets_of(cookie), client, now_s);
}

}  // namespace

TEST_CASE("RFC 9018 A.1: a client learns its server cookie") {
  CHECK(made(k_rfc_secret, "2464c4abcf10c957", k_rfc_client, 1559731985) ==
        "2464c4abcf10c957010000005cf79f111f8130c3eee29480");
}

TEST_CASE("RFC 9018 A.2: the same client renews it 40 minutes later") {
  CHECK(is_valid(k_rfc_secret, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", k_rfc_client, 1559734385));
  CHECK(made(k_rfc_secret, "2464c4abcf10c957", k_rfc_client, 1559734385) ==
        "2464c4abcf10c957010000005cf7a871d4a564a1442aca77");
}

TEST_CASE("RFC 9018 A.3: reserved octets count in the hash, and another client gets another cookie") {
  const char* const cookie = "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5";
  CHECK(is_valid(k_rfc_secret, cookie, k_other_client, 0x5cf78f71));
  CHECK_FALSE(is_valid(k_rfc_secret, cookie, k_rfc_client, 0x5cf78f71));
  CHECK(made(k_rfc_secret, "fc93fc62807ddb86", k_other_client, 1559734700) ==
        "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e");
}

TEST_CASE("RFC 9018 A.4: an IPv6 client, with the old and the new secret") {
  const CookieSecret old_secret = secret_of("dd3bdf9344b678b185a6f5cb60fca715");
  const CookieSecret new_secret = secret_of("445536bcd2513298075a5d379663c962");
  const char* const cookie = "22681ab97d52c298010000005cf7c57926556bd0934c72f8";
  CHECK(is_valid(old_secret, cookie, k_ipv6_client, 1559741961));
  CHECK_FALSE(is_valid(new_secret, cookie, k_ipv6_client, 1559741961));
  CHECK(made(new_secret, "22681ab97d52c298", k_ipv6_client, 1559741961) ==
        "22681ab97d52c298010000005cf7c609a6bb79d16625507a");
}

TEST_CASE("secrets roll over: first the new one is accepted, then it signs, then the old one goes") {
  const CookieSecret old_secret = secret_of("dd3bdf9344b678b185a6f5cb60fca715");
  const CookieSecret new_secret = secret_of("445536bcd2513298075a5d379663c962");
  const auto cookie_of = [](const CookieSecret& secret) {
    return std::string(view(make_cookie(secret, "clientck", k_rfc_client, k_now_s)));
  };
  CookieSecrets secrets(old_secret);
  const auto accepts = [&](const CookieSecret& secret) {
    return secrets.accepts(cookie_of(secret), k_rfc_client, k_now_s);
  };
  const auto made = [&] { return std::string(view(secrets.make("clientck", k_rfc_client, k_now_s))); };
  CHECK(accepts(old_secret));
  CHECK_FALSE(accepts(new_secret));
  secrets.set(old_secret, new_secret);
  CHECK(accepts(old_secret));
  CHECK(accepts(new_secret));
  CHECK(made() == cookie_of(old_secret));
  secrets.set(new_secret, old_secret);
  CHECK(accepts(old_secret));
  CHECK(made() == cookie_of(new_secret));
  secrets.set(new_secret, new_secret);
  CHECK_FALSE(accepts(old_secret));
  CHECK(accepts(new_secret));
  CHECK_FALSE(secrets.accepts("clientck", k_rfc_client, k_now_s));
}

TEST_CASE("a server cookie is valid for an hour, and five minutes ahead of the clock, also when 32 bits run over") {
  for (const std::int64_t now_s : {k_now_s, std::int64_t{1} << 32}) {
    const std::string cookie(view(make_cookie(k_secret, "clientck", k_rfc_client, now_s)));
    CHECK(is_valid_cookie(k_secret, cookie, k_rfc_client, now_s + 3600));
    CHECK_FALSE(is_valid_cookie(k_secret, cookie, k_rfc_client, now_s + 3601));
    CHECK(is_valid_cookie(k_secret, cookie, k_rfc_client, now_s - 300));
    CHECK_FALSE(is_valid_cookie(k_secret, cookie, k_rfc_client, now_s - 301));
  }
}

TEST_CASE("no octet of a server cookie may be another one, and none may be missing or too many") {
  const std::string good(view(make_cookie(k_secret, "clientck", k_rfc_client, k_now_s)));
  REQUIRE(is_valid_cookie(k_secret, good, k_rfc_client, k_now_s));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    CHECK_FALSE(is_valid_cookie(k_secret, bad, k_rfc_client, k_now_s));
  }
  for (const std::size_t size : {0U, 8U, 16U, 23U}) {
    CHECK_FALSE(is_valid_cookie(k_secret, good.substr(0, size), k_rfc_client, k_now_s));
  }
  CHECK_FALSE(is_valid_cookie(k_secret, good + '\0', k_rfc_client, k_now_s));
}
