// SPDX-License-Identifier: Apache-2.0
// The file of TSIG keys: layouts of every age, its rights, and who may mint over whom.
#include "store/tsig_file.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <limits>

#include "raw_sqlite.hpp"
#include "store/sqlite_file.hpp"
#include "store_fixture.hpp"

using namespace dnsmesh;
using namespace dnsmesh::store;
using Strings = std::vector<std::string>;

namespace {

const std::string k_spk_a(64, 'a');
const std::string k_spk_b(64, 'b');

struct TsigHouse {
  TemporaryFolder folder;
  std::string path = folder.file("dmp_tsig.db");
  std::unique_ptr<TsigFile> open() const { return std::move(TsigFile::open(path).value()); }
};

TsigKeyRow row_of(const std::string& name, const std::string& subject, const std::string& spk) {
  TsigKeyRow row;
  row.name = name;
  row.secret = std::string("\0\xff\x80k", 4);
  row.allowed_suffixes = {"slot-*.mb-*.z", "id-0011.z"};
  row.subject = subject;
  row.registered_spk = spk;
  return row;
}

unsigned mode_of(const std::string& path) {
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 0777U;
}

}  // namespace

TEST_CASE("a minted TSIG key is in the file as existing nodes write it") {
  const TsigHouse house;
  const auto file = house.open();
  TsigKeyRow row = row_of("alice.z.", "alice@z", k_spk_a);
  row.allowed_suffixes = {".B.z.", "a.z", "b.z", " "};
  row.expires_s = std::numeric_limits<std::int64_t>::max();
  row.registered_x25519_pub = k_spk_b;
  CHECK(file->mint(row, 77) == MintOutcome::minted);
  CHECK(raw_rows(house.path,
                 "SELECT typeof(secret), hex(secret), replace(allowed_suffixes, char(10), ','), created_at, "
                 "expires_at, revoked FROM tsig_keys") == Strings{"blob|00FF806B|a.z,b.z|77|9223372036854775807|0"});
  CHECK(raw_rows(house.path, "PRAGMA user_version") == Strings{"4"});
  const auto found = file->find("alice.z.").value();
  REQUIRE(found);
  CHECK(found->secret == row.secret);
  CHECK(found->algorithm == "hmac-sha256");
  CHECK(found->allowed_suffixes == Strings{"a.z", "b.z"});
  CHECK(found->registered_spk == k_spk_a);
  CHECK(found->registered_x25519_pub == k_spk_b);
  CHECK_FALSE(file->find("bob.z.").value());
}

TEST_CASE("a TSIG key is active until its end, without one for ever, and never when it is revoked") {
  TsigKeyRow row;
  CHECK(row.is_active(std::numeric_limits<std::int64_t>::max()));
  row.expires_s = 100;
  CHECK(row.is_active(99));
  CHECK_FALSE(row.is_active(100));
  row.expires_s = std::numeric_limits<std::int64_t>::min();
  CHECK_FALSE(row.is_active(std::numeric_limits<std::int64_t>::min()));
  row = {};
  row.revoked = true;
  CHECK_FALSE(row.is_active(0));
}

TEST_CASE("a TSIG key file with any of the later columns and any stamp up to 4 is brought up, and keeps its rows") {
  const Strings columns = {"subject", "registered_spk", "registered_x25519_pub"};
  for (int stamp = 0; stamp <= 4; ++stamp) {
    for (unsigned set = 0; set < 8; ++set) {
      const TsigHouse house;
      std::string sql =
          "CREATE TABLE tsig_keys (name TEXT PRIMARY KEY, algorithm TEXT NOT NULL DEFAULT 'hmac-sha256', secret BLOB "
          "NOT NULL, allowed_suffixes TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL, expires_at INTEGER NOT "
          "NULL DEFAULT 0, revoked INTEGER NOT NULL DEFAULT 0";
      for (unsigned i = 0; i < 3; ++i) {
        if ((set >> i & 1U) != 0) sql += ", " + columns[i] + " TEXT NOT NULL DEFAULT ''";
      }
      raw_execute(house.path, sql + fmt::format("); INSERT INTO tsig_keys (name, secret, allowed_suffixes, created_at) "
                                                "VALUES ('old.z.', x'00ff', 'a.z', 5); PRAGMA user_version = {};",
                                                stamp));
      const auto file = house.open();
      const auto row = file->find("old.z.").value();
      REQUIRE(row);
      CHECK(row->secret == std::string("\0\xff", 2));
      CHECK(row->subject.empty());
      CHECK(raw_rows(house.path, "PRAGMA user_version") == Strings{"4"});
      CHECK(raw_rows(house.path, "SELECT name FROM sqlite_schema WHERE name LIKE 'idx_%' ORDER BY name") ==
            Strings{"idx_tsig_active", "idx_tsig_subject"});
      CHECK(file->mint(row_of("new.z.", "new@z", k_spk_a), 1) == MintOutcome::minted);
    }
  }
}

TEST_CASE("a TSIG key file of a newer node is refused with both numbers and stays as it is") {
  const TsigHouse house;
  raw_execute(house.path, "CREATE TABLE other (x); PRAGMA user_version = 5;");
  const auto file = TsigFile::open(house.path);
  REQUIRE_FALSE(file);
  CHECK(file.error().code == ErrorCode::store_newer_schema);
  CHECK(file.error().text.contains(house.path + " has schema version 5, this node knows up to 4"));
  CHECK(raw_rows(house.path, "SELECT name FROM sqlite_schema") == Strings{"other"});
}

TEST_CASE("a file that is no database is called unusable as a TSIG key file") {
  const TsigHouse house;
  FILE* text = std::fopen(house.path.c_str(), "w");
  REQUIRE(text != nullptr);
  std::fputs("not a database at all, but long enough", text);
  std::fclose(text);
  const auto file = TsigFile::open(house.path);
  REQUIRE_FALSE(file);
  CHECK(file.error().code == ErrorCode::store_unusable);
  CHECK(file.error().text.contains("name another TSIG key file"));
}

TEST_CASE("the TSIG key file and its log are for their owner alone, also those that were looser") {
  const TsigHouse house;
  const std::string nested = house.folder.file("keys/dmp_tsig.db");
  const auto made = TsigFile::open(nested).value();
  CHECK(mode_of(house.folder.file("keys")) == 0700);
  for (const char* suffix : {"", "-wal", "-shm"}) CHECK(mode_of(nested + suffix) == 0600);

  auto file = house.open();
  CHECK(file->mint(row_of("a.z.", "a@z", k_spk_a), 1) == MintOutcome::minted);
  std::filesystem::permissions(house.folder.file(""), std::filesystem::perms(0755));
  for (const char* suffix : {"", "-wal", "-shm"}) REQUIRE(::chmod((house.path + suffix).c_str(), 0644) == 0);
  const auto second = house.open();
  for (const char* suffix : {"", "-wal", "-shm"}) CHECK(mode_of(house.path + suffix) == 0600);
  CHECK(mode_of(house.folder.file("")) == 0755);  // a folder that we did not make is not ours to close
}

TEST_CASE("a folder that group or others may write to is named, any other is not") {
  const TsigHouse house;
  CHECK_FALSE(loose_folder_of(house.path));
  const std::string folder = std::filesystem::path(house.path).parent_path().string();
  for (const mode_t mode : {mode_t{0720}, mode_t{0702}}) {
    REQUIRE(::chmod(folder.c_str(), mode) == 0);
    CHECK(loose_folder_of(house.path) == folder);
  }
  REQUIRE(::chmod(folder.c_str(), 0755) == 0);
  CHECK_FALSE(loose_folder_of(house.path));
  CHECK_FALSE(loose_folder_of(house.folder.file("absent/dmp_tsig.db")));
}

TEST_CASE("registering again with the same Ed25519 key gives the TSIG key a new secret, scope and end") {
  const TsigHouse house;
  const auto file = house.open();
  CHECK(file->mint(row_of("a.z.", "a@z", k_spk_a), 1) == MintOutcome::minted);
  TsigKeyRow again = row_of("a.z.", "a@z", k_spk_a);
  again.secret = "fresh";
  again.allowed_suffixes = {"z"};
  again.expires_s = 90;
  CHECK(file->mint(again, 2) == MintOutcome::minted);
  const auto row = file->find("a.z.").value();
  CHECK(row->secret == "fresh");
  CHECK(row->allowed_suffixes == Strings{"z"});
  CHECK(row->created_s == 2);
  CHECK(row->expires_s == 90);
  CHECK(row->registered_x25519_pub.empty());
}

TEST_CASE("a subject with an active TSIG key of another Ed25519 key is owned, until that key is over or revoked") {
  const TsigHouse house;
  const auto file = house.open();
  TsigKeyRow held = row_of("a.z.", "a@z", k_spk_a);
  held.expires_s = 100;
  CHECK(file->mint(held, 1) == MintOutcome::minted);
  CHECK(file->mint(row_of("a2.z.", "a@z", k_spk_b), 99) == MintOutcome::owned_by_other);
  CHECK_FALSE(file->find("a2.z.").value());
  CHECK(file->mint(row_of("a2.z.", "a@z", k_spk_b), 100) == MintOutcome::minted);
  CHECK(file->revoke("a2.z.") == 1);
  CHECK(file->mint(row_of("a3.z.", "a@z", std::string(64, 'c')), 100) == MintOutcome::minted);
}

TEST_CASE("an identity suffix that another Ed25519 key holds is owned, whatever the domain of the subject") {
  const TsigHouse house;
  const auto file = house.open();
  CHECK(file->mint(row_of("a.z.", "alice@example.com", k_spk_a), 1) == MintOutcome::minted);
  CHECK(file->mint(row_of("b.z.", "alice@evil.org", k_spk_b), 1) == MintOutcome::owned_by_other);
  TsigKeyRow shared = row_of("b.z.", "bob@evil.org", k_spk_b);
  shared.allowed_suffixes = {"slot-*.mb-*.z", "id-*.z", "id-0022.z"};
  CHECK(file->mint(shared, 1) == MintOutcome::minted);
}

TEST_CASE("a TSIG key without a registered Ed25519 key stands in nobody's way") {
  const TsigHouse house;
  const auto file = house.open();
  CHECK(file->mint(row_of("hand.z.", "a@z", ""), 1) == MintOutcome::minted);
  CHECK(file->mint(row_of("a.z.", "a@z", k_spk_a), 1) == MintOutcome::minted);
  CHECK(file->mint(row_of("hand.z.", "a@z", k_spk_a), 1) == MintOutcome::minted);
}

TEST_CASE("a TSIG key name that another subject or Ed25519 key has is never overwritten, not even a dead one") {
  const TsigHouse house;
  const auto file = house.open();
  TsigKeyRow held = row_of("a.z.", "a@z", k_spk_a);
  held.expires_s = 10;
  CHECK(file->mint(held, 1) == MintOutcome::minted);
  CHECK(file->mint(row_of("a.z.", "other@z", k_spk_a), 50) == MintOutcome::owned_by_other);
  CHECK(file->mint(row_of("a.z.", "a@z", k_spk_b), 50) == MintOutcome::owned_by_other);
  CHECK(file->find("a.z.").value()->secret == held.secret);
}

TEST_CASE("a revoked TSIG key stays revoked until the operator allows it again") {
  const TsigHouse house;
  const auto file = house.open();
  CHECK(file->mint(row_of("a.z.", "a@z", k_spk_a), 1) == MintOutcome::minted);
  CHECK(file->allow("a.z.") == 0);  // it is not revoked
  CHECK(file->revoke("a.z.") == 1);
  CHECK(file->revoke("a.z.") == 0);
  CHECK(file->mint(row_of("a.z.", "a@z", k_spk_a), 2) == MintOutcome::revoked);
  CHECK(file->find("a.z.").value()->revoked);
  CHECK(file->allow("a.z.") == 1);
  CHECK(file->mint(row_of("a.z.", "a@z", k_spk_a), 3) == MintOutcome::minted);
}

TEST_CASE("all TSIG keys of a subject are revoked at once, and all rows are listed by name") {
  const TsigHouse house;
  const auto file = house.open();
  CHECK(file->mint(row_of("c.z.", "a@z", k_spk_a), 1) == MintOutcome::minted);
  CHECK(file->mint(row_of("b.z.", "a@z", k_spk_a), 1) == MintOutcome::minted);
  TsigKeyRow other = row_of("a.z.", "b@z", k_spk_b);
  other.allowed_suffixes = {"b.z"};
  CHECK(file->mint(other, 1) == MintOutcome::minted);
  CHECK(file->revoke_subject("a@z") == 2);
  const auto rows = file->list().value();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].name == "a.z.");
  CHECK_FALSE(rows[0].revoked);
  CHECK(rows[1].revoked);
  CHECK(rows[2].revoked);
}

TEST_CASE("the data version of the TSIG key file moves when another connection writes, and else stands still") {
  const TsigHouse house;
  const auto file = house.open();
  const auto admin = house.open();
  const std::int64_t before = file->data_version().value();
  CHECK(file->data_version() == before);
  CHECK(admin->mint(row_of("a.z.", "a@z", k_spk_a), 1) == MintOutcome::minted);
  CHECK(file->data_version() != before);
}

TEST_CASE("a TSIG key file whose table was taken away gives errors and serves again when it is back") {
  const TsigHouse house;
  const auto file = house.open();
  raw_execute(house.path, "ALTER TABLE tsig_keys RENAME TO gone");
  CHECK_FALSE(file->list());
  CHECK_FALSE(file->find("a.z."));
  CHECK_FALSE(file->mint(row_of("a.z.", "a@z", k_spk_a), 1));
  CHECK_FALSE(file->revoke("a.z."));
  raw_execute(house.path, "ALTER TABLE gone RENAME TO tsig_keys");
  CHECK(file->mint(row_of("a.z.", "a@z", k_spk_a), 1) == MintOutcome::minted);
}
