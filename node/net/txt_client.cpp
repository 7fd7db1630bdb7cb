// SPDX-License-Identifier: Apache-2.0
#include "net/txt_client.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/discovery_limits.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"

namespace dnsmesh::net {
namespace {

constexpr int k_rounds = 2;  // a lost datagram is usual: each resolver is asked a second time when there is time

std::string_view words_of(ErrorCode reason) {
  switch (reason) {
    case ErrorCode::lookup_timeout:
      return "no resolver answered in time";
    case ErrorCode::lookup_not_signed:
      return "the resolver does not vouch for the answer (DNSSEC)";
    default:
      return "no resolver could say";
  }
}

}  // namespace

TxtClient::TxtClient(TxtClientOptions options, const Clock& clock, Random& random)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      demoted_until_ms_(options_.resolvers.addresses.size(), std::numeric_limits<std::int64_t>::min()) {}

void TxtClient::start(std::uint64_t id, const std::string& owner) {
  LookUp& look_up = look_ups_.emplace_back();
  look_up.id = id;
  look_up.owner = owner;
  look_up.ends_ms = clock_.monotonic_ms() + options_.resolvers.look_up_ms;
  look_up.order = order_of_tries();
  try_next(look_up);
}

/// Those that failed lately come last; the next one to ask stands at the end.
std::vector<std::size_t> TxtClient::order_of_tries() const {
  const std::int64_t now_ms = clock_.monotonic_ms();
  std::vector<std::size_t> round;
  for (const bool demoted : {false, true}) {
    for (std::size_t i = 0; i < demoted_until_ms_.size(); ++i) {
      if ((demoted_until_ms_[i] > now_ms) == demoted) round.push_back(i);
    }
  }
  std::vector<std::size_t> out;
  for (int i = 0; i < k_rounds; ++i) out.insert(out.end(), round.begin(), round.end());
  std::ranges::reverse(out);
  return out;
}

/// False when there is no resolver or no time left.
bool TxtClient::try_next(LookUp& look_up) {
  look_up.current.reset();
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (look_up.order.empty() || now_ms >= look_up.ends_ms) return false;
  look_up.resolver = look_up.order.back();
  look_up.order.pop_back();
  look_up.try_ends_ms = std::min(look_up.ends_ms, now_ms + options_.resolvers.try_ms);
  look_up.current.emplace(look_up.owner, options_.resolvers.addresses[look_up.resolver], options_.dnssec_required,
                          random_);
  return true;
}

void TxtClient::turn(std::int64_t wait_ms, const Done& done) {
  poll_sockets(wait_ms);
  std::vector<std::pair<std::uint64_t, Result<std::vector<std::string>>>> ended;
  for (auto look_up = look_ups_.begin(); look_up != look_ups_.end();) {
    auto outcome = advance(*look_up);
    if (!outcome) {
      ++look_up;
      continue;
    }
    ended.emplace_back(look_up->id, std::move(*outcome));
    look_up = look_ups_.erase(look_up);
  }
  for (const auto& [id, values] : ended) done(id, values);
}

std::optional<Result<std::vector<std::string>>> TxtClient::advance(LookUp& look_up) {
  while (look_up.current) {
    auto outcome = look_up.current->turn();
    if (!outcome) {
      if (clock_.monotonic_ms() < look_up.try_ends_ms) return std::nullopt;
      outcome = TryOutcome{std::nullopt, ErrorCode::lookup_timeout, true};
    }
    if (outcome->values) return std::move(*outcome->values);
    note_failure(look_up, *outcome);
    try_next(look_up);
  }
  return fail(look_up.reason, std::string(words_of(look_up.reason)));
}

void TxtClient::note_failure(LookUp& look_up, const TryOutcome& outcome) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  look_up.reason = outcome.reason;
  if (outcome.resolver_is_down) {
    demoted_until_ms_[look_up.resolver] = now_ms + limits::resolver_demotion_ms;
  } else {
    std::erase(look_up.order, look_up.resolver);  // it has said what it has to say
  }
  if (outcome.reason == ErrorCode::lookup_not_signed && now_ms >= next_warning_ms_) {
    next_warning_ms_ = now_ms + limits::sync_warning_ms;
    log::warning(log::k_heartbeat, fmt::format("an answer of resolver {} is not used: DNSSEC is required, and it is "
                                               "not marked as authenticated",
                                               to_text(options_.resolvers.addresses[look_up.resolver])));
  }
}

void TxtClient::poll_sockets(std::int64_t wait_ms) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  std::vector<pollfd> waiting{{wake_up_.fd(), POLLIN, 0}};
  for (const LookUp& look_up : look_ups_) {
    if (!look_up.current || look_up.current->fd() < 0) {
      wait_ms = 0;
      continue;
    }
    waiting.push_back({look_up.current->fd(), look_up.current->events(), 0});
    wait_ms = std::min(wait_ms, look_up.try_ends_ms - now_ms);
  }
  wait_ms = std::clamp<std::int64_t>(wait_ms, 0, std::numeric_limits<int>::max());
  if (::poll(waiting.data(), waiting.size(), static_cast<int>(wait_ms)) <= 0) return;
  if (waiting.front().revents != 0) wake_up_.clear();
}

}  // namespace dnsmesh::net
