// SPDX-License-Identifier: Apache-2.0
#include "access/token.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace dnsmesh;

namespace {

/// Gives the same byte for ever.
class OneByte final : public Random {
 public:
  explicit OneByte(unsigned char byte) : byte_(byte) {}
  void fill(std::span<unsigned char> out) override { std::ranges::fill(out, byte_); }

 private:
  unsigned char byte_;
};

/// Gives 0, 1, 2, ...
class CountingRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override {
    for (unsigned char& octet : out) octet = next_++;
  }

 private:
  unsigned char next_ = 0;
};

}  // namespace

TEST_CASE("a token and its hash are those of the test vector") {
  CountingRandom random;
  const std::string token = access::new_token(random);
  CHECK(token == "dmp_v1_AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ");
  CHECK(access::token_hash(token) == "f00d5b46cb089fff8650021a4276d2fad8ecd727986739dd5b6f4ad32c6e2311");
}

TEST_CASE("a token is its prefix and 32 random bytes in base32, upper case, unpadded") {
  OneByte zeros(0);
  CHECK(access::new_token(zeros) == "dmp_v1_" + std::string(52, 'A'));
  OneByte ones(0xFF);
  CHECK(access::new_token(ones) == "dmp_v1_" + std::string(51, '7') + "Q");
  OneByte fours(0x44);
  CHECK(access::new_token(fours).starts_with("dmp_v1_IRCEIRCE"));
  SeededRandom random(1);
  const std::string first = access::new_token(random);
  CHECK(access::is_token_shaped(first));
  CHECK(first != access::new_token(random));
}

TEST_CASE("text of another length, prefix or alphabet has not the shape of a token") {
  const std::string good = "dmp_v1_" + std::string(51, '2') + "A";
  CHECK(access::is_token_shaped(good));
  CHECK(access::is_token_shaped("dmp_v1_" + std::string(52, '0').replace(3, 1, "Z")));  // 0, 1, 8, 9 pass too
  for (const std::string& bad :
       {std::string(), std::string("dmp_v1_"), good + "A", good.substr(0, good.size() - 1), " " + good,
        "DMP_V1_" + good.substr(7), "dmp_v2_" + good.substr(7), "dmp_v1_" + std::string(52, '2'),
        "dmp_v1_" + std::string(51, 'A') + "a", "dmp_v1_" + std::string(51, 'A') + "_"}) {
    CAPTURE(bad);
    CHECK_FALSE(access::is_token_shaped(bad));
  }
}

TEST_CASE("a token is kept as the hash of all of its text") {
  CHECK(access::token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
