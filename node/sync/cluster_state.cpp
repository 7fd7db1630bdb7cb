// SPDX-License-Identifier: Apache-2.0
#include "sync/cluster_state.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "record/hostname.hpp"
#include "record/time_rules.hpp"

namespace dnsmesh::sync {
namespace {

constexpr std::int64_t k_warning_pause_ms = 60000;
/// How long before its end an applied manifest is complained about, each once, and then once more when it has ended.
constexpr std::int64_t k_expiry_warnings_s[] = {604800, 86400, -1};

std::string seq_text(std::optional<std::uint64_t> seq) { return seq ? std::to_string(*seq) : "none"; }

std::string described(const Error& error) {
  return fmt::format("{}{}{}", error_name(error.code), error.text.empty() ? "" : ", ", error.text);
}

std::string id_list(const std::vector<std::string>& ids) {
  return ids.empty() ? "none" : fmt::format("{}", fmt::join(ids, " "));
}

}  // namespace

ClusterState::ClusterState(ClusterOptions options, const store::RecordStore& store, const Clock& clock, Commit commit)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      commit_(std::move(commit)),
      self_{options_.self_node_id, options_.self_endpoint},
      base_(fold_ascii(record::without_trailing_dots(options_.base_domain))) {
  if (options_.operator_key) judge_.emplace(*options_.operator_key, clock, !options_.bugs.no_name_binding);
}

void ClusterState::start() {
  const ManifestFile file =
      read_manifest_file(options_.file_content, options_.operator_key, base_, self_, clock_.wall_s());
  if (file.peers) file_peers_ = *file.peers;
  use_first_peers();
  take_file(file);
}

void ClusterState::reload(std::string_view file_content, std::vector<Peer> configured_peers) {
  options_.configured_peers = std::move(configured_peers);
  const ManifestFile file = read_manifest_file(file_content, options_.operator_key, base_, self_, clock_.wall_s());
  if (file.peers) file_peers_ = *file.peers;
  take_file(file);
  if (!applied_) use_first_peers();
}

void ClusterState::use_first_peers() {
  peers_ = {options_.configured_peers.empty() ? file_peers_ : options_.configured_peers, {}};
}

void ClusterState::take_file(const ManifestFile& file) {
  if (base_.empty()) base_ = file.cluster_name;
  if (!file.publication) {
    look();
    return;
  }
  auto fields = record::read_cluster_manifest(file.publication->text);
  if (!judge_ || !fields || file.cluster_name != base_) {
    publish_unjudged(*file.publication);
    look();
    return;
  }
  file_manifest_.emplace(std::move(*fields), file.publication->text);
  meet(*file_manifest_);
}

/// A manifest that cannot become ours: without a pinned key nothing can be told of it, and with one it may be another
/// cluster's.
void ClusterState::publish_unjudged(const record::ClusterPublication& publication) {
  const std::string_view name = std::string_view(publication.owner_name).substr(manifest_owner("").size());
  store::Batch batch{manifest_puts(name, publication.text, publication.ttl_s, clock_.wall_s(), options_.operator_key)};
  commit_(std::move(batch), [this, owner = manifest_owner(name)](const Result<store::Receipt>& done) {
    if (done) {
      log::info(log::k_sync, fmt::format("the cluster file is published at {}", owner));
      look();
    } else {
      log::warning(log::k_sync, fmt::format("the cluster file is not published: {}", described(done.error())));
    }
  });
}

/// Tells once what became of the file's manifest, when that is decided.
void ClusterState::report_file() {
  if (!file_manifest_ || (newcomer_ && newcomer_->hash == file_manifest_->hash)) return;
  const KnownManifest file = *std::exchange(file_manifest_, std::nullopt);
  const std::string owner = manifest_owner(base_);
  const auto stored = std::ranges::find(known_, file.hash, &KnownManifest::hash);
  std::optional<std::uint64_t> in_the_way;
  if (mark_) in_the_way = mark_->seq;
  if (served_) in_the_way = std::max(in_the_way.value_or(0), served_->seq);
  if (stored != known_.end() && stored->expires_s > 0) {
    log::info(log::k_sync, fmt::format("the cluster file is published at {}", owner));
  } else if (in_the_way && *in_the_way >= file.fields.seq) {
    log::warning(log::k_sync, fmt::format("the cluster file is not published: its seq is {}, and {} has seq {} already",
                                          file.fields.seq, owner, *in_the_way));
  }
}

void ClusterState::gossiped(std::string_view wire, std::string_view from_node_id) {
  if (!judge_ || base_.empty() || !mark_known_) return;
  // Nearly always a peer has what we have, or less.
  if (served_ && served_->wire == wire) return;
  const auto head = record::read_cluster_manifest_head(wire);
  if (head && served_ && head->seq < served_->seq) return;
  auto verdict = judge_->judge(wire, base_);
  if (!verdict) return;
  if (!*verdict) {
    const std::string_view reason = error_name(verdict->error().code);
    judge_->count(wire, reason);
    warn_once_a_minute(fmt::format("gossip {} {}", from_node_id, reason),
                       fmt::format("the cluster manifest of peer {} is refused: {}", from_node_id, reason));
    return;
  }
  meet({std::move(**verdict), std::string(wire)});
}

/// A manifest that verifies and that the store may not have yet. Of two that wait the higher one counts.
void ClusterState::meet(KnownManifest newcomer) {
  if (!newcomer_ || newcomer.fields.seq > newcomer_->fields.seq) newcomer_ = std::move(newcomer);
  look();
}

bool ClusterState::look() {
  if (!judge_) {
    serve_by_head();
    return false;
  }
  const bool scan_postponed = base_.empty() && scan_for_base();
  if (base_.empty() || !know_mark()) return scan_postponed;
  auto stored = stored_manifests(store_, *judge_, base_);
  if (!stored) {
    warn_once_a_minute("read", "the store does not give the cluster's manifests: " + described(stored.error()));
    return false;
  }
  gather(std::move(stored->manifests));
  if (const KnownManifest* next = next_to_apply()) apply(*next);
  settle_newcomer();
  if (!stored->postponed) keep_applied();
  note_conflicts();
  serve_best();
  report_file();
  return scan_postponed || stored->postponed;
}

void ClusterState::gather(std::vector<KnownManifest> stored) {
  known_ = std::move(stored);
  // It may have waited long for a store that was not readable.
  if (newcomer_ && record::is_before(newcomer_->fields.exp, clock_.wall_s())) newcomer_.reset();
  if (!newcomer_) return;
  if (std::ranges::find(known_, newcomer_->hash, &KnownManifest::hash) == known_.end()) {
    known_.push_back(*newcomer_);
  } else {
    newcomer_.reset();
  }
}

/// 10.3, rule 3. True when not all could be judged.
bool ClusterState::scan_for_base() {
  const auto found = find_clusters(store_, *judge_);
  if (!found) {
    warn_once_a_minute("scan", "the store was not searched for a cluster: " + described(found.error()));
    return false;
  }
  if (found->names.size() > 1) {
    warn_once_a_minute("several", fmt::format("the store has manifests of several clusters ({}); set "
                                              "DMP_CLUSTER_BASE_DOMAIN",
                                              fmt::join(found->names, " ")));
  } else if (found->names.size() == 1 && !found->postponed) {
    base_ = *found->names.begin();
    log::info(log::k_sync, fmt::format("the cluster is {}, by the manifest in the store", base_));
  }
  return found->postponed;
}

bool ClusterState::know_mark() {
  if (mark_known_) return true;
  const auto mark = applied_mark(store_, mark_owner());
  if (!mark) {
    warn_once_a_minute("mark", "the store does not give the applied manifest: " + described(mark.error()));
    return false;
  }
  mark_ = *mark;
  mark_known_ = true;
  return true;
}

/// The highest manifest that may be applied; null when that is applied already. On equal seq the first one met stays.
const KnownManifest* ClusterState::next_to_apply() {
  const KnownManifest* best = nullptr;
  for (const KnownManifest& manifest : known_) {
    const std::uint64_t seq = manifest.fields.seq;
    const bool other_of_same_seq = mark_ && seq == mark_->seq && manifest.hash != mark_->hash;
    if (mark_ && (seq < mark_->seq || (other_of_same_seq && !options_.bugs.equal_seq_replaces))) continue;
    if (const auto legal = check_manifest_nodes(manifest.fields); !legal) {
      if (judge_->count(manifest.wire, error_name(legal.error().code))) {
        log::error(log::k_sync, fmt::format("the cluster manifest seq {} is not applied: {}", seq, legal.error().text));
      }
      continue;
    }
    const bool above = !best || seq > best->fields.seq || (options_.bugs.equal_seq_replaces && other_of_same_seq);
    if (above) best = &manifest;
  }
  return best && applied_ && applied_->hash == best->hash ? nullptr : best;
}

/// What was applied before needs no new promise: its peers are in force at once. Another one's are when its mark is
/// durable, or a crash would let an older one come after it.
void ClusterState::apply(const KnownManifest& manifest) {
  if (mark_ && mark_->hash == manifest.hash) {
    applied(manifest);
  } else {
    store_manifest(manifest, true);
  }
}

void ClusterState::applied(const KnownManifest& manifest) {
  const auto seq_before = mark_ ? std::optional(mark_->seq) : std::nullopt;
  if (seq_before != manifest.fields.seq) conflict_until_.reset();
  mark_ = {manifest.fields.seq, manifest.hash};
  expiry_warnings_ = 0;
  applied_ = manifest;
  swap_peers(manifest, seq_before);
  warn_of_expiry();
}

/// Puts a manifest into the store and, in the same transaction, the mark that it is applied.
void ClusterState::store_manifest(const KnownManifest& manifest, bool with_mark) {
  if (committing_) return;
  const std::int64_t now_s = clock_.wall_s();
  const std::int64_t ttl_s = life_until(manifest.fields.exp, now_s);
  store::Batch batch{manifest_puts(manifest.fields.cluster_name, manifest.wire, ttl_s, now_s, options_.operator_key)};
  if (with_mark) {
    batch.operations.emplace_back(set_applied_mark({manifest.fields.seq, manifest.hash}, mark_owner()));
  }
  committing_ = true;
  commit_(std::move(batch), [this, manifest, with_mark](const Result<store::Receipt>& done) {
    committing_ = false;
    if (newcomer_ && newcomer_->hash == manifest.hash) newcomer_.reset();
    if (!done) {
      warn_once_a_minute("commit", fmt::format("the cluster manifest seq {} is not stored: {}", manifest.fields.seq,
                                               described(done.error())));
      report_file();
      return;
    }
    if (with_mark) applied(manifest);
    look();
  });
}

/// A newcomer that is neither applied nor in the way of anything is kept when it is the highest: it verifies, clients
/// and peers judge its nodes for themselves, and peers who see that we have it do not send it again.
void ClusterState::settle_newcomer() {
  if (!newcomer_ || committing_) return;
  const std::uint64_t seq = newcomer_->fields.seq;
  const bool above_mark = !mark_ || seq > mark_->seq;
  const bool highest = std::ranges::none_of(
      known_, [&](const KnownManifest& other) { return other.hash != newcomer_->hash && other.fields.seq >= seq; });
  if (above_mark && highest) {
    store_manifest(*newcomer_, false);
  } else {
    newcomer_.reset();
  }
}

/// A manifest ends with a higher seq or at its `exp`, not by a publish with a short life nor by a delete.
void ClusterState::keep_applied() {
  if (!applied_ || record::is_before(applied_->fields.exp, clock_.wall_s())) return;
  const auto stored = std::ranges::find(known_, applied_->wire, &KnownManifest::wire);
  const std::int64_t until_s = stored == known_.end() ? 0 : stored->expires_s;
  if (std::cmp_less(until_s, applied_->fields.exp)) store_manifest(*applied_, false);
}

void ClusterState::note_conflicts() {
  for (const KnownManifest& manifest : known_) {
    if (!mark_ || manifest.fields.seq != mark_->seq || manifest.hash == mark_->hash) continue;
    conflict_until_ = std::max(conflict_until_.value_or(0), manifest.fields.exp);
    if (judge_->count(manifest.wire, "conflict")) {
      log::error(log::k_sync, fmt::format("another cluster manifest of seq {} is signed by the operator: the applied "
                                          "one stays; publish one with a higher seq",
                                          mark_->seq));
    }
  }
}

/// The highest that the store has. The applied one counts while its row is on the way back (keep_applied).
void ClusterState::serve_best() {
  const KnownManifest* best = nullptr;
  for (const KnownManifest& manifest : known_) {
    if (manifest.expires_s > 0 && (!best || manifest.fields.seq > best->fields.seq)) best = &manifest;
  }
  const bool in_force = applied_ && !record::is_before(applied_->fields.exp, clock_.wall_s());
  if (in_force && (!best || applied_->fields.seq > best->fields.seq)) best = &*applied_;
  served_.reset();
  if (best) served_ = {best->wire, best->fields.seq, best->fields.exp, best->fields.cluster_name};
}

void ClusterState::serve_by_head() {
  if (base_.empty()) return;
  auto best = manifest_by_head(store_, base_, clock_.wall_s());
  if (best) served_ = std::move(*best);
}

MarkOwner ClusterState::mark_owner() const { return {judge_->operator_key(), base_}; }

void ClusterState::swap_peers(const KnownManifest& manifest, std::optional<std::uint64_t> seq_before) {
  PeerSet next{sync::peers_of(manifest.fields, self_), {}};
  const PeerChange change = change_of(peers_.peers, next.peers);
  if (next.peers.empty()) next.manifest_only = peers_.peers.empty() ? peers_.manifest_only : peers_.peers;
  const bool all_new =
      seq_before != manifest.fields.seq && !peers_.peers.empty() && change.kept.empty() && !next.peers.empty();
  log::write(all_new ? log::Level::warning : log::Level::info, log::k_sync,
             fmt::format("cluster manifest applied: seq {} -> {}, added {}, kept {}, dropped {}{}",
                         seq_text(seq_before), manifest.fields.seq, id_list(change.added), id_list(change.kept),
                         id_list(change.dropped), all_new ? "; no peer is left of those before" : ""));
  if (self_.node_id.empty() && self_.endpoint.empty()) {
    log::warning(log::k_sync, "neither DMP_NODE_ID nor DMP_SYNC_SELF_ENDPOINT is set: we may be among our own peers");
  } else if (!lists_self(manifest.fields, self_)) {
    log::error(log::k_sync, fmt::format("the applied cluster manifest seq {} does not list this node: nobody reads "
                                        "what is written here",
                                        manifest.fields.seq));
  }
  peers_ = std::move(next);
}

bool ClusterState::tick() {
  const bool postponed = look();
  warn_of_expiry();
  if (applied_ && record::is_before(applied_->fields.exp, clock_.wall_s())) peers_.manifest_only.clear();
  return postponed;
}

void ClusterState::warn_of_expiry() {
  if (!applied_) return;
  const std::int64_t left_s = static_cast<std::int64_t>(applied_->fields.exp) - clock_.wall_s();
  int stage = 0;
  for (const std::int64_t ahead_s : k_expiry_warnings_s) stage += left_s <= ahead_s ? 1 : 0;
  if (stage <= expiry_warnings_) return;
  expiry_warnings_ = stage;
  log::error(log::k_sync,
             left_s < 0 ? fmt::format("the applied cluster manifest seq {} has expired: its peers stay, but it "
                                      "is no longer served; publish a new one",
                                      applied_->fields.seq)
                        : fmt::format("the applied cluster manifest seq {} expires in {} hours: publish a new one",
                                      applied_->fields.seq, left_s / 3600));
}

void ClusterState::warn_once_a_minute(std::string about, std::string_view line) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  const auto last = warned_ms_.find(about);
  if (last != warned_ms_.end() && now_ms - last->second < k_warning_pause_ms) return;
  if (warned_ms_.size() >= limits::cluster_warnings_max) warned_ms_.clear();
  warned_ms_[std::move(about)] = now_ms;
  log::warning(log::k_sync, line);
}

ClusterView ClusterState::view() const {
  const std::int64_t now_s = clock_.wall_s();
  ClusterView out;
  out.base_domain = base_;
  out.gossip_enabled = judge_ && record::is_hostname(base_);
  out.self_node_id = self_.node_id;
  if (mark_) out.applied_seq = mark_->seq;
  if (judge_ && served_) out.best_seq = served_->seq;
  if (applied_) {
    out.applied_exp = applied_->fields.exp;
    const bool self_known = !self_.node_id.empty() || !self_.endpoint.empty();
    out.self_missing = self_known && !lists_self(applied_->fields, self_);
  }
  out.conflict = conflict_until_ && !record::is_before(*conflict_until_, now_s);
  if (served_ && !record::is_before(served_->exp, now_s)) out.served = served_;
  out.peers = peers_;
  if (judge_) out.rejected = judge_->counted();
  return out;
}

}  // namespace dnsmesh::sync
