// SPDX-License-Identifier: Apache-2.0
// 100 000 UPDATEs that were changed at random, before they were signed and after: nothing changes what its sender may
// not change.
#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/utf8.hpp"
#include "name_labels.hpp"
#include "update_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

constexpr const char* k_own = "id-aaaaaaaaaaaaaaaa.mesh.test";
constexpr const char* k_theirs = "id-bbbbbbbbbbbbbbbb.mesh.test";
constexpr const char* k_shared = "slot-1.mb-0123456789ab.mesh.test";

std::vector<std::string> originals() {
  const std::string add = rr(k_own, k_class_in, 300, strings("mine"));
  const std::string theirs = rr(k_theirs, k_class_any, 0, "");
  return {update({.updates = {add}}), update({.updates = {rr(k_own, k_class_none, 0, strings("mine")), add}}),
          update({.updates = {rr(k_own, k_class_any, 0, ""), add, rr(k_shared, k_class_in, 1, strings("kept"))}}),
          update({.prerequisites = {rr(k_own, k_class_any, 0, "", k_type_any)}, .updates = {add}}),
          update({.updates = {rr(k_own, k_class_any, 0, "", k_type_any)}}), update({.updates = {add, theirs}}),
          update({.updates = {rr(k_shared, k_class_none, 0, strings("kept"))}}),
          update({.updates = {rr(k_theirs, k_class_in, 1, strings("theirs"))}}), adding(claim()),
          // Names that only look like hers.
          update({.updates = {rr("x" + std::string(k_own), k_class_in, 300, strings("near"))}}),
          update({.updates = {rr("slot-1.mesh.test", k_class_in, 300, strings("near"))}}),
          update({.updates = {rr("mb-1.slot-1.mesh.test", k_class_in, 300, strings("near"))}}),
          update({.updates = {add}, .additional = {opt_record(1232)}})};
}

std::string changed(std::string message, const std::vector<std::string>& others, Random& random) {
  for (std::uint64_t i = 1 + random.below(5); i > 0 && !message.empty(); --i) {
    const std::size_t at = random.below(message.size());
    const std::string& other = others[random.below(others.size())];
    switch (random.below(6)) {
      case 0:
        message[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        message[at] = static_cast<char>(static_cast<unsigned char>(message[at]) ^ 1U << random.below(8));
        break;
      case 2:
        message.erase(at, 1 + random.below(12));
        break;
      case 3:
        message.insert(at, other.substr(random.below(other.size()), 1 + random.below(60)));
        break;
      case 4:
        message.replace(at, std::string::npos, other.substr(random.below(other.size())));
        break;
      default:
        message.resize(at);
    }
  }
  return message;
}

using Rows = std::map<std::pair<std::string, std::string>, std::int64_t>;

Rows rows_of(const UpdateBed& bed) {
  Rows out;
  REQUIRE(bed.store->for_each([&](const store::Record& row) { out[{row.name, row.value}] = row.expires_s; }));
  return out;
}

struct HostileBed : UpdateBed {
  HostileBed() : UpdateBed({.rules = {.claims = {.per_recipient = {}}}, .per_key = {}}) {
    keys.mint(alice, {k_own, "slot-*.mb-*.mesh.test"});
    store::Batch batch;
    for (const auto& [name, value] : {std::pair{k_theirs, "theirs"}, std::pair{k_shared, "kept"}}) {
      batch.operations.emplace_back(store::Put{.name = name, .value = value, .ttl_s = 86400, .offer = {}});
    }
    REQUIRE(store::commit_and_wait(*store, std::move(batch)));
  }
  Signer alice;
};

/// What a stranger and alice together may have done: rows below her name and in slots, claims at claim names, and no
/// life that is shorter than it was.
void check_rows(const Rows& before, const Rows& after) {
  for (const auto& [pair, expires_s] : before) {
    const auto found = after.find(pair);
    REQUIRE(found != after.end());
    CHECK(found->second >= expires_s);
  }
  for (const auto& [pair, expires_s] : after) {
    const auto& [name, value] = pair;
    const bool is_mailbox = label_above("mesh.test", 1, name).starts_with("mb-");
    const bool is_hers =
        is_within(name, k_own) || (is_mailbox && label_above("mesh.test", 2, name).starts_with("slot-"));
    const bool is_claim = is_mailbox && labels_of(name).size() == 4 && name.starts_with("claim-") &&
                          record::parse_claim_record(value, k_now_s).has_value();
    CAPTURE(name);
    CHECK((before.contains(pair) || is_hers || is_claim));
  }
}

}  // namespace

TEST_CASE("names are told apart at the bounds of their labels, and an escaped dot is none") {
  CHECK(is_within(k_own, k_own));
  CHECK(is_within("a." + std::string(k_own), k_own));
  CHECK_FALSE(is_within("x" + std::string(k_own), k_own));
  CHECK_FALSE(is_within("x\\." + std::string(k_own), k_own));
  CHECK(is_within("x\\\\." + std::string(k_own), k_own));
  CHECK_FALSE(is_within("mesh.test", k_own));
  CHECK(label_above("mesh.test", 1, "x.slot-1.mb-a.mesh.test") == "mb-a");
  CHECK(label_above("mesh.test", 2, "x.slot-1.mb-a.mesh.test") == "slot-1");
  CHECK(label_above("mesh.test", 2, "mb-a.mesh.test") == "");
  CHECK(label_above("mesh.test", 1, "mb-a.other.test") == "");
}

TEST_CASE("50 000 UPDATEs changed after they were signed change nothing but by claims") {
  HostileBed bed;
  SeededRandom random(5);
  std::vector<std::string> messages = originals();
  for (std::string& message : messages) message = signed_by(bed.alice, message);
  const Rows before = rows_of(bed);
  // What is not signed may differ: the ID, and the case of the names of the TSIG RR.
  const auto signed_part = [](const std::string& message) { return fold_ascii(message.substr(2)); };
  std::set<std::string> genuine;
  for (const std::string& message : messages) genuine.insert(signed_part(message));
  std::map<Rcode, int> rcodes;
  for (int i = 0; i < 50000; ++i) {
    const std::string message = changed(messages[random.below(messages.size())], messages, random);
    if (message.size() < k_header_octets || genuine.contains(signed_part(message))) continue;
    const auto update = bed.carry_out(message);
    CHECK_FALSE(update->signature.is_verified());
    ++rcodes[update->result.rcode];
  }
  CHECK(rcodes[Rcode::formerr] > 1000);
  CHECK(rcodes[Rcode::notauth] > 1000);
  const Rows after = rows_of(bed);
  for (const auto& [pair, expires_s] : after) CHECK((before.contains(pair) || pair.first.starts_with("claim-")));
  check_rows(before, after);
}

TEST_CASE("50 000 UPDATEs changed before they were signed change nothing outside the scope of their key") {
  HostileBed bed;
  SeededRandom random(6);
  const std::vector<std::string> messages = originals();
  const Rows before = rows_of(bed);
  std::map<Rcode, int> rcodes;
  for (int i = 0; i < 50000; ++i) {
    const std::string message = changed(messages[random.below(messages.size())], messages, random);
    if (message.size() < k_header_octets) continue;
    ++rcodes[bed.send(signed_by(bed.alice, message))];
    if (i % 1000 == 0) check_rows(before, rows_of(bed));
  }
  for (const Rcode rcode : {Rcode::noerror, Rcode::formerr, Rcode::refused, Rcode::notauth, Rcode::notzone}) {
    CAPTURE(static_cast<int>(rcode));
    CHECK(rcodes[rcode] > 50);
  }
  check_rows(before, rows_of(bed));
}
