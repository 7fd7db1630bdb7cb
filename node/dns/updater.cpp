// SPDX-License-Identifier: Apache-2.0
#include "dns/updater.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace dnsmesh::dns {
namespace {

using Kind = UpdateOperation::Kind;

bool is_over(std::int64_t amount, std::int64_t max) { return max > 0 && amount > max; }

/// Checks 10 and 11 of spec/dns-update.md 2; 12 and the size of the RRset are the store's, in the same commit.
bool is_within(const UpdateOperation& operation, const UpdateLimits& limits) {
  if (operation.kind != Kind::add) return true;
  return !is_over(static_cast<std::int64_t>(operation.value.size()), limits.value_bytes_max) &&
         !is_over(operation.ttl_s, limits.ttl_s_max);
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
}

ValuesAt values_of(const store::RecordStore& store) {
  return [&store](std::string_view name) -> Result<std::vector<std::string>> {
    auto rows = store.values_at(name);
    if (!rows) return std::unexpected(rows.error());
    std::vector<std::string> out;
    for (store::Record& row : *rows) out.push_back(std::move(row.value));
    return out;
  };
}

void describe(const std::vector<UpdateOperation>& operations, const Zone& zone, UpdateResult& result) {
  for (const UpdateOperation& operation : operations) {
    ++(operation.kind == Kind::add ? result.adds : result.deletes);
    if (operation.kind == Kind::add && !is_ascii(operation.value)) result.has_foreign_text = true;
    if (result.recipient.empty()) result.recipient = claim_recipient(operation.owner_wire, zone.apex->wire());
  }
}

}  // namespace

Updater::Updater(const Zone& zone, store::RecordStore& store, store::OfferJudge judge, const Clock& clock,
                 const ClaimSettings& claims, IsRegistered is_registered, const UpdateLimits& limits)
    : zone_(zone), store_(store), judge_(std::move(judge)), limits_(limits) {
  if (zone.apex) claims_.emplace(claims, zone, clock, std::move(is_registered));
}

UpdateResult Updater::apply(std::string_view octets, const ClientAddress& client) {
  UpdateResult result;
  const std::optional<UpdateMessage> message = parse_update(octets);
  result.rcode = message ? decide(*message, client, result) : Rcode::formerr;
  return result;
}

Rcode Updater::decide(const UpdateMessage& message, const ClientAddress& client, UpdateResult& result) {
  if (message.has_tsig) return Rcode::notauth;  // no key is known here
  if (const Rcode rcode = check_zone(message, zone_); rcode != Rcode::noerror) return rcode;
  auto operations = read_operations(message, zone_);
  if (!operations) return operations.error();
  describe(*operations, zone_, result);

  if (const Rcode rcode = claims_->admit(*operations, client); rcode != Rcode::noerror) return rcode;
  const UpdateLimits limits = limits_.with([](const UpdateLimits& current) { return current; });
  if (!std::ranges::all_of(*operations, [&](const auto& operation) { return is_within(operation, limits); })) {
    return Rcode::refused;
  }
  const Rcode held = check_prerequisites(message, zone_, values_of(store_));
  return held == Rcode::noerror ? commit(*operations) : held;
}

Rcode Updater::commit(const std::vector<UpdateOperation>& operations) {
  const auto evicted = claims_->evictions(operations, store_);
  if (!evicted) return Rcode::servfail;
  store::Batch batch;
  for (const store::Delete& gone : *evicted) batch.operations.emplace_back(gone);
  const std::int64_t values_max = limits_.with([](const UpdateLimits& current) { return current.values_per_name_max; });
  for (const UpdateOperation& operation : operations) {
    batch.operations.emplace_back(store::Put{.name = operation.owner,
                                             .value = operation.value,
                                             .ttl_s = operation.life_s,
                                             .ttl_rule = store::TtlRule::never_shorten,
                                             .values_per_name_max = values_max,
                                             .offer = judge_(operation.owner, operation.value)});
  }
  const auto receipt = store::commit_and_wait(store_, std::move(batch));
  if (receipt) {
    claims_->stored(operations, *evicted);
    return Rcode::noerror;
  }
  return store::classify(receipt.error().code) == store::CommitFailure::refused ? Rcode::refused : Rcode::servfail;
}

}  // namespace dnsmesh::dns
