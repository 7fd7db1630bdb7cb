// SPDX-License-Identifier: Apache-2.0
// The threads that handle HTTP requests, and how many requests they may have in hand.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "http/route.hpp"

namespace dnsmesh::net {

/// `worker_count` threads for all requests, and one that serves only requests that are always admitted, so that neither
/// the cap nor busy workers keep the health probe waiting.
class HttpWorkers {
 public:
  HttpWorkers(const http::RouteTable& routes, unsigned worker_count, std::size_t concurrency_max);
  /// Runs what is queued, then ends the threads.
  ~HttpWorkers();

  struct Job {
    http::Request request;
    http::Responder respond;
  };

  /// Queues a request, or answers 503 when as many as allowed wait or are being handled. A request that its handler has
  /// parked counts no more. Any thread.
  void submit(Job job);

  /// For later requests. Any thread.
  void set_concurrency_max(std::size_t concurrency_max) { concurrency_max_ = concurrency_max; }

 private:
  struct Lane {
    std::deque<Job> queue;
    std::condition_variable ready;
    std::size_t in_hand = 0;  // queued or being handled
  };

  bool is_always_admitted(const http::Request& request) const;
  void work(Lane& lane);

  const http::RouteTable routes_;
  std::atomic<std::size_t> concurrency_max_;
  std::mutex mutex_;  // of both lanes and stopping_
  Lane common_;
  Lane always_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace dnsmesh::net
