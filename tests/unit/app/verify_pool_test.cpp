// SPDX-License-Identifier: Apache-2.0
#include "app/verify_pool.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "base/limits.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;

namespace {

/// The test's own thread is the loop's.
class TestLoop final : public sync::Loop {
 public:
  void post(Task task) override {
    {
      const std::scoped_lock lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wake_.notify_all();
  }
  void after(std::int64_t, Task task) override { post(std::move(task)); }

  void run_one() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !tasks_.empty(); });
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }
  bool is_empty() {
    const std::scoped_lock lock(mutex_);
    return tasks_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
};

constexpr std::int64_t k_now_s = 1800000000;

/// Every third is refused: it is no type that peers know.
std::vector<sync::Candidate> candidates(std::size_t count) {
  std::vector<sync::Candidate> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({"n" + std::to_string(i) + ".test", i % 3 == 0 ? "v=dmp1;t=unknown;d=AA==" : "text"});
  }
  return out;
}

}  // namespace

TEST_CASE("each candidate gets its own verdict, in the order in which they were given") {
  for (const unsigned threads : {0U, 1U, 4U}) {
    for (const std::size_t count :
         {std::size_t{1}, limits::verify_slice_records, limits::verify_slice_records + 1, std::size_t{1000}}) {
      CAPTURE(threads);
      CAPTURE(count);
      TestLoop loop;
      VerifyPool pool(loop, std::nullopt, threads);
      std::vector<sync::Verdict> verdicts;
      pool.check(candidates(count), k_now_s, [&](std::vector<sync::Verdict> given) { verdicts = std::move(given); });
      CHECK(verdicts.empty());  // never inside check()
      loop.run_one();
      REQUIRE(verdicts.size() == count);
      for (std::size_t i = 0; i < count; ++i) {
        REQUIRE(verdicts[i].accepted.has_value() == (i % 3 != 0));
        if (i % 3 == 0) REQUIRE(verdicts[i].accepted.error().code == ErrorCode::record_unknown_type);
      }
    }
  }
}

TEST_CASE("what is accepted is also judged for being offered to others") {
  TestLoop loop;
  VerifyPool pool(loop, std::nullopt, 1);
  std::vector<sync::Verdict> verdicts;
  pool.check({{"no owner name!", "text"}, {"good.test", "text"}}, k_now_s,
             [&](std::vector<sync::Verdict> given) { verdicts = std::move(given); });
  loop.run_one();
  REQUIRE(verdicts.size() == 2);
  CHECK(verdicts[0].accepted.has_value());
  CHECK(verdicts[0].offer.reason == ErrorCode::record_owner_name);
  CHECK(verdicts[1].offer == record::Offer{});
}

TEST_CASE("nothing to check is answered too") {
  TestLoop loop;
  VerifyPool pool(loop, std::nullopt, 1);
  bool done = false;
  pool.check({}, k_now_s, [&](std::vector<sync::Verdict> given) { done = given.empty(); });
  loop.run_one();
  CHECK(done);
}

TEST_CASE("many batches at once all come back") {
  TestLoop loop;
  VerifyPool pool(loop, std::nullopt, 4);
  std::size_t records = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    pool.check(candidates(i + 1), k_now_s, [&](std::vector<sync::Verdict> given) { records += given.size(); });
  }
  for (int i = 0; i < 100; ++i) loop.run_one();
  CHECK(records == 5050);
}

TEST_CASE("after stop nothing is checked and nobody is called") {
  TestLoop loop;
  VerifyPool pool(loop, std::nullopt, 2);
  pool.stop();
  pool.check(candidates(5), k_now_s, [](std::vector<sync::Verdict>) { FAIL("called"); });
  CHECK(loop.is_empty());
  pool.stop();
}
