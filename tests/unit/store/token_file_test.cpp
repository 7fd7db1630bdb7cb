// SPDX-License-Identifier: Apache-2.0
#include "store/token_file.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <limits>

#include "raw_sqlite.hpp"
#include "store_fixture.hpp"

namespace dnsmesh::store {
namespace {

constexpr std::int64_t k_now_s = 1'700'000'000;
constexpr std::string_view k_key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view k_other_key = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// The layout of existing nodes before they knew the key that registered a token.
constexpr std::string_view k_first_layout = R"(
CREATE TABLE tokens (token_hash TEXT PRIMARY KEY, subject TEXT NOT NULL, subject_type INTEGER NOT NULL,
  subject_hash12 TEXT, rate_per_sec REAL NOT NULL DEFAULT 10.0, rate_burst INTEGER NOT NULL DEFAULT 50,
  issued_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER, issuer TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '');
CREATE TABLE token_audit (id INTEGER PRIMARY KEY AUTOINCREMENT, ts INTEGER NOT NULL, event TEXT NOT NULL,
  token_hash TEXT, subject TEXT, remote_addr TEXT, detail TEXT);
INSERT INTO tokens (token_hash, subject, subject_type, issued_at) VALUES ('old', 'a@x.co', 1, 5);
)";

struct TokenHouse {
  TemporaryFolder folder;
  std::string path = folder.file("dmp_tokens.db");
  std::unique_ptr<TokenFile> file = open();

  std::unique_ptr<TokenFile> open() const {
    auto opened = TokenFile::open(path);
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text));
    return std::move(*opened);
  }
  std::vector<std::string> rows(const std::string& sql) const { return raw_rows(path, sql); }
};

TokenRow token(std::string hash, std::string subject = "alice@example.com") {
  TokenRow out;
  out.hash = std::move(hash);
  out.subject = std::move(subject);
  out.issued_s = k_now_s;
  out.issuer = "admin:root";
  return out;
}

TokenRow registered(std::string hash, std::string_view key) {
  TokenRow out = token(std::move(hash));
  out.issuer = "self-service";
  out.registered_spk = std::string(key);
  return out;
}

AuditRow audit_at(std::int64_t ts_s, std::string event = "issued") {
  AuditRow out;
  out.ts_s = ts_s;
  out.event = std::move(event);
  return out;
}

mode_t mode_of(const std::string& path) {
  struct stat facts{};
  REQUIRE(stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 0777U;
}

std::string add(TokenFile& file, const TokenRow& row) {
  const auto added = file.insert(row, audit_at(row.issued_s));
  return added ? "" : added.error().text;
}

}  // namespace

TEST_CASE("a token that was put in is found again with every column, by its hash alone") {
  const TokenHouse house;
  TokenRow put = token("h1");
  put.subject_hash12 = "0123456789ab";
  put.rate_per_s = 2.5;
  put.rate_burst = std::numeric_limits<std::int64_t>::max();
  put.expires_s = std::numeric_limits<std::int64_t>::max();
  put.revoked_s = std::numeric_limits<std::int64_t>::min();
  put.note = "a 'note'";
  put.registered_spk = std::string(k_key);
  CHECK(add(*house.file, put).empty());
  CHECK(add(*house.file, token("h2")).empty());

  const auto found = house.file->find("h1");
  REQUIRE((found && *found));
  CHECK((*found)->subject == put.subject);
  CHECK((*found)->subject_hash12 == put.subject_hash12);
  CHECK((*found)->rate_per_s == put.rate_per_s);
  CHECK((*found)->rate_burst == put.rate_burst);
  CHECK((*found)->issued_s == put.issued_s);
  CHECK((*found)->expires_s == put.expires_s);
  CHECK((*found)->revoked_s == put.revoked_s);
  CHECK((*found)->issuer == put.issuer);
  CHECK((*found)->note == put.note);
  CHECK((*found)->registered_spk == put.registered_spk);
  const auto bare = house.file->find("h2");
  REQUIRE((bare && *bare));
  CHECK_FALSE((*bare)->subject_hash12);
  CHECK_FALSE((*bare)->expires_s);
  CHECK_FALSE((*bare)->revoked_s);
  CHECK_FALSE((*bare)->registered_spk);
  const auto absent = house.file->find("H1");
  REQUIRE(absent);
  CHECK_FALSE(absent->has_value());
}

TEST_CASE("a token lives until the second of its expiry, and not when it is revoked") {
  TokenRow row = token("h");
  CHECK(row.is_live(std::numeric_limits<std::int64_t>::max()));
  row.expires_s = 100;
  CHECK(row.is_live(99));
  CHECK_FALSE(row.is_live(100));
  row.expires_s = std::nullopt;
  row.revoked_s = 0;
  CHECK_FALSE(row.is_live(-1));
}

TEST_CASE("a token whose hash is there already leaves neither token nor audit row") {
  const TokenHouse house;
  CHECK(add(*house.file, token("h")).empty());
  CHECK_FALSE(house.file->insert(token("h", "bob@example.com"), audit_at(1)).has_value());
  CHECK(house.rows("SELECT subject FROM tokens") == std::vector<std::string>{"alice@example.com"});
  CHECK(house.rows("SELECT count(*) FROM token_audit").front() == "1");
  CHECK(add(*house.file, token("h2")).empty());  // and the file is as good as before
}

TEST_CASE("tokens are listed newest first, by subject, and revoked ones only when asked for") {
  const TokenHouse house;
  for (const auto& [hash, subject, issued_s] :
       {std::tuple{"a", "alice@example.com", 5}, {"b", "bob@example.com", 7}, {"c", "alice@example.com", 7}}) {
    TokenRow row = token(hash, subject);
    row.issued_s = issued_s;
    CHECK(add(*house.file, row).empty());
  }
  const auto hashes = [&](std::optional<std::string_view> subject, bool include_revoked) {
    std::string out;
    const auto listed = house.file->list(subject, include_revoked);
    REQUIRE(listed.has_value());
    for (const TokenRow& row : *listed) out += row.hash;
    return out;
  };
  CHECK(hashes(std::nullopt, false) == "cba");
  CHECK(hashes("alice@example.com", false) == "ca");
  CHECK(hashes("nobody@example.com", true).empty());
  CHECK(house.file->revoke_hash_prefix("c", audit_at(9)).has_value());
  CHECK(hashes(std::nullopt, false) == "ba");
  CHECK(hashes("alice@example.com", true) == "ca");
}

TEST_CASE("revoking a subject ends all its tokens with one audit row, and says nothing when there was none") {
  const TokenHouse house;
  TokenRow expired = token("a");
  expired.expires_s = 1;
  CHECK(add(*house.file, expired).empty());
  CHECK(add(*house.file, token("b")).empty());
  CHECK(add(*house.file, token("c", "bob@example.com")).empty());
  CHECK(house.file->revoke_subject("alice@example.com", audit_at(9)).value() == 2);
  CHECK(house.file->revoke_subject("alice@example.com", audit_at(10)).value() == 0);
  CHECK(house.rows("SELECT token_hash FROM tokens WHERE revoked_at = 9 ORDER BY 1") ==
        std::vector<std::string>{"a", "b"});
  CHECK(house.rows("SELECT ts, token_hash, subject, detail FROM token_audit WHERE event = 'revoked'") ==
        std::vector<std::string>{"9|NULL|alice@example.com|by_subject count=2"});
}

TEST_CASE("a prefix revokes only when it names exactly one token that is not revoked") {
  const TokenHouse house;
  for (const std::string hash : {"abc1", "abc2", "a%_3"}) CHECK(add(*house.file, token(hash)).empty());
  CHECK(house.file->revoke_hash_prefix("abc", audit_at(9)).value().size() == 2);
  CHECK(house.rows("SELECT count(*) FROM tokens WHERE revoked_at IS NOT NULL").front() == "0");
  CHECK(house.file->revoke_hash_prefix("%", audit_at(9)).value().empty());
  CHECK(house.file->revoke_hash_prefix("abc1", audit_at(9)).value().size() == 1);
  CHECK(house.file->revoke_hash_prefix("abc1", audit_at(9)).value().empty());
  CHECK(house.rows("SELECT token_hash, subject, detail FROM token_audit WHERE event = 'revoked'") ==
        std::vector<std::string>{"abc1|alice@example.com|NULL"});
}

TEST_CASE("a replaced subject keeps its tokens when the new one cannot be added") {
  const TokenHouse house;
  CHECK(add(*house.file, token("a")).empty());
  CHECK_FALSE(house.file->replace_subject(token("a"), audit_at(9)).has_value());
  CHECK((*house.file->find("a").value()).is_live(k_now_s));
  CHECK(house.file->replace_subject(token("b"), audit_at(9)).value() == 1);
  CHECK_FALSE((*house.file->find("a").value()).is_live(k_now_s));
  CHECK((*house.file->find("b").value()).is_live(k_now_s));
  CHECK(house.rows("SELECT event FROM token_audit ORDER BY id") ==
        std::vector<std::string>{"issued", "revoked", "issued"});
}

TEST_CASE("a subject belongs to the key of its live token: another key changes nothing") {
  const TokenHouse house;
  const auto first = house.file->register_self_service(registered("a", k_key), k_now_s, "192.0.2.1");
  CHECK_FALSE(first.value().is_taken);
  CHECK(first.value().superseded.empty());
  CHECK(house.file->register_self_service(registered("b", k_other_key), k_now_s, std::nullopt).value().is_taken);
  CHECK(house.rows("SELECT token_hash, revoked_at FROM tokens") == std::vector<std::string>{"a|NULL"});
  CHECK(house.rows("SELECT event, token_hash, subject, remote_addr, detail FROM token_audit") ==
        std::vector<std::string>{"issued|a|alice@example.com|192.0.2.1|self-service"});
}

TEST_CASE("the same key replaces its token, and leaves what the admin issued") {
  const TokenHouse house;
  CHECK(add(*house.file, token("admin")).empty());
  CHECK(house.file->register_self_service(registered("a", k_key), k_now_s, std::nullopt).has_value());
  const auto again = house.file->register_self_service(registered("b", k_key), k_now_s + 1, std::nullopt);
  CHECK_FALSE(again.value().is_taken);
  CHECK(again.value().superseded == std::vector<std::string>{"a"});
  CHECK(house.rows("SELECT token_hash FROM tokens WHERE revoked_at IS NULL ORDER BY 1") ==
        std::vector<std::string>{"admin", "b"});
  CHECK(house.rows("SELECT token_hash, subject, detail FROM token_audit WHERE event = 'revoked'") ==
        std::vector<std::string>{"a|alice@example.com|self-service rotate: superseded"});
}

TEST_CASE("a subject is free for any key once its token expired or was revoked") {
  const TokenHouse house;
  TokenRow brief = registered("a", k_key);
  brief.expires_s = k_now_s + 10;
  CHECK(house.file->register_self_service(brief, k_now_s, std::nullopt).has_value());
  CHECK(house.file->register_self_service(registered("b", k_other_key), k_now_s + 9, std::nullopt).value().is_taken);
  const auto later = house.file->register_self_service(registered("b", k_other_key), k_now_s + 10, std::nullopt);
  CHECK(later.value().superseded == std::vector<std::string>{"a"});  // expired tokens are revoked too
  CHECK(house.file->revoke_subject("alice@example.com", audit_at(k_now_s + 11)).value() == 1);
  CHECK_FALSE(house.file->register_self_service(registered("c", k_key), k_now_s + 12, std::nullopt).value().is_taken);
}

TEST_CASE(
    "audit rows come back newest first, empty texts are NULL, and old ones are pruned a bounded piece at a time") {
  const TokenHouse house;
  std::vector<AuditRow> rows;
  for (std::int64_t i = 1; i <= 5; ++i) rows.push_back(audit_at(i, i % 2 == 1 ? "used" : "rejected"));
  rows.back().remote_addr = "";
  rows.back().detail = "last";
  CHECK(house.file->add_audit(rows).has_value());
  const auto newest = house.file->audit(std::nullopt, 2).value();
  REQUIRE(newest.size() == 2);
  CHECK(newest[0].ts_s == 5);
  CHECK(newest[0].detail == "last");
  CHECK_FALSE(newest[0].remote_addr);
  CHECK(newest[1].ts_s == 4);
  CHECK(house.file->audit("used", 10).value().size() == 3);
  CHECK(house.file->prune_audit(4, 2).value() == 2);
  CHECK(house.file->prune_audit(4, 2).value() == 1);
  CHECK(house.file->prune_audit(4, 2).value() == 0);
  CHECK(house.file->audit(std::nullopt, 10).value().size() == 2);
}

TEST_CASE("the list of who may not register gives each entry once") {
  const TokenHouse house;
  CHECK_FALSE(house.file->is_denied("eve@example.com").value());
  CHECK(house.file->deny("eve@example.com", 5).value());
  CHECK_FALSE(house.file->deny("eve@example.com", 6).value());
  CHECK(house.file->deny(k_key, 7).value());
  CHECK(house.file->is_denied("eve@example.com").value());
  CHECK_FALSE(house.file->is_denied("eve@example.co").value());
  const auto listed = house.file->list_denied().value();
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].entry == k_key);
  CHECK(listed[1].denied_s == 5);
  CHECK(house.file->allow("eve@example.com").value());
  CHECK_FALSE(house.file->allow("eve@example.com").value());
  CHECK_FALSE(house.file->is_denied("eve@example.com").value());
}

TEST_CASE("what the other program commits is seen at the next look") {
  const TokenHouse house;
  const auto admin = house.open();
  CHECK(add(*admin, token("h")).empty());
  CHECK((*house.file->find("h").value()).is_live(k_now_s));
  CHECK(admin->revoke_subject("alice@example.com", audit_at(k_now_s)).value() == 1);
  CHECK_FALSE((*house.file->find("h").value()).is_live(k_now_s));
}

TEST_CASE("a new file has the layout of existing nodes, their version, and mode 0600") {
  const TokenHouse house;
  CHECK(house.rows("PRAGMA user_version").front() == "2");
  CHECK(house.rows("PRAGMA journal_mode").front() == "wal");
  CHECK(house.rows("SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info('tokens')") ==
        std::vector<std::string>{"token_hash|TEXT|0|NULL", "subject|TEXT|1|NULL", "subject_type|INTEGER|1|NULL",
                                 "subject_hash12|TEXT|0|NULL", "rate_per_sec|REAL|1|10.0", "rate_burst|INTEGER|1|50",
                                 "issued_at|INTEGER|1|NULL", "expires_at|INTEGER|0|NULL", "revoked_at|INTEGER|0|NULL",
                                 "issuer|TEXT|1|''", "note|TEXT|1|''", "registered_spk|TEXT|0|NULL"});
  CHECK(house.rows("SELECT name FROM sqlite_master WHERE name LIKE 'idx%' OR name = 'sqlite_sequence' ORDER BY 1") ==
        std::vector<std::string>{"idx_audit_ts", "idx_tokens_subject", "sqlite_sequence"});
  for (const std::string suffix : {"", "-wal", "-shm"}) CHECK(mode_of(house.path + suffix) == 0600);
}

TEST_CASE("files of older layouts are brought up to date with their tokens, whatever version they say") {
  const TemporaryFolder folder;
  int number = 0;
  for (const std::string version : {"0", "1"}) {
    for (const bool has_key : {false, true}) {
      CAPTURE(version);
      CAPTURE(has_key);
      const std::string path = folder.file(fmt::format("{}.db", ++number));
      raw_execute(path, std::string(k_first_layout) + "PRAGMA user_version = " + version);
      if (has_key) {
        raw_execute(path, "ALTER TABLE tokens ADD COLUMN registered_spk TEXT; UPDATE tokens SET registered_spk = 'k'");
      }
      REQUIRE(chmod(path.c_str(), 0644) == 0);
      auto file = TokenFile::open(path);
      REQUIRE(file.has_value());
      CHECK(raw_rows(path, "PRAGMA user_version").front() == "2");
      const auto old = (*file)->find("old").value();
      REQUIRE(old.has_value());
      CHECK(old->registered_spk == (has_key ? std::optional<std::string>("k") : std::nullopt));
      CHECK(old->rate_per_s == 10);
      CHECK(old->rate_burst == 50);
      CHECK(mode_of(path) == 0600);
      CHECK(TokenFile::open(path).has_value());  // and again, with nothing to do
    }
  }
}

TEST_CASE("a file of a newer layout is refused with both numbers and left as it is") {
  const TemporaryFolder folder;
  const std::string path = folder.file("t.db");
  raw_execute(path, "PRAGMA user_version = 3");
  const auto file = TokenFile::open(path);
  REQUIRE_FALSE(file.has_value());
  CHECK(file.error().code == ErrorCode::store_newer_schema);
  for (const std::string& part : {path, std::string("layout 3"), std::string("(2)")}) {
    CHECK(file.error().text.contains(part));
  }
  CHECK(raw_rows(path, "SELECT count(*) FROM sqlite_master").front() == "0");
}

TEST_CASE("a folder that is not there, a folder, and a file that is no database are refused") {
  const TemporaryFolder folder;
  const std::string text_file = folder.file("text");
  std::ofstream(text_file) << "not a database at all";
  for (const std::string& path : {folder.file("none/t.db"), folder.file(""), text_file}) {
    CAPTURE(path);
    const auto file = TokenFile::open(path);
    REQUIRE_FALSE(file.has_value());
    CHECK(file.error().code == ErrorCode::store_unusable);
  }
}

}  // namespace dnsmesh::store
