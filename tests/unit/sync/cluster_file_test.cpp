// SPDX-License-Identifier: Apache-2.0
// The cluster file: published, applied, and the peers it names (spec/anti-entropy.md 10.2, 10.4).
#include "cluster_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;
using namespace dnsmesh::sync::testing;

namespace {

std::string wire_json(const std::string& wire) { return R"({"wire": ")" + wire + R"("})"; }

std::string forged(std::uint64_t seq) { return manifest(Sample{.seq = seq, .key = k_stranger}); }

constexpr const char* k_nodes =
    R"({"nodes": [{"node_id": "a", "http_endpoint": "http://a:8053"}, {"node_id": "b", "http_endpoint": "http://b:8053/"},
                  {"node_id": "b", "http_endpoint": "http://b2"}, {"node_id": "x", "http_endpoint": "file:///x"}]})";

}  // namespace

TEST_CASE("the cluster file is published at the folded name and at its own spelling, in both forms") {
  const std::string wire = manifest(Sample{.seq = 1, .cluster = "Mesh.test"});
  for (const std::string& content : {wire, " " + wire_json(wire) + "\n"}) {
    ClusterNode node;
    node.options.file_content = content;
    const dnsmesh::test::LogLines lines;
    node.start();
    CHECK(node.values() == std::set{wire});
    CHECK(node.values("cluster.Mesh.test") == std::set{wire});
    CHECK(node.expiry(wire) == static_cast<std::int64_t>(k_exp));
    CHECK(lines.count("the cluster file is published at cluster.mesh.test") == 1);
  }
}

TEST_CASE("a higher seq is published beside the older one, a lower or an equal one changes nothing") {
  ClusterNode node;
  node.options.file_content = manifest(5);
  node.start();
  const dnsmesh::test::LogLines lines;
  node.reload(manifest(4), {});
  CHECK(lines.count("is not published: its seq is 4, and cluster.mesh.test has seq 5 already") == 1);
  node.reload(manifest(Sample{.seq = 5, .exp = k_exp + 1}), {});
  CHECK(lines.count("is not published: its seq is 5, and cluster.mesh.test has seq 5 already") == 1);
  CHECK(node.values() == std::set{manifest(5)});
  node.reload(manifest(6), {});
  CHECK(node.values() == std::set{manifest(5), manifest(6)});
  node.reload(manifest(5), {});
  CHECK(node.values() == std::set{manifest(5), manifest(6)});
  CHECK(node.applied() == 6);
}

TEST_CASE("only manifests that verify at the name stand in the way of a cluster file") {
  ClusterNode node;
  node.put(forged(9));
  node.put(manifest(Sample{.seq = 9, .exp = k_now_s - 1}));
  node.put(manifest(Sample{.seq = 9, .cluster = "other.test"}));
  node.put("v=dmp1;t=cluster;AAAA");
  node.options.file_content = manifest(1);
  node.start();
  CHECK(node.values().contains(manifest(1)));
  CHECK(node.applied() == 1);
}

TEST_CASE("a missing file, one that does not verify and one of another kind change nothing") {
  ClusterNode node;
  node.put(manifest(5));
  node.options.configured_peers = {{"x", "http://x", true}};
  node.start();
  const PeerSet peers = node.view().peers;
  const std::size_t commits = node.commits;
  const dnsmesh::test::LogLines lines;
  for (const std::string& content : {std::string(), std::string(" \n"), forged(9), std::string("nonsense"),
                                     std::string("{}"), manifest(6).substr(0, 99)}) {
    node.reload(content, {});
    CHECK(node.view().peers == peers);
    CHECK(node.applied() == 5);
  }
  CHECK(node.commits == commits);
  CHECK(lines.count("the cluster file is not published") == 4);
}

TEST_CASE("a file that holds nodes names peers and publishes nothing, and its bad entries are told") {
  ClusterNode node;
  node.options.file_content = k_nodes;
  const dnsmesh::test::LogLines lines;
  node.start();
  CHECK(node.peers() == std::vector<std::string>{"b=http://b:8053"});
  CHECK(node.values().empty());
  CHECK(lines.count("node x of the cluster file is no peer") == 1);
}

TEST_CASE("configured peers keep the file from naming any") {
  ClusterNode node;
  node.options.file_content = k_nodes;
  node.options.configured_peers = {{"x", "http://x", true}};
  node.start();
  CHECK(node.peers() == std::vector<std::string>{"x=http://x"});
  node.reload(k_nodes, {});
  CHECK(node.peers() == std::vector<std::string>{"b=http://b:8053"});
}

TEST_CASE("with a pinned key a file whose manifest does not verify names no peers, with an error line") {
  for (const std::string& content : {forged(1), wire_json(forged(1)), wire_json("x" + forged(1).substr(1))}) {
    CAPTURE(content);
    ClusterNode node;
    node.options.file_content = content;
    const dnsmesh::test::LogLines lines(log::Level::error);
    node.start();
    CHECK(node.view().peers == PeerSet{});
    CHECK(lines.count("the cluster file names no peers") == 1);
  }
}

TEST_CASE("a genuine manifest that has expired still names peers at start, and is neither published nor applied") {
  ClusterNode node;
  node.options.file_content = manifest(Sample{.seq = 1, .exp = k_now_s - 1});
  node.start();
  CHECK(node.peers() == k_b_and_c);
  CHECK_FALSE(node.applied().has_value());
  CHECK(node.values().empty());
}

TEST_CASE("a file of another cluster is published at its own name, names no peers, and is not applied") {
  const std::string wire = manifest(Sample{.seq = 1, .cluster = "other.test"});
  ClusterNode node;
  node.options.file_content = wire;
  const dnsmesh::test::LogLines lines(log::Level::error);
  node.start();
  CHECK(node.values("cluster.other.test") == std::set{wire});
  CHECK(node.view().peers == PeerSet{});
  CHECK_FALSE(node.applied().has_value());
  CHECK(lines.count("its cluster is other.test, ours is mesh.test") == 1);
}

TEST_CASE("a file that the store does not take is told and does not keep the node from starting") {
  ClusterNode node;
  node.options.file_content = manifest(1);
  node.store.writable = false;
  const dnsmesh::test::LogLines lines;
  SUBCASE("with a pinned key") {
    node.start();
    CHECK(lines.count("the cluster manifest seq 1 is not stored") == 1);
  }
  SUBCASE("without") {
    node.options.operator_key.reset();
    node.start();
    CHECK(lines.count("the cluster file is not published: store-io") == 1);
  }
  CHECK(node.peers() == k_b_and_c);
  CHECK(lines.count("is published at") == 0);
}

// Without a pinned key nothing is verified and nothing is applied.

TEST_CASE("without a pinned key peers come from the file, unverified, and nothing that is learned changes them") {
  ClusterNode node;
  node.options.operator_key.reset();
  node.options.base_domain.clear();
  node.options.file_content = forged(3);
  node.start();
  CHECK(node.peers() == k_b_and_c);
  CHECK(node.view().base_domain == "mesh.test");
  CHECK_FALSE(node.view().gossip_enabled);
  node.gossip(manifest(Sample{.seq = 9, .nodes = {testing::node("z")}}));
  node.arrive(manifest(Sample{.seq = 9, .nodes = {testing::node("z")}}));
  CHECK(node.peers() == k_b_and_c);
  CHECK_FALSE(node.applied().has_value());
  CHECK_FALSE(node.view().best_seq.has_value());
}

TEST_CASE("without a pinned key the highest seq is served by its header alone, and never an expired one") {
  ClusterNode node;
  node.options.operator_key.reset();
  node.options.file_content = manifest(3);
  node.start();
  CHECK(node.view().served->wire == manifest(3));
  node.arrive(forged(7));
  CHECK(node.view().served->seq == 7);
  CHECK(node.view().served->cluster_name == "mesh.test");
  node.arrive(manifest(7));  // as high: the first one stays
  node.arrive("v=dmp1;t=cluster;AAAA");
  node.arrive(manifest(Sample{.seq = 9, .exp = k_now_s - 1}));
  node.arrive("other text");
  CHECK(node.view().served->wire == forged(7));
  node.arrive(manifest(Sample{.seq = 8, .exp = static_cast<std::uint64_t>(node.clock.wall_s()) + 10}));
  CHECK(node.view().served->seq == 8);
  node.pass_s(11);
  CHECK(node.view().served->seq == 7);
}

TEST_CASE("without a pinned key nobody can keep a cluster file from being published") {
  ClusterNode node;
  node.options.operator_key.reset();
  node.put(manifest(9));
  node.options.file_content = manifest(1);
  node.start();
  CHECK(node.values() == std::set{manifest(1), manifest(9)});
}

TEST_CASE("without a pinned key a file whose name is no owner name is not published") {
  const auto& form = record::k_cluster_manifest_form;
  std::string blob = record::open_text(form, manifest(1)).value();
  blob[57] = ' ';
  ClusterNode node;
  node.options.operator_key.reset();
  node.options.file_content = std::string(form.prefix) + base64_encode(blob);
  const dnsmesh::test::LogLines lines;
  node.start();
  CHECK(lines.count("the cluster file is not published: owner-name") == 1);
  CHECK(node.commits == 0);
}
