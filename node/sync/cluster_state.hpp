// SPDX-License-Identifier: Apache-2.0
// The state behind Cluster (sync/cluster.hpp), which one thread owns: which manifest is applied, which peers are in
// force, and what becomes of each manifest that comes (spec/anti-entropy.md 9.5).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "store/record_store.hpp"
#include "sync/cluster.hpp"
#include "sync/known_manifests.hpp"
#include "sync/manifest_file.hpp"
#include "sync/manifest_judge.hpp"
#include "sync/manifest_peers.hpp"
#include "sync/peer.hpp"

namespace dnsmesh::sync {

class ClusterState {
 public:
  /// Commits a batch and calls back later on the owner's thread, never inside the call.
  using Committed = std::move_only_function<void(Result<store::Receipt>)>;
  using Commit = std::function<void(store::Batch, Committed)>;

  /// `store` (only read here) and `clock` must outlive it.
  ClusterState(ClusterOptions options, const store::RecordStore& store, const Clock& clock, Commit commit);

  void start();
  void reload(std::string_view file_content, std::vector<Peer> configured_peers);
  void gossiped(std::string_view wire, std::string_view from_node_id);
  /// Reads the cluster's manifests from the store and does what follows from them. True: some could not be judged yet,
  /// look again in a second.
  bool look();
  /// look(), and what only time changes.
  bool tick();

  const PeerSet& peers() const { return peers_; }
  ClusterView view() const;

 private:
  void meet(KnownManifest newcomer);
  bool scan_for_base();
  bool know_mark();
  void take_file(const ManifestFile& file);
  void publish_unjudged(const record::ClusterPublication& publication);
  void report_file();

  void gather(std::vector<KnownManifest> stored);
  const KnownManifest* next_to_apply();
  void apply(const KnownManifest& manifest);
  void applied(const KnownManifest& manifest);
  void settle_newcomer();
  void keep_applied();
  void note_conflicts();
  void serve_best();
  void serve_by_head();
  void store_manifest(const KnownManifest& manifest, bool with_mark);
  MarkOwner mark_owner() const;

  void use_first_peers();
  void swap_peers(const KnownManifest& manifest, std::optional<std::uint64_t> seq_before);
  void warn_of_expiry();
  void warn_once_a_minute(std::string about, std::string_view line);

  ClusterOptions options_;
  const store::RecordStore& store_;
  const Clock& clock_;
  const Commit commit_;
  const Self self_;
  std::optional<ManifestJudge> judge_;  // with a pinned key
  std::string base_;                    // folded; empty: none known
  std::vector<Peer> file_peers_;
  PeerSet peers_;
  std::vector<KnownManifest> known_;            // as of the last look
  std::optional<KnownManifest> newcomer_;       // came by gossip or file and is not in the store yet
  std::optional<KnownManifest> file_manifest_;  // of which the operator has not heard yet what became of it
  bool committing_ = false;                     // one commit at a time; the next look follows it
  bool mark_known_ = false;                     // the mark was read
  std::optional<AppliedMark> mark_;
  std::optional<KnownManifest> applied_;           // its nodes are the peers; absent while only the mark is known
  std::optional<std::uint64_t> conflict_until_;    // exp of another manifest of the applied seq
  std::optional<ServedManifest> served_;           // the best that is known, in force at the last look
  int expiry_warnings_ = 0;                        // how many were written for the applied manifest
  std::map<std::string, std::int64_t> warned_ms_;  // by what it was about
};

}  // namespace dnsmesh::sync
