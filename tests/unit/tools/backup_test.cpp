// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "../store/store_fixture.hpp"
#include "dnsmesh-node-admin/run.hpp"
#include "rename_calls.hpp"
#include "store/sqlite_file.hpp"
#include "store/token_file.hpp"

using namespace dnsmesh;
using namespace dnsmesh::node_admin;

namespace {

namespace fs = std::filesystem;
using Variables = std::map<std::string, std::string>;

void sql(const std::string& path, const std::string& text) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

/// A node's folder, and the program beside it.
struct Place {
  store::SqliteHouse house;
  std::string database = house.options.path;
  std::string copy = house.folder.file("copy");

  CommandEnd run(std::vector<const char*> arguments, const Variables& variables = {}) {
    arguments.insert(arguments.begin(), "dnsmesh-node-admin");
    const auto variable = [&](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return node_admin::run(arguments, variable, house.clock, house.random);
  }
  void fill() {
    REQUIRE(store::commit(*house.store, store::put_of("a.mesh.test", "one")));
    REQUIRE(store::commit(*house.store, store::put_of("b.mesh.test", "v=dmp1;t=unheard")));
    store::Batch batch;
    batch.operations.push_back(store::SetPosition{"http://b", "classic", "{}"});
    REQUIRE(store::commit_and_wait(*house.store, std::move(batch)));
    REQUIRE(store::TokenFile::open(house.folder.file("dmp_tokens.db")));
  }
  CommandEnd back_up() { return run({"backup", copy.c_str(), "--db", database.c_str()}); }
  std::size_t entries() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(fs::path(copy).parent_path())) ++count;
    return count;
  }
};

mode_t mode_of(const std::string& path) {
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

}  // namespace

TEST_CASE("a backup of a node that runs holds all its files, for nobody else to read") {
  Place place;
  place.fill();
  const CommandEnd end = place.back_up();
  CHECK(end.err == "");
  CHECK(end.status == 0);
  CHECK(end.out == place.copy + "/records.db: 2 rows\n" + place.copy + "/tokens.db: 0 rows\n" + "no tsig file at " +
                       place.house.folder.file("dmp_tsig.db") + "\nno heartbeats file at " +
                       place.house.folder.file("dmp_heartbeats.db") + "\n");
  CHECK(mode_of(place.copy) == 0700);
  for (const char* file : {"/records.db", "/tokens.db", "/manifest.json"}) CHECK(mode_of(place.copy + file) == 0600);
  const CommandEnd check = place.run({"backup-check", (place.copy + "/").c_str()});
  CHECK(check.status == 0);
  CHECK(check.out ==
        "records.db: whole, schema version 0, 2 rows\n"
        "  1 records that peers accept\n"
        "  1 that this node serves and peers do not take: unknown-type\n"
        "tokens.db: whole, schema version 2, 0 rows\n");
}

TEST_CASE("the other files are found where the node's variables say") {
  Place place;
  place.fill();
  const std::string elsewhere = place.house.folder.file("elsewhere");
  fs::rename(place.house.folder.file("dmp_tokens.db"), elsewhere);
  const CommandEnd end =
      place.run({"backup", place.copy.c_str()}, {{"DMP_DB_PATH", place.database}, {"DMP_TOKEN_DB_PATH", elsewhere}});
  CHECK(end.status == 0);
  CHECK(fs::exists(place.copy + "/tokens.db"));
}

TEST_CASE("a backup never replaces anything, and a failed one leaves nothing") {
  Place place;
  place.fill();
  SUBCASE("the folder is there") {
    fs::create_directory(place.copy);
    const std::size_t before = place.entries();
    CHECK(place.back_up().status == 1);
    CHECK(place.entries() == before);
    CHECK(fs::is_empty(place.copy));
  }
  SUBCASE("there is no record file") {
    const std::size_t before = place.entries();
    const CommandEnd end = place.run({"backup", place.copy.c_str(), "--db", place.house.folder.file("none").c_str()});
    CHECK(end.status == 1);
    CHECK(end.err.contains("none: is not a file"));
    CHECK(place.entries() == before);
  }
  SUBCASE("one of the files is no database") {
    std::ofstream(place.house.folder.file("dmp_tsig.db")) << "this is no database at all";
    const std::size_t before = place.entries();
    CHECK(place.back_up().status == 1);
    CHECK(place.entries() == before);
  }
  SUBCASE("one of the files is newer than this program") {
    sql(place.house.folder.file("dmp_tokens.db"), "PRAGMA user_version = 3");
    const std::size_t before = place.entries();
    const CommandEnd end = place.back_up();
    CHECK(end.status == 1);
    CHECK(end.err.contains("has schema version 3, this program knows up to 2"));
    CHECK(place.entries() == before);
  }
  SUBCASE("one of the files cannot be looked at, so nobody knows whether it is there") {
    const std::string loop = place.house.folder.file("loop");
    fs::create_symlink(loop, loop);
    const std::size_t before = place.entries();
    const CommandEnd end = place.run({"backup", place.copy.c_str(), "--db", place.database.c_str()},
                                     {{"DMP_TSIG_DB_PATH", loop + "/tsig.db"}});
    CHECK(end.status == 1);
    CHECK(end.err.contains("cannot look at " + loop + "/tsig.db: "));
    CHECK(place.entries() == before);
  }
  SUBCASE("the folder above is missing") {
    const std::string deep = place.house.folder.file("no/copy");
    CHECK(place.run({"backup", deep.c_str(), "--db", place.database.c_str()}).status == 1);
  }
}

TEST_CASE("a copy that is not what it was is told apart") {
  Place place;
  place.fill();
  REQUIRE(place.back_up().status == 0);
  const std::string records = place.copy + "/records.db";
  SUBCASE("a value was changed") { sql(records, "UPDATE records SET value = 'other' WHERE value = 'one'"); }
  SUBCASE("a row is gone") { sql(records, "DELETE FROM records WHERE value = 'one'"); }
  SUBCASE("the table is gone") { sql(records, "DROP TABLE records"); }
  SUBCASE("it is newer") { sql(records, "PRAGMA user_version = 1"); }
  SUBCASE("a file is missing") { fs::remove(place.copy + "/tokens.db"); }
  SUBCASE("the manifest is missing, as when the program was killed") { fs::remove(place.copy + "/manifest.json"); }
  SUBCASE("pages are damaged") {
    std::fstream file(records, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(8192, 'x');
  }
  for (const char* text :
       {"", "[]", "{}", R"({"format": 2})", R"({"format": 1, "made_at": 1, "files": []})",
        R"({"format": 1, "made_at": 1, "files": [5]})",
        R"({"format": 1, "made_at": 18446744073709551615, "files": []})",
        R"({"format": 1, "made_at": 1, "files": [{"kind": "x", "user_version": 0, "rows": 0}]})",
        R"({"format": 1, "made_at": 1, "files": [{"kind": "records", "user_version": 0, "rows": 2}]})",
        R"({"format": 1, "made_at": 1, "files": [{"kind": "records", "user_version": 0, "rows": 2, "sha256": 5}]})",
        R"({"format": 1, "made_at": 1, "files": [{"kind": "tokens", "user_version": 2, "rows": 0, "sha256": ""}]})"}) {
    SUBCASE(text) { std::ofstream(place.copy + "/manifest.json") << text; }
  }
  const CommandEnd check = place.run({"backup-check", place.copy.c_str()});
  CHECK(check.status == 1);
  CHECK(check.err.starts_with("error: "));
  const std::string target = place.house.folder.file("restored/dmp.db");
  CHECK(place.run({"restore", place.copy.c_str(), "--db", target.c_str()}).status == 1);
  CHECK_FALSE(fs::exists(target));
}

TEST_CASE("a copy with one octet changed anywhere is told apart") {
  Place place;
  place.fill();
  REQUIRE(place.back_up().status == 0);
  for (const char* name : {"/records.db", "/tokens.db"}) {
    const std::string path = place.copy + name;
    const auto size = static_cast<std::streamoff>(fs::file_size(path));
    for (std::streamoff at = 0; at < size; at += 509) {
      CAPTURE(at);
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(at);
      const char before = static_cast<char>(file.get());
      file.seekp(at);
      file.put(static_cast<char>(before ^ 0x20)).flush();
      const CommandEnd check = place.run({"backup-check", place.copy.c_str()});
      CHECK(check.status == 1);
      CHECK(check.err.starts_with("error: "));
      file.seekp(at);
      file.put(before);
    }
  }
  CHECK(place.run({"backup-check", place.copy.c_str()}).status == 0);
}

TEST_CASE("neither a check nor a restore changes a copy, or reads what a program left beside it") {
  Place place;
  place.fill();
  REQUIRE(place.back_up().status == 0);
  const std::string records = place.copy + "/records.db";
  // A log whose newest commit takes a row away, as a program leaves it that opened the copy and was killed.
  const std::string aside = place.house.folder.file("aside.db");
  fs::copy_file(records, aside);
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(aside.c_str(), &handle) == SQLITE_OK);
  REQUIRE(sqlite3_exec(handle, "PRAGMA journal_mode=WAL; DELETE FROM records", nullptr, nullptr, nullptr) == SQLITE_OK);
  fs::copy_file(aside + "-wal", records + "-wal");
  sqlite3_close(handle);
  const auto size = fs::file_size(records + "-wal");
  REQUIRE(size > 0);
  const auto names = [&] { return std::distance(fs::directory_iterator(place.copy), fs::directory_iterator()); };
  const auto before = names();
  CHECK(place.run({"backup-check", place.copy.c_str()}).status == 0);
  const std::string target = place.house.folder.file("restored/dmp.db");
  CHECK(place.run({"restore", place.copy.c_str(), "--db", target.c_str()}).out.contains("dmp.db (2 rows)"));
  CHECK(names() == before);
  REQUIRE(fs::exists(records + "-wal"));
  CHECK(fs::file_size(records + "-wal") == size);
  REQUIRE(sqlite3_open(target.c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, "UPDATE records SET value = value", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(sqlite3_changes(handle) == 2);
  sqlite3_close(handle);
}

TEST_CASE("a copy may lie at a path with any characters") {
  Place place;
  place.fill();
  place.copy = place.house.folder.file("a copy?mode=rw&%41#x");
  CHECK(place.back_up().status == 0);
  CHECK(place.run({"backup-check", place.copy.c_str()}).status == 0);
}

TEST_CASE("whoever may only read a copy can check and restore it") {
  Place place;
  place.fill();
  REQUIRE(place.back_up().status == 0);
  const std::string target = place.house.folder.file("restored/dmp.db");
  for (const auto& entry : fs::directory_iterator(place.copy)) {
    REQUIRE(::chmod(entry.path().c_str(), 0444) == 0);
  }
  REQUIRE(::chmod(place.copy.c_str(), 0555) == 0);
  REQUIRE(::chmod(fs::path(place.copy).parent_path().c_str(), 0777) == 0);
  // Root may write everywhere: somebody else asks.
  const uid_t user = ::geteuid();
  constexpr uid_t k_nobody = 65534;
  if (user == 0) REQUIRE(::seteuid(k_nobody) == 0);
  const CommandEnd check = place.run({"backup-check", place.copy.c_str()});
  const CommandEnd restore = place.run({"restore", place.copy.c_str(), "--db", target.c_str()});
  if (user == 0) REQUIRE(::seteuid(user) == 0);
  REQUIRE(::chmod(place.copy.c_str(), 0700) == 0);
  CHECK(check.err == "");
  CHECK(check.status == 0);
  CHECK(restore.err == "");
  CHECK(mode_of(target) == 0600);
}

TEST_CASE("a record that changed in the node's own file is told of in each copy of it") {
  Place place;
  place.fill();
  place.house.store.reset();
  sql(place.database, "UPDATE records SET value = 'other' WHERE value = 'one'");
  REQUIRE(place.back_up().status == 0);
  const CommandEnd check = place.run({"backup-check", place.copy.c_str()});
  CHECK(check.status == 1);
  CHECK(check.out.contains("  1 that are NOT what the node stored\n"));
}

TEST_CASE("a restored record file is another database to its peers") {
  Place place;
  place.fill();
  const store::Epoch before = place.house.store->epoch();
  REQUIRE(place.back_up().status == 0);
  const std::string target = place.house.folder.file("restored/dmp.db");
  const CommandEnd end = place.run({"restore", place.copy.c_str(), "--db", target.c_str()});
  CHECK(end.err == "");
  CHECK(end.status == 0);
  CHECK(mode_of(target) == 0600);
  CHECK(mode_of(place.house.folder.file("restored/dmp_tokens.db")) == 0600);
  store::SqliteHouse other;
  other.store.reset();
  other.options.path = target;
  other.store = other.open();
  CHECK(other.store->epoch().id != before.id);
  CHECK(other.store->epoch().id.size() == 32);
  CHECK(other.store->epoch().boot == store::k_start_ms);  // as in a file that is new
  CHECK(other.store->values_at("a.mesh.test")->size() == 1);
  CHECK_FALSE(other.store->position("http://b", "classic")->has_value());
  CHECK(place.house.store->position("http://b", "classic")->has_value());
}

TEST_CASE("nothing is restored over a node that runs, nor over files without being told to") {
  Place place;
  place.fill();
  REQUIRE(place.back_up().status == 0);
  const std::vector<const char*> force = {"restore", place.copy.c_str(), "--db", place.database.c_str(), "--force"};
  const CommandEnd running = place.run(force);
  CHECK(running.status == 1);
  CHECK(running.err.contains("is in use"));
  REQUIRE(store::commit(*place.house.store, store::put_of("late.mesh.test", "three")));
  place.house.store.reset();
  const CommandEnd there = place.run({"restore", place.copy.c_str(), "--db", place.database.c_str()});
  CHECK(there.status == 1);
  CHECK(there.err.contains("--force"));
  const CommandEnd forced = place.run(force);
  CHECK(forced.err == "");
  CHECK(forced.status == 0);
  CHECK(fs::exists(place.database + ".before-restore-1700000000"));
  CHECK(place.run(force).status == 1);  // never over what was kept
  place.house.store = place.house.open();
  CHECK(place.house.store->values_at("late.mesh.test")->empty());
  CHECK(place.house.store->values_at("a.mesh.test")->size() == 1);
}

TEST_CASE("a backup is made on file systems that cannot rename without replacing, and fails where renaming does") {
  const rename_calls::Restore restore;
  Place place;
  place.fill();
  const std::size_t before = place.entries();
  rename_calls::fail_renameat2(EIO);
  CHECK(place.back_up().status == 1);
  CHECK(place.entries() == before);
  rename_calls::fail_renameat2(EINVAL);
  CHECK(place.back_up().status == 0);
  CHECK(place.run({"backup-check", place.copy.c_str()}).status == 0);
}

TEST_CASE("a restore that fails anywhere leaves the files of the node as they were") {
  const rename_calls::Restore restore;
  Place place;
  place.fill();
  REQUIRE(place.back_up().status == 0);
  REQUIRE(store::commit(*place.house.store, store::put_of("late.mesh.test", "three")));
  place.house.store.reset();
  std::ofstream(place.database + "-journal") << "stray";  // so that a move has two parts
  const std::vector<const char*> force = {"restore", place.copy.c_str(), "--db", place.database.c_str(), "--force"};
  const std::size_t before = place.entries();
  // Each rename of a restore fails in turn, until all of them have.
  int failing = 0;
  for (CommandEnd end{1, {}, {}}; end.status != 0; ++failing) {
    CAPTURE(failing);
    REQUIRE(failing < 100);
    int calls = 0;
    rename_calls::before_rename([&](const std::string&, const std::string&) { return calls++ == failing ? EIO : 0; });
    end = place.run(force);
    if (end.status == 0) continue;
    CHECK(end.err.starts_with("error: cannot move "));
    CHECK(end.out == "");
    CHECK(place.entries() == before);
    CHECK(fs::exists(place.database));
    CHECK(fs::exists(place.database + "-journal"));
    CHECK(fs::exists(place.house.folder.file("dmp_tokens.db")));
  }
  CHECK(failing > 8);
  CHECK_FALSE(fs::exists(place.database + "-journal"));
}

TEST_CASE("what cannot be moved back is named") {
  const rename_calls::Restore restore;
  Place place;
  place.fill();
  REQUIRE(place.back_up().status == 0);
  place.house.store.reset();
  int calls = 0;
  rename_calls::before_rename([&](const std::string&, const std::string&) { return calls++ < 4 ? 0 : EIO; });
  const CommandEnd end = place.run({"restore", place.copy.c_str(), "--db", place.database.c_str(), "--force"});
  CHECK(end.status == 1);
  const std::string aside = place.database + ".before-restore-1700000000";
  CHECK(end.err.contains("; " + aside + " could not be moved back to " + place.database));
  CHECK(fs::exists(aside));
}

TEST_CASE("no signal ends a restore between its files") {
  const rename_calls::Restore restore;
  Place place;
  place.fill();
  REQUIRE(place.back_up().status == 0);
  place.house.store.reset();
  std::size_t unguarded = 0;
  rename_calls::before_rename([&](const std::string&, const std::string&) {
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) unguarded += ::sigismember(&blocked, number) == 1 ? 0 : 1;
    return 0;
  });
  CHECK(place.run({"restore", place.copy.c_str(), "--db", place.database.c_str(), "--force"}).status == 0);
  CHECK(unguarded == 0);
  sigset_t blocked;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  CHECK(::sigismember(&blocked, SIGTERM) == 0);
}

TEST_CASE("what an ended restore left beside the files does not get into them") {
  Place place;
  place.fill();
  REQUIRE(place.back_up().status == 0);
  place.house.store.reset();
  for (const char* suffix : {".restoring", ".restoring-journal", ".restoring-wal"}) {
    std::ofstream(place.database + suffix) << "stray";
  }
  CHECK(place.run({"restore", place.copy.c_str(), "--db", place.database.c_str(), "--force"}).status == 0);
  for (const char* suffix : {"-journal", "-wal", ".restoring", ".restoring-journal", ".restoring-wal"}) {
    CHECK_FALSE(fs::exists(place.database + suffix));
  }
}

TEST_CASE("a log or journal without its file is moved aside too, or it would be read into the restored file") {
  for (const char* suffix : {"-wal", "-journal"}) {
    CAPTURE(suffix);
    Place place;
    place.fill();
    REQUIRE(place.back_up().status == 0);
    place.house.store.reset();
    fs::remove(place.database);
    std::ofstream(place.database + suffix) << "stray";
    CHECK(place.run({"restore", place.copy.c_str(), "--db", place.database.c_str()}).status == 1);
    CHECK(place.run({"restore", place.copy.c_str(), "--db", place.database.c_str(), "--force"}).status == 0);
    CHECK_FALSE(fs::exists(place.database + suffix));
    CHECK(fs::exists(place.database + ".before-restore-1700000000" + suffix));
  }
}

TEST_CASE("node-admin: a wrong command line ends with status 2 and one line, help and version with 0") {
  Place place;
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{{},
                                             {"backup"},
                                             {"nothing"},
                                             {"backup", "a", "b"},
                                             {"backup-check", "a", "--db", "b"},
                                             {"restore", "--force"}}) {
    const CommandEnd end = place.run(arguments);
    CHECK(end.status == 2);
    CHECK(end.err.starts_with("dnsmesh-node-admin: "));
  }
  for (const char* flag : {"--help", "--version"}) {
    CHECK(place.run({flag}).status == 0);
    CHECK(place.run({flag}).out.contains("dnsmesh-node-admin"));
  }
}
