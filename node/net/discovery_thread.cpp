// SPDX-License-Identifier: Apache-2.0
#include "net/discovery_thread.hpp"

#include <utility>

namespace dnsmesh::net {

DiscoveryThread::DiscoveryThread(discovery::Identity identity, discovery::DiscoveryOptions options,
                                 TxtClientOptions look_ups, const Clock& clock, Random& random,
                                 store::RecordStore& records, store::SeenStore& seen)
    : client_(std::move(look_ups), clock, random),
      engine_(std::move(identity), std::move(options), clock, random, records, seen, client_),
      thread_([this] { run(); }) {}

DiscoveryThread::~DiscoveryThread() { stop(); }

void DiscoveryThread::stop() {
  is_stopping_ = true;
  client_.wake();
  if (thread_.joinable()) thread_.join();
}

void DiscoveryThread::run() {
  while (!is_stopping_) {
    const std::int64_t wait_ms = engine_.step();
    client_.turn(wait_ms, [this](std::uint64_t id, const Result<std::vector<std::string>>& values) {
      engine_.answered(id, values);
    });
  }
}

}  // namespace dnsmesh::net
