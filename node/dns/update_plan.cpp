// SPDX-License-Identifier: Apache-2.0
#include "dns/update_plan.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/cursor.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::dns {
namespace {

/// The character-strings of a TXT joined; nothing when they are cut or there is none (RFC 1035 3.3.14).
std::optional<std::string> joined_strings(std::string_view rdata) {
  if (rdata.empty()) return std::nullopt;
  std::string joined;
  ByteReader reader(rdata);
  while (reader.ok() && !reader.at_end()) joined += reader.bytes(reader.u8());
  if (!reader.ok()) return std::nullopt;
  return joined;
}

std::int64_t life_asked_s(std::uint32_t ttl) {
  return ttl == 0 || ttl > limits::dns_ttl_s_max ? limits::dns_update_ttl_s_default : ttl;
}

/// Nothing when the record is no change of a TXT RRset.
std::optional<UpdateOperation::Kind> kind_of(const RecordFields& fields) {
  using Kind = UpdateOperation::Kind;
  if (fields.rclass == k_class_any) {
    if (fields.type == k_type_txt || fields.type == k_type_any) return Kind::delete_rrset;
    return std::nullopt;
  }
  if (fields.type != k_type_txt) return std::nullopt;
  return fields.rclass == k_class_none ? Kind::delete_value : Kind::add;
}

bool is_at_apex(const Name& owner, const Zone& zone) { return owner.wire() == zone.apex->wire(); }

bool apex_has(std::uint16_t type, const Zone& zone) {
  return type == k_type_soa || (type == k_type_ns && zone.ns) || (type == k_type_a && zone.a) ||
         (type == k_type_aaaa && zone.aaaa);
}

bool rrset_exists(const UpdateRecord& record, const Zone& zone, bool has_txt) {
  if (record.fields.type == k_type_txt) return has_txt;
  return is_at_apex(record.owner, zone) && apex_has(record.fields.type, zone);
}

/// One prerequisite that speaks of existence alone (RFC 2136 2.4.1, 2.4.3 to 2.4.5).
Rcode check_existence(const UpdateRecord& record, const Zone& zone, bool has_txt) {
  const bool must_exist = record.fields.rclass == k_class_any;
  if (record.fields.type == k_type_any) {
    const bool is_in_use = has_txt || is_at_apex(record.owner, zone);
    if (is_in_use == must_exist) return Rcode::noerror;
    return must_exist ? Rcode::nxdomain : Rcode::yxdomain;
  }
  if (rrset_exists(record, zone, has_txt) == must_exist) return Rcode::noerror;
  return must_exist ? Rcode::nxrrset : Rcode::yxrrset;
}

}  // namespace

Rcode check_zone(const UpdateMessage& message, const Zone& zone) {
  if (!message.has_zone) return Rcode::formerr;
  const bool is_ours = message.zone_class == k_class_in && zone.apex && message.zone.wire() == zone.apex->wire();
  return is_ours ? Rcode::noerror : Rcode::notauth;
}

std::expected<std::vector<UpdateOperation>, Rcode> read_operations(const UpdateMessage& message, const Zone& zone) {
  const auto is_outside = [&](const UpdateRecord& record) {
    return !is_at_or_under(record.owner.wire(), zone.apex->wire());
  };
  if (std::ranges::any_of(message.prerequisites, is_outside) || std::ranges::any_of(message.updates, is_outside)) {
    return std::unexpected(Rcode::notzone);
  }
  std::vector<UpdateOperation> out;
  for (const UpdateRecord& record : message.updates) {
    const auto kind = kind_of(record.fields);
    if (!kind) continue;
    UpdateOperation operation;
    operation.kind = *kind;
    operation.owner = name_to_text(record.owner.wire());
    operation.owner_wire = record.owner.wire();
    if (*kind != UpdateOperation::Kind::delete_rrset) {
      const auto value = joined_strings(record.fields.rdata);
      if (!value || !is_utf8(*value)) return std::unexpected(Rcode::formerr);
      operation.value = *value;
    }
    if (*kind == UpdateOperation::Kind::add) operation.ttl_s = operation.life_s = life_asked_s(record.fields.ttl);
    out.push_back(std::move(operation));
  }
  return out;
}

Rcode check_prerequisites(const UpdateMessage& message, const Zone& zone, const ValuesAt& values_at) {
  std::map<std::string, std::set<std::string>, std::less<>> expected;  // RRsets that must be exactly so
  for (const UpdateRecord& record : message.prerequisites) {
    const std::string owner = name_to_text(record.owner.wire());
    if (record.fields.rclass == k_class_in) {
      if (record.fields.type != k_type_txt) return Rcode::nxrrset;
      const auto value = joined_strings(record.fields.rdata);
      if (!value) return Rcode::formerr;
      expected[owner].insert(*value);
      continue;
    }
    const auto values = values_at(owner);
    if (!values) return Rcode::servfail;
    if (const Rcode rcode = check_existence(record, zone, !values->empty()); rcode != Rcode::noerror) return rcode;
  }
  for (const auto& [owner, wanted] : expected) {
    const auto values = values_at(owner);
    if (!values) return Rcode::servfail;
    if (std::set(values->begin(), values->end()) != wanted) return Rcode::nxrrset;
  }
  return Rcode::noerror;
}

}  // namespace dnsmesh::dns
