// SPDX-License-Identifier: Apache-2.0
// Two sets find out what one of them lacks, within the costs of spec/anti-entropy.md 15.4, and hostile messages change
// nothing.
#include "sync/reconcile.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

#include "pair_support.hpp"
#include "sync/reconcile_message.hpp"
#include "sync/varint.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;

namespace {

/// The asker's and the peer's set.
struct Sides {
  ManualClock clock{k_now_ms};
  PairSet ours{clock};
  PairSet theirs{clock};
  std::vector<crypto::Hash256> missing;  // what we lack, ascending

  /// `common` pairs on both sides, `lacking` only there, `extra` only here.
  Sides(std::uint64_t seed, std::size_t common, std::size_t lacking, std::size_t extra = 0) {
    SeededRandom random(seed);
    for (std::size_t i = 0; i < common + lacking + extra; ++i) {
      const store::Record row = random_row(random);
      if (i < common + extra) ours.load(row);
      if (i < common || i >= common + extra) theirs.load(row);
      if (i >= common + extra) missing.push_back(id_of_row(row));
    }
    std::ranges::sort(missing);
  }
};

struct Run {
  std::vector<crypto::Hash256> need;  // ascending
  std::size_t bytes = 0;              // both ways
  std::size_t message_bytes_max = 0;
  int rounds = 0;
  bool gave_up = false;
};

Run run(const Sides& sides) {
  Reconciliation reconciliation(sides.ours);
  Run result;
  for (std::string message = reconciliation.open(); !message.empty();) {
    const auto answer = reconcile_answer(sides.theirs, message);
    REQUIRE(answer.has_value());
    result.bytes += message.size() + answer->size();
    result.message_bytes_max = std::max({result.message_bytes_max, message.size(), answer->size()});
    ++result.rounds;
    auto step = reconciliation.take(*answer);
    REQUIRE(step.has_value());
    std::ranges::copy(step->need, std::back_inserter(result.need));
    result.gave_up = step->gave_up;
    message = std::move(step->next);
  }
  std::ranges::sort(result.need);
  return result;
}

std::string bytes_of(std::string_view hex) { return from_hex(hex).value(); }

/// What both sides say to a message that they must refuse.
void check_refused(std::string_view message) {
  CAPTURE(to_hex(message.substr(0, 60)));
  const Sides sides(1, 100, 3);
  const auto answer = reconcile_answer(sides.theirs, message);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ErrorCode::sync_malformed);
  Reconciliation reconciliation(sides.ours);
  const auto step = reconciliation.take(message);
  REQUIRE_FALSE(step.has_value());
  CHECK(step.error().code == ErrorCode::sync_malformed);
}

std::string ids_text(std::size_t count, std::size_t step = 1) {
  std::string out;
  for (std::size_t i = 1; i <= count; ++i) {
    std::string id(32, '\0');
    id[0] = static_cast<char>(static_cast<unsigned char>(i * step >> 8));
    id[1] = static_cast<char>(static_cast<unsigned char>(i * step));
    out += id;
  }
  return out;
}

}  // namespace

TEST_CASE("the first message of a node with two pairs is that of the specification") {
  ManualClock clock(k_now_ms);
  PairSet pairs(clock);
  pairs.load(row_of("mesh.example.com", "\xC3\xA9"));
  pairs.load(row_of("a.test", "v"));
  const std::string expected =
      "6100000202"
      "0f3d8b22f5077cb50296ca8561949fdbcec256b53a26b45f506eb3b195c60646"
      "3d00fb67d8fa673034acf14a14959a5da6112a6cf93355e7198282e29e3980b3";
  CHECK(to_hex(Reconciliation(pairs).open()) == expected);
  CHECK(to_hex(reconcile_answer(pairs, bytes_of("6100000200")).value()) == expected);
  const PairSet empty(clock);
  CHECK(to_hex(Reconciliation(empty).open()) == "6100000200");
}

TEST_CASE("a range that agrees is left out, one that does not is listed") {
  ManualClock clock(k_now_ms);
  PairSet pairs(clock);
  pairs.load(row_of("a.test", "v"));
  CHECK(to_hex(reconcile_answer(pairs, bytes_of("610000012aa1c681d28de574e5a1c25a2fffbfda")).value()) == "61");
  CHECK(to_hex(reconcile_answer(pairs, bytes_of("610000017f9c9e31ac8256ca2f258583df262dbc")).value()) ==
        "61000002010f3d8b22f5077cb50296ca8561949fdbcec256b53a26b45f506eb3b195c60646");
  // The lower half up to 0x10 is skipped by the asker: what was not asked for is not told.
  CHECK(to_hex(reconcile_answer(pairs, bytes_of("61010110000000017f9c9e31ac8256ca2f258583df262dbc")).value()) == "61");
  CHECK(to_hex(reconcile_answer(pairs, bytes_of("6101010f000000017f9c9e31ac8256ca2f258583df262dbc")).value()) ==
        "6101010f00000002010f3d8b22f5077cb50296ca8561949fdbcec256b53a26b45f506eb3b195c60646");
}

TEST_CASE("random sets with random differences find exactly what is missing") {
  struct Case {
    std::size_t common, lacking, extra;
  };
  constexpr std::array k_cases = {Case{0, 0, 0},      Case{0, 1, 0},        Case{0, 0, 1},       Case{1, 0, 0},
                                  Case{0, 31, 0},     Case{0, 32, 0},       Case{0, 33, 32},     Case{31, 1, 0},
                                  Case{32, 0, 0},     Case{32, 1, 1},       Case{100, 50, 50},   Case{500, 0, 7},
                                  Case{1000, 1, 0},   Case{1000, 0, 500},   Case{3000, 900, 40}, Case{0, 3000, 0},
                                  Case{0, 0, 3000},   Case{0, 900, 900},    Case{9000, 1, 1},    Case{20'000, 3, 3},
                                  Case{20'000, 0, 0}, Case{17'000, 3000, 0}};
  std::uint64_t seed = 100;
  for (const Case& c : k_cases) {
    CAPTURE(c.common);
    CAPTURE(c.lacking);
    CAPTURE(c.extra);
    const Sides sides(++seed, c.common, c.lacking, c.extra);
    const Run result = run(sides);
    CHECK(result.need == sides.missing);
    CHECK_FALSE(result.gave_up);
    CHECK(result.message_bytes_max <= k_reconcile_frame_bytes_max);
  }
  SeededRandom random(5);
  for (int i = 0; i < 60; ++i) {
    const Sides sides(++seed, random.below(400), random.below(60), random.below(60));
    CHECK(run(sides).need == sides.missing);
  }
}

TEST_CASE("ids that differ only at their end are told apart") {
  // Bounds of 32 octets: the pairs stand in one bucket, which the names cannot do, so the messages are built by hand.
  ReconcileWriter writer(k_reconcile_frame_bytes_max);
  crypto::Hash256 low{};
  low.fill(0xAB);
  crypto::Hash256 high = low;
  high[31] = 0xAC;
  REQUIRE(writer.fingerprint({.lower = low, .upper = high}, Fingerprint{}));
  const std::string message = writer.take();
  const auto claims = parse_reconcile_message(message);
  REQUIRE(claims.has_value());
  REQUIRE(claims->size() == 2);
  CHECK((*claims)[0].mode == RangeMode::skip);
  CHECK((*claims)[1].range.lower == low);
  CHECK((*claims)[1].range.upper == high);
}

TEST_CASE("equal sets are known to be equal after one short exchange") {
  for (const std::size_t pairs : {std::size_t{10'000}, std::size_t{100'000}}) {
    const Run result = run(Sides(1, pairs, 0));
    CAPTURE(pairs);
    CHECK(result.rounds == 1);
    CHECK(result.bytes < 400);
    CHECK(result.need.empty());
  }
}

TEST_CASE("one of ten thousand that is missing costs under 2 kB in two rounds") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Sides sides(seed, 10'000, 1);
    const Run result = run(sides);
    CHECK(result.need == sides.missing);
    CHECK(result.rounds <= 2);
    CHECK(result.bytes < 2'000);
  }
}

TEST_CASE("a hundred of ten thousand that are missing cost under 70 kB in two rounds") {
  const Sides sides(7, 10'000, 100);
  const Run result = run(sides);
  CHECK(result.need == sides.missing);
  CHECK(result.rounds <= 2);
  CHECK(result.bytes < 70'000);
}

TEST_CASE("what does not fit a frame comes in later rounds, and after 32 of them the asker gives up") {
  const Sides behind(8, 0, 30'000);
  Run result = run(behind);
  CHECK(result.need == behind.missing);
  CHECK(result.rounds > 10);
  CHECK(result.message_bytes_max <= k_reconcile_frame_bytes_max);
  CHECK(result.message_bytes_max > k_reconcile_frame_bytes_max - 200);
  const Sides far_behind(9, 0, 80'000);
  result = run(far_behind);
  CHECK(result.gave_up);
  CHECK(result.rounds == k_reconcile_rounds_max);
  CHECK(result.need.size() > 60'000);
  CHECK(std::ranges::includes(far_behind.missing, result.need));
}

TEST_CASE("after the last round nothing is taken any more") {
  const Sides sides(1, 0, 0);
  Reconciliation reconciliation(sides.ours);
  for (int round = 0; round < k_reconcile_rounds_max; ++round) {
    CHECK(reconciliation.take(bytes_of("61")).has_value());
  }
  CHECK(reconciliation.take(bytes_of("61")).error().code == ErrorCode::sync_malformed);
}

TEST_CASE("an id that a peer repeats is needed once") {
  const Sides sides(1, 0, 0);
  Reconciliation reconciliation(sides.ours);
  const std::string answer = bytes_of("61000003") + '\0';
  const std::string list = bytes_of("61000002") + '\x02' + ids_text(2);
  CHECK(reconciliation.take(list)->need.size() == 2);
  CHECK(reconciliation.take(list)->need.empty());
  CHECK_FALSE(reconciliation.take(answer).has_value());
}

TEST_CASE("a message of another version is answered with ours alone, by the asked side only") {
  const Sides sides(1, 10, 1);
  for (const char* foreign : {"60", "62000001", "6f"}) {
    CHECK(to_hex(reconcile_answer(sides.theirs, bytes_of(foreign)).value()) == "61");
    Reconciliation reconciliation(sides.ours);
    CHECK(reconciliation.take(bytes_of(foreign)).error().code == ErrorCode::sync_malformed);
  }
}

TEST_CASE("messages that are not well formed are refused") {
  const std::string fingerprint(16, 'f');
  for (const char* hex : {
           "",  // no version
           "00",
           "5f00",
           "70",  // no version of this protocol
           "6100",
           "610000",
           "6101",
           "610101",
           "61010110",
           "6101021000",  // truncated bounds
           "61020010",    // a timestamp of 1
           "6100010100",  // infinity with a prefix
           "6101210000",  // a prefix longer than an id
           "6101ffffffffffffffffff7f00",
           "6180000000",
           "61ffffffffffffffffffffff7f0000",  // varints
           "610000"
           "03",  // an unknown mode
           "610000"
           "8002",        // a mode with a superfluous zero
           "6101000000",  // a bound at the lowest id
           "6100000000",  // a byte after the last range
           "6100000000"
           "0000",                  // a range after the last
           "61010120000101200000",  // the same bound twice
           "61010120000101"
           "1f00",  // a lower bound after a higher one
           "61010120000102"
           "20"
           "0000",  // the same bound, spelled longer
           "610000"
           "02",
           "610000"
           "0201",
           "610000"
           "02ffffffffffffffff7f",
           "610000"
           "028080",  // id lists
       }) {
    check_refused(bytes_of(hex));
  }
  check_refused(bytes_of("61000001") + fingerprint.substr(1));
  check_refused(bytes_of("61000001") + fingerprint + "x");
  check_refused(bytes_of("61000002") + '\x02' + ids_text(1) + std::string(31, 'z'));
  check_refused(bytes_of("61000002") + '\x02' + ids_text(1) + ids_text(1));                       // twice the same
  check_refused(bytes_of("61000002") + '\x02' + ids_text(1, 9) + ids_text(1, 3));                 // descending
  check_refused(bytes_of("6101010102") + '\x01' + std::string(32, '\x02'));                       // above its range
  check_refused(bytes_of("6101010100") + bytes_of("000002") + '\x01' + std::string(32, '\x00'));  // below it
}

TEST_CASE("a message of one frame is taken, one octet more is refused") {
  const Sides sides(1, 5, 0);
  const std::size_t ids = (k_reconcile_frame_bytes_max - 6) / 32;
  std::string message = bytes_of("61000002");
  append_varint(message, ids);
  message += ids_text(ids);
  std::string longest = message;
  CHECK(longest.size() <= k_reconcile_frame_bytes_max);
  CHECK(reconcile_answer(sides.theirs, longest).has_value());
  longest.resize(k_reconcile_frame_bytes_max + 1);
  check_refused(longest);
}

TEST_CASE("random octets and broken messages never do harm") {
  SeededRandom random(77);
  const Sides sides(3, 2000, 30);
  const std::string good = Reconciliation(sides.ours).open();
  const std::string listed = reconcile_answer(sides.theirs, bytes_of("6100000200")).value();
  for (int i = 0; i < 3000; ++i) {
    std::string message;
    if (i % 3 == 0) {
      std::vector<unsigned char> noise(random.below(200));
      random.fill(noise);
      message = std::string(noise.begin(), noise.end());
      if (i % 2 == 0 && !message.empty()) message[0] = '\x61';
    } else {
      message = i % 3 == 1 ? good : listed.substr(0, 2000);
      for (std::uint64_t flips = random.below(4); flips > 0; --flips) {
        message[random.below(message.size())] = static_cast<char>(static_cast<unsigned char>(random.below(256)));
      }
      message.resize(random.below(message.size()) + 1);
    }
    const auto answer = reconcile_answer(sides.theirs, message);
    if (answer) CHECK(answer->size() <= k_reconcile_frame_bytes_max);
    if (!answer) CHECK(answer.error().code == ErrorCode::sync_malformed);
    Reconciliation reconciliation(sides.ours);
    const auto step = reconciliation.take(message);
    if (step) CHECK(step->next.size() <= k_reconcile_frame_bytes_max);
  }
}

TEST_CASE("the most ranges that fit a message are answered within one frame") {
  const Sides sides(5, 50'000, 0);
  for (const bool listed : {false, true}) {
    std::string message = bytes_of("61");
    for (std::size_t i = 1; message.size() + 25 < k_reconcile_frame_bytes_max; ++i) {
      message += bytes_of("0103");
      for (const std::size_t shift : {16, 8, 0})
        message.push_back(static_cast<char>(static_cast<unsigned char>(i * 700 >> shift)));
      if (listed) message += bytes_of("0200");
      if (!listed) message += '\x01' + std::string(16, 'f');
    }
    const auto claims = parse_reconcile_message(message);
    REQUIRE(claims.has_value());
    CHECK(claims->size() > (listed ? 8'000 : 2'500));
    const auto answer = reconcile_answer(sides.theirs, message);
    REQUIRE(answer.has_value());
    CHECK(answer->size() <= k_reconcile_frame_bytes_max);
    CHECK(parse_reconcile_message(*answer).has_value());
  }
}
