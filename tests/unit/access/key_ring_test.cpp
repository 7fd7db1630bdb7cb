// SPDX-License-Identifier: Apache-2.0
// The keys in memory: which of the file can be used, since when and until when, and whose mailboxes they name.
#include "access/key_ring.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <thread>

#include "access/access.hpp"
#include "base/hex.hpp"
#include "crypto/hash.hpp"

using namespace dnsmesh;
using namespace dnsmesh::access;
using Strings = std::set<std::string>;

namespace {

struct RingHouse {
  RingHouse() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dnsmesh-ring-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    path = (folder / "dmp_tsig.db").string();
    file = store::TsigFile::open(path).value();
    ring = KeyRing::open(*file).value();
  }
  ~RingHouse() {
    ring.reset();
    file.reset();
    std::filesystem::remove_all(folder);
  }
  RingHouse(const RingHouse&) = delete;
  RingHouse& operator=(const RingHouse&) = delete;

  store::TsigKeyRow row(const std::string& name, std::vector<std::string> scope = {"z"}) const {
    store::TsigKeyRow out;
    out.name = name;
    out.secret = "secret of " + name;
    out.allowed_suffixes = std::move(scope);
    out.subject = name + "@z";
    return out;
  }
  void mint(const store::TsigKeyRow& wanted) const { REQUIRE(ring->mint(wanted, 1) == store::MintOutcome::minted); }

  std::filesystem::path folder;
  std::string path;
  std::unique_ptr<store::TsigFile> file;
  std::unique_ptr<KeyRing> ring;
};

const std::string k_x25519(64, '1');  // hex of 32 octets 0x11

std::string hash_of_x25519() { return crypto::sha256_hex(view(crypto::sha256(*from_hex(k_x25519)))).substr(0, 12); }

}  // namespace

TEST_CASE("a key is found as soon as it is minted, with and without its final dot") {
  const RingHouse house;
  CHECK(house.ring->find("a.z", 1) == nullptr);
  house.mint(house.row("a.z.", {"a.z", "slot-*.mb-*.z"}));
  const auto key = house.ring->find("a.z.", 1);
  REQUIRE(key);
  CHECK(key == house.ring->find("a.z", 1));
  CHECK(key->name == "a.z");
  CHECK(key->algorithm == TsigAlgorithm::hmac_sha256);
  CHECK(key->secret == "secret of a.z.");
  CHECK(key->scope == std::vector<std::string>{"a.z", "slot-*.mb-*.z"});
  CHECK(key->subject == "a.z.@z");
  CHECK(house.ring->find("z", 1) == nullptr);
}

TEST_CASE("the old secret is gone when a key is minted again, and who holds it still has it whole") {
  const RingHouse house;
  house.mint(house.row("a.z."));
  const auto held = house.ring->find("a.z", 1);
  store::TsigKeyRow again = house.row("a.z.");
  again.secret = "fresh";
  house.mint(again);
  CHECK(house.ring->find("a.z", 1)->secret == "fresh");
  CHECK(held->secret == "secret of a.z.");
}

TEST_CASE("a key that may not be minted changes nothing in the ring") {
  const RingHouse house;
  house.mint(house.row("a.z."));
  store::TsigKeyRow other = house.row("a.z.");
  other.subject = "other@z";
  other.secret = "stolen";
  CHECK(house.ring->mint(other, 1) == store::MintOutcome::owned_by_other);
  CHECK(house.ring->find("a.z", 1)->secret == "secret of a.z.");
}

TEST_CASE("a key ends at its second without anybody looking at the file") {
  const RingHouse house;
  store::TsigKeyRow row = house.row("a.z.", {"mb-0123456789ab.z"});
  row.expires_s = 100;
  house.mint(row);
  CHECK(house.ring->find("a.z", 99));
  CHECK_FALSE(house.ring->find("a.z", 100));
  CHECK(house.ring->registered_recipients("z", 99) == Strings{"0123456789ab"});
  CHECK(house.ring->registered_recipients("z", 100).empty());
  CHECK_FALSE(house.ring->is_registered_recipient("0123456789ab", "z", 100));
}

TEST_CASE("keys with the largest and smallest ends are alive and dead") {
  const RingHouse house;
  store::TsigKeyRow row = house.row("a.z.");
  row.expires_s = std::numeric_limits<std::int64_t>::max();
  house.mint(row);
  row = house.row("b.z.");
  row.expires_s = std::numeric_limits<std::int64_t>::min();
  house.mint(row);
  CHECK(house.ring->find("a.z", std::numeric_limits<std::int64_t>::max() - 1));
  CHECK_FALSE(house.ring->find("b.z", std::numeric_limits<std::int64_t>::min()));
}

TEST_CASE("what another connection does to the file is seen at the next refresh, and read only then") {
  const RingHouse house;
  house.mint(house.row("a.z."));
  house.ring->refresh().value();
  CHECK(house.ring->refresh() == false);
  const auto admin = store::TsigFile::open(house.path).value();
  house.ring->refresh().value();
  CHECK(admin->revoke("a.z.") == 1);
  CHECK(house.ring->find("a.z", 1));
  CHECK(house.ring->refresh() == true);
  CHECK_FALSE(house.ring->find("a.z", 1));
  CHECK(house.ring->refresh() == false);
}

TEST_CASE("rows whose name is no DNS name or whose algorithm is unknown are skipped") {
  const RingHouse house;
  const std::string label(63, 'l');
  house.mint(house.row("a..z."));
  house.mint(house.row("."));
  house.mint(house.row(".z."));
  house.mint(house.row(label + "x.z."));
  house.mint(house.row(label + "." + label + "." + label + "." + label + "."));
  for (const char* algorithm : {"hmac-md5.sig-alg.reg.int", "hmac-sha1", "hmac-sha224", "", "gss-tsig"}) {
    store::TsigKeyRow row = house.row(fmt::format("k{}.z.", std::string_view(algorithm).size()));
    row.algorithm = algorithm;
    house.mint(row);
  }
  CHECK(house.ring->size() == 0);
  house.mint(house.row(label + ".z."));
  CHECK(house.ring->size() == 1);
  CHECK(house.ring->find(label + ".z", 1));
}

TEST_CASE("keys stored by hand may have any algorithm of SHA-2, in any spelling, and truncated ones") {
  const RingHouse house;
  const std::pair<const char*, TsigAlgorithm> algorithms[] = {
      {"hmac-sha256", TsigAlgorithm::hmac_sha256},  {"HMAC-SHA256-128.", TsigAlgorithm::hmac_sha256_128},
      {"hmac-sha384", TsigAlgorithm::hmac_sha384},  {"hmac-sha384-192", TsigAlgorithm::hmac_sha384_192},
      {"hmac-sha512.", TsigAlgorithm::hmac_sha512}, {"hmac-sha512-256", TsigAlgorithm::hmac_sha512_256},
  };
  int number = 0;
  for (const auto& [name, algorithm] : algorithms) {
    store::TsigKeyRow row = house.row(fmt::format("k{}.z.", ++number));
    row.algorithm = name;
    house.mint(row);
    const auto key = house.ring->find(fmt::format("k{}.z", number), 1);
    REQUIRE(key);
    CHECK(key->algorithm == algorithm);
  }
}

TEST_CASE("a user with a proven X25519 key is a recipient of each zone directly under which the scope has mailboxes") {
  const struct {
    const char* entry;
    bool is_recipient;
  } cases[] = {
      {"z", true},
      {"mb-anything.z", true},
      {"mb-*.z", true},
      {"slot-*.mb-*.z", true},
      {"claim-*.mb-*.z", true},
      {"slot-3.mb-0123456789ab.z", true},
      {"id-ab.z", false},
      {"sub.z", false},
      {"mb-ab.sub.z", false},
      {"slot-*.mb-*.sub.z", false},
      {"slot-*.z", false},
      {"chunk-*-*.z", false},
      {"_dnsmesh-claim-*.z", false},
      {"x.slot-*.mb-*.z", false},
      {"slot-*.x.mb-*.z", false},
      {"other", false},
      {"xz", false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.entry);
    const RingHouse house;
    store::TsigKeyRow row = house.row("a.z.", {c.entry});
    row.registered_x25519_pub = k_x25519;
    house.mint(row);
    const Strings expected = c.is_recipient ? Strings{hash_of_x25519()} : Strings{};
    CHECK(house.ring->registered_recipients("Z.", 1) == expected);
    CHECK(house.ring->is_registered_recipient(hash_of_x25519(), "Z.", 1) == c.is_recipient);
  }
}

TEST_CASE("an X25519 key that is not 32 octets of hex makes nobody a recipient") {
  for (const std::string& pub : {std::string(), std::string(62, '1'), std::string(66, '1'), std::string(64, 'x')}) {
    const RingHouse house;
    store::TsigKeyRow row = house.row("a.z.");
    row.registered_x25519_pub = pub;
    house.mint(row);
    CHECK(house.ring->registered_recipients("z", 1).empty());
  }
}

TEST_CASE("a literal mailbox in a scope is a recipient, with or without an X25519 key") {
  const RingHouse house;
  house.mint(house.row("a.z.", {"mb-0123456789ab.z", "mb-0123456789a.z", "mb-0123456789abc.z", "mb-0123456789ag.z",
                                "slot-1.mb-ffffffffffff.z", "mb-eeeeeeeeeeee.sub.z", "mb-*.z"}));
  CHECK(house.ring->registered_recipients("z", 1) == Strings{"0123456789ab"});
  CHECK(house.ring->registered_recipients("sub.z", 1) == Strings{"eeeeeeeeeeee"});
  CHECK(house.ring->is_registered_recipient("0123456789ab", "z", 1));
  CHECK_FALSE(house.ring->is_registered_recipient("0123456789ab", "sub.z", 1));
  CHECK_FALSE(house.ring->is_registered_recipient("", "z", 1));
}

TEST_CASE("a recipient stays while any key behind it is active, and revoked keys name none") {
  const RingHouse house;
  store::TsigKeyRow row = house.row("a.z.", {"mb-0123456789ab.z"});
  row.expires_s = 100;
  house.mint(row);
  row = house.row("b.z.", {"mb-0123456789ab.z"});
  row.expires_s = 200;
  house.mint(row);
  CHECK(house.ring->is_registered_recipient("0123456789ab", "z", 199));
  CHECK_FALSE(house.ring->is_registered_recipient("0123456789ab", "z", 200));
  const auto admin = store::TsigFile::open(house.path).value();
  CHECK(admin->revoke("b.z.") == 1);
  house.ring->refresh().value();
  CHECK(house.ring->is_registered_recipient("0123456789ab", "z", 99));
  CHECK_FALSE(house.ring->is_registered_recipient("0123456789ab", "z", 100));
}

TEST_CASE("who signed writes within the scope of the key as it is now, in every mode") {
  const RingHouse house;
  house.mint(house.row("a.z.", {"mb-aa.z", "slot-*.z"}));
  const auto admin = store::TsigFile::open(house.path).value();
  house.ring->refresh().value();
  ManualClock clock{1000};
  struct Row {
    std::string_view owner;
    bool may_add;
    bool may_delete;
  };
  for (const AuthMode mode : {AuthMode::open, AuthMode::legacy, AuthMode::multi_tenant}) {
    Access access({mode, "operator", {}}, clock, nullptr, house.ring.get());
    for (const Row& row : {Row{"mb-aa.z", true, true}, Row{"slot-1.mb-aa.z", true, true}, Row{"slot-1.z", true, false},
                           Row{"mb-bb.z", false, false}, Row{"z", false, false}}) {
      CAPTURE(row.owner);
      const Decision add = access.decide({.tsig_key = "a.z"}, Operation::publish, row.owner);
      CHECK((add.verdict == Verdict::allowed) == row.may_add);
      CHECK(add.may_shorten_life == row.may_delete);
      const Decision remove = access.decide({.tsig_key = "a.z"}, Operation::remove, row.owner);
      CHECK((remove.verdict == Verdict::allowed) == row.may_delete);
    }
    CHECK(access.decide({.tsig_key = "b.z"}, Operation::publish, "mb-aa.z").verdict == Verdict::unauthorised);
    Access without({mode, "operator", {}}, clock);
    CHECK(without.decide({.tsig_key = "a.z"}, Operation::publish, "mb-aa.z").verdict == Verdict::unauthorised);
  }
  // Its signature may have been checked before this.
  Access access({}, clock, nullptr, house.ring.get());
  CHECK(admin->revoke("a.z.") == 1);
  CHECK(house.ring->refresh() == true);
  CHECK(access.decide({.tsig_key = "a.z"}, Operation::publish, "mb-aa.z").verdict == Verdict::unauthorised);
}

TEST_CASE("a key has a bucket of its own, whatever the address") {
  ManualClock clock{1000};
  Access access({}, clock, nullptr, nullptr, {1, 2});
  CHECK(access.allows_key("a.z", 0));
  CHECK(access.allows_key("a.z", 1));
  CHECK_FALSE(access.allows_key("a.z", 1));
  CHECK(access.allows_key("b.z", 1));
  clock.advance_ms(1000);
  CHECK(access.allows_key("a.z", 1));
}

TEST_CASE("a key is charged for every operation, and what a large message owes is waited for") {
  ManualClock clock{1000};
  Access access({}, clock, nullptr, nullptr, {1, 2});
  CHECK(access.allows_key("a.z", 10));
  clock.advance_ms(8000);
  CHECK_FALSE(access.allows_key("a.z", 1));
  clock.advance_ms(1000);
  CHECK(access.allows_key("a.z", 1));
}

TEST_CASE("threads may ask while keys are minted") {
  const RingHouse house;
  house.mint(house.row("a.z."));
  std::thread asker([&house] {
    for (int i = 0; i < 2000; ++i) CHECK(house.ring->find("a.z", 1) != nullptr);
  });
  for (int i = 0; i < 20; ++i) house.mint(house.row("a.z."));
  asker.join();
}
