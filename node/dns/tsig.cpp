// SPDX-License-Identifier: Apache-2.0
#include "dns/tsig.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/cursor.hpp"
#include "base/limits.hpp"
#include "dns/writer.hpp"

namespace dnsmesh::dns {
namespace {

using access::TsigAlgorithm;

constexpr std::size_t k_rr_fixed_octets = 10;     // type, class, TTL, length
constexpr std::size_t k_rdata_fixed_octets = 16;  // time, fudge, MAC size, original ID, error, other length
constexpr std::size_t k_other_octets = 6;         // the server's time
constexpr std::size_t k_additional_count_at = 10;
constexpr std::uint16_t k_rcode_notauth = 9;
constexpr std::uint64_t k_time_mask = 0xFFFFFFFFFFFF;  // 48 bits

ByteReader reader_at(std::string_view octets, std::size_t position) {
  ByteReader reader(octets);
  reader.bytes(position);
  return reader;
}

/// Reads a name inside RDATA that ends at `end`.
bool read_name_within(std::string_view message, std::size_t& position, std::size_t end, Name& out) {
  return read_name(message, position, out) && position <= end;
}

bool read_rdata(std::string_view message, std::size_t position, std::size_t end, TsigRecord& out) {
  if (!read_name_within(message, position, end, out.algorithm_name)) return false;
  out.algorithm_name.fold();
  ByteReader reader = reader_at(message.substr(0, end), position);
  out.time_signed_s = std::uint64_t{reader.u16()} << 32;
  out.time_signed_s |= reader.u32();
  out.fudge_s = reader.u16();
  out.mac = reader.bytes(reader.u16());
  out.original_id = reader.u16();
  const std::uint16_t error = reader.u16();
  out.other = reader.bytes(reader.u16());
  return reader.at_end() && error == 0;
}

/// Moves behind the RR at `position`; `type` is its type. False when it is none.
bool skip_record(std::string_view message, std::size_t& position, std::uint16_t& type) {
  Name owner;
  if (!read_name(message, position, owner)) return false;
  ByteReader reader = reader_at(message, position);
  type = reader.u16();
  reader.bytes(6);
  reader.bytes(reader.u16());
  position = reader.position();
  return reader.ok();
}

bool read_tsig(std::string_view message, std::size_t position, TsigRecord& out) {
  out.position = position;
  if (!read_name(message, position, out.key_name)) return false;
  out.key_name.fold();
  ByteReader reader = reader_at(message, position);
  reader.u16();
  const std::uint16_t rclass = reader.u16();
  const std::uint32_t ttl = reader.u32();
  const std::size_t octets = reader.u16();
  const std::size_t start = reader.position();
  return rclass == k_class_any && ttl == 0 && read_rdata(message, start, start + octets, out);
}

std::array<char, 2> number16(std::size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }

std::array<char, 6> number48(std::uint64_t value) {
  std::array<char, 6> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(value >> (40 - 8 * i));
  return out;
}

template <std::size_t N>
std::string_view text_of(const std::array<char, N>& octets) {
  return {octets.data(), N};
}

std::uint64_t time48(std::int64_t now_s) {
  return now_s < 0 ? 0 : std::min(static_cast<std::uint64_t>(now_s), k_time_mask);
}

/// The variables of a TSIG RR that are signed beside the message.
struct Variables {
  const Name& key_name;
  const Name& algorithm_name;
  std::uint64_t time_signed_s;
  std::uint16_t fudge_s;
  std::uint16_t error;
  std::string_view other;
};

/// The MAC of RFC 8945 4.3. `prefix` is the request's MAC with its length, for an answer; `message` is without TSIG RR.
crypto::Mac mac_of(const access::TsigKey& key, std::string_view prefix, std::string_view message,
                   std::uint16_t original_id, std::uint16_t additional_count, const Variables& variables) {
  const auto id = number16(original_id);
  const auto count = number16(additional_count);
  const std::array<char, 6> class_and_ttl = {0, static_cast<char>(k_class_any), 0, 0, 0, 0};
  const auto time = number48(variables.time_signed_s);
  const auto fudge = number16(variables.fudge_s);
  const auto error = number16(variables.error);
  const auto other_octets = number16(variables.other.size());
  const std::array parts = {prefix,
                            text_of(id),
                            message.substr(2, k_additional_count_at - 2),
                            text_of(count),
                            message.substr(k_header_octets),
                            variables.key_name.wire(),
                            text_of(class_and_ttl),
                            variables.algorithm_name.wire(),
                            text_of(time),
                            text_of(fudge),
                            text_of(error),
                            text_of(other_octets),
                            variables.other};
  return crypto::hmac(access::tsig_hash(key.algorithm), key.secret, parts);
}

std::uint16_t additional_count_of(std::string_view message) { return reader_at(message, k_additional_count_at).u16(); }

bool is_in_time(std::uint64_t signed_s, std::uint16_t fudge_s, std::uint64_t now_s) {
  return (signed_s > now_s ? signed_s - now_s : now_s - signed_s) <= fudge_s;
}

/// Whether the answer carries a MAC: only what the request has proven earns one.
bool is_signed(const TsigContext& context) {
  return context.key != nullptr && (context.error == TsigError::none || context.error == TsigError::badtime);
}

}  // namespace

TsigFound find_tsig(std::string_view message, TsigRecord& out) {
  ByteReader start(message);
  const Header header = read_header(start);
  if (!start.ok()) return TsigFound::malformed;
  std::size_t position = k_header_octets;
  for (unsigned i = 0; i < header.question_count; ++i) {
    Name name;
    if (!read_name(message, position, name) || message.size() - position < 4) return TsigFound::malformed;
    position += 4;
  }
  const unsigned records = unsigned{header.answer_count} + header.authority_count + header.additional_count;
  for (unsigned i = 0; i < records; ++i) {
    const std::size_t begin = position;
    std::uint16_t type = 0;
    if (!skip_record(message, position, type)) return TsigFound::malformed;
    if (type != k_type_tsig) continue;
    const bool is_last = i + 1 == records && header.additional_count > 0 && position == message.size();
    return is_last && read_tsig(message, begin, out) ? TsigFound::one : TsigFound::malformed;
  }
  return TsigFound::none;
}

TsigVerdict verify_tsig(std::string_view message, const TsigRecord& record, std::shared_ptr<const access::TsigKey> key,
                        std::int64_t now_s, TsigContext& out) {
  out = {.key = std::move(key), .key_name = record.key_name, .algorithm_name = record.algorithm_name};
  out.time_signed_s = record.time_signed_s;
  out.fudge_s = std::min(record.fudge_s, limits::tsig_fudge_s_max);
  out.original_id = record.original_id;
  const auto rejected = [&out](TsigError error) {
    out.error = error;
    return TsigVerdict::rejected;
  };
  const auto algorithm = access::tsig_algorithm_of(name_to_text(record.algorithm_name.wire()));
  if (out.key == nullptr || algorithm != out.key->algorithm) {
    out.key = nullptr;
    return rejected(TsigError::badkey);
  }
  const std::size_t mac_octets = access::tsig_mac_octets(*algorithm);
  if (record.mac.size() > mac_octets) return TsigVerdict::formerr;
  if (record.mac.size() < mac_octets) return rejected(TsigError::badtrunc);
  const auto count = static_cast<std::uint16_t>(additional_count_of(message) - 1);
  const crypto::Mac mac =
      mac_of(*out.key, {}, message.substr(0, record.position), record.original_id, count,
             {record.key_name, record.algorithm_name, record.time_signed_s, record.fudge_s, 0, record.other});
  if (!crypto::equal_mac(view(mac).substr(0, mac_octets), record.mac)) return rejected(TsigError::badsig);
  out.mac = mac;
  out.mac_octets = mac_octets;
  if (!is_in_time(record.time_signed_s, out.fudge_s, time48(now_s))) return rejected(TsigError::badtime);
  return TsigVerdict::verified;
}

std::size_t tsig_octets_max(const TsigContext& context) {
  return context.key_name.wire().size() + k_rr_fixed_octets + context.algorithm_name.wire().size() +
         k_rdata_fixed_octets + (is_signed(context) ? context.mac_octets : 0) +
         (context.error == TsigError::badtime ? k_other_octets : 0);
}

std::size_t sign_answer(std::span<char> buffer, std::size_t size, const TsigContext& context,
                        std::string_view question_name, std::int64_t now_s) {
  const std::string_view message(buffer.data(), size);
  const std::uint16_t count = additional_count_of(message);
  const bool is_late = context.error == TsigError::badtime;
  const auto server_time = number48(time48(now_s));
  // The client compares its own time with the server's (RFC 8945 5.2.3).
  const std::uint64_t time_s = is_late ? context.time_signed_s : time48(now_s);
  const std::string_view other = is_late ? text_of(server_time) : std::string_view();
  const auto error = static_cast<std::uint16_t>(context.error);
  crypto::Mac mac{};
  std::size_t mac_octets = 0;
  if (is_signed(context)) {
    mac_octets = context.mac_octets;
    const auto length = number16(mac_octets);
    const std::string prefix = std::string(text_of(length)).append(context.request_mac());
    mac = mac_of(*context.key, prefix, message, context.original_id, count,
                 {context.key_name, context.algorithm_name, time_s, limits::tsig_fudge_s_max, error, other});
  }
  WireWriter writer(buffer, buffer.size());
  writer.rewind(size);
  writer.name(context.key_name.wire(), question_name);
  writer.u16(k_type_tsig);
  writer.u16(k_class_any);
  writer.u32(0);
  writer.u16(static_cast<std::uint16_t>(context.algorithm_name.wire().size() + k_rdata_fixed_octets + mac_octets +
                                        other.size()));
  writer.bytes(context.algorithm_name.wire());
  writer.bytes(text_of(number48(time_s)));
  writer.u16(limits::tsig_fudge_s_max);
  writer.u16(static_cast<std::uint16_t>(mac_octets));
  writer.bytes(view(mac).substr(0, mac_octets));
  writer.u16(context.original_id);
  writer.u16(error);
  writer.u16(static_cast<std::uint16_t>(other.size()));
  writer.bytes(other);
  if (writer.is_full()) return 0;
  writer.u16_at(k_additional_count_at, static_cast<std::uint16_t>(count + 1));
  return writer.size();
}

std::size_t write_tsig_stub(std::string_view request, std::span<char> buffer) {
  ByteReader reader(request);
  const Header header = read_header(reader);
  WireWriter writer(buffer, buffer.size());
  writer.u16(header.id);
  writer.u16(static_cast<std::uint16_t>(k_flag_response | (header.flags & k_opcode_mask) | k_rcode_notauth));
  writer.u32(0);
  writer.u32(0);
  return reader.ok() && !writer.is_full() ? writer.size() : 0;
}

}  // namespace dnsmesh::dns
