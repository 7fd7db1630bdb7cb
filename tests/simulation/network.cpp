// SPDX-License-Identifier: Apache-2.0
#include "network.hpp"

#include <memory>
#include <utility>

#include "base/utf8.hpp"

namespace dnsmesh::simulation {
namespace {

constexpr std::int64_t k_connect_ms = 2000;
constexpr std::int64_t k_first_byte_ms = 5000;
constexpr std::int64_t k_whole_call_ms = 30000;

std::string spelled_plainly(std::string endpoint) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return fold_ascii(endpoint);
}

}  // namespace

struct Network::Call {
  NetRequest request;
  NodeIndex to = k_nobody;
  NetCallback done;
  bool first_byte = false;  // of the answer has come

  bool open() const { return static_cast<bool>(done); }
  void end(Result<NetAnswer> result) {
    if (open()) std::exchange(done, nullptr)(std::move(result));
  }
};

void Network::serve(NodeIndex node, NetHandler handler) {
  if (handler) {
    handlers_[node] = std::move(handler);
  } else {
    handlers_.erase(node);
  }
}

NodeIndex Network::node_at(const std::string& endpoint) const {
  const auto found = nodes_.find(endpoint);
  return found == nodes_.end() ? k_nobody : found->second;
}

void Network::fail_after(std::int64_t ms, const std::shared_ptr<Call>& call, ErrorCode code) {
  events_.after(ms, [call, code] { call->end(fail(code)); });
}

void Network::call(NetRequest request, NetCallback done) {
  ++calls_;
  auto call = std::make_shared<Call>();
  call->to = node_at(spelled_plainly(request.endpoint));
  call->request = std::move(request);
  call->done = std::move(done);
  if (on_call) on_call(call->request, call->to);
  const Link& there = link(call->request.from, call->to);
  if (call->to == k_nobody || there.cut) return fail_after(k_connect_ms, call, ErrorCode::sync_unreachable);
  events_.after(k_first_byte_ms + call->request.wait_ms, [call] {
    if (!call->first_byte) call->end(fail(ErrorCode::sync_timeout));
  });
  if (dice_.chance(there.loss)) return;
  const std::int64_t delay_ms = delay_of(there);
  events_.after(delay_ms, [this, call] { deliver(call); });
  if (dice_.chance(there.duplicate)) {
    events_.after(delay_ms + delay_of(there), [this, call] {
      const auto handler = handlers_.find(call->to);
      if (handler != handlers_.end()) NetHandler(handler->second)(call->request, [](NetAnswer) {});
    });
  }
}

void Network::deliver(const std::shared_ptr<Call>& call) {
  if (!call->open()) return;
  if (const int status = link(call->request.from, call->to).refuse_status; status != 0) {
    return answer(call, {.status = status, .body = R"({"error": "refused"})"});
  }
  const auto handler = handlers_.find(call->to);
  if (handler == handlers_.end()) return fail_after(1, call, ErrorCode::sync_unreachable);
  // A node that dies with the request in its hands drops the connection.
  struct Connection {
    Network& network;
    std::shared_ptr<Call> call;
    bool answered = false;
    ~Connection() {
      if (!answered && call->open()) network.fail_after(1, call, ErrorCode::sync_transport);
    }
  };
  auto connection = std::make_shared<Connection>(*this, call);
  NetHandler(handler->second)(call->request, [connection](NetAnswer given) {
    connection->answered = true;
    connection->network.answer(connection->call, std::move(given));
  });
}

void Network::answer(const std::shared_ptr<Call>& call, NetAnswer given) {
  if (!call->open()) return;
  const Link& back = link(call->to, call->request.from);
  if (back.cut || dice_.chance(back.loss)) return;  // ends with its deadline
  std::int64_t delay_ms = delay_of(back);
  if (dice_.chance(back.drip)) {
    call->first_byte = true;
    if (dice_.chance(0.5)) return fail_after(k_whole_call_ms, call, ErrorCode::sync_timeout);
    delay_ms = dice_.between(k_first_byte_ms, k_whole_call_ms);
  }
  if (dice_.chance(back.truncate)) {
    if (dice_.chance(0.5)) return fail_after(delay_ms, call, ErrorCode::sync_transport);
    given.body.resize(dice_.index(given.body.size() + 1));
  }
  events_.after(delay_ms, [this, call, given = std::move(given)]() mutable {
    if (!call->open()) return;
    if (on_answer) on_answer(call->request, call->to, given);
    call->end(std::move(given));
  });
}

}  // namespace dnsmesh::simulation
