// SPDX-License-Identifier: Apache-2.0
// The node as one object: its parts in the order of start and stop (docs/architecture.md, "Threads").
#pragma once

#include <memory>

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"

namespace dnsmesh::app {

/// Owned and called by the main thread only.
class Node {
 public:
  /// Opens the store, fills the answer index, takes the cluster file, begins to read peers, and listens. When it
  /// returns, DNS and HTTP are answered. Error: one plain sentence for the operator. `clock` and `random` must outlive
  /// the node.
  static Result<std::unique_ptr<Node>> start(const NodeSettings& settings, const Clock& clock, Random& random);

  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Takes over what can change while the node runs (the options marked so), and the cluster file anew: the one that
  /// was named at start, under the key that was pinned at start.
  void reload(const NodeSettings& settings);

  /// Says "not ready" and goes on serving for the delay that is set; then lets requests in flight finish, stops every
  /// thread, commits what is queued and closes the store. Idempotent.
  void stop();

 private:
  struct Parts;
  explicit Node(std::unique_ptr<Parts> parts);
  Result<void> fill(const NodeSettings& settings, Random& random);
  Result<void> listen(const NodeSettings& settings, Random& random);

  std::unique_ptr<Parts> parts_;
};

}  // namespace dnsmesh::app
