// SPDX-License-Identifier: Apache-2.0
// Which peers follow from what is applied (spec/anti-entropy.md 9.3, 9.5, 10.2, 10.4).
#include "base/limits.hpp"
#include "cluster_support.hpp"
#include "sync/manifest_peers.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;
using namespace dnsmesh::sync::testing;

namespace {

Peer synthetic(const std::string& endpoint) { return {synthetic_node_id(endpoint), endpoint, true}; }

std::vector<std::string> ids(const std::vector<Peer>& peers) {
  std::vector<std::string> out;
  for (const Peer& peer : peers) out.push_back(peer.node_id);
  return out;
}

const record::ClusterManifest k_fields{
    "mesh.test", k_operator.public_key(), 1, k_exp, {node("a"), node("b"), node("c")}};

}  // namespace

TEST_CASE("nodes that may become peers: one at least, each with a URL that can be called") {
  CHECK(check_manifest_nodes(k_fields).has_value());
  record::ClusterManifest fields = k_fields;
  fields.nodes[1].http_endpoint = "https://b/?x";
  CHECK(check_manifest_nodes(fields).error().code == ErrorCode::sync_manifest_endpoint);
  fields.nodes.clear();
  CHECK(check_manifest_nodes(fields).error().code == ErrorCode::sync_manifest_nodes);
}

TEST_CASE("F16: we are not our own peer, by id or by endpoint without case and trailing slashes") {
  CHECK(ids(peers_of(k_fields, {"a", ""})) == std::vector<std::string>{"b", "c"});
  CHECK(ids(peers_of(k_fields, {"", "HTTP://B:8053//"})) == std::vector<std::string>{"a", "c"});
  CHECK(ids(peers_of(k_fields, {"a", "http://c:8053"})) == std::vector<std::string>{"b"});
  CHECK(ids(peers_of(k_fields, {"A", "http://c"})) == std::vector<std::string>{"a", "b", "c"});
  CHECK(ids(peers_of(k_fields, {"", ""})).size() == 3);
}

TEST_CASE("peers keep the manifest's order, and of those that share an id or an endpoint the first stays") {
  record::ClusterManifest fields = k_fields;
  fields.nodes = {node("c"), node("b"), {"d", "HTTP://C:8053/", {}}, {"b", "http://e", {}}};
  CHECK(ids(peers_of(fields, {"", ""})) == std::vector<std::string>{"c", "b"});
}

TEST_CASE(
    "entries of a file without a usable id or URL are left out with a line, and no more than a manifest can name "
    "stay") {
  std::vector<std::string> problems;
  const std::string longest(limits::peer_id_bytes_max, 'x');
  const std::vector<record::ClusterPeer> entries = {
      {"", "http://a"}, {longest, "http://b"}, {longest + "x", "http://c"}, {"d", "http://u@d"}, {"e", "http://e/"}};
  CHECK(ids(peers_of(entries, {}, problems)) == std::vector<std::string>{longest, "e"});
  CHECK(problems.size() == 3);
  std::vector<record::ClusterPeer> many;
  for (std::size_t i = 0; i <= limits::sync_peers_max; ++i) {
    many.push_back({std::to_string(i), "http://" + std::to_string(i)});
  }
  problems.clear();
  CHECK(peers_of(many, {}, problems).size() == limits::sync_peers_max);
  CHECK(problems.size() == 1);
}

TEST_CASE("F16: a manifest that lists this node twice leaves only the others") {
  ClusterNode node;
  node.options.self_endpoint = "http://A2:1/";
  node.start();
  node.gossip(manifest(Sample{.seq = 1, .nodes = {testing::node("a"), {"a2", "http://a2:1", {}}, testing::node("b")}}));
  CHECK(node.peers() == std::vector<std::string>{"b=http://b:8053"});
}

TEST_CASE("F40: without peers the node idles and can be given peers later") {
  ClusterNode node;
  node.start();
  REQUIRE(node.told.size() == 1);
  CHECK(node.told[0] == PeerSet{});
  node.gossip(manifest(1));
  REQUIRE(node.told.size() == 2);
  CHECK(node.told[1].peers.size() == 2);
}

TEST_CASE("a manifest that is applied replaces the peers of the environment, before and after a restart") {
  ClusterNode node;
  node.options.configured_peers = {synthetic("http://b:8053"), synthetic("http://x:8053")};
  node.start();
  CHECK(node.view().peers.peers == node.options.configured_peers);
  const dnsmesh::test::LogLines lines;
  node.gossip(manifest(1));
  CHECK(node.peers() == k_b_and_c);
  CHECK(lines.count("seq none -> 1, added c, kept b, dropped x-") == 1);
  node.start();
  REQUIRE(node.told.size() == 1);
  CHECK(ids(node.told[0].peers) == std::vector<std::string>{"b", "c"});
}

TEST_CASE("endpoints and ids rotate: each step is applied, and the line says what came, stayed and went") {
  ClusterNode node;
  node.put(manifest(1));
  node.start();
  const dnsmesh::test::LogLines lines;
  node.gossip(manifest(Sample{.seq = 2, .nodes = {testing::node("a"), {"b", "http://b:9", {}}, testing::node("c")}}));
  CHECK(node.peers() == std::vector<std::string>{"b=http://b:9", "c=http://c:8053"});
  CHECK(lines.count("seq 1 -> 2, added b, kept c, dropped b") == 1);
  node.gossip(manifest(Sample{.seq = 3, .nodes = {testing::node("a"), {"b2", "http://b:9", {}}, testing::node("c")}}));
  CHECK(node.peers() == std::vector<std::string>{"b2=http://b:9", "c=http://c:8053"});
  CHECK(lines.count("seq 2 -> 3, added none, kept b2 c, dropped none") == 1);
  CHECK(lines.count("WARNING") == 0);
}

TEST_CASE("F7: a manifest that leaves none of the peers is applied with a warning") {
  ClusterNode node;
  node.put(manifest(1));
  node.start();
  const dnsmesh::test::LogLines lines(log::Level::warning);
  node.gossip(manifest(Sample{.seq = 2, .nodes = {testing::node("a"), testing::node("y"), testing::node("z")}}));
  CHECK(node.peers() == std::vector<std::string>{"y=http://y:8053", "z=http://z:8053"});
  CHECK(lines.count("no peer is left of those before") == 1);
  node.start();
  CHECK(lines.count("no peer is left of those before") == 1);
}

TEST_CASE("F44: an applied manifest that lacks this node is an alarm, and the node goes on with its peers") {
  ClusterNode node;
  node.options.self_node_id = "gone";
  node.options.self_endpoint = "http://gone:8053";
  node.put(manifest(1));
  const dnsmesh::test::LogLines lines;
  node.start();
  CHECK(node.view().self_missing);
  CHECK(node.view().served.has_value());
  CHECK(node.peers().size() == 3);
  CHECK(lines.count("does not list this node") == 1);
  node.gossip(manifest(Sample{.seq = 2, .nodes = {testing::node("b"), {"x", "http://GONE:8053/", {}}}}));
  CHECK_FALSE(node.view().self_missing);
}

TEST_CASE("who does not say who it is hears that it may be its own peer") {
  ClusterNode node;
  node.options.self_node_id.clear();
  node.put(manifest(1));
  const dnsmesh::test::LogLines lines;
  node.start();
  CHECK_FALSE(node.view().self_missing);
  CHECK(lines.count("we may be among our own peers") == 1);
}

TEST_CASE("F45: peers of a manifest with an endpoint that cannot be called are not taken one by one") {
  ClusterNode node;
  node.put(manifest(1));
  node.start();
  node.gossip(manifest(Sample{.seq = 2, .nodes = {testing::node("a"), testing::node("z"), {"x", "no url", {}}}}));
  CHECK(node.peers() == k_b_and_c);
}

TEST_CASE("a manifest of us alone leaves the peers before it to be asked for manifests, until its exp") {
  const Sample alone{.seq = 2, .nodes = {node("a")}, .exp = k_now_s + 1000};
  ClusterNode node;
  node.put(manifest(1));
  node.start();
  node.gossip(manifest(alone));
  CHECK(node.applied() == 2);
  CHECK(node.view().peers.peers.empty());
  CHECK(ids(node.view().peers.manifest_only) == std::vector<std::string>{"b", "c"});
  CHECK(node.told.back() == node.view().peers);

  SUBCASE("once more alone: they stay") {
    node.gossip(manifest(Sample{.seq = 3, .nodes = {testing::node("a")}}));
    CHECK(ids(node.view().peers.manifest_only) == std::vector<std::string>{"b", "c"});
  }
  SUBCASE("with others again: they are peers") {
    node.gossip(manifest(3));
    CHECK(node.peers() == k_b_and_c);
    CHECK(node.view().peers.manifest_only.empty());
  }
  SUBCASE("at its end: nobody is asked") {
    node.pass_s(1000);
    CHECK(node.view().peers.manifest_only.size() == 2);
    node.pass_s(1);
    CHECK(node.view().peers.manifest_only.empty());
    CHECK(node.told.back() == PeerSet{});
  }
  SUBCASE("after a restart: the configured ones are asked") {
    node.options.configured_peers = {synthetic("http://x:8053")};
    node.start();
    CHECK(node.view().peers.peers.empty());
    CHECK(node.view().peers.manifest_only == node.options.configured_peers);
  }
}

TEST_CASE("a node that knows its peers by gossip alone has them at once after a restart, the last list applied") {
  ClusterNode node;
  node.start();
  node.gossip(manifest(1));
  node.gossip(manifest(Sample{.seq = 2, .nodes = {testing::node("a"), testing::node("d")}}));
  node.loop.advance_ms(3'600'000);
  node.start();
  REQUIRE(node.told.size() == 1);
  CHECK(ids(node.told[0].peers) == std::vector<std::string>{"d"});
  CHECK(node.applied() == 2);
}

TEST_CASE("configured peers are read again at SIGHUP, and count while no manifest is applied") {
  ClusterNode node;
  node.options.configured_peers = {synthetic("http://x:8053")};
  node.start();
  node.reload("", {synthetic("http://y:8053")});
  CHECK(node.view().peers.peers == std::vector<Peer>{synthetic("http://y:8053")});
  CHECK(node.told.back() == node.view().peers);
  node.gossip(manifest(1));
  node.reload("", {synthetic("http://x:8053")});
  CHECK(node.peers() == k_b_and_c);
}
