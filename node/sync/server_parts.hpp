// SPDX-License-Identifier: Apache-2.0
// What the routes of the sync server share. Only sync/server*.cpp use it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sync/query.hpp"
#include "sync/server.hpp"
#include "sync/wire_server.hpp"

namespace dnsmesh::sync {

/// What answers are made of; the references outlive the server.
struct ServeContext {
  ServerOptions options;
  store::RecordStore& store;
  const PairSet& pairs;
  const Clock& clock;
  std::function<std::optional<ServedManifest>()> manifest;

  /// The seq of the manifest that is served now.
  std::optional<std::uint64_t> manifest_seq() const;
  WireEpoch epoch_of(const store::Epoch& epoch) const { return {epoch.id, epoch.boot}; }
};

ServeAnswer json_answer(std::string body);
ServeAnswer error_answer(int status, std::string_view text);
ServeAnswer empty_answer(int status);
/// The store could not be read.
ServeAnswer unavailable();

ServeAnswer serve_digest(const ServeContext& context, const ServeRequest& request);
ServeAnswer serve_pull(const ServeContext& context, const ServeRequest& request);
ServeAnswer serve_manifest(const ServeContext& context, const ServeRequest& request);
ServeAnswer serve_get(const ServeContext& context, const ServeRequest& request);
ServeAnswer serve_reconcile(const ServeContext& context, const ServeRequest& request);

/// The change feed, whose readers may wait. They are kept here, without a thread, until there is news for them.
class FeedDoor : public std::enable_shared_from_this<FeedDoor> {
 public:
  FeedDoor(std::shared_ptr<const ServeContext> context, Loop& loop);
  ~FeedDoor();

  void handle(const ServeRequest& request, ServeResponder respond);
  void moved();
  void stop();
  std::size_t waiting() const;

 private:
  struct State;
  void look();
  void expire(std::uint64_t id);

  std::shared_ptr<const ServeContext> context_;
  Loop& loop_;
  std::unique_ptr<State> state_;
};

}  // namespace dnsmesh::sync
