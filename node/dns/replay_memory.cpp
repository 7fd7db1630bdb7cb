// SPDX-License-Identifier: Apache-2.0
#include "dns/replay_memory.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

namespace dnsmesh::dns {
namespace {

crypto::Hash256 digest_of(const TsigContext& request) {
  return crypto::sha256(std::string(request.key_name.wire()).append(request.request_mac()));
}

std::int64_t end_of(const TsigContext& request, std::int64_t now_s) {
  const std::int64_t life_s = 2 * std::int64_t{request.fudge_s};
  return now_s > std::numeric_limits<std::int64_t>::max() - life_s ? std::numeric_limits<std::int64_t>::max()
                                                                   : now_s + life_s;
}

}  // namespace

std::size_t ReplayMemory::Digest::operator()(const crypto::Hash256& hash) const {
  std::size_t out = 0;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

void ReplayMemory::State::remove_oldest(std::int64_t now_s) {
  const auto [digest, number] = order.front();
  order.pop_front();
  const auto found = entries.find(digest);
  if (found == entries.end() || found->second.number != number) return;
  const Entry& entry = found->second;
  if (entry.until_s >= now_s) {
    Forgotten& of_key = forgotten[entry.key_name];
    of_key.time_signed_s = std::max(of_key.time_signed_s, entry.time_signed_s);
    of_key.until_s = std::max(of_key.until_s, entry.until_s);
  }
  entries.erase(found);
}

bool ReplayMemory::State::may_be_forgotten(const TsigContext& request, std::int64_t now_s) {
  if (forgotten.empty()) return false;
  const auto found = forgotten.find(std::string(request.key_name.wire()));
  if (found == forgotten.end()) return false;
  if (found->second.until_s >= now_s) return request.time_signed_s <= found->second.time_signed_s;
  forgotten.erase(found);
  return false;
}

ReplayLook ReplayMemory::begin(const TsigContext& request, std::int64_t now_s) {
  const crypto::Hash256 digest = digest_of(request);
  return state_.with([&](State& state) {
    const auto found = state.entries.find(digest);
    if (found != state.entries.end() && found->second.until_s >= now_s) {
      const std::optional<Rcode> rcode = found->second.rcode;
      return rcode ? ReplayLook{ReplaySeen::answered, *rcode} : ReplayLook{ReplaySeen::pending};
    }
    if (state.may_be_forgotten(request, now_s)) return ReplayLook{ReplaySeen::unknown};
    while (state.order.size() >= requests_max_) state.remove_oldest(now_s);
    const std::uint64_t number = ++state.count;
    Entry entry{end_of(request, now_s), number, {}, std::string(request.key_name.wire()), request.time_signed_s};
    state.entries.insert_or_assign(digest, std::move(entry));
    state.order.emplace_back(digest, number);
    return ReplayLook{};
  });
}

void ReplayMemory::finish(const TsigContext& request, Rcode rcode) {
  const crypto::Hash256 digest = digest_of(request);
  state_.with([&](State& state) {
    if (const auto found = state.entries.find(digest); found != state.entries.end()) found->second.rcode = rcode;
  });
}

void ReplayMemory::forget(const TsigContext& request) {
  const crypto::Hash256 digest = digest_of(request);
  state_.with([&](State& state) { state.entries.erase(digest); });
}

}  // namespace dnsmesh::dns
