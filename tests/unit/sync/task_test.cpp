// SPDX-License-Identifier: Apache-2.0
#include "sync/task.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "manual_loop.hpp"
#include "sync/await.hpp"

using namespace dnsmesh;
using sync::Task;

namespace {

/// Counts how many of it live: what a coroutine holds must be gone with it.
struct Held {
  explicit Held(int& live) : live_(&live) { ++*live_; }
  Held(const Held& other) : live_(other.live_) { ++*live_; }
  Held& operator=(const Held&) = delete;
  ~Held() { --*live_; }
  int* live_;
};

Task<int> later(sync::Loop& loop, Held held, int value) {
  co_await sync::sleep_for(loop, 10);
  co_return value + static_cast<int>(held.live_ != nullptr) - 1;
}

Task<int> sum(sync::Loop& loop, Held held) {
  auto first = co_await later(loop, held, 1);
  Task<int> second = later(loop, held, 10);
  Task<int> third = later(loop, held, 100);
  second.start();
  third.start();
  auto b = co_await third;
  auto c = co_await second;
  co_return first + b + c;
}

Task<> store_in(Task<int> from, int& out) {
  auto value = co_await from;
  out = value;
}

struct Bench {
  ManualClock clock{1000};
  test::ManualLoop loop{clock};
  int live = 0;
};

}  // namespace

TEST_CASE("a task runs to its end over the loop, and tasks that were started run side by side") {
  Bench bench;
  int out = 0;
  {
    Task<> task = store_in(sum(bench.loop, Held(bench.live)), out);
    task.start();
    bench.loop.advance_ms(19);
    CHECK(out == 0);
    bench.loop.advance_ms(1);
    CHECK(out == 111);
    CHECK(task.done());
  }
  CHECK(bench.live == 0);
}

TEST_CASE("a task that is destroyed where it waits lets go of everything and is never resumed") {
  for (const std::int64_t at_ms : {0, 5, 10, 15}) {
    CAPTURE(at_ms);
    Bench bench;
    int out = 0;
    {
      Task<> task = store_in(sum(bench.loop, Held(bench.live)), out);
      task.start();
      bench.loop.advance_ms(at_ms);
      CHECK(bench.live > 0);
    }
    CHECK(bench.live == 0);
    bench.loop.advance_ms(100);
    CHECK(out == 0);
  }
}

TEST_CASE("a task that was never started can be dropped") {
  Bench bench;
  {
    const Task<int> task = later(bench.loop, Held(bench.live), 1);
  }
  CHECK(bench.live == 0);
}

TEST_CASE("only the first value of a completion counts, and one that came before it was awaited is there at once") {
  sync::Completion<int> completion;
  const auto resolve = completion.resolver();
  resolve(1);
  resolve(2);
  CHECK(completion.await_ready());
  CHECK(completion.await_resume() == 1);
}

TEST_CASE("a value for a completion that is gone goes nowhere") {
  auto completion = std::make_unique<sync::Completion<std::string>>();
  const auto resolve = completion->resolver();
  completion.reset();
  resolve("late");
}

namespace {

Task<> sleep_twice(sync::Waker& waker, std::vector<std::int64_t>& woke_ms, const Clock& clock) {
  for (int i = 0; i < 2; ++i) {
    co_await waker.sleep(100);
    woke_ms.push_back(clock.monotonic_ms());
  }
}

}  // namespace

TEST_CASE("a sleeper wakes in time, or early when it is woken, once for any number of calls") {
  Bench bench;
  sync::Waker waker(bench.loop);
  std::vector<std::int64_t> woke_ms;
  Task<> task = sleep_twice(waker, woke_ms, bench.clock);
  task.start();
  bench.loop.advance_ms(30);
  waker.wake();
  waker.wake();
  bench.loop.advance_ms(500);
  CHECK(woke_ms == std::vector<std::int64_t>{30, 130});
}

TEST_CASE("a call to wake before the sleep ends it before it begins") {
  Bench bench;
  sync::Waker waker(bench.loop);
  std::vector<std::int64_t> woke_ms;
  waker.wake();
  Task<> task = sleep_twice(waker, woke_ms, bench.clock);
  task.start();
  bench.loop.advance_ms(500);
  CHECK(woke_ms == std::vector<std::int64_t>{0, 100});
}
