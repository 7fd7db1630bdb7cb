// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/clock.hpp"
#include "sync/pair_set.hpp"
#include "sync/query.hpp"
#include "sync/reconcile.hpp"
#include "sync/reconcile_message.hpp"
#include "sync/wire.hpp"
#include "sync/wire_server.hpp"
#include "targets.hpp"

namespace dnsmesh::fuzz {
namespace {

constexpr std::size_t k_rows_max = 100;

const sync::PairSet& pairs() {
  static const ManualClock clock(1700000000000);
  static const sync::PairSet* const set = [] {
    auto* const made = new sync::PairSet(clock);  // for the whole run
    for (int i = 0; i < 300; ++i) {
      store::Record record;
      record.name = "n" + std::to_string(i) + ".mesh.test";
      record.value_hash = crypto::sha256(record.name);
      record.expires_s = 1700100000;
      record.rseq = i + 1;
      made->load(record);
    }
    return made;
  }();
  return *set;
}

}  // namespace

/// What a peer answers; the first octet chooses the kind.
void sync_answer(std::string_view input) {
  if (input.empty()) return;
  const std::string_view body = input.substr(1);
  switch (static_cast<unsigned char>(input[0]) % 6) {
    case 0:
      if (const auto answer = sync::parse_digest_answer(body, k_rows_max)) {
        require(answer->entries.size() <= k_rows_max, "a digest has no more rows than were asked for");
        for (const sync::DigestEntry& entry : answer->entries) {
          require(!entry.name.empty() && entry.ts_ms >= 0 && entry.ttl_s >= 0, "a digest row is within its bounds");
        }
      }
      return;
    case 1:
      if (const auto answer = sync::parse_pull_answer(body)) {
        for (const sync::PulledRecord& record : answer->records) require(record.ttl_ms > 0, "a pulled record lives");
      }
      return;
    case 2:
      return static_cast<void>(sync::parse_manifest_answer(body));
    case 3:
      if (const auto answer = sync::parse_feed_answer(body, k_rows_max)) {
        std::int64_t before = 0;
        for (const sync::FeedEntry& entry : answer->entries) {
          require(entry.rseq > before && entry.rseq <= answer->next, "a feed goes up to its next position");
          before = entry.rseq;
        }
      }
      return;
    case 4:
      return static_cast<void>(sync::parse_get_answer(body, k_rows_max));
    default:
      return static_cast<void>(sync::parse_hint(body));
  }
}

/// What a peer asks.
void sync_request(std::string_view input) {
  if (const auto names = sync::parse_pull_request(input)) {
    require(names->size() <= sync::k_pull_names_max, "a pull has 256 names at most");
  }
  if (const auto get = sync::parse_get_request(input)) {
    require(get->size() <= sync::k_get_items_max, "a get has 1024 items at most");
  }
  const sync::Query query(input);
  static_cast<void>(query.get("cursor"));
  static_cast<void>(query.get("limit"));
  static_cast<void>(sync::parse_integer(input));
  static_cast<void>(sync::parse_epoch(input));
}

void sync_cursor(std::string_view input) {
  const auto cursor = sync::parse_cursor(input);
  if (!cursor) return;
  const auto again = sync::parse_cursor(sync::write_cursor(*cursor));
  require(again && again->stored_ms == cursor->stored_ms && again->name == cursor->name && again->hash == cursor->hash,
          "a cursor that was written is read as the same");
}

void sync_reconcile(std::string_view input) {
  static_cast<void>(sync::parse_reconcile_message(input));
  const auto answer = sync::reconcile_answer(pairs(), input);
  if (answer) require(answer->size() <= sync::k_reconcile_frame_bytes_max, "an answer fits its frame");
  sync::Reconciliation asker(pairs());
  static_cast<void>(asker.open());
  if (const auto step = asker.take(input)) {
    require(step->next.size() <= sync::k_reconcile_frame_bytes_max, "a question fits its frame");
    if (!step->next.empty()) {
      require(sync::parse_reconcile_message(step->next).has_value(), "a question can be read");
    }
  }
}

}  // namespace dnsmesh::fuzz
