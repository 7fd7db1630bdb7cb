// SPDX-License-Identifier: Apache-2.0
// How fast an empty node copies a full one: two SQLite files, the sync engine between them, no sockets.
// `sync_bench [rows] [extended|classic]`
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "store/sqlite_store.hpp"
#include "sync/server.hpp"
#include "sync/worker.hpp"

namespace {

using namespace dnsmesh;

/// One thread that runs what is posted and what is due.
class ThreadLoop final : public sync::Loop {
 public:
  ~ThreadLoop() override {
    post([this] { ended_ = true; });
    thread_.join();
  }
  void post(Task task) override { after(0, std::move(task)); }
  void after(std::int64_t ms, Task task) override {
    const std::scoped_lock lock(mutex_);
    timers_.emplace(std::chrono::steady_clock::now() + std::chrono::milliseconds(ms), std::move(task));
    moved_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
      if (timers_.empty()) {
        moved_.wait(lock);
      } else if (const auto due = timers_.begin()->first; due > std::chrono::steady_clock::now()) {
        moved_.wait_until(lock, due);
      } else {
        Task task = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        lock.unlock();
        task();
        lock.lock();
      }
    }
  }
  std::mutex mutex_;
  std::condition_variable moved_;
  std::multimap<std::chrono::steady_clock::time_point, Task> timers_;
  bool ended_ = false;
  std::thread thread_{[this] { run(); }};
};

/// The other node's thread.
class DirectTransport final : public sync::Transport {
 public:
  DirectTransport(sync::Server& server, ThreadLoop& here, ThreadLoop& there)
      : server_(server), here_(here), there_(there) {}
  void call(sync::PeerRequest request, sync::PeerCallback done) override {
    there_.post([this, request = std::move(request), done = std::move(done)]() mutable {
      server_.handle(
          {request.method, request.target, request.body, "192.0.2.1", false},
          [this, done = std::move(done)](sync::ServeAnswer served) mutable {
            sync::PeerAnswer answer;
            answer.status = served.status;
            answer.body = std::move(served.body);
            here_.post([answer = std::move(answer), done = std::move(done)]() mutable { done(std::move(answer)); });
          });
    });
  }
  void cancel_all() override {}

 private:
  sync::Server& server_;
  ThreadLoop& here_;
  ThreadLoop& there_;
};

class DirectVerifier final : public sync::Verifier {
 public:
  explicit DirectVerifier(ThreadLoop& loop) : loop_(loop) {}
  void check(std::vector<sync::Candidate> candidates, std::int64_t now_s, sync::VerdictCallback done) override {
    std::vector<sync::Verdict> verdicts;
    for (const sync::Candidate& candidate : candidates) {
      verdicts.push_back({record::sync_accepts(candidate.name, candidate.value, now_s, std::nullopt), {}});
    }
    loop_.post([done = std::move(done), verdicts = std::move(verdicts)]() mutable { done(std::move(verdicts)); });
  }

 private:
  ThreadLoop& loop_;
};

std::unique_ptr<store::RecordStore> open_store(const std::filesystem::path& path, const Clock& clock, Random& random) {
  return store::open_sqlite_store({.path = path.string(), .judge = {}, .judge_id = {}}, clock, random).value();
}

void fill(store::RecordStore& store, int rows) {
  for (int from = 0; from < rows; from += 5000) {
    store::Batch batch;
    for (int i = from; i < std::min(rows, from + 5000); ++i) {
      batch.operations.emplace_back(store::Put{.name = fmt::format("record-{:08}.some.zone.example.com", i),
                                               .value = fmt::format("{:08} {}", i, std::string(232, 'x')),
                                               .ttl_s = 86400,
                                               .offer = {}});
    }
    store::commit_and_wait(store, std::move(batch)).value();
  }
}

}  // namespace

int main(int count, char** arguments) {
  const int rows = count > 1 ? std::stoi(arguments[1]) : 100000;
  const bool extended = count <= 2 || std::string(arguments[2]) != "classic";
  const auto folder = std::filesystem::temp_directory_path() / "dnsmesh-sync-bench";
  std::filesystem::remove_all(folder);
  SystemClock clock;
  SystemRandom random;
  const auto from = open_store(folder / "from" / "records.db", clock, random);
  const auto to = open_store(folder / "to" / "records.db", clock, random);
  sync::PairSet from_pairs(clock);
  sync::PairSet to_pairs(clock);
  from->set_listener([&](std::span<const store::Change> changes) { from_pairs.apply(changes); });
  to->set_listener([&](std::span<const store::Change> changes) { to_pairs.apply(changes); });
  fill(*from, rows);

  ThreadLoop there;
  ThreadLoop here;
  sync::Server server(
      {"from", extended}, *from, from_pairs, clock, there, [] { return std::nullopt; },
      [](const sync::Hint&) { return false; });
  DirectTransport transport(server, here, there);
  DirectVerifier verifier(here);
  sync::WorkerOptions options;
  options.interval_ms = 100;
  sync::Worker worker(options, *to, to_pairs, transport, verifier, clock, random, here, {});
  const auto began = std::chrono::steady_clock::now();
  here.post([&] { worker.set_peers({{{"from", "http://from", false}}, {}}); });
  while (to_pairs.count() < static_cast<std::size_t>(rows)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{} rows in {:.2f} s: {:.0f} a second\n", rows, took.count(), rows / took.count());
  std::mutex stopped;
  stopped.lock();
  here.post([&] {
    worker.stop();
    stopped.unlock();
  });
  stopped.lock();
  from->close();
  to->close();
}
