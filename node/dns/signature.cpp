// SPDX-License-Identifier: Apache-2.0
#include "dns/signature.hpp"

namespace dnsmesh::dns {
namespace {

/// Header, TSIG and, when it was asked for, OPT without options: the client learns the rcode, and over UDP to come over
/// TCP.
Rendered render_bare(const Message& query, const Plan& plan, RenderInput input, std::span<char> out) {
  Message bare = query;
  if (bare.edns) bare.edns->wants_nsid = bare.edns->wants_keepalive = false;
  input.cookie.reset();
  Plan sent = error_plan(plan.rcode);
  sent.with_question = false;
  sent.truncated = input.transport == Transport::udp;
  return render(bare, sent, input, out);
}

}  // namespace

Signature check_signature(std::string_view message, const access::KeyRing& keys, std::int64_t now_s) {
  TsigRecord record;
  Signature out;
  const TsigFound found = find_tsig(message, record);
  if (found != TsigFound::one) {
    out.state = found == TsigFound::none ? Signature::State::none : Signature::State::malformed;
    return out;
  }
  switch (verify_tsig(message, record, keys.find(record.key_text(), now_s), now_s, out.context)) {
    case TsigVerdict::verified:
      out.state = Signature::State::verified;
      break;
    case TsigVerdict::formerr:
      out.state = Signature::State::malformed;
      break;
    case TsigVerdict::rejected:
      out.state = Signature::State::rejected;
      break;
  }
  return out;
}

Outcome outcome_of(TsigError error) {
  switch (error) {
    case TsigError::badkey:
      return Outcome::badkey;
    case TsigError::badtime:
      return Outcome::badtime;
    case TsigError::badtrunc:
      return Outcome::badtrunc;
    case TsigError::badsig:
    case TsigError::none:
      break;
  }
  return Outcome::badsig;
}

Rendered render_signed(const Message& query, const Plan& plan, const RenderInput& input, const TsigContext& signer,
                       std::span<char> out) {
  RenderInput kept = input;
  kept.kept_octets = tsig_octets_max(signer);
  const std::size_t limit = answer_limit(query, input);
  const std::size_t question_octets = plan.with_question ? query.question.size() : 0;
  const std::size_t opt_octets = query.edns ? opt_for(query, plan, input).octets() : 0;
  const bool fits = k_header_octets + question_octets + opt_octets + kept.kept_octets <= limit;
  const bool fits_bare = k_header_octets + k_opt_octets_min + kept.kept_octets <= limit;
  if (!fits && !fits_bare) return {};
  Rendered rendered = fits ? render(query, plan, kept, out) : render_bare(query, plan, kept, out);
  const bool has_question = fits && question_octets > 0;
  rendered.octets = sign_answer(out.first(limit), rendered.octets, signer,
                                has_question ? query.name.wire() : std::string_view(), input.now_s);
  return rendered;
}

}  // namespace dnsmesh::dns
