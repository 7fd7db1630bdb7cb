// SPDX-License-Identifier: Apache-2.0
#include "app/cluster_publication.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <string>

#include "base/log.hpp"
#include "base/random.hpp"
#include "record/cluster_manifest.hpp"
#include "store/memory_store.hpp"
#include "temporary_folder.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;

namespace {

constexpr std::int64_t k_now_s = 1800000000;
const crypto::SigningKey k_operator(ByteArray<32>{1});

std::string manifest(std::uint64_t seq, const crypto::SigningKey& key = k_operator, std::int64_t exp_s = k_now_s + 600,
                     const std::string& cluster = "Mesh.test") {
  const record::ClusterManifest fields{
      cluster, key.public_key(), seq, static_cast<std::uint64_t>(exp_s), {{"a", "http://a", {}}}};
  return record::issue_cluster_manifest(fields, key).value();
}

/// A store, a cluster file, and what the publication did.
struct Fixture {
  Fixture() {
    settings.file = folder.path / "cluster.json";
    log::configure(log::Level::critical, log::Format::text);
  }

  void publish(const std::string& text) {
    std::ofstream(settings.file) << text;
    publish_cluster_file(settings, *store, clock);
  }
  /// A value that came on another way.
  void put(const std::string& text, const std::string& name = "cluster.mesh.test") {
    store::Put put;
    put.name = name;
    put.value = text;
    put.ttl_s = 300;
    store::Batch batch;
    batch.operations.emplace_back(std::move(put));
    REQUIRE(store::commit_and_wait(*store, std::move(batch)).has_value());
  }
  std::set<std::string> values() const {
    std::set<std::string> out;
    const auto records = store->values_at("cluster.mesh.test").value();
    for (const store::Record& record : records) out.insert(record.value);
    return out;
  }

  TemporaryFolder folder;
  ManualClock clock{k_now_s * 1000};
  SeededRandom random{1};
  std::unique_ptr<store::RecordStore> store = store::make_memory_store(clock, random);
  ClusterSettings settings{
      .file = {}, .operator_key = k_operator.public_key(), .base_domain = {}, .node_id = {}, .self_endpoint = {}};
};

}  // namespace

TEST_CASE("a cluster file is published at the folded name and at its own spelling") {
  Fixture node;
  node.publish(manifest(1));
  CHECK(node.values() == std::set{manifest(1)});
  CHECK(node.store->values_at_exactly("cluster.mesh.test").value().size() == 1);
  CHECK(node.store->values_at_exactly("cluster.Mesh.test").value().size() == 1);
}

TEST_CASE("a higher seq is published beside the older one, a lower or an equal one changes nothing") {
  Fixture node;
  node.publish(manifest(5));
  node.publish(manifest(4));
  node.publish(manifest(5, k_operator, k_now_s + 900));
  CHECK(node.values() == std::set{manifest(5)});
  node.publish(manifest(6));
  CHECK(node.values() == std::set{manifest(5), manifest(6)});
  node.publish(manifest(5));
  CHECK(node.values() == std::set{manifest(5), manifest(6)});
}

TEST_CASE("the same cluster file again is no conflict with itself, and lengthens its life when that was cut") {
  Fixture node;
  node.put(manifest(5));
  const std::int64_t before_s = node.store->values_at_exactly("cluster.mesh.test").value().at(0).expires_s;
  node.publish(manifest(5));
  CHECK(node.values() == std::set{manifest(5)});
  CHECK(node.store->values_at_exactly("cluster.mesh.test").value().at(0).expires_s > before_s);
}

TEST_CASE("only manifests that verify at the name stand in the way of a cluster file") {
  Fixture node;
  node.put(manifest(9, crypto::SigningKey(ByteArray<32>{2})));
  node.put(manifest(9, k_operator, k_now_s - 1));
  node.put(manifest(9, k_operator, k_now_s + 600, "other.test"));
  node.put("v=dmp1;t=cluster;AAAA");
  node.publish(manifest(1));
  CHECK(node.values().contains(manifest(1)));
}

TEST_CASE("without a pinned key nobody can keep a cluster file from being published") {
  Fixture node;
  node.settings.operator_key.reset();
  node.put(manifest(9));
  node.publish(manifest(1));
  CHECK(node.values() == std::set{manifest(1), manifest(9)});
}

TEST_CASE("a missing cluster file and one that does not verify change nothing") {
  Fixture node;
  publish_cluster_file(node.settings, *node.store, node.clock);
  node.publish(manifest(1, crypto::SigningKey(ByteArray<32>{2})));
  node.publish("nonsense");
  CHECK(node.values().empty());
}
