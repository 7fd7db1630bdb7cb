// SPDX-License-Identifier: Apache-2.0
// UPDATE messages made by hand, signed by hand, and an updater over a store in memory.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cursor.hpp"
#include "dns/updater.hpp"
#include "record/claim_record.hpp"
#include "store/memory_store.hpp"
#include "store/tsig_file.hpp"
#include "support.hpp"
#include "tsig_signer.hpp"

namespace dnsmesh::dns::test {

inline constexpr std::string_view k_recipient = "02d449a31fbb";

inline std::string strings(std::string_view value) {
  std::string out;
  do {
    const std::string_view part = value.substr(0, 255);
    out += ByteWriter().u8(static_cast<std::uint8_t>(part.size())).bytes(part).take();
    value.remove_prefix(part.size());
  } while (!value.empty());
  return out;
}

inline std::string rr(std::string_view owner, std::uint16_t rclass, std::uint32_t ttl, std::string_view rdata,
                      std::uint16_t type = k_type_txt) {
  return ByteWriter()
      .bytes(wire_name(owner))
      .u16(type)
      .u16(rclass)
      .u32(ttl)
      .u16(static_cast<std::uint16_t>(rdata.size()))
      .bytes(rdata)
      .take();
}

struct Parts {
  std::string zone = "mesh.test";
  std::uint16_t zone_type = k_type_soa;
  std::uint16_t zone_class = k_class_in;
  unsigned zones = 1;
  std::vector<std::string> prerequisites = {};
  std::vector<std::string> updates = {};
  std::vector<std::string> additional = {};
};

inline std::string update(const Parts& parts) {
  ByteWriter w;
  w.u16(1).u16(0x2800).u16(static_cast<std::uint16_t>(parts.zones));
  for (const auto* section : {&parts.prerequisites, &parts.updates, &parts.additional}) {
    w.u16(static_cast<std::uint16_t>(section->size()));
  }
  for (unsigned i = 0; i < parts.zones; ++i) w.bytes(wire_name(parts.zone)).u16(parts.zone_type).u16(parts.zone_class);
  for (const auto* section : {&parts.prerequisites, &parts.updates, &parts.additional}) {
    for (const std::string& record : *section) w.bytes(record);
  }
  return w.take();
}

inline std::string claim(std::uint8_t slot = 3, std::uint64_t life_s = 3600, unsigned char number = 0) {
  const crypto::SigningKey key(ByteArray<32>{1});
  ByteArray<16> id{};
  id[0] = number;
  const auto now = static_cast<std::uint64_t>(k_now_s);
  return record::issue_claim_record({id, key.public_key(), "mesh.test", slot, now, now + life_s}, key).value();
}

inline std::string claim_name(int slot = 3) {
  return "claim-" + std::to_string(slot) + ".mb-" + std::string(k_recipient) + ".mesh.test";
}

inline std::string adding(const std::string& value, const std::string& owner = claim_name(), std::uint32_t ttl = 300) {
  return update({.updates = {rr(owner, k_class_in, ttl, strings(value))}});
}

/// The file of keys in a folder of its own, and the ring over it.
struct KeyHouse {
  KeyHouse() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dnsmesh-update-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    file = store::TsigFile::open((folder / "dmp_tsig.db").string()).value();
    ring = access::KeyRing::open(*file).value();
  }
  ~KeyHouse() {
    ring.reset();
    file.reset();
    std::filesystem::remove_all(folder);
  }
  KeyHouse(const KeyHouse&) = delete;
  KeyHouse& operator=(const KeyHouse&) = delete;

  void mint(const Signer& signer, std::vector<std::string> scope, std::int64_t expires_s = 0) const {
    store::TsigKeyRow row;
    row.name = signer.name + ".";
    row.algorithm = signer.algorithm;
    row.secret = signer.secret;
    row.allowed_suffixes = std::move(scope);
    row.subject = signer.name + "@mesh.test";
    row.expires_s = expires_s;
    REQUIRE(ring->mint(row, 1) == store::MintOutcome::minted);
  }

  std::filesystem::path folder;
  std::unique_ptr<store::TsigFile> file;
  std::unique_ptr<access::KeyRing> ring;
};

struct UpdateBedSettings {
  UpdateRules rules = {};
  access::Rate per_key = {limits::dns_update_rate_per_key_per_s, limits::dns_update_burst_per_key};
  UpdateLimits limits = {};
  std::string zone = "mesh.test";
};

struct UpdateBed {
  explicit UpdateBed(const UpdateBedSettings& settings = {})
      : access({}, clock, nullptr, keys.ring.get(), settings.per_key),
        zone(make_zone({.served_zone = settings.zone}).value()),
        updater(
            zone, *store,
            [this](std::string_view name, std::string_view value) {
              return record::judge_offer(name, value, clock.wall_s(), operator_key);
            },
            clock, *keys.ring, access, settings.rules, settings.limits),
        operator_key(settings.rules.known_types.operator_key) {}

  /// Carries an UPDATE out to its end.
  std::unique_ptr<Update> carry_out(std::string_view message) {
    auto update = begin(message);
    const Updater::Step step = updater.step(*update, true);
    REQUIRE(step != Updater::Step::wait);
    if (step == Updater::Step::commit) finish(*update);
    return update;
  }
  Rcode send(std::string_view message) { return carry_out(message)->result.rcode; }

  std::unique_ptr<Update> begin(std::string_view message) const {
    return std::make_unique<Update>(std::string(message), client_of("\x7f\0\0\1"sv));
  }
  void finish(Update& update) { updater.finish(update, store::commit_and_wait(*store, std::move(update.batch))); }
  std::size_t count(const std::string& name) const { return store->values_at(name).value().size(); }
  std::int64_t expiry(const std::string& name) const { return store->values_at(name).value().at(0).expires_s; }

  KeyHouse keys;
  ManualClock clock{k_now_s * 1000};
  access::Access access;
  SeededRandom random{1};
  Zone zone;
  std::unique_ptr<store::RecordStore> store = store::make_memory_store(clock, random);
  Updater updater;
  std::optional<crypto::PublicKey> operator_key;
};

}  // namespace dnsmesh::dns::test
