// SPDX-License-Identifier: Apache-2.0
#include "dns/update_message.hpp"

#include <algorithm>

#include "dns/wire.hpp"

namespace dnsmesh::dns {
namespace {

bool is_meta_type(std::uint16_t type) {
  return type == k_type_opt || (type >= k_type_meta_first && type <= k_type_any);
}

/// RFC 2136 3.2.4: what a prerequisite may look like.
bool is_prerequisite(const RecordFields& fields) {
  if (fields.ttl != 0) return false;
  if (fields.rclass == k_class_any || fields.rclass == k_class_none) {
    return fields.rdata.empty() && (fields.type == k_type_any || !is_meta_type(fields.type));
  }
  return fields.rclass == k_class_in && !is_meta_type(fields.type);
}

/// RFC 2136 3.4.1.2: what an update may look like.
bool is_update(const RecordFields& fields) {
  if (fields.rclass == k_class_any) {
    return fields.ttl == 0 && fields.rdata.empty() && (fields.type == k_type_any || !is_meta_type(fields.type));
  }
  if (fields.rclass == k_class_none) return fields.ttl == 0 && !is_meta_type(fields.type);
  return fields.rclass == k_class_in && !is_meta_type(fields.type);
}

bool read_section(std::string_view octets, std::size_t& position, unsigned count, std::vector<UpdateRecord>& out) {
  out.reserve(std::min<std::size_t>(count, octets.size() / k_header_octets));
  for (unsigned i = 0; i < count; ++i) {
    UpdateRecord record;
    if (!read_record(octets, position, record.owner, record.fields)) return false;
    record.owner.fold();
    out.push_back(record);
  }
  return true;
}

/// A TSIG is the last RR of the message or there is none (RFC 8945 5.1).
bool is_tsig_last(std::string_view octets, std::size_t position, unsigned count) {
  Name owner;
  for (unsigned i = 0; i < count; ++i) {
    RecordFields fields;
    if (!read_record(octets, position, owner, fields)) return false;
    if (fields.type == k_type_tsig && i + 1 != count) return false;
  }
  return true;
}

}  // namespace

std::optional<UpdateMessage> parse_update(std::string_view octets) {
  ByteReader reader(octets);
  Message message;
  message.header = read_header(reader);
  if (!reader.ok() || parse_message(octets, message) != Fault::none) return std::nullopt;
  const Header& header = message.header;
  if (header.question_count > 1) return std::nullopt;

  UpdateMessage out;
  out.has_zone = header.question_count == 1;
  out.zone = message.name;
  out.zone_class = message.qclass;
  const bool is_zone_entry =
      message.type == k_type_soa && message.qclass != k_class_none && message.qclass != k_class_any;
  if (out.has_zone && !is_zone_entry) return std::nullopt;

  std::size_t position = k_header_octets + message.question.size();
  if (!read_section(octets, position, header.answer_count, out.prerequisites)) return std::nullopt;
  if (!read_section(octets, position, header.authority_count, out.updates)) return std::nullopt;
  if (!is_tsig_last(octets, position, header.additional_count)) return std::nullopt;
  // The classes are measured by the zone's, which is IN or the message is not for us.
  if (!out.has_zone || out.zone_class != k_class_in) return out;
  const auto fields_of = &UpdateRecord::fields;
  if (!std::ranges::all_of(out.prerequisites, is_prerequisite, fields_of)) return std::nullopt;
  if (!std::ranges::all_of(out.updates, is_update, fields_of)) return std::nullopt;
  return out;
}

}  // namespace dnsmesh::dns
