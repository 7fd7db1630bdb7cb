// SPDX-License-Identifier: Apache-2.0
// Answers peers: digest, pull, cluster-manifest, and the extended routes feed, get, reconcile, hint
// (spec/anti-entropy.md 3 to 5, 15). Authorisation and rate limits have happened before (http/sync_routes.hpp).
// Part "server".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "store/record_store.hpp"
#include "sync/cluster.hpp"
#include "sync/loop.hpp"
#include "sync/pair_set.hpp"
#include "sync/wire.hpp"

namespace dnsmesh::sync {

struct ServeRequest {
  std::string method;
  std::string target;  // path and query, as sent
  std::string body;
  std::string peer_address;
  bool accepts_gzip = false;
};
struct ServeAnswer {
  int status = 200;
  std::string content_type;  // empty: none
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};
/// Called exactly once, at once or later, on any thread.
using ServeResponder = std::move_only_function<void(ServeAnswer)>;

struct ServerOptions {
  std::string node_id;
  bool extended = true;
};

class Server {
 public:
  /// All references must outlive it. `manifest` gives what is served now; `hinted` says whether a live peer showed this
  /// epoch id, and makes its feed be read at once. Both: any thread.
  Server(ServerOptions options, store::RecordStore& store, const PairSet& pairs, const Clock& clock, Loop& loop,
         std::function<std::optional<ServedManifest>()> manifest, std::function<bool(const Hint&)> hinted);
  ~Server();

  /// Any thread. A path or method that is none of ours: 404.
  void handle(ServeRequest request, ServeResponder respond);

  /// The store has committed something: waiting feed readers are answered. Any thread, cheap.
  void moved();

  /// Answers those that wait, emptily; later waits are answered at once. Any thread.
  void stop();

  std::size_t waiting() const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace dnsmesh::sync
