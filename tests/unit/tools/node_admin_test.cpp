// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "../store/store_fixture.hpp"
#include "access/token.hpp"
#include "crypto/hash.hpp"
#include "dnsmesh-node-admin/duration.hpp"
#include "dnsmesh-node-admin/layout.hpp"
#include "dnsmesh-node-admin/run.hpp"
#include "dnsmesh-node-admin/state_paths.hpp"
#include "store/sqlite.hpp"
#include "store/sqlite_file.hpp"
#include "store/token_file.hpp"
#include "store/tsig_file.hpp"

using namespace dnsmesh;
using namespace dnsmesh::node_admin;

namespace {

/// The program in a folder of its own, at a time that stands still.
struct Desk {
  store::TemporaryFolder folder;
  ManualClock clock{store::k_start_ms};
  SeededRandom random{7};
  std::map<std::string, std::string> variables = {{"DMP_DB_PATH", folder.file("dmp.db")}, {"USER", "ops"}};

  CommandEnd run(std::vector<std::string> words) {
    std::vector<const char*> arguments = {"dnsmesh-node-admin"};
    for (const std::string& word : words) arguments.push_back(word.c_str());
    const auto variable = [&](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return node_admin::run(arguments, variable, clock, random);
  }
  /// The output of a command that must end well.
  std::string out(std::vector<std::string> words) {
    const CommandEnd end = run(std::move(words));
    CHECK(end.err == "");
    CHECK(end.status == 0);
    return end.out;
  }
  std::unique_ptr<store::TokenFile> tokens() { return *store::TokenFile::open(folder.file("dmp_tokens.db")); }
  std::unique_ptr<store::TsigFile> keys() { return *store::TsigFile::open(folder.file("dmp_tsig.db")); }

  void mint(std::string name, std::string subject, std::int64_t expires_s = 0) {
    store::TsigKeyRow row;
    row.name = std::move(name);
    row.secret = "never shown";
    row.subject = std::move(subject);
    row.registered_spk = std::string(64, 'a');
    row.allowed_suffixes = {"alice.mesh.test", "mb-*.mesh.test"};
    row.expires_s = expires_s;
    const auto minted = keys()->mint(row, store::k_start_s);
    REQUIRE(minted);
    REQUIRE(*minted == store::MintOutcome::minted);
  }
};

/// The token in the output of `issue`: the line indented by six.
std::string token_in(const std::string& out) {
  const std::size_t at = out.find("\n      ") + 7;
  return out.substr(at, out.find('\n', at) - at);
}

store::AuditRow audit_row(std::string event, std::int64_t ts_s) {
  store::AuditRow row;
  row.event = std::move(event);
  row.ts_s = ts_s;
  return row;
}

const std::string k_hex64(64, 'b');

}  // namespace

TEST_CASE("durations are digits with one unit of s, m, h, d or w") {
  CHECK(parse_duration("0") == 0);
  CHECK(parse_duration("30") == 30);
  CHECK(parse_duration(" 5m\t") == 300);
  CHECK(parse_duration("2h") == 7200);
  CHECK(parse_duration("1d") == 86400);
  CHECK(parse_duration("1w") == 604800);
  CHECK(parse_duration("3155760000000s") == k_duration_s_max);
  for (const char* text : {"", " ", "s", "-1", "+1", "1.5h", "1 h", "1H", "1y", "1hh", "0x10", "3155760000001",
                           "9223372036854775807w", "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("times are UTC to the second, and a dash where no calendar has them") {
  CHECK(utc_time(1700000000) == "2023-11-14T22:13:20Z");
  CHECK(utc_time(0) == "1970-01-01T00:00:00Z");
  CHECK(utc_time(253402300799) == "9999-12-31T23:59:59Z");
  CHECK(utc_time(std::nullopt) == "-");
  CHECK(utc_time(-1) == "-");
  CHECK(utc_time(std::numeric_limits<std::int64_t>::min()) == "-");
  CHECK(utc_time(std::numeric_limits<std::int64_t>::max()) == "-");
}

TEST_CASE("texts of the audit log are quoted as existing nodes quote them") {
  CHECK(python_quoted("plain") == "'plain'");
  CHECK(python_quoted("it's") == "\"it's\"");
  CHECK(python_quoted("it's \"so\"") == "'it\\'s \"so\"'");
  CHECK(python_quoted("a\\b\n\r\t\x01\x7F") == "'a\\\\b\\n\\r\\t\\x01\\x7f'");
}

TEST_CASE("an issued token is shown once and kept as its hash") {
  Desk desk;
  const std::string out = desk.out({"token", "issue", "Alice@Example.com", "--expires", "1d", "--note", "first\x1b"});
  const std::string token = token_in(out);
  CHECK(access::is_token_shaped(token));
  CHECK(out ==
        "  subject: alice@example.com\n  rate: 10.0 req/s  burst=50\n  expires: 2023-11-15T22:13:20Z\n\n"
        "  copy the token now, it is not shown again:\n      " +
            token + "\n\n  note: first\\x1b\n");
  const auto row = *desk.tokens()->find(access::token_hash(token));
  REQUIRE(row.has_value());
  CHECK(row->subject == "alice@example.com");
  CHECK(row->issuer == "admin:ops");
  CHECK(row->expires_s == store::k_start_s + 86400);
  CHECK(desk.out({"audit", "tail"}) ==
        "2023-11-14T22:13:20Z  issued      subject=alice@example.com               hash=" + row->hash.substr(0, 12) +
            "…  addr=-                 issuer='admin:ops' note='first\\x1b'\n");
}

TEST_CASE("a token is issued in JSON, with a prekey scope, never expiring") {
  Desk desk;
  const std::string h12 = crypto::sha256_hex(std::string(32, '\xBB')).substr(0, 12);
  const std::string out = desk.out({"token", "issue", "a@b.test", "--with-prekey-scope", k_hex64, "--rate", "2.5",
                                    "--burst", "7", "--expires", "0", "--json"});
  const std::size_t at = out.find("dmp_v1_");
  const std::string token = out.substr(at, out.find('"', at) - at);
  CHECK(out == "{\n  \"token\": \"" + token + "\",\n  \"subject\": \"a@b.test\",\n  \"subject_hash12\": \"" + h12 +
                   "\",\n  \"expires_at\": null,\n  \"rate_per_sec\": 2.5,\n  \"rate_burst\": 7\n}\n");
  CHECK(
      desk.out({"token", "issue", "a@b.test", "--with-prekey-scope", k_hex64}).contains("  prekey h12: " + h12 + "\n"));
}

TEST_CASE("what is wrong with an order is said before anything changes") {
  Desk desk;
  desk.out({"token", "issue", "a@b.test"});
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"token", "issue", "nobody"},
           {"token", "rotate", "nobody"},
           {"token", "rotate", "a@b.test", "--expires", "soon"},
           {"token", "issue", "a@b.test", "--expires", "1H"},
           {"token", "issue", "a@b.test", "--rate", "-0.5"},
           {"token", "issue", "a@b.test", "--rate", "inf"},
           {"token", "issue", "a@b.test", "--rate", "nan"},
           {"token", "issue", "a@b.test", "--burst", "-1"},
           {"token", "issue", "a@b.test", "--with-prekey-scope", "abcd"},
           {"token", "issue", "a@b.test", "--with-prekey-scope", std::string(64, 'x')},
           {"audit", "tail", "--limit", "0"},
           {"audit", "tail", "--limit", "-1"},
           {"audit", "prune", "--older-than", "0"},
           {"audit", "prune", "--older-than", "1y"},
           {"deny", "add", "nobody"},
           {"deny", "remove", "abcd"},
           {"token", "revoke", ""},
           {"token", "revoke", "abcdef0"}}) {
    CAPTURE(words[2]);
    const CommandEnd end = desk.run(words);
    CHECK(end.status == 2);
    CHECK(end.err.starts_with("error: "));
    CHECK(end.out == "");
  }
  CHECK(
      desk.run({"token", "issue", "a@b.test", "--expires", "soon"}).err.starts_with("error: --expires: bad duration "));
  const auto left = *desk.tokens()->list(std::nullopt, true);
  REQUIRE(left.size() == 1);
  CHECK_FALSE(left.front().revoked_s);
}

TEST_CASE("tokens are listed in columns and in JSON, newest first") {
  Desk desk;
  CHECK(desk.out({"token", "list"}) == "(no tokens)\n");
  CHECK(desk.out({"token", "list", "--json"}) == "[]\n");
  const std::string hash = access::token_hash(token_in(desk.out({"token", "issue", "a@b.test", "--expires", "1"})));
  desk.clock.advance_ms(1000);
  const std::string line =
      hash.substr(0, 16) +
      "      a@b.test              2023-11-14T22:13:20Z  2023-11-14T22:13:21Z  -                     "
      "inactive            \n";
  CHECK(desk.out({"token", "list"}) ==
        "HASH-PREFIX           SUBJECT               ISSUED                EXPIRES               REVOKED               "
        "STATUS              \n" +
            line);
  desk.out({"token", "issue", "c@d.test"});
  const std::string both = desk.out({"token", "list"});
  CHECK(both.find("c@d.test") < both.find("a@b.test"));
  CHECK(both.contains("live  "));
  CHECK(desk.out({"token", "list", "--subject", "A@b.test"}).ends_with(line));
  CHECK(desk.out({"token", "list", "--subject", "nobody"}) == "(no tokens)\n");
  CHECK(desk.out({"token", "list", "--subject", "a@b.test", "--json"}) ==
        "[\n  {\n    \"token_hash\": \"" + hash +
            "\",\n    \"subject\": \"a@b.test\",\n    \"subject_type\": 1,\n    \"subject_hash12\": null,\n"
            "    \"rate_per_sec\": 10.0,\n    \"rate_burst\": 50,\n    \"issued_at\": 1700000000,\n"
            "    \"expires_at\": 1700000001,\n    \"revoked_at\": null,\n    \"issuer\": \"admin:ops\",\n"
            "    \"note\": \"\",\n    \"live\": false\n  }\n]\n");
}

TEST_CASE("revoking takes a subject, or the first eight digits of one token's hash") {
  Desk desk;
  desk.out({"token", "issue", "a@b.test"});
  desk.out({"token", "issue", "a@b.test"});
  const std::string hash = access::token_hash(token_in(desk.out({"token", "issue", "c@d.test"})));
  CHECK(desk.out({"token", "revoke", "A@b.test"}) == "revoked 2 token(s) for subject 'A@b.test'\n");
  CHECK(desk.run({"token", "revoke", "a@b.test"}).status == 1);
  CHECK(desk.run({"token", "revoke", "ffffffffffffffff"}).status == 1);
  CHECK(desk.out({"token", "revoke", hash.substr(0, 8)}) ==
        "revoked token " + hash.substr(0, 16) + "… (subject c@d.test)\n");
  CHECK(desk.out({"token", "list"}) == "(no tokens)\n");
  CHECK(desk.out({"token", "list", "--include-revoked"}).contains("inactive"));
  for (const char* last : {"1", "2"}) {
    store::TokenRow row;
    row.hash = "12345678" + std::string(55, '0') + last;
    row.subject = "e@f.test";
    REQUIRE(desk.tokens()->insert(row, audit_row("issued", 1)));
  }
  CHECK(desk.run({"token", "revoke", "12345678"}).status == 2);
  CHECK(desk.out({"token", "list", "--subject", "e@f.test"}).contains("live"));
}

TEST_CASE("rotating revokes what a subject has and gives one token") {
  Desk desk;
  desk.out({"token", "issue", "a@b.test"});
  const std::string out = desk.out({"token", "rotate", "a@b.test", "--rate", "3", "--burst", "4", "--expires", "1h"});
  const std::string start = "revoked 1 old token(s) for 'a@b.test'\nnew token:\n  ";
  REQUIRE(out.starts_with(start));
  const std::string token = out.substr(start.size(), out.size() - start.size() - 1);
  const auto row = *desk.tokens()->find(access::token_hash(token));
  REQUIRE(row.has_value());
  CHECK(row->note == "rotation");
  CHECK(row->issuer == "admin:ops:rotate");
  CHECK(row->rate_per_s == 3);
  CHECK(row->expires_s == store::k_start_s + 3600);
}

TEST_CASE("the audit log is shown newest first, by event, in JSON, and pruned by age") {
  Desk desk;
  desk.variables.erase("USER");
  desk.out({"token", "issue", "a@b.test"});
  desk.clock.advance_ms(10000);
  desk.out({"token", "revoke", "a@b.test"});
  CHECK(desk.out({"audit", "tail", "--limit", "1", "--json"}) ==
        "[\n  {\n    \"ts\": 1700000010,\n    \"event\": \"revoked\",\n    \"token_hash\": null,\n"
        "    \"subject\": \"a@b.test\",\n    \"remote_addr\": null,\n    \"detail\": \"by_subject count=1\"\n  }\n]\n");
  CHECK(desk.out({"audit", "tail", "--event", "issued"}).contains("issuer='admin:unknown' note=''"));
  CHECK(desk.out({"audit", "tail", "--event", "used"}) == "");
  CHECK(desk.out({"audit", "prune", "--older-than", "10s"}) == "removed 0 audit row(s)\n");
  CHECK(desk.out({"audit", "prune", "--older-than", "9s"}) == "removed 1 audit row(s)\n");
  CHECK(desk.out({"audit", "tail"}).contains("hash=-  addr=-"));
  const std::vector<store::AuditRow> many(2500, audit_row("used", 5));
  REQUIRE(desk.tokens()->add_audit(many));
  CHECK(desk.out({"audit", "prune", "--older-than", "1w"}) == "removed 2500 audit row(s)\n");
}

TEST_CASE("who may not register is a list of subjects and keys") {
  Desk desk;
  CHECK(desk.out({"deny", "list"}) == "(nobody is denied)\n");
  CHECK(desk.out({"deny", "add", "A@b.test"}) == "a@b.test may no longer register\n");
  CHECK(desk.out({"deny", "add", "a@b.test"}) == "a@b.test was denied before\n");
  desk.out({"deny", "add", std::string(64, 'B')});
  CHECK(*desk.tokens()->is_denied(k_hex64));
  CHECK(desk.out({"deny", "list"}) == "2023-11-14T22:13:20Z  a@b.test\n2023-11-14T22:13:20Z  " + k_hex64 + "\n");
  CHECK(desk.out({"deny", "remove", "a@b.test"}) == "a@b.test may register again\n");
  CHECK(desk.run({"deny", "remove", "a@b.test"}).status == 1);
}

TEST_CASE("keys are shown without their secret") {
  Desk desk;
  const CommandEnd none = desk.run({"tsig", "list"});
  CHECK(none.status == 1);
  CHECK(none.err.starts_with("error: there is no file of TSIG keys "));
  CHECK_FALSE(std::filesystem::exists(desk.folder.file("dmp_tsig.db")));
  desk.keys();
  CHECK(desk.out({"tsig", "list"}) == "(no keys)\n");
  desk.mint("alice.example.", "alice@example.test");
  desk.mint("old.example.", "old@example.test", store::k_start_s);
  const std::string list = desk.out({"tsig", "list"});
  CHECK(
      list.contains("alice@example.test    hmac-sha256           2023-11-14T22:13:20Z  -                     "
                    "active                alice.example.      \n"));
  CHECK(list.contains("expired"));
  const std::string shown = desk.out({"tsig", "show", "Alice.example"});
  CHECK(shown ==
        "  name: alice.example.\n  algorithm: hmac-sha256\n  subject: alice@example.test\n"
        "  registered by: " +
            std::string(64, 'a') +
            "\n  x25519 key: -\n  created: 2023-11-14T22:13:20Z\n"
            "  expires: -\n  status: active\n  may write:\n    alice.mesh.test\n    mb-*.mesh.test\n");
  CHECK_FALSE((list + shown).contains("never shown"));
  CHECK(desk.run({"tsig", "show", "bob.example"}).status == 1);
}

TEST_CASE("a key is revoked by its name or subject, and only allowing it again removes it") {
  Desk desk;
  desk.mint("alice.example.", "alice@example.test");
  desk.mint("bob.example.", "bob@example.test");
  CHECK(desk.run({"tsig", "allow", "alice.example"}).err == "error: key alice.example. is not revoked\n");
  CHECK(desk.out({"tsig", "revoke", "ALICE.example"}) == "revoked key alice.example.\n");
  CHECK(desk.out({"tsig", "revoke", "Bob@example.test"}) == "revoked 1 key(s) for subject 'bob@example.test'\n");
  CHECK(desk.run({"tsig", "revoke", "carol@example.test"}).status == 1);
  CHECK(desk.out({"tsig", "list"}).contains("revoked"));
  CHECK(desk.run({"tsig", "rotate", "alice.example"}).status == 1);
  CHECK(desk.out({"tsig", "allow", "alice.example"}) == "removed key alice.example.: its holder may register again\n");
  CHECK(desk.run({"tsig", "allow", "alice.example"}).status == 1);
  CHECK(desk.keys()->list()->size() == 1);
}

TEST_CASE("rotating a key kills its secret at once and lets its holder register") {
  Desk desk;
  desk.mint("alice.example.", "alice@example.test");
  CHECK(desk.out({"tsig", "rotate", "alice.example"}) == "removed key alice.example.: its holder may register again\n");
  CHECK(desk.keys()->list()->empty());
  desk.mint("alice.example.", "alice@example.test");
  CHECK(desk.run({"tsig", "rotate", "nobody.example"}).status == 1);
}

TEST_CASE("what ends a TSIG key is in the audit log, where there is one") {
  Desk desk;
  desk.mint("alice.example.", "alice@example.test");
  desk.mint("bob.example.", "bob@example.test");
  desk.mint("carol.example.", "carol@example.test");
  desk.out({"tsig", "revoke", "alice.example"});
  CHECK_FALSE(std::filesystem::exists(desk.folder.file("dmp_tokens.db")));
  desk.tokens();
  desk.out({"tsig", "revoke", "bob@example.test"});
  desk.out({"tsig", "rotate", "carol.example"});
  desk.out({"tsig", "allow", "bob.example"});
  const auto rows = *desk.tokens()->audit(std::nullopt, 10);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].event == "tsig_revoked");
  CHECK(rows[1].subject == "bob@example.test");
  CHECK(rows[1].detail == "by_subject count=1");
  CHECK(rows[0].detail == "carol.example. rotate");
  const auto connection = store::sqlite::Connection::open(desk.folder.file("dmp_tokens.db"), 1000);
  REQUIRE(connection);
  REQUIRE((*connection)->execute("PRAGMA user_version = 99"));
  desk.mint("dave.example.", "dave@example.test");
  const CommandEnd end = desk.run({"tsig", "revoke", "dave.example"});
  CHECK(end.status == 1);
  CHECK(end.out == "revoked key dave.example.\n");
  CHECK(end.err.starts_with("error: it is done, but not in the audit log: "));
}

TEST_CASE("files are named before the command, by variables, or lie beside the record file") {
  Desk desk;
  const std::string other = desk.folder.file("other.db");
  desk.out({"--db", other, "token", "issue", "a@b.test"});
  CHECK(desk.out({"token", "list"}) == "(no tokens)\n");
  CHECK(desk.run({"token", "list", "--db", other}).status == 2);
  desk.variables["DMP_TOKEN_DB_PATH"] = other;
  CHECK(desk.out({"token", "list"}).contains("a@b.test"));
  desk.keys();
  std::filesystem::rename(desk.folder.file("dmp_tsig.db"), desk.folder.file("keys.db"));
  CHECK(desk.out({"--tsig-db", desk.folder.file("keys.db"), "tsig", "list"}) == "(no keys)\n");
  for (const char* flag : {"--db", "--tsig-db"}) {
    const CommandEnd end = desk.run({flag, other, "backup", desk.folder.file("copy")});
    CHECK(end.status == 2);
    CHECK(end.err.contains("after it, --db names the record file"));
  }
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--db", desk.folder.file("no/t.db"), "token", "list"},
        std::vector<std::string>{"--tsig-db", desk.folder.file("no/t.db"), "tsig", "list"}}) {
    CHECK(desk.run(words).status == 2);
    CHECK(desk.run(words).err.starts_with("error: there is no folder "));
  }
}

TEST_CASE("where nothing says otherwise, the token file is the node's, or else the one of existing admin programs") {
  Desk desk;
  std::map<std::string, std::string> variables;
  const auto path = [&](std::string& remark) {
    const auto variable = [&](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return token_path(variable, remark, desk.folder.file(""));
  };
  const auto touch = [&](const char* name) { REQUIRE(store::make_or_check_file(desk.folder.file(name), "file")); };
  std::string remark;
  CHECK(path(remark).ends_with("/dmp_tokens.db"));
  CHECK(remark == "");
  touch("tokens.db");
  CHECK(path(remark).ends_with("/tokens.db"));
  CHECK(remark.starts_with("dnsmesh-node-admin: there is no "));
  CHECK(remark.ends_with("/tokens.db\n"));
  variables["DMP_DB_PATH"] = "/srv/a.b/node.c.db";
  remark.clear();
  CHECK(path(remark) == "/srv/a.b/node.c_tokens.db");
  variables["DMP_DB_PATH"] = "/srv/a.b/node";
  CHECK(path(remark) == "/srv/a.b/node_tokens");
  variables["DMP_TOKEN_DB_PATH"] = "/srv/t.db";
  CHECK(path(remark) == "/srv/t.db");
  variables.clear();
  touch("dmp_tokens.db");
  CHECK(path(remark).ends_with("/dmp_tokens.db"));
  CHECK(remark == "");
}

TEST_CASE("a file that is newer than the program is refused with status 1") {
  Desk desk;
  desk.tokens();
  desk.keys();
  for (const char* name : {"dmp_tokens.db", "dmp_tsig.db"}) {
    const auto connection = store::sqlite::Connection::open(desk.folder.file(name), 1000);
    REQUIRE(connection);
    REQUIRE((*connection)->execute("PRAGMA user_version = 99"));
  }
  for (const char* group : {"token", "tsig"}) {
    const CommandEnd end = desk.run({group, "list"});
    CHECK(end.status == 1);
    CHECK(end.err.starts_with("error: "));
    CHECK(end.err.contains("99"));
  }
}

TEST_CASE("each command says what it is for, and a wrong one how it is written") {
  Desk desk;
  const std::string all = desk.out({"--help"});
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"token", "issue"},
                                                                                     {"token", "list"},
                                                                                     {"token", "revoke"},
                                                                                     {"token", "rotate"},
                                                                                     {"audit", "tail"},
                                                                                     {"audit", "prune"},
                                                                                     {"deny", "add"},
                                                                                     {"deny", "remove"},
                                                                                     {"deny", "list"},
                                                                                     {"tsig", "list"},
                                                                                     {"tsig", "show"},
                                                                                     {"tsig", "revoke"},
                                                                                     {"tsig", "allow"},
                                                                                     {"tsig", "rotate"},
                                                                                     {"backup"},
                                                                                     {"backup-check"},
                                                                                     {"restore"}}) {
    const std::string start = "dnsmesh-node-admin " + words[0] + (words.size() > 1 ? " " + words[1] : "");
    CAPTURE(start);
    std::vector<std::string> line = words;
    line.push_back("--help");
    CHECK(desk.out(line).starts_with(start));
    CHECK(all.contains(start));
    // Each has more to say than how it is written.
    CHECK(desk.out(line).find('\n') < desk.out(line).find("\n\n"));
    line.back() = "--what";
    const CommandEnd end = desk.run(line);
    CHECK(end.status == 2);
    CHECK(end.out == "");
    CHECK(end.err.starts_with("dnsmesh-node-admin: "));
    CHECK(end.err.contains("usage: " + start));
  }
  CHECK(all.contains("deny list\nShows who is denied"));
  CHECK_FALSE(all.contains("\n  --note"));
  CHECK(desk.out({"deny", "--help"}).contains("dnsmesh-node-admin deny remove SUBJECT|SPKHEX\n"));
  CHECK_FALSE(desk.out({"deny", "--help"}).contains("dnsmesh-node-admin tsig"));
  CHECK(desk.run({"token"}).err.contains("usage: dnsmesh-node-admin token issue"));
  CHECK(desk.run({}).status == 2);
  CHECK(desk.run({}).err.contains("usage: dnsmesh-node-admin token issue"));
  CHECK(desk.run({"token", "issue", "a@b.test", "--rate", "fast"}).status == 2);
  for (const char* burst : {"9223372036854775808", "0x10", "1.0", "", " 5", "+5"}) {
    CHECK(desk.run({"token", "issue", "a@b.test", "--burst", burst}).status == 2);
  }
  CHECK(desk.out({"token", "issue", "a@b.test", "--burst", "010"}).contains("burst=10\n"));
  CHECK(desk.out({"token", "issue", "a@b.test", "--burst", "9223372036854775807"}).contains("9223372036854775807"));
  CHECK(desk.run({"token", "issue"}).status == 2);
  CHECK(desk.run({"deny", "add", "a@b.test", "c@d.test"}).status == 2);
}
