// SPDX-License-Identifier: Apache-2.0
// Which cluster is ours (spec/anti-entropy.md 10.3).
#include "cluster_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;
using namespace dnsmesh::sync::testing;

namespace {

struct Unnamed : ClusterNode {
  Unnamed() { options.base_domain.clear(); }
  void put_of(const std::string& name) { put(manifest(Sample{.seq = 1, .cluster = name}), "cluster." + name); }
};

}  // namespace

TEST_CASE("the configured name comes first, in lower case and without dots at its end") {
  Unnamed node;
  node.options.base_domain = "Mesh.TEST..";
  node.options.file_content = manifest(Sample{.seq = 1, .cluster = "file.test"});
  node.put_of("store.test");
  node.start();
  CHECK(node.view().base_domain == "mesh.test");
  CHECK(node.view().gossip_enabled);
}

TEST_CASE("then the file's, in lower case, when it verifies under the pinned key") {
  Unnamed node;
  node.put_of("store.test");
  node.options.file_content = manifest(Sample{.seq = 1, .cluster = "File.test"});
  node.start();
  CHECK(node.view().base_domain == "file.test");
  CHECK(node.applied() == 1);
}

TEST_CASE("then that of the one cluster whose manifest is in the store; a file that does not verify does not count") {
  Unnamed node;
  node.put_of("Store.test");
  node.put_of("store.test");
  node.put(manifest(Sample{.seq = 9, .cluster = "forged.test", .key = k_stranger}), "cluster.forged.test");
  node.put(manifest(1), "cluster.wrong.test");
  node.put("text", "cluster.text.test");
  node.options.file_content = manifest(Sample{.seq = 1, .cluster = "file.test", .key = k_stranger});
  node.start();
  CHECK(node.view().base_domain == "store.test");
  CHECK(node.view().gossip_enabled);
  CHECK(node.applied() == 1);
}

TEST_CASE("manifests of several clusters in the store name none, with a warning") {
  Unnamed node;
  node.put_of("one.test");
  node.put_of("two.test");
  const dnsmesh::test::LogLines lines;
  node.start();
  CHECK(node.view().base_domain.empty());
  CHECK_FALSE(node.view().gossip_enabled);
  CHECK(lines.count("several clusters (one.test two.test)") == 1);
}

TEST_CASE("a cluster that is first heard of later is ours from then on") {
  Unnamed node;
  node.start();
  CHECK(node.view().base_domain.empty());
  node.arrive(manifest(Sample{.seq = 1, .key = k_stranger}));
  CHECK(node.view().base_domain.empty());
  node.arrive(manifest(1));
  CHECK(node.view().base_domain == "mesh.test");
  CHECK(node.peers() == k_b_and_c);
  node.put(manifest(Sample{.seq = 9, .cluster = "two.test"}), "cluster.two.test");
  node.settle();
  CHECK(node.view().base_domain == "mesh.test");
  CHECK(node.applied() == 1);
}

TEST_CASE("a file that is put there later names the cluster at SIGHUP") {
  Unnamed node;
  node.start();
  node.reload(manifest(1), {});
  CHECK(node.view().base_domain == "mesh.test");
  CHECK(node.applied() == 1);
}

TEST_CASE("without a pinned key the store names no cluster") {
  Unnamed node;
  node.options.operator_key.reset();
  node.put_of("store.test");
  node.start();
  node.arrive(manifest(1));
  CHECK(node.view().base_domain.empty());
  CHECK_FALSE(node.view().served.has_value());
}

TEST_CASE("a name that no manifest can have turns gossip off") {
  Unnamed node;
  node.options.base_domain = "_mesh.test";
  node.start();
  CHECK(node.view().base_domain == "_mesh.test");
  CHECK_FALSE(node.view().gossip_enabled);
  CHECK_FALSE(node.view().served.has_value());
}

TEST_CASE("a manifest in mixed case is found at either spelling and stored at both") {
  for (const char* name : {"cluster.Mesh.Test", "cluster.mesh.test", "CLUSTER.MESH.TEST"}) {
    CAPTURE(name);
    const std::string wire = manifest(Sample{.seq = 4, .cluster = "Mesh.Test"});
    ClusterNode node;
    node.start();
    node.arrive(wire, name);
    CHECK(node.applied() == 4);
    CHECK(node.values("cluster.mesh.test") == std::set{wire});
    CHECK(node.values("cluster.Mesh.Test") == std::set{wire});
    CHECK(node.view().served->wire == wire);
  }
}
