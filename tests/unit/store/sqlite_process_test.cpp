// SPDX-License-Identifier: Apache-2.0
// Two processes: a writer that is killed loses nothing that it acknowledged, and a second node is refused. The other
// process is this program again, running one of the test cases that are skipped otherwise.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>
#include <semaphore>
#include <set>
#include <thread>

#include "raw_sqlite.hpp"
#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

namespace {

constexpr const char* k_path_variable = "DNSMESH_TEST_RECORD_FILE";
constexpr int k_report_descriptor = 3;

/// This program with one test case, writing numbers to its descriptor 3.
class Child {
 public:
  Child(const char* test_case, const std::string& path) {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    from_child_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], k_report_descriptor);
    std::string program = "/proc/self/exe";
    std::string only = "--test-case=" + std::string(test_case);
    std::string skipped_too = "--no-skip";
    std::string no_banner = "--no-version";
    std::string quiet = "--out=/dev/null";
    std::string variable = std::string(k_path_variable) + "=" + path;
    std::array<char*, 6> arguments{program.data(),   only.data(),  skipped_too.data(),
                                   no_banner.data(), quiet.data(), nullptr};
    std::array<char*, 2> environment{variable.data(), nullptr};
    REQUIRE(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environment.data()) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
  }
  ~Child() {
    kill();
    close(from_child_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next number that the child wrote; false when it has ended.
  bool next(std::uint32_t& number) const { return read(from_child_, &number, sizeof number) == sizeof number; }

  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  int from_child_ = -1;
};

void report(std::uint32_t number) {
  if (write(k_report_descriptor, &number, sizeof number) != sizeof number) _exit(3);
}

/// What a child reports of a number of 64 bits.
std::uint32_t low_half(std::int64_t number) { return static_cast<std::uint32_t>(number); }

SqliteStoreOptions child_options() {
  SqliteStoreOptions options;
  const char* path = std::getenv(k_path_variable);
  REQUIRE(path != nullptr);
  options.path = path;
  return options;
}

}  // namespace

TEST_CASE("(child) says its boot, then commits pairs of records until it is killed" * doctest::skip()) {
  SystemClock clock;
  SystemRandom random;
  auto store = std::move(*open_sqlite_store(child_options(), clock, random));
  report(low_half(store->epoch().boot));
  std::counting_semaphore<16> free_places(16);
  for (auto number = static_cast<std::uint32_t>(store->epoch().high);; ++number) {
    free_places.acquire();
    const std::string name = "n" + std::to_string(number);
    Batch batch;
    batch.operations = {put_of(name, "one", 100'000), put_of(name, "two", 100'000)};
    store->commit(std::move(batch), [&free_places, number](const Result<Receipt>& receipt) {
      if (receipt) report(number);
      free_places.release();
    });
  }
}

TEST_CASE("(child) tries to open a store that another process holds" * doctest::skip()) {
  SystemClock clock;
  SystemRandom random;
  const auto opened = open_sqlite_store(child_options(), clock, random);
  report(opened ? 0 : static_cast<std::uint32_t>(opened.error().code));
}

TEST_CASE("a writer that is killed loses nothing it acknowledged and leaves no half batch") {
  const TemporaryFolder folder;
  const std::string path = folder.file("dmp.db");
  std::set<std::uint32_t> acknowledged;
  constexpr int k_rounds = 20;
  for (int round = 0; round < k_rounds; ++round) {
    CAPTURE(round);
    Child child("(child) says its boot*", path);
    std::uint32_t boot_of_child = 0;
    REQUIRE(child.next(boot_of_child));
    std::uint32_t number = 0;
    for (int i = 0; i < 20 + 13 * round; ++i) {
      REQUIRE(child.next(number));
      acknowledged.insert(number);
    }
    child.kill();
    while (child.next(number)) acknowledged.insert(number);

    // A boot is the clock's milliseconds or one more than the last: in the past only the last one counts.
    ManualClock clock(k_start_ms);
    SystemRandom random;
    SqliteStoreOptions options;
    options.path = path;
    auto store = std::move(*open_sqlite_store(options, clock, random));
    std::map<std::string, int> values;
    REQUIRE(store->for_each([&values](const Record& row) { ++values[row.name]; }).has_value());
    for (const std::uint32_t wanted : acknowledged) CHECK(values["n" + std::to_string(wanted)] == 2);
    for (const auto& [name, count] : values) CHECK(count == 2);
    CHECK(low_half(store->epoch().boot) == boot_of_child + 1);
    store->close();
    CHECK(raw_rows(path, "PRAGMA integrity_check") == Strings{"ok"});
  }
}

TEST_CASE("a second process is refused while the first lives, however it ends") {
  SqliteHouse house;
  std::uint32_t answer = 0;
  {
    Child child("(child) tries to open*", house.options.path);
    REQUIRE(child.next(answer));
    CHECK(answer == static_cast<std::uint32_t>(ErrorCode::store_in_use));
  }
  house.store->close();
  Child child("(child) tries to open*", house.options.path);
  REQUIRE(child.next(answer));
  CHECK(answer == 0);
}
