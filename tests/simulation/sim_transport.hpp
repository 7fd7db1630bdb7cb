// SPDX-License-Identifier: Apache-2.0
// What one of our nodes calls peers and checks records with, over the simulated network and the remembered verdicts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "env.hpp"
#include "gunzip.hpp"
#include "sync/loop.hpp"
#include "sync/transport.hpp"
#include "sync/verifier.hpp"

namespace dnsmesh::simulation {

/// Goes with the node that calls: answers that come later find nobody.
class SimTransport final : public sync::Transport {
 public:
  /// `env` must outlive it.
  SimTransport(Env& env, NodeIndex from) : env_(env), from_(from), waiting_(std::make_shared<Waiting>()) {}

  void call(sync::PeerRequest request, sync::PeerCallback done) override {
    const std::uint64_t number = ++number_;
    waiting_->emplace(number, std::move(done));
    const std::size_t bytes_max = request.answer_bytes_max;
    NetRequest net{.from = from_,
                   .endpoint = std::move(request.endpoint),
                   .method = std::move(request.method),
                   .target = std::move(request.target),
                   .token = std::move(request.token),
                   .body = std::move(request.body),
                   .wait_ms = request.wait_ms,
                   .accepts_gzip = request.accepts_gzip};
    env_.network.call(std::move(net), [weak = std::weak_ptr(waiting_), number, bytes_max](Result<NetAnswer> given) {
      const auto waiting = weak.lock();
      if (!waiting) return;
      auto node = waiting->extract(number);
      if (!node.empty()) node.mapped()(peer_answer(std::move(given), bytes_max));
    });
  }

  void cancel_all() override {
    auto cancelled = std::exchange(*waiting_, {});
    for (auto& [number, done] : cancelled) done(fail(ErrorCode::sync_cancelled));
  }

 private:
  using Waiting = std::map<std::uint64_t, sync::PeerCallback>;

  static Result<sync::PeerAnswer> peer_answer(Result<NetAnswer> given, std::size_t bytes_max) {
    if (!given) return std::unexpected(given.error());
    if (given->endless || given->body.size() > bytes_max) return fail(ErrorCode::sync_answer_too_big);
    sync::PeerAnswer answer;
    answer.status = given->status;
    answer.wire_bytes_received = given->body.size();
    if (given->gzipped) {
      auto content = gunzip(given->body, bytes_max);
      if (!content) return std::unexpected(content.error());
      given->body = *std::move(content);
    }
    answer.body = std::move(given->body);
    answer.content_type = std::move(given->content_type);
    answer.date_s = given->date_s;
    return answer;
  }

  Env& env_;
  const NodeIndex from_;
  std::uint64_t number_ = 0;
  std::shared_ptr<Waiting> waiting_;
};

class SimVerifier final : public sync::Verifier {
 public:
  /// Both must outlive it.
  SimVerifier(Env& env, sync::Loop& loop) : env_(env), loop_(loop) {}

  void check(std::vector<sync::Candidate> candidates, std::int64_t now_s, sync::VerdictCallback done) override {
    std::vector<sync::Verdict> verdicts;
    for (const sync::Candidate& candidate : candidates) {
      Verdicts::Judgement judgement = env_.verdicts.judge(candidate.name, candidate.value, now_s);
      verdicts.push_back({std::move(judgement.accepted), judgement.offer});
    }
    loop_.after(env_.dice.between(0, 3),
                [verdicts = std::move(verdicts), done = std::move(done)]() mutable { done(std::move(verdicts)); });
  }

 private:
  Env& env_;
  sync::Loop& loop_;
};

}  // namespace dnsmesh::simulation
