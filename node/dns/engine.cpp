// SPDX-License-Identifier: Apache-2.0
#include "dns/engine.hpp"

#include <optional>

#include "dns/message.hpp"
#include "dns/render.hpp"

namespace dnsmesh::dns {
namespace {

bool is_known_opcode(Opcode opcode) {
  return opcode == Opcode::query || opcode == Opcode::iquery || opcode == Opcode::status || opcode == Opcode::notify ||
         opcode == Opcode::update;
}

Plan header_only(Rcode rcode) {
  Plan plan = error_plan(rcode);
  plan.with_question = false;
  return plan;
}

/// No writer stands behind this engine, so a well-formed UPDATE is refused; clients recognise a node by that
/// (spec/dns-update.md 1 and 2).
Plan refuse_update(const Message& update) {
  if (update.header.question_count > 1) return header_only(Rcode::formerr);
  const bool is_zone_entry = update.type == k_type_soa && update.qclass != k_class_none && update.qclass != k_class_any;
  if (update.header.question_count == 1 && !is_zone_entry) return error_plan(Rcode::formerr);
  return error_plan(Rcode::refused);
}

/// What spec/dns.md 3 rejects before any name is looked up.
std::optional<Plan> reject(const Message& message, Fault fault) {
  if (!is_known_opcode(message.header.opcode())) return header_only(Rcode::notimp);
  if (fault != Fault::none) return header_only(Rcode::formerr);
  const Opcode opcode = message.header.opcode();
  if (opcode != Opcode::query && opcode != Opcode::update) return error_plan(Rcode::notimp);
  if (message.edns && message.edns->version != 0) return error_plan(Rcode::badvers);
  if (opcode == Opcode::update) return refuse_update(message);
  if (message.header.question_count != 1) return header_only(Rcode::formerr);
  return std::nullopt;
}

}  // namespace

Answered Engine::answer(std::string_view octets, Transport transport, std::int64_t now_s, QueryContext& context,
                        std::span<char> out) const {
  ByteReader reader(octets);
  Message message;
  message.header = read_header(reader);
  if (!reader.ok() || message.header.is_response()) {
    context.counters.add(reader.ok() ? Outcome::dropped_response : Outcome::dropped_short);
    return {};
  }
  Fault fault = Fault::none;
  if (is_known_opcode(message.header.opcode())) fault = parse_message(octets, message);
  if (fault == Fault::syntax) message.edns.reset();

  const AnswerIndex::ReadGuard guard(context.reader);
  std::optional<Plan> plan = reject(message, fault);
  if (!plan) plan = resolve(message, transport, now_s, zone_, index_, guard);
  const RenderInput input{zone_, now_s, index_.soa_serial(), context.next_rotation(), transport};
  const Rendered rendered = render(message, *plan, input, out);

  context.counters.add(fault == Fault::none ? outcome_of(rendered.rcode) : Outcome::malformed);
  if (rendered.is_truncated) context.counters.add(Outcome::truncated);
  return {rendered.octets, fault != Fault::none};
}

}  // namespace dnsmesh::dns
