// SPDX-License-Identifier: Apache-2.0
#include "net/peer_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "net/peer_transfer.hpp"

namespace dnsmesh::net {
namespace {

using CurlMulti = std::unique_ptr<CURLM, CurlDeleter<curl_multi_cleanup>>;

/// Longer than any deadline; the wait is ended by wake() anyway.
constexpr std::int64_t k_turn_ms_max = 60000;

Result<void> check_readable(const std::string& path) {
  errno = 0;
  if (path.empty() || std::ifstream(path).get() != std::ifstream::traits_type::eof()) return {};
  return fail(ErrorCode::config_file, fmt::format("{}: {}", path, errno == 0 ? "is empty" : std::strerror(errno)));
}

}  // namespace

struct PeerClient::Parts {
  struct Running {
    std::unique_ptr<PeerTransfer> transfer;
    sync::PeerCallback done;
  };
  struct Refused {
    sync::PeerCallback done;
    Error error;
  };

  Parts(PeerClientOptions the_options, const Clock& the_clock)
      : options(std::move(the_options)), clock(the_clock), multi(curl_multi_init()) {}

  const PeerClientOptions options;
  const Clock& clock;
  CurlMulti multi;
  std::vector<Running> running;  // their handles leave `multi` before it is cleaned up
  std::vector<Refused> refused;  // told in the next turn

  /// Takes the call out; its end is for the caller to tell.
  Running take(std::vector<Running>::iterator at) {
    Running ended = std::move(*at);
    running.erase(at);
    curl_multi_remove_handle(multi.get(), ended.transfer->easy());
    return ended;
  }

  std::int64_t turn_ms(std::int64_t wait_ms) const {
    if (!refused.empty()) return 0;
    std::int64_t until_ms = wait_ms < 0 ? k_turn_ms_max : std::min(wait_ms, k_turn_ms_max);
    const std::int64_t now_ms = clock.monotonic_ms();
    for (const Running& each : running) until_ms = std::min(until_ms, each.transfer->deadline_ms() - now_ms);
    return std::max<std::int64_t>(until_ms, 0);
  }

  void tell_refused() {
    for (Refused& each : std::exchange(refused, {})) each.done(std::unexpected(std::move(each.error)));
  }

  void tell_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      const auto is_it = [easy = message->easy_handle](const Running& each) { return each.transfer->easy() == easy; };
      Running ended = take(std::ranges::find_if(running, is_it));
      ended.done(ended.transfer->outcome(code));
    }
  }

  void end_overdue() {
    const std::int64_t now_ms = clock.monotonic_ms();
    const auto is_overdue = [now_ms](const Running& each) { return each.transfer->deadline_ms() <= now_ms; };
    std::vector<Running> overdue;
    for (auto at = std::ranges::find_if(running, is_overdue); at != running.end();
         at = std::ranges::find_if(running, is_overdue)) {
      overdue.push_back(take(at));
    }
    for (Running& each : overdue) each.done(fail(ErrorCode::sync_timeout, "no answer in time, or a very slow one"));
  }
};

PeerClient::PeerClient(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

PeerClient::~PeerClient() { cancel_all(); }

Result<std::unique_ptr<PeerClient>> PeerClient::create(const PeerClientOptions& options, const Clock& clock) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialised != CURLE_OK) return fail(ErrorCode::net_io, curl_easy_strerror(initialised));
  for (const std::string& path : {options.ca_file, options.certificate_file, options.key_file}) {
    if (const auto readable = check_readable(path); !readable) return std::unexpected(readable.error());
  }
  auto parts = std::make_unique<Parts>(options, clock);
  if (!parts->multi) return fail(ErrorCode::net_io, "no client for calls to peers");
  CURLM* multi = parts->multi.get();
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, limits::peer_connections_per_host_max);
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limits::peer_connections_max);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, limits::peer_connections_kept);
  return std::unique_ptr<PeerClient>(new PeerClient(std::move(parts)));
}

void PeerClient::call(sync::PeerRequest request, sync::PeerCallback done) {
  auto transfer = PeerTransfer::create(parts_->options, std::move(request), parts_->clock);
  if (!transfer) return void(parts_->refused.push_back({std::move(done), std::move(transfer.error())}));
  const CURLMcode added = curl_multi_add_handle(parts_->multi.get(), (*transfer)->easy());
  if (added != CURLM_OK) {
    return void(parts_->refused.push_back({std::move(done), {ErrorCode::net_io, curl_multi_strerror(added)}}));
  }
  parts_->running.push_back({std::move(*transfer), std::move(done)});
}

void PeerClient::cancel_all() {
  // All are out before the first is told: what it starts in turn is not among them.
  std::vector<Parts::Running> ended;
  while (!parts_->running.empty()) ended.push_back(parts_->take(parts_->running.begin()));
  std::vector<Parts::Refused> refused = std::exchange(parts_->refused, {});
  const Error cancelled{ErrorCode::sync_cancelled, "the call was ended"};
  for (auto& each : ended) each.done(std::unexpected(cancelled));
  for (auto& each : refused) each.done(std::unexpected(cancelled));
}

void PeerClient::turn(std::int64_t wait_ms) {
  CURLM* multi = parts_->multi.get();
  int running = 0;
  curl_multi_poll(multi, nullptr, 0, static_cast<int>(parts_->turn_ms(wait_ms)), nullptr);
  curl_multi_perform(multi, &running);
  parts_->tell_finished();
  parts_->end_overdue();
  parts_->tell_refused();
}

void PeerClient::wake() { curl_multi_wakeup(parts_->multi.get()); }

std::size_t PeerClient::calls_in_flight() const { return parts_->running.size(); }

}  // namespace dnsmesh::net
