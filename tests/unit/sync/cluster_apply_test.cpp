// SPDX-License-Identifier: Apache-2.0
// Which manifests are applied, on whatever way they come (spec/anti-entropy.md 9.5, rows F7 to F16 of 16, S6 and S14).
#include "cluster_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::sync;
using namespace dnsmesh::sync::testing;

namespace {

/// Manifests that must never be applied, and the reason that is counted.
struct Refused {
  const char* what;
  std::string wire;
  const char* reason;
};

std::string flipped(std::string wire) {
  char& c = wire[wire.size() - 10];
  c = c == 'A' ? 'B' : 'A';
  return wire;
}

std::string embedding_another_key() {
  // Signed by the operator over a body that names another key.
  const auto& form = record::k_cluster_manifest_form;
  std::string body = record::open_text(form, manifest(Sample{.seq = 9, .key = k_stranger})).value();
  body.resize(body.size() - record::k_signature_bytes);
  return std::string(form.prefix) + base64_encode(body + std::string(view(k_operator.sign(body))));
}

record::ClusterNode at(const std::string& endpoint) { return {"x", endpoint, {}}; }

std::vector<Refused> refused_manifests() {
  const std::uint64_t five_years = 157'680'000;
  return {
      {"F9: signed by another key", manifest(Sample{.seq = 9, .key = k_stranger}), "key-mismatch"},
      {"F9: names another key", embedding_another_key(), "key-mismatch"},
      {"F10: of another cluster", manifest(Sample{.seq = 9, .cluster = "other.test"}), "name-mismatch"},
      {"F11: expired", manifest(Sample{.seq = 9, .exp = k_now_s - 1}), "expired"},
      {"F11: over five years ahead", manifest(Sample{.seq = 9, .exp = k_now_s + five_years + 1000}), "exp-too-far"},
      {"F12: not signed", flipped(manifest(9)), "signature"},
      {"F12: truncated", manifest(9).substr(0, 60), "base64"},
      {"F12: truncated to less than a body", manifest(9).substr(0, 17 + 64), "short"},
      {"F12: no base64", "v=dmp1;t=cluster;!" + manifest(9).substr(18), "base64"},
      {"F12: over 1200 bytes", manifest(9) + std::string(1200, 'A'), "oversize"},
      {"F15: no node", manifest_of_nobody(9), "sync-manifest-nodes"},
      {"more than 32 nodes", manifest_with_count(9, 33, false), "body:count"},
      {"bad endpoint", manifest(Sample{.seq = 9, .nodes = {node("b"), at("file:///etc/passwd")}}),
       "sync-manifest-endpoint"},
      {"endpoint with user info", manifest(Sample{.seq = 9, .nodes = {node("b"), at("http://u@c")}}),
       "sync-manifest-endpoint"},
      {"endpoint with a query", manifest(Sample{.seq = 9, .nodes = {node("b"), at("http://c?x")}}),
       "sync-manifest-endpoint"},
      {"endpoint without host", manifest(Sample{.seq = 9, .nodes = {node("b"), at("http://")}}),
       "sync-manifest-endpoint"},
  };
}

}  // namespace

TEST_CASE("a manifest is applied whether it was published, pulled, gossiped, in the file, or there at start") {
  const char* way = nullptr;
  ClusterNode node;
  SUBCASE("published") {
    way = "publish";
    node.start();
    node.arrive(manifest(3));
  }
  SUBCASE("pulled under its own spelling") {
    way = "pull";
    node.start();
    node.arrive(manifest(Sample{.seq = 3, .cluster = "Mesh.Test"}), "cluster.Mesh.Test");
  }
  SUBCASE("gossiped") {
    way = "gossip";
    node.start();
    node.gossip(manifest(3));
  }
  SUBCASE("in the file") {
    way = "file";
    node.options.file_content = manifest(3);
    node.start();
  }
  SUBCASE("in the file at SIGHUP") {
    way = "reload";
    node.start();
    node.reload(manifest(3), {});
  }
  SUBCASE("in the store at start") {
    way = "start";
    node.put(manifest(3));
    node.start();
  }
  CAPTURE(way);
  CHECK(node.applied() == 3);
  CHECK(node.peers() == k_b_and_c);
  CHECK(node.view().best_seq == 3);
  CHECK(node.view().applied_exp == k_exp);
  CHECK(node.view().served->seq == 3);
  REQUIRE_FALSE(node.told.empty());
  CHECK(node.told.back() == node.view().peers);
}

TEST_CASE("S6: what does not verify, is not ours, not in force, or names no legal nodes is never applied") {
  for (const Refused& row : refused_manifests()) {
    CAPTURE(row.what);
    for (const bool by_gossip : {true, false}) {
      ClusterNode node;
      node.put(manifest(5));
      node.start();
      if (by_gossip) {
        node.gossip(row.wire);
      } else {
        node.arrive(row.wire);
        node.pass_s(60);
      }
      CHECK(node.applied() == 5);
      CHECK(node.peers() == k_b_and_c);
      CHECK(node.rejected(row.reason) == 1);
    }
  }
}

TEST_CASE("S6: nor is it when it is in the cluster file or in the store at start") {
  for (const Refused& row : refused_manifests()) {
    CAPTURE(row.what);
    ClusterNode node;
    node.put(row.wire);
    node.options.file_content = row.wire;
    node.start();
    CHECK_FALSE(node.applied().has_value());
    node.arrive(manifest(1));
    CHECK(node.applied() == 1);
    node.reload(row.wire, {});
    CHECK(node.applied() == 1);
    CHECK(node.peers() == k_b_and_c);
  }
}

TEST_CASE("S6: the limits themselves are allowed: exp now, exp five years ahead, 32 nodes") {
  ClusterNode node;
  node.start();
  node.gossip(manifest(Sample{.seq = 1, .exp = k_now_s}));
  CHECK(node.applied() == 1);
  node.gossip(manifest(Sample{.seq = 2, .exp = k_now_s + 157'680'000}));
  CHECK(node.applied() == 2);
  std::vector<record::ClusterNode> nodes;
  for (int i = 0; i < 32; ++i) nodes.push_back({std::to_string(i), "http://" + std::to_string(i), {}});
  node.gossip(manifest(Sample{.seq = UINT64_MAX, .nodes = nodes}));
  CHECK(node.applied() == UINT64_MAX);
  CHECK(node.peers().size() == 32);
}

TEST_CASE("S6: applied_seq never decreases, whatever comes on whatever way, also across restarts") {
  SeededRandom random{7};
  for (int run = 0; run < 20; ++run) {
    ClusterNode node;
    node.start();
    std::uint64_t highest = 0;
    for (int step = 0; step < 40; ++step) {
      const std::string wire = manifest(1 + random.below(12));
      switch (random.below(6)) {
        case 0:
          node.arrive(wire);
          break;
        case 1:
          node.gossip(wire);
          break;
        case 2:
          node.reload(wire, {});
          break;
        case 3:
          node.start();
          break;
        case 4:
          node.remove(wire);
          node.settle();
          break;
        default:
          node.pass_s(static_cast<std::int64_t>(random.below(400)));
      }
      const std::uint64_t now = node.applied().value_or(0);
      REQUIRE(now >= highest);
      highest = now;
    }
  }
}

TEST_CASE("S6: an older manifest is not applied although the newer one has left the store") {
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  node.cluster.reset();
  node.remove(manifest(5));
  node.put(manifest(4));
  node.start();
  CHECK(node.applied() == 5);
  CHECK(node.peers().empty());
  node.gossip(manifest(4));
  CHECK(node.peers().empty());
  node.gossip(manifest(5));
  CHECK(node.peers() == k_b_and_c);
  CHECK(node.values().contains(manifest(5)));
}

TEST_CASE("another operator's key or another cluster on the same database begins anew") {
  ClusterNode node;
  node.put(manifest(UINT64_MAX));
  node.start();
  node.options.operator_key = k_stranger.public_key();
  node.start();
  CHECK_FALSE(node.applied().has_value());
  node.gossip(manifest(Sample{.seq = 1, .key = k_stranger}));
  CHECK(node.applied() == 1);
  node.options.operator_key = k_operator.public_key();
  node.options.base_domain = "other.test";
  node.start();
  CHECK_FALSE(node.applied().has_value());
  node.gossip(manifest(Sample{.seq = 1, .cluster = "other.test"}));
  CHECK(node.applied() == 1);
}

TEST_CASE("F8: an older manifest is ignored, silently") {
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  const std::size_t commits = node.commits;
  node.gossip(manifest(4));
  node.gossip(manifest(5));
  CHECK(node.applied() == 5);
  CHECK(node.commits == commits);
  CHECK(node.view().rejected.empty());
  CHECK_FALSE(node.values().contains(manifest(4)));
}

TEST_CASE("F9, F10, F11, F12: a refused manifest of a peer is one warning a minute and reason") {
  ClusterNode node;
  node.start();
  const dnsmesh::test::LogLines lines(log::Level::warning);
  for (int i = 1; i <= 9; ++i) node.gossip(manifest(Sample{.seq = 9, .exp = static_cast<std::uint64_t>(k_now_s - i)}));
  node.gossip(flipped(manifest(9)));
  CHECK(lines.count("the cluster manifest of peer b is refused: expired") == 1);
  CHECK(lines.count("the cluster manifest of peer b is refused: signature") == 1);
  CHECK(node.rejected("expired") == 9);
  node.loop.advance_ms(60'000);
  node.gossip(manifest(Sample{.seq = 9, .exp = k_now_s - 20}));
  CHECK(lines.count("is refused: expired") == 2);
}

TEST_CASE("F13: what is no manifest at all is skipped") {
  ClusterNode node;
  node.start();
  for (const char* text : {"", "x", "v=dmp1;t=cluster;", "{\"wire\": 7}"}) node.gossip(text);
  CHECK_FALSE(node.applied().has_value());
  node.gossip(manifest(1));
  CHECK(node.applied() == 1);
}

TEST_CASE("F14: of two manifests with one seq the first stays, and the conflict is an alarm while both are in force") {
  const std::string other = manifest(Sample{.seq = 5, .nodes = {node("a"), node("z")}, .exp = k_now_s + 1000});
  for (const std::string way : {"gossip", "publish", "file"}) {
    CAPTURE(way);
    for (const bool higher_comes : {true, false}) {
      ClusterNode node;
      node.put(manifest(5));
      node.start();
      CHECK_FALSE(node.view().conflict);
      const dnsmesh::test::LogLines lines;
      if (way == "gossip") node.gossip(other);
      if (way == "publish") node.put(other, "cluster.mesh.test", 2000);
      if (way == "file") node.reload(other, {});
      node.settle();
      CHECK(node.view().conflict);
      CHECK(node.rejected("conflict") == 1);
      CHECK(lines.count("another cluster manifest of seq 5") == 1);
      CHECK(node.peers() == k_b_and_c);
      CHECK(node.view().served->wire == manifest(5));
      if (higher_comes) {
        node.gossip(manifest(6));
      } else {
        node.pass_s(998);
        CHECK(node.view().conflict);
        node.pass_s(1);
      }
      CHECK_FALSE(node.view().conflict);
    }
  }
}

TEST_CASE("F14: after a restart the manifest that was applied stays, although the other one is older in the store") {
  const std::string other = manifest(Sample{.seq = 5, .nodes = {node("a"), node("z")}});
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  node.put(other);
  node.cluster.reset();
  node.loop.advance_ms(5000);
  node.remove(manifest(5));
  node.put(manifest(5));
  node.start();
  CHECK(node.peers() == k_b_and_c);
  CHECK(node.view().conflict);
}

TEST_CASE("F14: a manifest whose base64 somebody spelled in another way is the same one, and no conflict") {
  std::string other = manifest(5);
  REQUIRE(other.ends_with("="));
  const std::size_t last = other.find_last_not_of('=');
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  other[last] = alphabet[alphabet.find(other[last]) ^ 1];  // a bit that no byte uses
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  const std::size_t commits = node.commits;
  node.gossip(other);
  CHECK(node.commits == commits);
  node.arrive(other);
  CHECK_FALSE(node.view().conflict);
  CHECK(node.view().rejected.empty());
  node.pass_s(60);
  CHECK_FALSE(node.loop.next_due_ms().has_value());
  node.start();
  CHECK_FALSE(node.view().conflict);
  CHECK(node.peers() == k_b_and_c);
}

TEST_CASE("F15: a manifest of nobody stays in the store, is served, and is not asked for again") {
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  node.gossip(manifest_of_nobody(9));
  CHECK(node.peers() == k_b_and_c);
  CHECK(node.applied() == 5);
  CHECK(node.view().best_seq == 9);
  CHECK(node.values().contains(manifest_of_nobody(9)));
  node.gossip(manifest(10));
  CHECK(node.applied() == 10);
}

TEST_CASE("F15: below a manifest that is refused the highest good one is applied") {
  ClusterNode node;
  node.put(manifest_of_nobody(9));
  node.put(manifest(5));
  node.put(manifest(6));
  node.start();
  CHECK(node.applied() == 6);
}

TEST_CASE("S14: an applied manifest lives until its exp at both spellings, whoever stored it for how short") {
  const std::string wire = manifest(Sample{.seq = 5, .cluster = "Mesh.Test"});
  ClusterNode node;
  node.start();
  node.arrive(wire, "cluster.Mesh.Test");
  CHECK(node.expiry(wire) == static_cast<std::int64_t>(k_exp));
  CHECK(node.expiry(wire, "cluster.Mesh.Test") == static_cast<std::int64_t>(k_exp));
  CHECK(node.view().served->cluster_name == "Mesh.Test");
}

TEST_CASE("S14: a life beyond exp is not shortened") {
  ClusterNode node;
  node.put(manifest(5), "cluster.mesh.test", 200 * k_day_s);
  node.start();
  CHECK(node.expiry(manifest(5)) == k_now_s + 200 * k_day_s);
}

TEST_CASE("S14: an applied manifest that is published with a shorter life or deleted gets its life back") {
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  node.arrive(manifest(5));  // last write wins: 300 s
  CHECK(node.expiry(manifest(5)) == static_cast<std::int64_t>(k_exp));
  node.remove(manifest(5));
  CHECK(node.values().empty());
  node.store.slow = true;
  node.pass_s(60);
  CHECK(node.view().served->seq == 5);
  node.store.let_through();
  node.loop.run_until_idle();
  CHECK(node.expiry(manifest(5)) == static_cast<std::int64_t>(k_exp));
  CHECK(node.view().served->seq == 5);
}

TEST_CASE("S14: a manifest is stored however many values of others are at its name") {
  ClusterNode node;
  for (int i = 0; i < 64; ++i) node.put(std::to_string(i) + std::string(1000, 'x'));
  node.start();
  node.gossip(manifest(5));
  CHECK(node.applied() == 5);
  CHECK(node.values().contains(manifest(5)));
}

TEST_CASE("S14: older manifests beside the applied one are left to their own end") {
  ClusterNode node;
  node.put(manifest(4));
  node.start();
  node.gossip(manifest(5));
  CHECK(node.values() == std::set{manifest(4), manifest(5)});
}

TEST_CASE("applying what was applied writes nothing more: the change that it makes itself ends there") {
  ClusterNode node;
  node.start();
  node.arrive(manifest(5));
  const std::size_t commits = node.commits;
  const std::size_t told = node.told.size();
  for (int i = 0; i < 10; ++i) {
    node.cluster->changed("cluster.mesh.test", manifest(5));
    node.pass_s(60);
  }
  CHECK(node.commits == commits);
  CHECK(node.told.size() == told);
  CHECK_FALSE(node.loop.next_due_ms().has_value());
}

TEST_CASE("a manifest that the store does not take is not applied, and is tried again") {
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  node.store.writable = false;
  const dnsmesh::test::LogLines lines;
  for (int i = 0; i < 5; ++i) node.gossip(manifest(Sample{.seq = 6, .nodes = {testing::node("z")}}));
  CHECK(lines.count("the cluster manifest seq 6 is not stored") == 1);
  CHECK(node.applied() == 5);
  CHECK(node.peers() == k_b_and_c);
  CHECK(node.view().best_seq == 5);
  node.store.writable = true;
  node.gossip(manifest(6));
  CHECK(node.applied() == 6);
}

TEST_CASE("a manifest from the store that could not be applied is applied at the next tick") {
  ClusterNode node;
  node.start();
  node.put(manifest(6));
  node.store.writable = false;
  node.settle();
  CHECK_FALSE(node.applied().has_value());
  node.store.writable = true;
  node.pass_s(60);
  CHECK(node.applied() == 6);
}

TEST_CASE("until the commit is durable the peers before it are in force, and what comes meanwhile is not lost") {
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  node.store.slow = true;
  node.gossip(manifest(Sample{.seq = 6, .nodes = {testing::node("z")}}));
  CHECK(node.applied() == 5);
  CHECK(node.peers() == k_b_and_c);
  node.gossip(manifest(7));
  node.gossip(manifest(6));
  CHECK(node.store.waiting() == 1);
  node.store.let_through();
  node.loop.run_until_idle();
  CHECK(node.applied() == 6);
  CHECK(node.peers() == std::vector<std::string>{"z=http://z:8053"});
  node.store.let_through();
  node.loop.run_until_idle();
  CHECK(node.applied() == 7);
  CHECK(node.store.waiting() == 0);
}

TEST_CASE("S6: what has expired while it waited for the disk is not applied") {
  ClusterNode node;
  node.start();
  node.store.slow = true;
  node.gossip(manifest(5));
  node.gossip(manifest(Sample{.seq = 6, .exp = k_now_s + 10}));
  node.loop.advance_ms(11'000);
  node.store.let_through();
  node.loop.run_until_idle();
  CHECK(node.applied() == 5);
  CHECK(node.store.waiting() == 0);
}

TEST_CASE("a cluster that goes while its commit is on the way is not called back") {
  ClusterNode node;
  node.start();
  node.store.slow = true;
  node.gossip(manifest(6));
  node.cluster.reset();
  node.store.let_through();
  node.loop.run_until_idle();
  node.store.slow = false;
  node.start();
  CHECK(node.applied() == 6);
  CHECK(node.peers() == k_b_and_c);
}

TEST_CASE("after a restart a store that cannot be written still gives the peers of the applied manifest") {
  ClusterNode node;
  node.put(manifest(5));
  node.start();
  node.store.writable = false;
  node.start();
  CHECK(node.peers() == k_b_and_c);
}

TEST_CASE(
    "expiry is told 7 days and 1 day ahead and at the end, once each; expired, it is not served but its peers stay") {
  ClusterNode node;
  node.options.self_node_id = "a";
  node.put(manifest(Sample{.seq = 5, .exp = k_now_s + 8 * k_day_s}));
  node.start();
  const dnsmesh::test::LogLines lines;
  const auto told = [&] { return lines.count("expires in") * 10 + lines.count("has expired"); };
  node.pass_s(k_day_s - 1);
  CHECK(told() == 0);
  node.pass_s(1);
  CHECK(told() == 10);
  node.pass_s(6 * k_day_s - 1);
  CHECK(told() == 10);
  node.pass_s(1);
  CHECK(told() == 20);
  node.pass_s(k_day_s);
  CHECK(told() == 20);
  CHECK(node.view().served.has_value());
  node.pass_s(1);
  CHECK(told() == 21);
  node.pass_s(60);
  CHECK(told() == 21);
  CHECK_FALSE(node.view().served.has_value());
  CHECK_FALSE(node.view().best_seq.has_value());
  CHECK(node.applied() == 5);
  CHECK(node.peers() == k_b_and_c);
  node.gossip(manifest(Sample{.seq = 5, .exp = k_now_s + 8 * k_day_s}));
  CHECK(node.rejected("expired") == 1);
}

TEST_CASE("a manifest that comes late is complained about at once, and only for the nearest reason") {
  ClusterNode node;
  node.start();
  const dnsmesh::test::LogLines lines;
  node.gossip(manifest(Sample{.seq = 5, .exp = k_now_s + 3600}));
  CHECK(lines.count("expires in 1 hours") == 1);
  node.pass_s(60);
  CHECK(lines.count("expires in") == 1);
  node.gossip(manifest(Sample{.seq = 6, .exp = k_now_s + 2 * k_day_s}));
  CHECK(lines.count("expires in") == 2);
}

TEST_CASE("gossip gives nothing before the cluster is known, and a cluster can go while a look is on its way") {
  ClusterNode node;
  node.options.base_domain.clear();
  node.start();
  node.gossip(manifest(5));
  CHECK_FALSE(node.applied().has_value());
  CHECK_FALSE(node.view().gossip_enabled);
  node.put(manifest(5));
  node.cluster.reset();
  node.settle();
  CHECK(node.values().size() == 1);
}
