// SPDX-License-Identifier: Apache-2.0
#include "sync/server.hpp"

#include <algorithm>
#include <array>

#include "access/address_key.hpp"
#include "access/rate_limiter.hpp"
#include "base/json.hpp"
#include "base/limits.hpp"
#include "sync/gzip.hpp"
#include "sync/server_parts.hpp"

namespace dnsmesh::sync {
namespace {

using Serve = ServeAnswer (*)(const ServeContext&, const ServeRequest&);

struct ServedRoute {
  std::string_view method;
  std::string_view path;
  Serve serve;
};
/// What is answered from the store at once; feed and hint stand apart.
constexpr std::array<ServedRoute, 3> k_classic = {{{"GET", "/v1/sync/digest", serve_digest},
                                                   {"POST", "/v1/sync/pull", serve_pull},
                                                   {"GET", "/v1/sync/cluster-manifest", serve_manifest}}};
constexpr std::array<ServedRoute, 2> k_extended = {
    {{"POST", "/v1/sync/x1/get", serve_get}, {"POST", "/v1/sync/x1/reconcile", serve_reconcile}}};
constexpr std::string_view k_feed_path = "/v1/sync/x1/feed";
constexpr std::string_view k_hint_path = "/v1/sync/x1/hint";

constexpr access::Rate k_hint_rate{limits::sync_hints_per_s_max, limits::sync_hints_per_s_max};

/// A HEAD is a GET whose body is not sent.
std::string_view method_of(const ServeRequest& request) {
  const std::string_view method = request.method;
  return method == "HEAD" ? "GET" : method;
}

template <std::size_t N>
Serve find(const std::array<ServedRoute, N>& routes, std::string_view method, std::string_view path) {
  const auto found = std::ranges::find_if(
      routes, [&](const ServedRoute& route) { return route.method == method && route.path == path; });
  return found == routes.end() ? nullptr : found->serve;
}

void compress(ServeAnswer& answer) {
  if (answer.body.size() <= limits::gzip_bytes_min || answer.content_type != "application/json") return;
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  auto packed = gzip(answer.body);
  if (!packed) return;
  answer.body = std::move(*packed);
  answer.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace

ServeAnswer json_answer(std::string body) { return {200, "application/json", std::move(body), {}}; }

ServeAnswer error_answer(int status, std::string_view text) {
  return {status, "application/json", "{\"error\": " + json_quote(text) + "}", {}};
}

ServeAnswer empty_answer(int status) { return {status, {}, {}, {}}; }

ServeAnswer unavailable() { return error_answer(503, "store unavailable"); }

std::optional<std::uint64_t> ServeContext::manifest_seq() const {
  const auto served = manifest();
  return served ? std::optional(served->seq) : std::nullopt;
}

struct Server::Parts {
  Parts(std::shared_ptr<const ServeContext> the_context, Loop& loop, std::function<bool(const Hint&)> on_hint)
      : context(std::move(the_context)),
        hinted(std::move(on_hint)),
        hints(k_hint_rate, context->clock),
        feed(std::make_shared<FeedDoor>(context, loop)) {}

  ServeAnswer serve_hint(const ServeRequest& request);

  std::shared_ptr<const ServeContext> context;
  std::function<bool(const Hint&)> hinted;
  access::RateLimiter hints;
  std::shared_ptr<FeedDoor> feed;
};

/// Hints are best effort: above the rate they are acknowledged and forgotten, since a poll is under way anyway.
ServeAnswer Server::Parts::serve_hint(const ServeRequest& request) {
  const auto hint = parse_hint(request.body);
  if (!hint) return error_answer(400, "invalid body");
  if (!hints.allow(access::address_key(request.peer_address))) return empty_answer(204);
  return hinted(*hint) ? empty_answer(204) : error_answer(404, "not found");
}

Server::Server(ServerOptions options, store::RecordStore& store, const PairSet& pairs, const Clock& clock, Loop& loop,
               std::function<std::optional<ServedManifest>()> manifest, std::function<bool(const Hint&)> hinted)
    : parts_(std::make_shared<Parts>(
          std::make_shared<const ServeContext>(std::move(options), store, pairs, clock, std::move(manifest)), loop,
          std::move(hinted))) {}

Server::~Server() { stop(); }

void Server::handle(ServeRequest request, ServeResponder respond) {
  if (request.accepts_gzip) {
    respond = [whole = std::move(respond)](ServeAnswer answer) mutable {
      compress(answer);
      whole(std::move(answer));
    };
  }
  const std::string_view method = method_of(request);
  const std::string_view path = path_of(request.target);
  const bool extended = parts_->context->options.extended;
  Serve serve = find(k_classic, method, path);
  if (serve == nullptr && extended) serve = find(k_extended, method, path);
  if (serve != nullptr) return respond(serve(*parts_->context, request));
  if (extended && method == "GET" && path == k_feed_path) return parts_->feed->handle(request, std::move(respond));
  if (extended && method == "POST" && path == k_hint_path) return respond(parts_->serve_hint(request));
  respond(error_answer(404, "not found"));
}

void Server::moved() { parts_->feed->moved(); }

void Server::stop() { parts_->feed->stop(); }

std::size_t Server::waiting() const { return parts_->feed->waiting(); }

}  // namespace dnsmesh::sync
