// SPDX-License-Identifier: Apache-2.0
// What a pair set of a million pairs costs: memory, a put, a reconciliation, and what a writer waits beside readers.
// And what a page of a peer's feed costs the store, in memory and in a file of FOLDER.
//
//   pair_set_bench [PAIRS [FOLDER]]
//
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/memory_store.hpp"
#include "store/sqlite_store.hpp"
#include "sync/pair_set.hpp"
#include "sync/reconcile.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;
using std::chrono::steady_clock;

namespace {

double us_since(steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(steady_clock::now() - start).count();
}

store::Change random_put(Random& random, std::int64_t now_s) {
  store::Change change{
      .kind = store::Change::Kind::put, .name = "slot-1.mb-0123456789ab.mesh.example.org", .value = {}};
  random.fill(change.value_hash);
  change.expires_s = now_s + 86400 + static_cast<std::int64_t>(random.below(86400));
  change.rseq = 1;
  return change;
}

void put(PairSet& pairs, const store::Change& change) { pairs.apply({&change, 1}); }

/// Two sets of `pairs` pairs, of which the first lacks `missing`.
void measure_reconciliation(std::size_t pairs, std::size_t missing) {
  const SystemClock clock;
  SeededRandom random(1);
  PairSet ours(clock);
  PairSet theirs(clock);
  for (std::size_t i = 0; i < pairs; ++i) {
    const store::Change change = random_put(random, clock.wall_s());
    if (i >= missing) put(ours, change);
    put(theirs, change);
  }
  const auto start = steady_clock::now();
  Reconciliation reconciliation(ours);
  std::size_t bytes = 0;
  std::size_t need = 0;
  int rounds = 0;
  for (std::string message = reconciliation.open(); !message.empty(); ++rounds) {
    const std::string answer = reconcile_answer(theirs, message).value();
    bytes += message.size() + answer.size();
    Reconciliation::Step step = reconciliation.take(answer).value();
    need += step.need.size();
    message = std::move(step.next);
  }
  fmt::print("{:>8} pairs, {:>5} missing: {:>8} octets, {} exchanges, {:.0f} us for both sides, {} found\n", pairs,
             missing, bytes, rounds, us_since(start), need);
}

/// How long one put takes while `readers` threads ask without pause.
void measure_puts(PairSet& pairs, int readers) {
  const SystemClock clock;
  std::atomic<bool> stop{false};
  std::vector<std::jthread> threads;
  for (int i = 0; i < readers; ++i) {
    threads.emplace_back([&pairs, &stop] {
      while (!stop) static_cast<void>(Reconciliation(pairs).open());
    });
  }
  SeededRandom random(2);
  constexpr int k_puts = 20'000;
  double longest = 0;
  const auto start = steady_clock::now();
  for (int i = 0; i < k_puts; ++i) {
    const store::Change change = random_put(random, clock.wall_s());
    const auto begun = steady_clock::now();
    put(pairs, change);
    longest = std::max(longest, us_since(begun));
  }
  fmt::print("a put beside {} readers: {:.2f} us, the longest {:.0f} us\n", readers, us_since(start) / k_puts, longest);
  stop = true;
}

/// A page of a peer's feed against a store in memory or in a file.
void measure_states(store::RecordStore& store, const char* kind) {
  constexpr int k_rows = 20'000;
  constexpr std::size_t k_page = 10'000;
  std::vector<store::PairKey> keys;
  for (int first = 0; first < k_rows; first += 1000) {
    store::Batch batch;
    for (int i = first; i < first + 1000; ++i) {
      store::Put put;
      put.name = fmt::format("slot-{}.mb-{:012x}.mesh.example.org", i % 10, i);
      put.value = fmt::format("v=dmp1;t=manifest;d={:0>680}", i);
      put.ttl_s = 86400;
      if (keys.size() < k_page) keys.push_back({put.name, crypto::sha256(put.value)});
      batch.operations.emplace_back(std::move(put));
    }
    static_cast<void>(store::commit_and_wait(store, std::move(batch)));
  }
  for (int i = 0; i < 3; ++i) {
    const auto start = steady_clock::now();
    const auto states = store.states_of(keys);
    fmt::print("states of {} pairs, {}: {:.1f} ms\n", states.value().size(), kind, us_since(start) / 1000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  const SystemClock clock;
  {
    SeededRandom random(3);
    PairSet pairs(clock);
    const auto start = steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) put(pairs, random_put(random, clock.wall_s()));
    fmt::print("{} pairs: {:.1f} octets each, {:.2f} us a put while it fills\n", count,
               static_cast<double>(pairs.bytes()) / static_cast<double>(count),
               us_since(start) / static_cast<double>(count));
    const auto asked = steady_clock::now();
    const std::string message = Reconciliation(pairs).open();
    const auto answered = steady_clock::now();
    static_cast<void>(reconcile_answer(pairs, message));
    fmt::print("one fingerprint exchange of equal sets: {:.0f} us to ask, {:.0f} us to answer\n",
               std::chrono::duration<double, std::micro>(answered - asked).count(), us_since(answered));
    for (const int readers : {0, 1, 2}) measure_puts(pairs, readers);
  }
  for (const std::size_t missing : {0UL, 1UL, 10UL, 100UL, 1000UL}) measure_reconciliation(count, missing);
  for (const std::size_t missing : {0UL, 1UL, 100UL, 1000UL}) measure_reconciliation(count / 10, missing);
  SeededRandom random(4);
  const auto memory = store::make_memory_store(clock, random);
  measure_states(*memory, "in memory");
  if (argc < 3) return 0;
  store::SqliteStoreOptions options;
  options.path = fmt::format("{}/pair_set_bench.db", argv[2]);
  auto file = store::open_sqlite_store(options, clock, random);
  if (file) measure_states(**file, "in a file");
}
