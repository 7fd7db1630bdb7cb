// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "../unit/dns/name_labels.hpp"
#include "../unit/dns/tsig_signer.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "dns/engine.hpp"
#include "dns/updater.hpp"
#include "record/claim_record.hpp"
#include "store/memory_store.hpp"
#include "store/tsig_file.hpp"
#include "targets.hpp"

namespace dnsmesh::fuzz {
namespace {

using dns::Updater;

constexpr std::int64_t k_now_s = 1700000000;
constexpr std::size_t k_inputs_per_node = 1000;  // what they stored is looked through after each
constexpr std::string_view k_zone = "mesh.test";
constexpr std::string_view k_own = "own.mesh.test";
constexpr std::string_view k_theirs = "theirs.mesh.test";

/// A key that may write and delete at its own name and below, and add to slots.
std::unique_ptr<store::TsigFile> make_keys(const dns::test::Signer& signer) {
  std::string folder = (std::filesystem::temp_directory_path() / "dnsmesh-fuzz-XXXXXX").string();
  require(mkdtemp(folder.data()) != nullptr, "there is a folder for the keys");
  auto file = store::TsigFile::open(folder + "/keys.db").value();
  store::TsigKeyRow row;
  row.name = signer.name + ".";
  row.secret = signer.secret;
  row.allowed_suffixes = {std::string(k_own), "slot-*.mesh.test"};
  require(file->mint(row, 1) == store::MintOutcome::minted, "the key is there");
  std::filesystem::remove_all(folder);  // what is open stays
  return file;
}

/// A zone with a record of somebody else, and all that takes UPDATEs.
struct Node {
  Node() {
    store::Batch batch;
    batch.operations.emplace_back(
        store::Put{.name = std::string(k_theirs), .value = "kept", .ttl_s = 86400, .offer = {}});
    require(store::commit_and_wait(*store, std::move(batch)).has_value(), "the record is stored");
  }

  /// Carries the UPDATE out to its end, then looks at what is stored.
  void apply(std::string_view message) {
    dns::Update update{std::string(message), {}};
    Updater::Step step = updater.step(update, false);
    if (step == Updater::Step::wait) step = updater.step(update, true);
    require(step != Updater::Step::wait, "nothing waits when all is quiet");
    if (step == Updater::Step::commit) {
      updater.finish(update, store::commit_and_wait(*store, std::move(update.batch)));
    }
    check_store();
  }

  void check_store() const {
    bool is_kept = false;
    const auto seen = store->for_each([&](const store::Record& row) {
      if (row.name == k_theirs && row.value == "kept" && row.expires_s >= k_now_s + 86400) is_kept = true;
      const std::string nearest = dns::test::label_above(k_zone, 1, row.name);
      const bool is_hers = dns::test::is_within(row.name, k_own) || nearest.starts_with("slot-");
      const bool is_claim = nearest.starts_with("mb-") && dns::test::labels_of(row.name).size() == 4 &&
                            row.name.starts_with("claim-") &&
                            record::parse_claim_record(row.value, k_now_s).has_value();
      require(is_hers || is_claim || row.name == k_theirs, "a key writes its own names, others claims alone");
    });
    require(seen.has_value() && is_kept, "what belongs to others stays");
  }

  static dns::ZoneSettings settings() {
    dns::ZoneSettings out;
    out.served_zone = k_zone;
    return out;
  }

  dns::test::Signer signer;
  std::unique_ptr<store::TsigFile> file = make_keys(signer);
  std::unique_ptr<access::KeyRing> keys = access::KeyRing::open(*file).value();
  ManualClock clock{k_now_s * 1000};
  access::Access access{{}, clock, nullptr, keys.get(), {}};
  SeededRandom random{1};
  dns::Zone zone = *dns::make_zone(settings());
  std::unique_ptr<store::RecordStore> store = store::make_memory_store(clock, random);
  Updater updater{zone,
                  *store,
                  [](std::string_view, std::string_view) { return record::Offer{}; },
                  clock,
                  *keys,
                  access,
                  {.claims = {.per_recipient = {}}},
                  {.values_per_name_max = 4}};
};

/// Every answer that the engine could give to the message, signed or not, within its size.
void check_answers(const dns::Engine& engine, std::string_view message, const dns::Signature& signature) {
  for (const dns::Transport transport : {dns::Transport::udp, dns::Transport::tcp}) {
    std::string out(dns::Engine::answer_octets_max(transport), '\0');
    const dns::Arrival arrival{.transport = transport, .now_s = k_now_s};
    const std::size_t octets = engine.answer_update(message, dns::Rcode::servfail, signature, arrival, out);
    require(octets >= dns::k_header_octets && octets <= out.size(), "there is an answer and it fits");
    ByteReader reader(out);
    dns::Message answer;
    answer.header = dns::read_header(reader);
    require(dns::parse_message(out.substr(0, octets), answer) == dns::Fault::none, "an answer is well formed");
    require(!signature.is_verified() || answer.has_tsig, "who signed gets a signed answer");
  }
}

}  // namespace

void dns_tsig(std::string_view input) {
  static Node node;
  static dns::AnswerIndex index(node.clock, node.random, node.zone.apex);
  static dns::Engine engine(node.zone, index, dns::CookieSecret{});
  static const bool is_set = [] {
    engine.check_signatures(*node.keys, true);
    return true;
  }();
  static_cast<void>(is_set);
  if (input.size() < dns::k_header_octets) return;
  const dns::Signature as_it_is = dns::check_signature(input, *node.keys, k_now_s);
  check_answers(engine, input, as_it_is);
  // Behind a right signature.
  const std::string message = dns::test::signed_by(node.signer, std::string(input));
  const dns::Signature made = dns::check_signature(message, *node.keys, k_now_s);
  if (as_it_is.state == dns::Signature::State::none && made.state != dns::Signature::State::malformed) {
    require(made.is_verified(), "what was signed is believed");
    check_answers(engine, message, made);
  }
}

void dns_update(std::string_view input) {
  static std::unique_ptr<Node> node;
  static std::size_t inputs = 0;
  if (inputs++ % k_inputs_per_node == 0) node = std::make_unique<Node>();
  node->apply(input);
  if (input.size() >= dns::k_header_octets) node->apply(dns::test::signed_by(node->signer, std::string(input)));
}

}  // namespace dnsmesh::fuzz
