// SPDX-License-Identifier: Apache-2.0
// Who sees what of the cluster.
#include "http/cluster_report.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/json.hpp"

using namespace dnsmesh;
using namespace dnsmesh::http;
using Json = nlohmann::ordered_json;

namespace {

/// A node with an applied manifest of one peer, one that is asked for manifests only, and an operator.
struct Fixture {
  Fixture() {
    cluster.base_domain = "mesh.test";
    cluster.self_node_id = "node-a";
    cluster.applied_seq = 7;
    cluster.best_seq = 18446744073709551615U;
    cluster.applied_exp = 1830000000;
    cluster.peers.peers = {{"node-b", "http://b.test:8053", false}};
    cluster.peers.manifest_only = {{"node-c", "http://c.test:8053", false}};
    sync::PeerStatus peer;
    peer.node_id = "node-b";
    peer.endpoint = "http://b.test:8053";
    peer.state = "behind";
    peer.mode = sync::Mode::extended;
    peer.lag_s = 1.5;
    peer.backlog = 3;
    peer.position = "cafe.1:9";
    peer.last_success_s = 1700000000;
    peer.clock_offset_s = -0.5;
    peer.manifest_seq = 6;
    peer.quarantine = {{"missing", 2}};
    peer.last_error = "connection refused";
    peer.last_error_s = 1699999999;
    sync.peers = {peer};
  }

  Response ask(std::string authorization = {}) {
    NodeView view;
    view.cluster = [this] {
      ClusterFacts facts;
      facts.cluster = std::make_shared<const sync::ClusterView>(cluster);
      facts.sync = sync;
      facts.has_worker = has_worker;
      return facts;
    };
    view.is_peer = [](const Request& request) { return request.authorization == "Bearer peers"; };
    Request request;
    request.authorization = std::move(authorization);
    request.peer_address = "192.0.2.1";
    return answer_cluster(request, access, view);
  }
  Json json(std::string authorization = {}) {
    const Response response = ask(std::move(authorization));
    REQUIRE(response.status == 200);
    CHECK(response.content_type == "application/json");
    return parse_json(response.body, 8).value();
  }
  ClusterFacts facts() const {
    ClusterFacts out;
    out.cluster = std::make_shared<const sync::ClusterView>(cluster);
    out.sync = sync;
    out.has_worker = has_worker;
    return out;
  }

  sync::ClusterView cluster;
  sync::SyncStatus sync;
  bool has_worker = true;
  ManualClock clock{0};
  access::Access access{{access::AuthMode::legacy, "operator", {0.001, 2}}, clock};
};

}  // namespace

TEST_CASE("without a token the manifest and the state of each peer are shown, and nothing else of it") {
  Fixture node;
  CHECK(node.ask().body ==
        R"({"node_id": "node-a", "cluster": "mesh.test", "mode": "manifest", "reads_peers": true, "complete": false, )"
        R"("manifest": {"applied_seq": 7, "best_seq": 18446744073709551615, "exp": 1830000000, "conflict": false, )"
        R"("lists_this_node": true}, "peers": [{"node_id": "node-b", "endpoint": "http://b.test:8053", )"
        R"("state": "behind", "mode": "extended", "manifests_only": false}, {"node_id": "node-c", "endpoint": null, )"
        R"("state": "waiting", "mode": "unknown", "manifests_only": true}]})");
}

TEST_CASE("the operator's token and that of the peers show all") {
  for (const char* authorization : {"Bearer operator", "Bearer peers"}) {
    Fixture node;
    const Json answer = node.json(authorization);
    CHECK(answer["complete"] == true);
    const Json& peer = answer["peers"][0];
    CHECK(peer["lag_seconds"] == 1.5);
    CHECK(peer["backlog"] == 3);
    CHECK(peer["last_success"] == 1700000000);
    CHECK(peer["clock_offset_seconds"] == -0.5);
    CHECK(peer["manifest_seq"] == 6);
    CHECK(peer["position"] == "cafe.1:9");
    CHECK(peer["back_off_ms"] == 0);
    CHECK(peer["quarantine"] == Json{{"missing", 2}});
    CHECK(peer["last_error"] == "connection refused");
    CHECK(peer["last_error_at"] == 1699999999);
    CHECK(answer["peers"][1]["endpoint"] == "http://c.test:8053");
    CHECK(answer["peers"][1]["last_error"].is_null());
  }
}

TEST_CASE("a wrong token shows what everybody sees, and is charged to its address so that nobody guesses on") {
  Fixture node;
  CHECK(node.json("Bearer wrong")["complete"] == false);
  CHECK(node.json("Bearer wrong")["complete"] == false);
  const Response refused = node.ask("Bearer wrong");
  CHECK(refused.status == 429);
  CHECK(refused.body == R"({"error": "rate limit exceeded"})");
  CHECK(node.ask("Bearer operator").status == 429);
  CHECK(node.ask().status == 200);
}

TEST_CASE("without an operator token nobody is the operator") {
  Fixture node;
  node.access.set_policy({});
  CHECK(node.json()["complete"] == false);
  CHECK(node.json("Bearer ")["complete"] == false);
  CHECK(node.json("Bearer peers")["complete"] == true);
}

TEST_CASE("peers that no manifest names keep their URL to themselves") {
  Fixture node;
  node.cluster.applied_seq.reset();
  node.cluster.peers.peers[0].synthetic_id = true;
  const Json answer = node.json();
  CHECK(answer["mode"] == "configured");
  CHECK(answer["peers"][0]["node_id"] == "node-b");
  CHECK(answer["peers"][0]["endpoint"].is_null());
  CHECK(answer["manifest"]["lists_this_node"].is_null());
}

TEST_CASE("a node alone has no peers, and a node without a token reads none") {
  Fixture alone;
  alone.cluster = {};
  const Json answer = alone.json();
  CHECK(answer["mode"] == "single");
  CHECK(answer["node_id"].is_null());
  CHECK(answer["cluster"].is_null());
  CHECK(answer["peers"].empty());
  Fixture closed;
  closed.sync = {};
  closed.has_worker = false;
  CHECK(closed.json()["reads_peers"] == false);
  CHECK(closed.json()["peers"][0]["state"] == "not read");
}

TEST_CASE("the landing page shows cluster and peers, escaped, and how to get some") {
  Fixture node;
  node.sync.peers[0].node_id = "<b>";
  node.sync.peers[0].state = "current";
  const std::string html = cluster_html(node.facts());
  CHECK(html.contains("<p>Part of <code>mesh.test</code>, manifest 7.</p>"));
  CHECK(html.contains("<b class=\"good\">current</b><code>&#60;b&#62;</code> <span>http://b.test:8053</span>"));
  CHECK(html.contains("<b class=\"bad\">waiting</b><code>node-c</code></li>"));
  CHECK_FALSE(html.contains("c.test"));
  CHECK_FALSE(html.contains("refused"));
  const std::string alone = cluster_html({});
  CHECK(alone.contains("This node has no peers."));
  CHECK(alone.contains("DMP_SYNC_PEERS"));
}
