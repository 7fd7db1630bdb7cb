// SPDX-License-Identifier: Apache-2.0
// Readers that wait while others commit: the clock stands still, so only a wake-up can answer them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server_house.hpp"
#include "sync/wire_server.hpp"

using namespace dnsmesh;
using test::ServerHouse;

namespace {

constexpr std::int64_t k_commits = 200;
constexpr int k_readers = 4;

/// Reads the feed to its end, waiting each time; gives how many entries it saw, or nothing when it was not answered.
std::optional<std::int64_t> read_to_end(ServerHouse& house, int reader) {
  const store::Epoch epoch = house.store->epoch();
  std::int64_t entries = 0;
  for (std::int64_t after = 0; after < k_commits;) {
    auto answered = std::make_shared<std::promise<std::string>>();
    auto answer = answered->get_future();
    house.server.handle({"GET", sync::feed_target({epoch.id, epoch.boot}, after, 10, 25000, false), "",
                         fmt::format("192.0.2.{}", reader), false},
                        [answered](sync::ServeAnswer given) { answered->set_value(std::move(given.body)); });
    if (answer.wait_for(std::chrono::seconds(30)) != std::future_status::ready) return std::nullopt;
    const auto feed = sync::parse_feed_answer(answer.get(), 10);
    if (!feed) return std::nullopt;
    entries += static_cast<std::int64_t>(feed->entries.size());
    after = feed->next;
  }
  return entries;
}

}  // namespace

TEST_CASE("no reader that waits misses a commit, however the threads run") {
  ServerHouse house;
  std::vector<std::future<std::optional<std::int64_t>>> readers;
  for (int reader = 0; reader < k_readers; ++reader) {
    readers.push_back(std::async(std::launch::async, [&house, reader] { return read_to_end(house, reader); }));
  }
  std::atomic<bool> done{false};
  std::jthread loop([&] {
    while (!done) {
      house.loop.run_until_idle();
      std::this_thread::yield();
    }
  });
  for (std::int64_t i = 0; i < k_commits; ++i) house.put(fmt::format("n{}.test", i), "v");
  for (auto& reader : readers) CHECK(reader.get() == k_commits);
  done = true;
}

TEST_CASE("a stop in the middle answers every reader once") {
  ServerHouse house;
  std::atomic<int> answers{0};
  std::vector<std::jthread> readers;
  for (int reader = 0; reader < k_readers; ++reader) {
    readers.emplace_back([&house, &answers, reader] {
      for (int i = 0; i < 50; ++i) {
        house.server.handle(
            {"GET", "/v1/sync/x1/feed?wait=25000", "", fmt::format("2001:db8::{:x}:{:x}", reader, i), false},
            [&answers](sync::ServeAnswer) { ++answers; });
      }
    });
  }
  house.server.stop();
  readers.clear();
  CHECK(answers == k_readers * 50);
  CHECK(house.server.waiting() == 0);
}
