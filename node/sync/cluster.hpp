// SPDX-License-Identifier: Apache-2.0
// What this node knows of its cluster: the manifest that is applied, the best one known, and the peers that follow from
// them (spec/anti-entropy.md 9, 10.2 to 10.4). Whatever way a manifest comes, it ends in the store, and the store's
// change feed ends here: so publish, UPDATE, sync, gossip, file, SIGHUP and start are one path. Part "cluster".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "crypto/ed25519.hpp"
#include "store/record_store.hpp"
#include "sync/loop.hpp"
#include "sync/peer.hpp"

namespace dnsmesh::sync {

/// What one rule is switched off by, for the simulation's own test (spec/anti-entropy.md 18). Never set by the program;
/// there is no option for it.
struct ClusterBugs {
  bool equal_seq_replaces = false;  // `>=` where `>` belongs
  bool no_name_binding = false;
};

struct ClusterOptions {
  std::optional<crypto::PublicKey> operator_key;
  std::string base_domain;             // `DMP_CLUSTER_BASE_DOMAIN`; empty: derived (10.3)
  std::string self_node_id;            // `DMP_NODE_ID`
  std::string self_endpoint;           // `DMP_SYNC_SELF_ENDPOINT`
  std::vector<Peer> configured_peers;  // `DMP_SYNC_PEERS`; when not empty the file names no peers
  std::string file_content;            // of the cluster file; empty: none
  ClusterBugs bugs = {};
};

/// The manifest that `GET /v1/sync/cluster-manifest` gives (5).
struct ServedManifest {
  std::string wire;
  std::uint64_t seq = 0;
  std::uint64_t exp = 0;
  std::string cluster_name;
};

/// What others may see; a value that does not change.
struct ClusterView {
  std::string base_domain;  // empty: none known
  bool gossip_enabled = false;
  std::string self_node_id;
  std::optional<std::uint64_t> applied_seq;
  std::optional<std::uint64_t> best_seq;
  std::optional<std::uint64_t> applied_exp;
  bool conflict = false;                 // two manifests of the applied seq are known
  bool self_missing = false;             // the applied manifest does not list us (F44)
  std::optional<ServedManifest> served;  // still in force when it was taken; its `exp` must be checked again
  PeerSet peers;
  std::vector<std::pair<std::string, std::uint64_t>> rejected;  // reason, how many manifests
};

class Cluster {
 public:
  /// `store`, `clock` and `loop` must outlive it.
  Cluster(ClusterOptions options, store::RecordStore& store, const Clock& clock, Loop& loop);
  ~Cluster();

  /// Told on the loop's thread whenever the peers in force change. Before start().
  void on_peers(std::function<void(const PeerSet&)> told);

  /// Publishes the file's manifest, derives the base domain, applies the highest manifest that is known, and reports
  /// the first peers. On the loop's thread. A bad file or manifest is logged and never an error.
  void start();

  /// SIGHUP: the file and the configured peers again (10.4). On the loop's thread.
  void reload(std::string file_content, std::vector<Peer> configured_peers);

  /// A manifest that a peer gave us; verified here, ignored unless its seq is above the best known (9.2, 9.5). On the
  /// loop's thread.
  void gossiped(std::string_view wire, std::string_view from_node_id);

  /// The store holds something new at a name that starts `cluster.`. Any thread; only asks the loop to look.
  void changed(std::string owner_name, std::string value);

  /// Looks at what passing time changes: expiry, alarms. On the loop's thread, about once a minute.
  void tick();

  /// Any thread.
  std::shared_ptr<const ClusterView> view() const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace dnsmesh::sync
