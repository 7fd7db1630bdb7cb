// SPDX-License-Identifier: Apache-2.0
#include "pool.hpp"

#include <utility>

#include "base/base64.hpp"
#include "crypto/hash.hpp"
#include "dice.hpp"
#include "event_queue.hpp"
#include "record/bootstrap_record.hpp"
#include "record/chunk.hpp"
#include "record/claim_record.hpp"
#include "record/heartbeat_record.hpp"
#include "record/identity_record.hpp"
#include "record/owner_name.hpp"
#include "record/prekey.hpp"
#include "record/revocation_record.hpp"
#include "record/rotation_record.hpp"
#include "record/slot_manifest.hpp"

namespace dnsmesh::simulation {
namespace {

using crypto::SigningKey;

constexpr const char* k_zone = "mesh.sim";
constexpr std::int64_t k_start_s = k_start_ms / 1000;
/// Ends long after every run: virtual time passes no day.
constexpr std::int64_t k_late_s = k_start_s + 7 * 86400;

/// Makes one item of each type after the other.
class Maker {
 public:
  explicit Maker(Dice& dice) : dice_(dice) {
    for (int i = 0; i < 12; ++i) keys_.push_back(SigningKey::generate(dice.random()));
  }

  PoolItem identity(int number) {
    const SigningKey& key = dice_.pick(keys_);
    const std::string user = "user" + std::to_string(number);
    return {record::identity_hashed_owner(user, k_zone),
            *record::issue_identity_record({.username = user, .ed25519_spk = key.public_key(), .ts = k_start_s}, key)};
  }
  PoolItem slot_manifest(std::int64_t exp_s) {
    const SigningKey& key = dice_.pick(keys_);
    const auto msg_id = bytes<16>();
    const auto recipient = bytes<32>();
    const record::SlotManifest manifest{.msg_id = msg_id,
                                        .sender_spk = key.public_key(),
                                        .recipient_id = recipient,
                                        .total_chunks = 2,
                                        .data_chunks = 1,
                                        .ts = k_start_s,
                                        .exp = unsigned_time(exp_s),
                                        .chunk_hashes = {}};
    return {*record::slot_owner(recipient, record::slot_choice(msg_id), k_zone),
            *record::issue_slot_manifest(manifest, key)};
  }
  PoolItem prekey(int number, std::int64_t exp_s) {
    const record::Prekey prekey{.prekey_id = 7, .x25519_pub = bytes<32>(), .exp = unsigned_time(exp_s)};
    return {record::prekey_owner("user" + std::to_string(number), k_zone),
            *record::issue_prekey(prekey, dice_.pick(keys_))};
  }
  PoolItem bootstrap(int number) {
    const SigningKey& key = dice_.pick(keys_);
    const std::string domain = "u" + std::to_string(number) + ".sim";
    const record::BootstrapRecord record{
        .user_domain = domain,
        .signer_spk = key.public_key(),
        .seq = 1,
        .exp = unsigned_time(k_late_s),
        .entries = {{.priority = 1, .cluster_base_domain = k_zone, .operator_spk = key.public_key()}}};
    return {"_dmp." + domain, *record::issue_bootstrap_record(record, key)};
  }
  PoolItem chunk(int number) {
    const auto block = bytes<32>();
    return {record::chunk_owner(bytes<16>(), bytes<32>(), bytes<32>(), static_cast<std::uint64_t>(number), k_zone),
            record::issue_chunk(view(block))};
  }
  PoolItem claim(std::int64_t exp_s) {
    const SigningKey& key = dice_.pick(keys_);
    const record::ClaimRecord claim{.msg_id = bytes<16>(),
                                    .sender_spk = key.public_key(),
                                    .sender_mailbox_domain = k_zone,
                                    .slot = 3,
                                    .ts = unsigned_time(k_start_s - 3600),
                                    .exp = unsigned_time(exp_s)};
    return {*record::claim_owner(bytes<32>(), 3, k_zone), *record::issue_claim_record(claim, key)};
  }
  PoolItem rotation(int number, std::int64_t exp_s) {
    const SigningKey& old_key = keys_[0];
    const SigningKey& new_key = keys_[1];
    const record::RotationRecord rotation{.subject_type = record::SubjectType::cluster_operator,
                                          .subject = "c" + std::to_string(number) + ".sim",
                                          .old_spk = old_key.public_key(),
                                          .new_spk = new_key.public_key(),
                                          .seq = 1,
                                          .ts = k_start_s,
                                          .exp = unsigned_time(exp_s)};
    return {"rotate.cluster.c" + std::to_string(number) + ".sim",
            *record::issue_rotation_record(rotation, old_key, new_key)};
  }
  PoolItem revocation(int number) {
    const SigningKey& key = dice_.pick(keys_);
    const std::string subject = "c" + std::to_string(number) + ".sim";
    const record::RevocationRecord revocation{.subject_type = record::SubjectType::cluster_operator,
                                              .subject = subject,
                                              .revoked_spk = key.public_key(),
                                              .reason = record::RevocationReason::routine,
                                              .ts = unsigned_time(k_start_s - 86400)};
    return {"rotate.cluster." + subject, *record::issue_revocation_record(revocation, key)};
  }
  PoolItem heartbeat() {
    const SigningKey& key = dice_.pick(keys_);
    const record::HeartbeatRecord heartbeat{.endpoint = "https://node.sim:8053",
                                            .operator_spk = key.public_key(),
                                            .version = "1",
                                            .claim_provider_zone = {},
                                            .ts = k_start_s,
                                            .exp = unsigned_time(k_start_s + 86400)};
    return {"_dnsmesh-heartbeat.mesh.sim", *record::issue_heartbeat_record(heartbeat, key)};
  }
  PoolItem text(int number) {
    static constexpr int k_texts_at_a_name = 3;
    std::string name = "host" + std::to_string(number / k_texts_at_a_name);
    if (number % 4 == 1) name = "Host" + std::to_string(number) + ".Upper";
    if (number % 7 == 3) name += '-' + std::string(60, 'x');  // 75 characters in all
    return {name + ".mesh.sim", "text " + std::to_string(number) + " \u00e9"};
  }
  Dice& dice() { return dice_; }

 private:
  template <std::size_t N>
  ByteArray<N> bytes() {
    ByteArray<N> out{};
    dice_.random().fill(out);
    return out;
  }
  static std::uint64_t unsigned_time(std::int64_t time_s) { return static_cast<std::uint64_t>(time_s); }

  Dice& dice_;
  std::vector<SigningKey> keys_;
};

/// Changes a character of the blob: the signature, or the parity of a chunk, no longer fits.
PoolItem tampered(PoolItem item, Dice& dice) {
  char& touched = item.value[item.value.size() - 8 - dice.index(20)];
  touched = touched == 'A' ? 'B' : 'A';
  return item;
}

SigningKey key_of(std::uint64_t seed) {
  Dice dice(seed);
  return SigningKey::generate(dice.random());
}

/// A manifest that names no nodes, which no builder makes: the body up to its name, a count of 0, and a signature
/// (spec/records.md 2.1).
std::string without_nodes(std::string_view wire, const SigningKey& key) {
  constexpr std::string_view k_prefix = "v=dmp1;t=cluster;";
  constexpr std::size_t k_name_length_at = 8 + 8 + 8 + 32;
  std::string body = *base64_decode_strict(wire.substr(k_prefix.size()));
  body.resize(k_name_length_at + 1 + static_cast<unsigned char>(body.at(k_name_length_at)));
  body += '\0';
  const crypto::Signature signature = key.sign(body);
  return std::string(k_prefix) + base64_encode(body + std::string(view(signature)));
}

std::string issued(std::string_view cluster, std::uint64_t seq, std::int64_t exp_s,
                   std::vector<record::ClusterNode> nodes, const SigningKey& key) {
  if (nodes.empty()) {
    return without_nodes(issued(cluster, seq, exp_s, {{"node-0", "http://n0.sim", std::nullopt}}, key), key);
  }
  return *record::issue_cluster_manifest({.cluster_name = std::string(cluster),
                                          .operator_spk = key.public_key(),
                                          .seq = seq,
                                          .exp = static_cast<std::uint64_t>(exp_s),
                                          .nodes = std::move(nodes)},
                                         key);
}

}  // namespace

Pool::Pool() : operator_key_(key_of(1)), stranger_key_(key_of(2)) {
  Dice dice(3);
  Maker maker(dice);
  for (int i = 0; i < 150; ++i) good_.push_back(maker.text(i));
  for (int i = 0; i < 12; ++i) {
    good_.push_back(maker.identity(i));
    good_.push_back(maker.slot_manifest(k_late_s));
    good_.push_back(maker.prekey(i, k_late_s));
    good_.push_back(maker.bootstrap(i));
    good_.push_back(maker.chunk(i));
    good_.push_back(maker.claim(k_late_s));
    good_.push_back(maker.rotation(i, k_late_s));
    good_.push_back(maker.revocation(i));
  }
  for (int i = 0; i < 3; ++i) {
    const PoolItem item = maker.identity(200 + i);
    for (std::size_t k = 1; k <= 8; ++k) {
      PoolItem alias = item;
      alias.value.insert(alias.value.size() - k, 1, '!');
      spelled_by_[alias.value] = item;
      aliases_.push_back(std::move(alias));
    }
  }
  for (int i = 0; i < 6; ++i) {
    const std::int64_t soon_s = k_start_s + dice.between(-300, 900);
    odd_.push_back(maker.slot_manifest(soon_s));
    odd_.push_back(maker.prekey(100 + i, soon_s));
    odd_.push_back(maker.claim(soon_s));
    odd_.push_back(maker.rotation(100 + i, soon_s));
    odd_.push_back(maker.heartbeat());
    odd_.push_back(tampered(maker.identity(100 + i), dice));
    odd_.push_back(tampered(maker.slot_manifest(k_late_s), dice));
    odd_.push_back({"odd" + std::to_string(i) + ".mesh.sim", "v=dmp1;t=novel;d=" + std::to_string(i)});
    odd_.push_back({"_dmp.odd" + std::to_string(i) + ".sim", "other text at a reserved name"});
    odd_.push_back({"*." + std::to_string(i) + ".mesh.sim", "a name that never replicates"});
    odd_.push_back({"dot" + std::to_string(i) + ".mesh.sim.", "a name with a final dot"});
    odd_.push_back({"chunk-0001-abc" + std::to_string(i) + ".mesh.sim", "v=dmp1;t=chunk;d=QUJDRA=="});
  }
  for (const auto* items : {&good_, &odd_}) {
    for (const PoolItem& item : *items) by_hash_[crypto::sha256_hex(item.value)] = item.value;
  }
}

const std::string* Pool::value_of(const std::string& hash_hex) const {
  const auto found = by_hash_.find(hash_hex);
  return found == by_hash_.end() ? nullptr : &found->second;
}

const PoolItem* Pool::spelled_by(const std::string& value) const {
  const auto found = spelled_by_.find(value);
  return found == spelled_by_.end() ? nullptr : &found->second;
}

std::string Pool::manifest(std::uint64_t seq, std::int64_t exp_s, std::vector<record::ClusterNode> nodes,
                           std::string_view cluster) const {
  return issued(cluster, seq, exp_s, std::move(nodes), operator_key_);
}

std::string Pool::manifest_by_stranger(std::uint64_t seq, std::int64_t exp_s,
                                       std::vector<record::ClusterNode> nodes) const {
  return issued(k_cluster_name, seq, exp_s, std::move(nodes), stranger_key_);
}

std::string Pool::manifest_of_others(std::uint64_t seq, std::int64_t exp_s,
                                     std::vector<record::ClusterNode> nodes) const {
  return issued("other.sim", seq, exp_s, std::move(nodes), operator_key_);
}

}  // namespace dnsmesh::simulation
