// SPDX-License-Identifier: Apache-2.0
// Publish, read and delete (spec/http-api.md 4). The numbers are the steps of its tables.
#include <fmt/format.h>

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "http/api.hpp"
#include "http/record_name.hpp"
#include "http/responses.hpp"

namespace dnsmesh::http {
namespace {

using access::Verdict;

Response not_found() { return json_error(404, "not found"); }

Response server_busy() { return json_error(503, "server busy"); }

/// The answer to a request that access refuses. Precondition: not allowed.
Response refusal(Verdict verdict) {
  if (verdict == Verdict::unavailable) return json_error(503, "store unavailable");
  return verdict == Verdict::throttled ? json_error(429, "rate limit exceeded") : json_error(401, "unauthorized");
}

Response token_throttled() { return json_error(429, "per-token rate limit exceeded"); }

access::Requester requester(const Request& request) { return {request.peer_address, request.authorization}; }

Response publish_answer(const Result<store::Receipt>& committed, std::string_view name, std::int64_t values_max) {
  if (committed) return json_response(201, R"({"ok": true})");
  switch (committed.error().code) {
    case ErrorCode::store_values_full:
      return json_error(413, fmt::format("RRset at {} already holds {} values", name, values_max));
    case ErrorCode::store_rrset_full:
      return json_error(413, fmt::format("RRset at {} exceeds {} bytes", name, limits::rrset_octets_max));
    case ErrorCode::store_busy:
      return server_busy();
    default:
      return json_response(502, R"({"ok": false})");
  }
}

Response delete_answer(const Result<store::Receipt>& committed) {
  if (!committed) return committed.error().code == ErrorCode::store_busy ? server_busy() : empty_response(502);
  const bool removed = committed->outcomes.at(0) == store::Outcome::removed;
  return empty_response(removed ? 204 : 404);
}

std::string values_body(std::string_view name, const std::vector<store::Record>& records) {
  std::string body = "{\"name\": " + json_quote(name) + ", \"values\": [";
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i > 0) body += ", ";
    body += json_quote(records[i].value);
  }
  return body + "]}";
}

}  // namespace

void Api::publish(const Request& request, Responder respond) {
  const auto name = record_name_in(request.target);  // 1
  if (!name) return respond(not_found());
  std::string owner = fold_ascii(*name);
  access::Decision decision = access_.decide(requester(request), access::Operation::publish, owner);  // 2, 3
  if (decision.verdict != Verdict::allowed) return respond(refusal(decision.verdict));
  const PublishLimits caps = caps_.with([](const PublishLimits& current) { return current; });
  auto body = read_publish(*name, request, caps);  // 5 to 8, 10, 11
  if (!body) return respond(std::move(body.error()));
  if (!access_.spend(decision)) return respond(token_throttled());

  store::Put put{
      .name = std::move(owner),
      .value = std::move(body->value),
      .ttl_s = body->ttl_s,
      .ttl_rule = decision.may_shorten_life ? store::TtlRule::last_write_wins : store::TtlRule::never_shorten,
      .values_per_name_max = caps.values_per_name_max,
      .rrset_bounded = true,
      .offer = {},
  };
  put.offer = judge_(put.name, put.value);
  if (put.offer.reason) {
    offers_refused_[static_cast<std::size_t>(*put.offer.reason)].fetch_add(1, std::memory_order_relaxed);
  }
  store::Batch batch;
  batch.operations.emplace_back(std::move(put));
  store_.commit(std::move(batch),
                [this, respond = std::move(respond), name = *name, values_max = caps.values_per_name_max,
                 decision = std::move(decision)](Result<store::Receipt> committed) mutable {  // 9, 12
                  if (committed) access_.note_used(decision);
                  respond(publish_answer(committed, name, values_max));
                });
}

void Api::read(const Request& request, Responder respond) {
  const auto name = record_name_in(request.target);
  if (!name) return respond(not_found());
  const std::string owner = fold_ascii(*name);
  const access::Decision decision = access_.decide(requester(request), access::Operation::read, owner);
  if (decision.verdict != Verdict::allowed) return respond(refusal(decision.verdict));
  const auto records = store_.values_at(owner);
  if (!records) return respond(json_error(503, "store unavailable"));
  respond(json_response(records->empty() ? 404 : 200, values_body(*name, *records)));
}

void Api::remove(const Request& request, Responder respond) {
  const auto name = record_name_in(request.target);
  if (!name) return respond(not_found());
  std::string owner = fold_ascii(*name);
  access::Decision decision = access_.decide(requester(request), access::Operation::remove, owner);
  if (decision.verdict != Verdict::allowed) return respond(refusal(decision.verdict));
  auto value = read_delete(*name, request);
  if (!value) return respond(std::move(value.error()));
  if (!access_.spend(decision)) return respond(token_throttled());
  store::Batch batch;
  const std::int64_t absent_tombstone_s =
      caps_.with([](const PublishLimits& current) { return current.absent_tombstone_s; });
  batch.operations.emplace_back(store::Delete{std::move(owner), std::move(*value), absent_tombstone_s});
  store_.commit(std::move(batch), [this, respond = std::move(respond),
                                   decision = std::move(decision)](Result<store::Receipt> committed) mutable {
    if (committed) access_.note_used(decision);
    respond(delete_answer(committed));
  });
}

}  // namespace dnsmesh::http
