// SPDX-License-Identifier: Apache-2.0
#include "discovery/discovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "record/owner_name.hpp"

namespace dnsmesh::discovery {

Discovery::Discovery(Identity identity, DiscoveryOptions options, const Clock& clock, Random& random,
                     store::RecordStore& records, store::SeenStore& seen, TxtLookUps& look_ups)
    : options_(std::move(options)),
      clock_(clock),
      seen_(seen),
      look_ups_(look_ups),
      publisher_(std::move(identity), records),
      self_(publisher_.identity().name()),
      plan_(options_.period_ms, random),
      next_publish_ms_(clock.monotonic_ms()) {}

std::int64_t Discovery::step() {
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (now_ms >= next_publish_ms_) {
    publish();
    next_publish_ms_ = now_ms + options_.renew_ms;
  }
  // A period that takes longer than it should is not cut short: the next one begins after it.
  const bool is_idle = plan_.is_empty() && asking_.empty();
  if (is_idle && (!has_begun_ || plan_.period_is_over(now_ms))) begin_period();
  ask_due(now_ms);
  if (!has_harvested_ && plan_.is_empty() && asking_.empty()) {
    has_harvested_ = true;
    publish_seen();
  }
  std::int64_t next_ms = next_publish_ms_;
  if (asking_.size() < limits::harvest_parallel_max && !(plan_.is_empty() && !asking_.empty())) {
    next_ms = std::min(next_ms, plan_.next_ms());
  }
  return std::max<std::int64_t>(next_ms - clock_.monotonic_ms(), 0);
}

void Discovery::answered(std::uint64_t id, const Result<std::vector<std::string>>& values) {
  const auto found = asking_.find(id);
  if (found == asking_.end()) return;
  Asking asking = std::move(found->second);
  asking_.erase(found);
  // Who does not answer the first question is not asked the second.
  if (!values) return finish(asking, values.error().text);
  take(asking, *values);
  if (asking.asks_seen) return finish(asking, "no heartbeat that can be accepted");
  asking.asks_seen = true;
  const std::uint64_t next_id = ++ids_given_;
  const std::string owner = record::seen_owner(asking.zone).value();
  asking_.emplace(next_id, std::move(asking));
  look_ups_.start(next_id, owner);
}

DiscoveryCounts Discovery::counts() const {
  return {counts_.zones_answered, counts_.zones_failed, counts_.values_accepted, counts_.values_known,
          counts_.values_refused, counts_.publishes,    counts_.publishes_failed};
}

void Discovery::publish() {
  note_publish(publish_own_, publisher_.publish_own(clock_.wall_s()));
  // Before the first harvest our table is old, and would replace the younger one that is still published.
  if (has_harvested_) publish_seen();
}

void Discovery::publish_seen() {
  const std::int64_t now_s = clock_.wall_s();
  // One more than is published, for a row of our own that another program left.
  const auto rows = seen_.recent(now_s, limits::seen_values_published_max + 1);
  if (!rows) return note_publish(publish_seen_, std::unexpected(rows.error()));
  note_publish(publish_seen_, publisher_.publish_seen(*rows, now_s));
}

void Discovery::note(Work& work, const Result<void>& done) {
  if (!done && !work.is_failing) {
    log::warning(log::k_heartbeat, fmt::format("cannot {}: {}", work.what, done.error().text));
  }
  if (done && work.is_failing) log::info(log::k_heartbeat, fmt::format("can {} again", work.what));
  work.is_failing = !done;
}

void Discovery::note_publish(Work& work, const Result<void>& done) {
  ++(done ? counts_.publishes : counts_.publishes_failed);
  note(work, done);
}

void Discovery::begin_period() {
  auto rows = seen_.recent(clock_.wall_s(), 2 * options_.zones_max);
  note(read_seen_, rows ? Result<void>() : std::unexpected(rows.error()));
  plan_.begin(zones_to_ask(options_.seeds, options_.peer_hosts, rows.value_or(std::vector<store::SeenRow>{}),
                           publisher_.identity().zone, options_.zones_max),
              clock_.monotonic_ms());
  has_begun_ = true;
}

void Discovery::ask_due(std::int64_t now_ms) {
  while (asking_.size() < limits::harvest_parallel_max) {
    auto zone = plan_.take_due(now_ms);
    if (!zone) return;
    const std::uint64_t id = ++ids_given_;
    const std::string owner = record::heartbeat_owner(*zone).value();
    asking_.emplace(id, Asking{std::move(*zone)});
    look_ups_.start(id, owner);
  }
}

void Discovery::take(Asking& asking, const std::vector<std::string>& values) {
  const auto taken = take_values(seen_, self_, asking.zone, values, clock_.wall_s());
  if (!taken) {
    asking.is_lost = true;
    return note(store_seen_, std::unexpected(taken.error()));
  }
  // Where nothing was written nothing shows that it could be.
  if (taken->stored > 0) note(store_seen_, {});
  asking.accepted += taken->accepted;
  counts_.values_accepted += taken->accepted;
  counts_.values_known += taken->known;
  counts_.values_refused += taken->refused;
}

void Discovery::finish(const Asking& asking, std::string_view reason) {
  const bool succeeded = asking.accepted > 0;
  // That our own store failed says nothing of the zone.
  if (!succeeded && asking.is_lost) return;
  plan_.finished(asking.zone, succeeded);
  ++(succeeded ? counts_.zones_answered : counts_.zones_failed);
  if (!succeeded) log::info(log::k_heartbeat, fmt::format("nothing heard at zone {}: {}", asking.zone, reason));
}

}  // namespace dnsmesh::discovery
