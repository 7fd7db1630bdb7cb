// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_file.hpp"

// The record file itself: what is made, with which modes, and which files are refused (spec/storage.md 1, 7).
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "raw_sqlite.hpp"
#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat facts{};
  REQUIRE(stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

Error refusal_to_open(const std::string& path) {
  ManualClock clock(k_start_ms);
  SeededRandom random(1);
  SqliteStoreOptions options;
  options.path = path;
  const auto opened = open_sqlite_store(options, clock, random);
  REQUIRE_FALSE(opened.has_value());
  CAPTURE(opened.error().text);
  CHECK(opened.error().text.contains(path));
  return opened.error();
}

/// A file with rows on many pages, closed.
std::string filled_file(const TemporaryFolder& folder) {
  ManualClock clock(k_start_ms);
  SeededRandom random(1);
  SqliteStoreOptions options;
  options.path = folder.file("dmp.db");
  auto store = std::move(*open_sqlite_store(options, clock, random));
  std::vector<Operation> operations;
  for (int i = 0; i < 300; ++i) operations.emplace_back(put_of("n" + std::to_string(i), std::string(200, 'x')));
  REQUIRE(commit_all(*store, operations).has_value());
  return options.path;
}

}  // namespace

TEST_CASE("files and folders that the node makes are its own") {
  const TemporaryFolder folder;
  const mode_t old_mask = umask(022);
  SqliteHouse house;
  house.store.reset();
  house.options.path = folder.file("a/b/dmp.db");
  house.store = house.open();
  umask(old_mask);
  commit(*house.store, put_of("a.example", "one"));
  CHECK(mode_of(folder.file("a")) == 0700);
  CHECK(mode_of(folder.file("a/b")) == 0700);
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    CAPTURE(suffix);
    CHECK(mode_of(house.options.path + suffix) == 0600);
  }
}

TEST_CASE("an existing file keeps its mode and its log gets the same") {
  const TemporaryFolder folder;
  const std::string path = filled_file(folder);
  REQUIRE(chmod(path.c_str(), 0644) == 0);
  SqliteHouse house;
  house.store.reset();
  house.options.path = path;
  house.store = house.open();
  commit(*house.store, put_of("a.example", "one"));
  CHECK(mode_of(path) == 0644);
  CHECK(mode_of(path + "-wal") == 0644);
}

TEST_CASE("closing brings everything into the one file") {
  SqliteHouse house;
  commit(*house.store, put_of("a.example", "one"));
  house.store->close();
  CHECK_FALSE(std::filesystem::exists(house.options.path + "-wal"));
  CHECK(raw_rows(house.options.path, "PRAGMA user_version; PRAGMA journal_mode; SELECT name FROM records") ==
        Strings{"0", "wal", "a.example"});
  CHECK(raw_rows(house.options.path,
                 "SELECT count(*) FROM sqlite_schema WHERE name IN "
                 "('idx_records_name', 'idx_records_stored_ts')") == Strings{"0"});
}

TEST_CASE("a checkpoint brings the log into the file while the store is open") {
  SqliteHouse house;
  commit(*house.store, put_of("a.example", std::string(2000, 'x')));
  const auto before = std::filesystem::file_size(house.options.path);
  CHECK(house.store->checkpoint().has_value());
  CHECK(std::filesystem::file_size(house.options.path) > before);
  CHECK(values_at(*house.store, "a.example").size() == 1);
}

TEST_CASE("a second store on the file is refused, by whatever name it comes") {
  SqliteHouse house;
  commit(*house.store, put_of("a.example", "one"));
  const Error error = refusal_to_open(house.options.path);
  CHECK(error.code == ErrorCode::store_in_use);
  CHECK(error.text.contains(house.options.path + ".lock"));
  const std::string link = house.folder.file("link.db");
  std::filesystem::create_symlink(house.options.path, link);
  ManualClock clock(k_start_ms);
  SeededRandom random(1);
  SqliteStoreOptions options;
  options.path = link;
  CHECK(open_sqlite_store(options, clock, random).error().code == ErrorCode::store_in_use);
  CHECK(values_at(*house.store, "a.example") == Strings{"one"});
  house.reopen();
  CHECK(values_at(*house.store, "a.example") == Strings{"one"});
}

TEST_CASE("a file that is not a database is refused and left as it is") {
  const TemporaryFolder folder;
  for (const std::string& content :
       {std::string("x"), std::string("SQLite format 2\0 and more text", 31), std::string(10'000, 'z')}) {
    const std::string path = folder.file("other.db");
    write_bytes(path, content);
    CHECK(refusal_to_open(path).code == ErrorCode::store_unusable);
    CHECK(bytes_of(path) == content);
  }
}

TEST_CASE("a damaged file is refused and left as it is") {
  const TemporaryFolder folder;
  const std::string path = filled_file(folder);
  const std::string whole = bytes_of(path);
  REQUIRE(whole.size() > 20 * 4096);
  const auto damaged = [&whole](std::size_t from, std::size_t count) {
    std::string copy = whole;
    for (std::size_t i = from; i < from + count; ++i) copy[i] = static_cast<char>(0xA5);
    return copy;
  };
  for (const std::string& content : {whole.substr(0, whole.size() / 2), damaged(16, 84), damaged(100, 300),
                                     damaged(8 * 4096, 8 * 4096), damaged(whole.size() - 4096, 4096)}) {
    write_bytes(path, content);
    const Error error = refusal_to_open(path);
    CHECK(error.code == ErrorCode::store_corrupt);
    CHECK(error.text.contains("backup"));
    CHECK(bytes_of(path) == content);
  }
  write_bytes(path, whole);
  SqliteHouse house;
  house.store.reset();
  house.options.path = path;
  house.store = house.open();
  CHECK(house.store->changes(0, 1000)->records.size() == 300);
}

TEST_CASE("a file of a newer node is refused with both numbers and left as it is") {
  const TemporaryFolder folder;
  const std::string path = filled_file(folder);
  raw_execute(path, "PRAGMA user_version = 3");
  const std::string newer_schema = bytes_of(path);
  Error error = refusal_to_open(path);
  CHECK(error.code == ErrorCode::store_newer_schema);
  CHECK(error.text.contains("version 3"));
  CHECK(error.text.contains("up to 0"));
  CHECK(bytes_of(path) == newer_schema);
  raw_execute(path, "PRAGMA user_version = 0; UPDATE node_state SET layout = 9");
  error = refusal_to_open(path);
  CHECK(error.code == ErrorCode::store_newer_schema);
  CHECK(error.text.contains("version 9"));
  CHECK(error.text.contains("up to 1"));
}

TEST_CASE("paths that cannot be used are refused with a reason") {
  const TemporaryFolder folder;
  CHECK(refusal_to_open(std::filesystem::canonical(folder.file(".")).string()).code == ErrorCode::store_unusable);
  write_bytes(folder.file("file"), "x");
  CHECK(refusal_to_open(folder.file("file/dmp.db")).code == ErrorCode::store_unusable);
  std::filesystem::create_directory(folder.file("folder.db"));
  CHECK(refusal_to_open(folder.file("folder.db")).code == ErrorCode::store_unusable);
}

TEST_CASE("what may not be written or entered is refused, with the path and the user in the message") {
  const TemporaryFolder folder;
  REQUIRE(chmod(folder.file(".").c_str(), 0755) == 0);
  std::filesystem::create_directory(folder.file("closed"));
  const std::string path = folder.file("closed/dmp.db");
  mode_t folder_mode = 0555;
  SUBCASE("a folder without the right to write") {}
  SUBCASE("a folder without the right to enter") { folder_mode = 0; }
  SUBCASE("a file without the right to write") {
    folder_mode = 0777;
    write_bytes(path, "");
    REQUIRE(chmod(path.c_str(), 0444) == 0);
  }
  REQUIRE(chmod(folder.file("closed").c_str(), folder_mode) == 0);
  // Root may write everywhere, so a child without its rights asks; its exit status is the answer.
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(2);
    ManualClock clock(k_start_ms);
    SeededRandom random(1);
    SqliteStoreOptions options;
    options.path = path;
    const auto opened = open_sqlite_store(options, clock, random);
    const bool refused = !opened && opened.error().code == ErrorCode::store_unusable;
    const bool said = refused && opened.error().text.contains(path) &&
                      opened.error().text.contains(fmt::format("for the user with uid {}", geteuid()));
    _exit(said ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(chmod(folder.file("closed").c_str(), 0700) == 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a file with secrets is for its owner alone under each of its names") {
  TemporaryFolder folder;
  const std::string path = folder.file("dmp.db");
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
    write_bytes(path + suffix, "x");
    REQUIRE(::chmod((path + suffix).c_str(), 0644) == 0);
  }
  REQUIRE(tighten_file(path).has_value());
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) CHECK(mode_of(path + suffix) == 0600);
}

TEST_CASE("the other files lie beside the record file, their suffix before its last extension") {
  CHECK(sibling_path("a/b.c.db", "_x") == "a/b.c_x.db");
  CHECK(sibling_path("a.b/plain", "_x") == "a.b/plain_x");
  CHECK(sibling_path("/dmp.db", "_x") == "/dmp_x.db");
  CHECK(sibling_path("dmp.db", "_x") == "dmp_x.db");
}
