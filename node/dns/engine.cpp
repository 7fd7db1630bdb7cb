// SPDX-License-Identifier: Apache-2.0
#include "dns/engine.hpp"

#include <algorithm>
#include <optional>

#include "dns/message.hpp"

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

/// Where no writer stands behind this engine, a well-formed UPDATE is refused; clients recognise a node by that
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
  if (message.header.question_count == 1) return std::nullopt;
  // A client that only wants a cookie asks no question (RFC 7873 5.4).
  const bool asks_for_cookie = message.header.question_count == 0 && message.edns && !message.edns->cookie.empty();
  return header_only(asks_for_cookie ? Rcode::noerror : Rcode::formerr);
}

/// An UPDATE in which only its own sections can be wrong.
bool is_readable_update(const Message& message, Fault fault) {
  const bool has_known_edns = !message.edns || message.edns->version == 0;
  return message.header.opcode() == Opcode::update && fault == Fault::none && has_known_edns;
}

void count_rejection(const TsigContext& signer, Counters& counters) {
  counters.add(Outcome::tsig_failed);
  counters.add(outcome_of(signer.error));
}

bool is_error(Rcode rcode) { return rcode != Rcode::noerror && rcode != Rcode::nxdomain; }

}  // namespace

RenderInput Engine::render_input(const Message& message, const Arrival& arrival) const {
  RenderInput input{zone_, arrival.now_s, index_.soa_serial(), 0, arrival.transport, std::nullopt, std::nullopt};
  if (message.edns && !message.edns->cookie.empty()) {
    input.cookie = secrets_.make(message.edns->client_cookie(), arrival.client, arrival.now_s);
  }
  if (arrival.transport == Transport::tcp) {
    input.keepalive_100ms = static_cast<std::uint16_t>(std::clamp(arrival.tcp_idle_ms / 100, 0, 0xFFFF));
  }
  return input;
}

/// Over the limit. Every second one over UDP gets an answer no larger than its query, with which a real client comes
/// through: a cookie when it has an old one, else the way to TCP.
Answered Engine::refuse(Message& message, const Arrival& arrival, QueryContext& context, std::span<char> out) const {
  if (arrival.transport == Transport::tcp || !context.next_slips()) {
    context.counters.add(Outcome::rate_limited);
    return {};
  }
  RenderInput input = render_input(message, arrival);
  Plan plan = error_plan(Rcode::noerror);
  plan.truncated = true;
  if (message.edns) {
    message.edns->wants_nsid = message.edns->wants_keepalive = false;
    if (message.edns->cookie.size() < k_cookie_octets) {
      input.cookie.reset();
    } else {
      plan = error_plan(Rcode::badcookie);
    }
  }
  context.counters.add(plan.truncated ? Outcome::rate_limited : Outcome::badcookie);
  context.counters.add(Outcome::slipped);
  return {render(message, plan, input, out).octets, false};
}

Answered Engine::answer(std::string_view octets, const Arrival& arrival, QueryContext& context,
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

  // A valid cookie proves the address, so the answer is no reflection; over TCP the handshake has proved it already,
  // and the limit is about load.
  const bool is_proved = arrival.transport == Transport::udp && message.edns &&
                         secrets_.accepts(message.edns->cookie, arrival.client, arrival.now_s);
  RateLimiter* const limiter = is_proved ? nullptr : limiter_;
  if (limiter != nullptr && !limiter->allow(arrival.transport, arrival.client, arrival.now_ms) &&
      !(message.has_tsig && is_verified(octets, arrival.now_s))) {
    return refuse(message, arrival, context, out);
  }

  if (leaves_updates_ && is_readable_update(message, fault)) return {.is_update = true};
  if (message.has_tsig && fault != Fault::syntax) {
    return answer_signed(octets, message, fault, arrival, limiter, context, out);
  }
  return carry_out(message, fault, arrival, limiter, nullptr, context, out);
}

Answered Engine::carry_out(Message& message, Fault fault, const Arrival& arrival, RateLimiter* limiter,
                           const Signature* signature, QueryContext& context, std::span<char> out) const {
  const AnswerIndex::ReadGuard guard(context.reader);
  std::optional<Plan> plan = reject(message, fault);
  if (!plan) plan = resolve(message, arrival.transport, arrival.now_s, zone_, index_, guard);
  if (limiter != nullptr && is_error(plan->rcode) &&
      !limiter->allow_error(arrival.transport, arrival.client, arrival.now_ms)) {
    return refuse(message, arrival, context, out);
  }
  RenderInput input = render_input(message, arrival);
  input.rotation = context.next_rotation();
  const Rendered rendered = signature != nullptr ? render_signed(message, *plan, input, signature->context, out)
                                                 : render(message, *plan, input, out);

  context.counters.add(fault == Fault::none ? outcome_of(rendered.rcode) : Outcome::malformed);
  if (rendered.is_truncated) context.counters.add(Outcome::truncated);
  return {rendered.octets, fault != Fault::none};
}

bool Engine::is_verified(std::string_view octets, std::int64_t now_s) const {
  return keys_ != nullptr && check_signature(octets, *keys_, now_s).is_verified();
}

/// Without keys there is nothing to check: what carries a signature at its place is rejected.
Signature Engine::signature_of(std::string_view octets, std::int64_t now_s) const {
  if (keys_ != nullptr) return check_signature(octets, *keys_, now_s);
  Signature signature;
  TsigRecord record;
  signature.state =
      find_tsig(octets, record) == TsigFound::one ? Signature::State::rejected : Signature::State::malformed;
  signature.context.error = TsigError::badkey;
  return signature;
}

Answered Engine::answer_signed(std::string_view octets, Message& message, Fault fault, const Arrival& arrival,
                               RateLimiter* limiter, QueryContext& context, std::span<char> out) const {
  const Signature signature = signature_of(octets, arrival.now_s);
  switch (signature.state) {
    case Signature::State::verified:
      // Whoever holds a key is no stranger: errors have no limit.
      return carry_out(message, fault, arrival, nullptr, &signature, context, out);
    case Signature::State::rejected:
      break;
    default:
      return carry_out(message, Fault::syntax, arrival, limiter, nullptr, context, out);
  }
  if (limiter != nullptr && !limiter->allow_error(arrival.transport, arrival.client, arrival.now_ms)) {
    return refuse(message, arrival, context, out);
  }
  count_rejection(signature.context, context.counters);
  return {reject_signature(octets, message, signature.context, arrival, out), false};
}

std::size_t Engine::reject_signature(std::string_view octets, const Message& message, const TsigContext& signer,
                                     const Arrival& arrival, std::span<char> out) const {
  if (keys_ != nullptr && explains_) {
    Plan plan = error_plan(Rcode::notauth);
    plan.with_question = message.header.question_count == 1;
    const Rendered rendered = render_signed(message, plan, render_input(message, arrival), signer, out);
    if (rendered.octets > 0) return rendered.octets;
  }
  return write_tsig_stub(octets, out);
}

std::size_t Engine::answer_update(std::string_view octets, Rcode rcode, const Signature& signature,
                                  const Arrival& arrival, std::span<char> out) const {
  ByteReader reader(octets);
  Message message;
  message.header = read_header(reader);
  parse_message(octets, message);
  const bool is_proved =
      signature.is_verified() || (arrival.transport == Transport::udp && message.edns &&
                                  secrets_.accepts(message.edns->cookie, arrival.client, arrival.now_s));
  const bool is_limited = limiter_ != nullptr && !is_proved && is_error(rcode);
  if (is_limited && !limiter_->allow_error(arrival.transport, arrival.client, arrival.now_ms)) return 0;
  if (signature.is_rejected()) return reject_signature(octets, message, signature.context, arrival, out);
  Plan plan = error_plan(rcode);
  plan.authoritative = rcode == Rcode::noerror;
  plan.with_question = message.header.question_count == 1;
  const RenderInput input = render_input(message, arrival);
  if (signature.is_verified()) return render_signed(message, plan, input, signature.context, out).octets;
  return render(message, plan, input, out).octets;
}

std::size_t Engine::answer_update_later(std::string_view octets, const Arrival& arrival, Counters& counters,
                                        std::span<char> out) const {
  const Signature signature = keys_ != nullptr ? check_signature(octets, *keys_, arrival.now_s) : Signature{};
  if (signature.is_rejected()) {
    count_rejection(signature.context, counters);
  } else {
    counters.add(Outcome::servfail);
  }
  return answer_update(octets, Rcode::servfail, signature, arrival, out);
}

}  // namespace dnsmesh::dns
