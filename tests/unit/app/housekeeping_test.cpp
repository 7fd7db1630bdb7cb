// SPDX-License-Identifier: Apache-2.0
#include "app/housekeeping.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "base/random.hpp"
#include "store/memory_store.hpp"

using namespace dnsmesh;

namespace {

int rows_in(const store::RecordStore& records) {
  int rows = 0;
  CHECK(records.for_each([&](const store::Record&) { ++rows; }));
  return rows;
}

template <class Condition>
bool becomes_true(Condition&& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace

TEST_CASE("F36 nothing expired is removed while the peers say that the own clock is wrong") {
  ManualClock clock(1'800'000'000'000);
  SeededRandom random(1);
  const auto records = store::make_memory_store(clock, random);
  store::Put put;
  put.name = "a.test";
  put.value = "v";
  put.ttl_s = 60;
  REQUIRE(store::commit_and_wait(*records, {{put}}));
  clock.advance_ms(61'000);
  std::atomic<bool> wrong{true};
  std::atomic<int> asked{0};
  app::Housekeeping housekeeping(*records, 1, {.clock_is_wrong = [&] {
    ++asked;
    return wrong.load();
  }});
  REQUIRE(becomes_true([&] { return asked >= 3; }));  // two sweeps were left out whole
  CHECK(rows_in(*records) == 1);
  wrong = false;
  CHECK(becomes_true([&] { return rows_in(*records) == 0; }));
}
