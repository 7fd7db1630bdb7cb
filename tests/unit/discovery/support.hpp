// SPDX-License-Identifier: Apache-2.0
// What the tests of discovery share: keys, signed heartbeats, and a house with a clock, both stores and look-ups that a
// test answers.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "discovery/discovery.hpp"
#include "record/heartbeat_record.hpp"
#include "store/memory_store.hpp"
#include "store/seen_file.hpp"

namespace dnsmesh::discovery {

inline constexpr std::int64_t k_now_s = 1'700'000'000;

inline crypto::SigningKey key_of(unsigned char fill) {
  ByteArray<32> seed;
  seed.fill(fill);
  return crypto::SigningKey(seed);
}

inline std::string spk_of(unsigned char fill) { return to_hex(view(key_of(fill).public_key())); }

/// A heartbeat that the key with this fill signed.
inline std::string heartbeat(unsigned char fill, std::string endpoint, std::string zone, std::int64_t ts_s = k_now_s,
                             std::int64_t life_s = 86400) {
  record::HeartbeatRecord out;
  out.endpoint = std::move(endpoint);
  out.operator_spk = key_of(fill).public_key();
  out.version = "1.0";
  out.claim_provider_zone = std::move(zone);
  out.ts = static_cast<std::uint64_t>(ts_s);
  out.exp = static_cast<std::uint64_t>(ts_s + life_s);
  const auto text = record::issue_heartbeat_record(out, key_of(fill));
  REQUIRE(text.has_value());
  return *text;
}

inline Identity identity_of(unsigned char fill, std::string zone = "own.example") {
  return {key_of(fill), "https://own.example", "1.0", std::move(zone), false, 86400};
}

/// A table of seen heartbeats in a folder that goes with the test.
class SeenHouse {
 public:
  SeenHouse() {
    log::configure(log::Level::critical, log::Format::text);
    std::string pattern = (std::filesystem::temp_directory_path() / "dnsmesh-discovery-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    auto opened = store::open_seen_file((folder_ / "seen.db").string(), {});
    REQUIRE(opened.has_value());
    seen = std::move(*opened);
  }
  ~SeenHouse() {
    seen.reset();
    std::filesystem::remove_all(folder_);
  }
  SeenHouse(const SeenHouse&) = delete;
  SeenHouse& operator=(const SeenHouse&) = delete;

  std::vector<store::SeenRow> rows(std::int64_t now_s = k_now_s) const { return seen->recent(now_s, 1000).value(); }

  std::unique_ptr<store::SeenStore> seen;

 private:
  std::filesystem::path folder_;
};

struct RecordHouse {
  ManualClock clock{k_now_s * 1000};
  SeededRandom random{1};
  std::unique_ptr<store::RecordStore> records = store::make_memory_store(clock, random);

  std::vector<std::string> values(std::string_view name) const {
    std::vector<std::string> out;
    const auto present = records->values_at(name);
    REQUIRE(present.has_value());
    for (const store::Record& record : *present) out.push_back(record.value);
    std::ranges::sort(out);
    return out;
  }
  void put(std::string name, std::string value) {
    store::Put put;
    put.name = std::move(name);
    put.value = std::move(value);
    put.ttl_s = 3600;
    store::Batch batch;
    batch.operations.emplace_back(std::move(put));
    REQUIRE(store::commit_and_wait(*records, std::move(batch)).has_value());
  }
};

}  // namespace dnsmesh::discovery
