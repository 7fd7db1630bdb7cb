// SPDX-License-Identifier: Apache-2.0
#include "app/discovery_parts.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "store/memory_store.hpp"
#include "temporary_folder.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;

namespace {

struct House {
  House() {
    log::configure(log::Level::critical, log::Format::text);
    settings.store.path = (folder.path / "dmp.db").string();
    settings.dns.zone = "own.example";
    settings.discovery.enabled = true;
    settings.discovery.endpoint = "https://own.example";
    settings.discovery.key_path = key_file(std::string(64, 'a'));
    settings.discovery.resolvers = "127.0.0.1:9";
  }
  std::string key_file(const std::string& contents) const {
    const std::string path = (folder.path / "heartbeat.key").string();
    std::ofstream(path, std::ios::binary) << contents;
    return path;
  }
  Result<std::unique_ptr<DiscoveryParts>> create() {
    return DiscoveryParts::create(settings, *records, clock, random, false);
  }
  bool is_on() {
    const auto parts = create();
    REQUIRE(parts.has_value());
    return (*parts)->facts().has_value();
  }

  TemporaryFolder folder;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<store::RecordStore> records = store::make_memory_store(clock, random);
  NodeSettings settings;
};

}  // namespace

TEST_CASE("with endpoint and key heartbeats are on, and the page and metrics have them") {
  House house;
  const auto parts = house.create();
  REQUIRE(parts.has_value());
  (*parts)->start();
  const auto facts = (*parts)->facts();
  REQUIRE(facts.has_value());
  CHECK(facts->endpoint == "https://own.example");
  CHECK(facts->operator_spk_hex.size() == 64);
  CHECK(facts->version == DNSMESH_VERSION);
  CHECK(facts->seen.empty());
  for (const MetricFamily& family : (*parts)->metrics()) {
    CAPTURE(family.name);
    CHECK_FALSE(family.samples.empty());
  }
  CHECK(std::filesystem::exists(house.folder.path / "dmp_heartbeats.db"));
  (*parts)->stop();
  (*parts)->stop();
}

TEST_CASE("a node that is stopped leaves its heartbeat in the store and writes nothing more") {
  House house;
  auto parts = house.create();
  REQUIRE(parts.has_value());
  (*parts)->start();
  while (house.records->values_at("_dnsmesh-heartbeat.own.example")->empty()) std::this_thread::yield();
  parts->reset();
  CHECK(house.records->values_at("_dnsmesh-heartbeat.own.example")->size() == 1);
}

TEST_CASE("what is missing or cannot be used switches heartbeats off, and the node starts") {
  const std::vector<std::function<void(House&)>> changes = {
      [](House& house) { house.settings.discovery.enabled = false; },
      [](House& house) { house.settings.discovery.endpoint = ""; },
      [](House& house) { house.settings.discovery.endpoint = "https://own.example/"; },
      [](House& house) { house.settings.discovery.endpoint = "https://127.0.0.1"; },
      [](House& house) { house.settings.discovery.key_path = ""; },
      [](House& house) { house.settings.discovery.key_path += ".missing"; },
      [](House& house) { house.key_file("short"); },
      [](House& house) { house.key_file(std::string(4097, 'a')); },
      [](House& house) { house.key_file("# key\noperator_seed_hex=" + std::string(64, 'a') + "\n"); },
      [](House& house) { house.settings.discovery.version = "\xC3\xA9"; },
      [](House& house) { house.settings.dns.zone = std::string(60, 'z') + ".example"; },
  };
  for (const auto& change : changes) {
    House house;
    CHECK(house.is_on());
    change(house);
    CHECK_FALSE(house.is_on());
  }
}

TEST_CASE("a raw key that begins and ends with white space is a key") {
  House house;
  house.key_file("\n" + std::string(30, 'k') + " ");
  CHECK(house.is_on());
}

TEST_CASE("a table of a newer version, or one that cannot be opened, refuses the start") {
  House house;
  house.settings.discovery.db_path = (house.folder.path / "none" / "seen.db").string();
  const auto refused = house.create();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::store_unusable);
}

TEST_CASE("a tilde at the front is the home, elsewhere it is a character") {
  CHECK(expand_home("~/key", "/home/op") == "/home/op/key");
  CHECK(expand_home("~", "/home/op") == "/home/op");
  CHECK(expand_home("~other/key", "/home/op") == "~other/key");
  CHECK(expand_home("/a/~/key", "/home/op") == "/a/~/key");
  CHECK(expand_home("~/key", "") == "~/key");
}
