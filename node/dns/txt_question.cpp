// SPDX-License-Identifier: Apache-2.0
#include "dns/txt_question.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/cursor.hpp"
#include "base/discovery_limits.hpp"
#include "base/utf8.hpp"
#include "dns/name.hpp"
#include "dns/wire.hpp"

namespace dnsmesh::dns {
namespace {

constexpr std::uint16_t k_type_cname = 5;
constexpr std::uint16_t k_flag_authenticated = 0x0020;
constexpr std::uint16_t k_rcode_mask = 0x000F;

struct Rr {
  std::string owner;  // folded
  std::uint16_t type = 0;
  std::uint16_t rr_class = 0;
  std::string_view data;
  std::size_t data_at = 0;  // in the message, for names that point into it
};

/// The letters of the name in upper or lower case at random: what a forger must guess beside id and port.
std::string in_random_case(std::string_view wire, Random& random) {
  std::string out(wire);
  std::array<unsigned char, limits::wire_name_octets_max> coins{};
  random.fill(coins);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] >= 'a' && out[i] <= 'z' && (coins[i] & 1) != 0) out[i] = static_cast<char>(out[i] - 'a' + 'A');
  }
  return out;
}

std::optional<Rr> read_rr(std::string_view message, std::size_t& position) {
  Name owner;
  if (!read_name(message, position, owner)) return std::nullopt;
  owner.fold();
  Rr rr;
  rr.owner = owner.wire();
  ByteReader reader(message.substr(position));
  rr.type = reader.u16();
  rr.rr_class = reader.u16();
  reader.u32();  // the time to live is not used: what is stored has times of its own
  const std::uint16_t size = reader.u16();
  rr.data_at = position + reader.position();
  rr.data = reader.bytes(size);
  if (!reader.ok()) return std::nullopt;
  position += reader.position();
  return rr;
}

/// The character strings of a TXT record as one text; nothing when they do not fill the data.
std::optional<std::string> text_of(std::string_view data) {
  if (data.empty()) return std::nullopt;
  std::string out;
  ByteReader reader(data);
  while (reader.ok() && !reader.at_end()) out += reader.bytes(reader.u8());
  if (!reader.ok()) return std::nullopt;
  return out;
}

/// Where the alias at `name` leads; nothing when there is none.
std::optional<std::string> alias_of(std::string_view message, const std::vector<Rr>& rrs, std::string_view name) {
  const auto alias = std::ranges::find_if(
      rrs, [&](const Rr& rr) { return rr.type == k_type_cname && rr.rr_class == k_class_in && rr.owner == name; });
  if (alias == rrs.end()) return std::nullopt;
  Name target;
  std::size_t position = alias->data_at;
  if (!read_name(message, position, target) || position != alias->data_at + alias->data.size()) return std::nullopt;
  target.fold();
  return std::string(target.wire());
}

/// False when an answer record cannot be read.
bool read_values(std::string_view message, std::size_t position, const Header& header, std::string name,
                 std::vector<std::string>& out) {
  std::vector<Rr> rrs;
  for (int i = 0; i < header.answer_count; ++i) {
    auto rr = read_rr(message, position);
    if (!rr) return false;
    rrs.push_back(std::move(*rr));
  }
  for (std::size_t aliases = 0; aliases < limits::lookup_aliases_max; ++aliases) {
    auto target = alias_of(message, rrs, name);
    if (!target) break;
    name = std::move(*target);
  }
  for (const Rr& rr : rrs) {
    if (rr.type != k_type_txt || rr.rr_class != k_class_in || rr.owner != name) continue;
    auto text = text_of(rr.data);
    if (!text) return false;
    out.push_back(std::move(*text));
  }
  return true;
}

}  // namespace

std::optional<TxtQuestion> make_txt_question(std::string_view owner, std::uint16_t udp_octets, bool wants_dnssec,
                                             Random& random) {
  auto name = Name::from_text(owner);
  if (!name) return std::nullopt;
  name->fold();
  TxtQuestion question;
  question.id = static_cast<std::uint16_t>(random.below(65536));
  question.name = in_random_case(name->wire(), random);
  ByteWriter writer;
  std::uint16_t flags = k_flag_recursion_desired;
  if (wants_dnssec) flags |= k_flag_authenticated;
  writer.u16(question.id).u16(flags).u16(1).u16(0).u16(0).u16(1);
  writer.bytes(question.name).u16(k_type_txt).u16(k_class_in);
  writer.u8(0).u16(k_type_opt).u16(udp_octets).u32(wants_dnssec ? k_edns_flag_dnssec_ok : 0).u16(0);
  question.message = writer.take();
  return question;
}

TxtAnswer read_txt_answer(const TxtQuestion& question, std::string_view message) {
  TxtAnswer answer;
  ByteReader reader(message);
  const Header header = read_header(reader);
  if (!reader.ok() || header.id != question.id || !header.is_response()) return answer;
  answer.rcode = header.flags & k_rcode_mask;
  answer.is_authenticated = (header.flags & k_flag_authenticated) != 0;
  const auto as = [&](TxtOutcome outcome) {
    answer.outcome = outcome;
    return answer;
  };
  // A resolver that could not read us may leave the question out. Only over UDP could that be a guess of a stranger;
  // then it ends one try of one look-up.
  if (header.question_count == 0 && answer.rcode != static_cast<std::uint16_t>(Rcode::noerror)) {
    return as(TxtOutcome::failed);
  }
  const std::string_view asked = reader.bytes(question.name.size());
  const std::uint16_t type = reader.u16();
  const std::uint16_t asked_class = reader.u16();
  if (!reader.ok() || header.question_count != 1 || header.opcode() != Opcode::query) return answer;
  if (type != k_type_txt || asked_class != k_class_in || fold_ascii(asked) != fold_ascii(question.name)) return answer;
  const bool same_case = asked == question.name;
  if ((header.flags & k_flag_truncated) != 0) return as(TxtOutcome::truncated);
  const bool says_none = answer.rcode == static_cast<std::uint16_t>(Rcode::nxdomain);
  if (!says_none && answer.rcode != static_cast<std::uint16_t>(Rcode::noerror)) {
    return as(same_case ? TxtOutcome::failed : TxtOutcome::other_case);
  }
  std::vector<std::string> values;
  if (!read_values(message, reader.position(), header, fold_ascii(question.name), values)) {
    return as(TxtOutcome::failed);
  }
  answer.values = std::move(values);
  return as(same_case ? TxtOutcome::answered : TxtOutcome::other_case);
}

}  // namespace dnsmesh::dns
