// SPDX-License-Identifier: Apache-2.0
#include "net/http_workers.hpp"

#include <algorithm>
#include <utility>

#include "http/responses.hpp"
#include "net/http_router.hpp"

namespace dnsmesh::net {
namespace {

/// cpp-httplib makes its tables of methods and status texts when the first request comes. Here no other thread is there
/// yet; without it the first requests of all workers would make them at the same time.
void warm_up() {
  http::Request request;
  request.method = "GET";
  request.target = "/";
  HttpRouter({}).handle(request, [](const http::Response&) {});
}

}  // namespace

HttpWorkers::HttpWorkers(const http::RouteTable& routes, unsigned worker_count, std::size_t concurrency_max)
    : routes_(routes), concurrency_max_(concurrency_max) {
  warm_up();
  threads_.emplace_back([this] { work(always_); });
  for (unsigned i = 0; i < worker_count; ++i) threads_.emplace_back([this] { work(common_); });
}

HttpWorkers::~HttpWorkers() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  common_.ready.notify_all();
  always_.ready.notify_all();
}

bool HttpWorkers::is_always_admitted(const http::Request& request) const {
  return std::ranges::any_of(
      routes_, [&](const http::Route& route) { return route.always_admitted && route.path == request.target; });
}

void HttpWorkers::submit(Job job) {
  const bool always = is_always_admitted(job.request);
  Lane& lane = always ? always_ : common_;
  {
    const std::scoped_lock lock(mutex_);
    if (always || lane.in_hand < concurrency_max_) {
      ++lane.in_hand;
      lane.queue.push_back(std::move(job));
      lane.ready.notify_one();
      return;
    }
  }
  job.respond(http::json_error(503, "server busy"));
}

void HttpWorkers::work(Lane& lane) {
  HttpRouter router(routes_);
  std::unique_lock lock(mutex_);
  while (true) {
    lane.ready.wait(lock, [&] { return stopping_ || !lane.queue.empty(); });
    if (lane.queue.empty()) return;
    Job job = std::move(lane.queue.front());
    lane.queue.pop_front();
    lock.unlock();
    router.handle(job.request, std::move(job.respond));
    lock.lock();
    --lane.in_hand;
  }
}

}  // namespace dnsmesh::net
