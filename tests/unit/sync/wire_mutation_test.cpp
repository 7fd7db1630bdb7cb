// SPDX-License-Identifier: Apache-2.0
// Whatever bytes a peer sends: a value within its bounds, or sync_malformed.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/random.hpp"
#include "sync/wire_server.hpp"

using namespace dnsmesh;

namespace {

constexpr std::size_t k_rows_max = 3;

const std::string k_hash(64, 'a');
const std::string k_epoch = "00112233445566778899aabbccddeeff.3";

/// One of each form, with as much in it as there can be.
const std::vector<std::string> k_bodies = {
    R"({"records": [{"name": "a.test", "hash": ")" + k_hash +
        R"(", "ts": 1795341751333, "ttl": 300}, {"name": "\ud83d"},)"
        R"( []], "has_more": true, "next_cursor": "5:a:", "x": {"v": 1, "node": "n", "epoch": ")" +
        k_epoch + R"(", "caps": ["feed", "get"], "high": 1, "count": 2, "now": 3, "mseq": 18446744073709551615}})",
    R"({"records": [{"name": "a.test", "value": "caf\u00e9 \"\\", "ttl": 300}, {"name": "b", "value": "", "ttl": 1}]})",
    R"({"epoch": ")" + k_epoch +
        R"(", "high": 12, "next": 12, "more": false, "reset": false, "now": 1, "mseq": null, )"
        R"("e": [[10, 0, "a.test", ")" +
        k_hash + R"(", 299500], [12, 1, "b", ")" + k_hash + R"(", 1]]})",
    R"({"r": [["a.test", "v", 299500], ["b.test", "\ud83d\ude00", 1]], "done": 2})",
    R"({"want": [["a.test", ")" + k_hash + R"("]]})",
    R"({"ids": [")" + k_hash + R"("]})",
    R"({"names": ["a.test", "b.test."]})",
    R"({"wire": "v=dmp1;t=cluster;AA==", "seq": 7, "exp": 1900000000, "cluster_name": "mesh.test"})",
    R"({"node": "node-b", "epoch": ")" + k_epoch + R"(", "high": 40, "mseq": 7})",
};

template <class T>
void check_error(const Result<T>& result) {
  if (!result) CHECK(result.error().code == ErrorCode::sync_malformed);
}

void read_all(const std::string& body) {
  const auto digest = sync::parse_digest_answer(body, k_rows_max);
  check_error(digest);
  if (digest) CHECK(digest->entries.size() + digest->malformed <= k_rows_max);
  const auto feed = sync::parse_feed_answer(body, k_rows_max);
  check_error(feed);
  if (feed) CHECK(feed->entries.size() + feed->malformed <= k_rows_max);
  const auto got = sync::parse_get_answer(body, k_rows_max);
  check_error(got);
  if (got) CHECK((got->done >= 1 && got->done <= k_rows_max));
  check_error(sync::parse_pull_answer(body));
  check_error(sync::parse_pull_request(body));
  check_error(sync::parse_get_request(body));
  check_error(sync::parse_manifest_answer(body));
  check_error(sync::parse_hint(body));
  check_error(sync::parse_cursor(body));
  check_error(sync::parse_epoch(body));
}

}  // namespace

TEST_CASE("every truncation of every form is survived") {
  for (const std::string& body : k_bodies) {
    for (std::size_t size = 0; size <= body.size(); ++size) read_all(body.substr(0, size));
  }
}

TEST_CASE("forms with octets changed, cut out and doubled are survived") {
  SeededRandom random(20261125);
  for (int round = 0; round < 3000; ++round) {
    std::string body = k_bodies[random.below(k_bodies.size())];
    for (std::uint64_t changes = random.below(4) + 1; changes > 0 && !body.empty(); --changes) {
      const auto at = static_cast<std::size_t>(random.below(body.size()));
      const auto length = static_cast<std::size_t>(random.below(20));
      switch (random.below(3)) {
        case 0:
          body[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          body.erase(at, length);
          break;
        default:
          body.insert(at, body.substr(at, length));
      }
    }
    read_all(body);
  }
}
