// SPDX-License-Identifier: Apache-2.0
// The ordered buckets against a map, with ids that meet in few buckets and a clock that goes both ways.
#include "sync/pair_buckets.hpp"

#include <map>

#include "pair_support.hpp"
#include "sync/varint.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;

namespace {

struct Life {
  std::int64_t end_s = 0;
  std::int64_t rseq = 0;
};
using Model = std::map<crypto::Hash256, Life>;

/// Ids in the first, the last and a few other buckets.
crypto::Hash256 near_id(Random& random) {
  crypto::Hash256 id{};
  constexpr std::array<unsigned char, 4> k_octets = {0x00, 0x01, 0x80, 0xFF};
  id[0] = k_octets[random.below(k_octets.size())];
  id[1] = k_octets[random.below(k_octets.size())];
  id[31] = static_cast<unsigned char>(random.below(4));
  return id;
}

std::vector<crypto::Hash256> ids_below(const Model& model, const std::optional<crypto::Hash256>& bound,
                                       std::int64_t now_s) {
  std::vector<crypto::Hash256> ids;
  for (const auto& [id, life] : model) {
    if (life.end_s > now_s && (!bound || id < *bound)) ids.push_back(id);
  }
  return ids;
}

void check_against(const PairBuckets& buckets, const Model& model, const crypto::Hash256& bound, std::int64_t now_s) {
  const auto all = ids_below(model, std::nullopt, now_s);
  REQUIRE(buckets.below(std::nullopt).count() == all.size());
  CHECK(buckets.below(std::nullopt).fingerprint() == slow_fingerprint(all));
  const auto lower = ids_below(model, bound, now_s);
  CHECK(buckets.below(bound).count() == lower.size());
  CHECK(buckets.below(bound).fingerprint() == slow_fingerprint(lower));
  for (std::size_t rank = 0; rank < all.size(); ++rank) CHECK(buckets.at(rank) == all[rank]);
  std::vector<crypto::Hash256> walked;
  buckets.walk(bound, [&](const Member& member) {
    if (buckets.holds(member)) walked.push_back(member.id);
    return true;
  });
  CHECK(walked == std::vector(all.begin() + static_cast<std::ptrdiff_t>(lower.size()), all.end()));
  const auto known = model.find(bound);
  const Member* member = buckets.find(bound);
  REQUIRE((member != nullptr) == (known != model.end()));
  if (member != nullptr) CHECK(member->rseq() == known->second.rseq);
}

}  // namespace

TEST_CASE("buckets agree with a map in random histories, whichever way the clock goes") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    PairBuckets buckets;
    Model model;
    std::int64_t now_s = k_now_s;
    for (int step = 0; step < 60; ++step) {
      const crypto::Hash256 id = near_id(random);
      const std::uint64_t what = random.below(10);
      if (what < 6) {
        const Life life{now_s - 5 + static_cast<std::int64_t>(random.below(20)),
                        static_cast<std::int64_t>(random.u64() >> 1)};
        buckets.put(id, life.end_s, life.rseq);
        model[id] = life;
      } else if (what < 8) {
        buckets.remove(id);
        model.erase(id);
      } else if (what == 8) {
        now_s += static_cast<std::int64_t>(random.below(6));
      } else {
        now_s -= static_cast<std::int64_t>(random.below(4));
      }
      if (random.below(2) == 0) continue;  // some changes come between two questions
      buckets.set_now(now_s);
      check_against(buckets, model, near_id(random), now_s);
    }
  }
}

TEST_CASE("ends and seconds outside of 32 bits are held at their ends") {
  PairBuckets buckets;
  crypto::Hash256 id{};
  for (const std::int64_t end_s : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0}}) {
    buckets.put(id, end_s, 1);
    buckets.set_now(-5);
    CHECK(buckets.below(std::nullopt).count() == 0);
  }
  buckets.put(id, std::numeric_limits<std::int64_t>::max(), 1);
  for (const std::int64_t now_s : {std::int64_t{0}, std::int64_t{1} << 40, std::numeric_limits<std::int64_t>::max()}) {
    buckets.set_now(now_s);
    CHECK(buckets.below(std::nullopt).count() == 1);
  }
}

TEST_CASE("memory is counted as it is taken and given back") {
  PairBuckets buckets;
  const std::size_t empty = buckets.bytes();
  SeededRandom random(1);
  std::vector<crypto::Hash256> ids(2000);
  for (crypto::Hash256& id : ids) {
    random.fill(id);
    id[0] = 7;
    id[1] = static_cast<unsigned char>(id[1] % 8);
    buckets.put(id, k_now_s, 1);
  }
  const std::size_t full = buckets.bytes();
  CHECK(full >= empty + ids.size() * sizeof(Member));
  CHECK(full <= empty + ids.size() * (sizeof(Member) + 8) + 256 * 80);
  for (const crypto::Hash256& id : ids) buckets.remove(id);
  CHECK(buckets.below(std::nullopt).count() == 0);
  CHECK(buckets.bytes() < empty + 256 * 80 + 8 * 4 * sizeof(Member) + 1);
}

TEST_CASE("a tally loses what was added, over the end of 256 bits and back") {
  crypto::Hash256 ones{};
  ones.fill(0xFF);
  crypto::Hash256 one{};
  one[0] = 1;
  IdTally first;
  first.add(ones);
  IdTally both = first;
  IdTally second;
  second.add(one);
  both += second;
  CHECK(both.count() == 2);
  CHECK(both.fingerprint() == slow_fingerprint({ones, one}));
  both -= second;
  CHECK(both == first);
  both -= first;
  CHECK(both == IdTally{});
}

TEST_CASE("varints are written with as few octets as possible and read strictly") {
  const auto written = [](std::uint64_t value) {
    std::string out;
    append_varint(out, value);
    return to_hex(out);
  };
  CHECK(written(0) == "00");
  CHECK(written(127) == "7f");
  CHECK(written(128) == "8100");
  CHECK(written(300) == "822c");
  CHECK(written(16383) == "ff7f");
  CHECK(written(16384) == "818000");
  CHECK(written(std::numeric_limits<std::uint64_t>::max()) == "81ffffffffffffffff7f");
  const auto read = [](std::string_view hex) {
    const std::string bytes = from_hex(hex).value();
    ByteReader reader(bytes);
    return read_varint(reader);
  };
  for (const std::uint64_t value : {0ULL, 1ULL, 127ULL, 128ULL, 16384ULL, ~0ULL, 1ULL << 63}) {
    CHECK(read(written(value)) == value);
  }
  for (const char* refused : {"", "80", "8000", "8001", "ff", "82ffffffffffffffff7f", "ffffffffffffffffffff7f"}) {
    CAPTURE(refused);
    CHECK_FALSE(read(refused).has_value());
  }
}
