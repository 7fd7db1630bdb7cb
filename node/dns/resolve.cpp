// SPDX-License-Identifier: Apache-2.0
#include "dns/resolve.hpp"

#include <array>
#include <string>

namespace dnsmesh::dns {
namespace {

using namespace std::string_view_literals;

struct ChaosRow {
  std::string_view name;  // folded wire form
  std::string Zone::* text;
};
constexpr std::array k_chaos = {
    ChaosRow{"\7version\4bind\0"sv, &Zone::version},
    ChaosRow{"\7version\6server\0"sv, &Zone::version},
    ChaosRow{"\10hostname\4bind\0"sv, &Zone::hostname},
    ChaosRow{"\2id\6server\0"sv, &Zone::hostname},
};

Plan resolve_chaos(const Message& query, const Zone& zone) {
  for (const ChaosRow& row : k_chaos) {
    const std::string& text = zone.*row.text;
    if (query.name.wire() != row.name || query.type != k_type_txt || text.empty()) continue;
    Plan plan;
    plan.authoritative = true;
    plan.chaos_text = text;
    return plan;
  }
  return error_plan(Rcode::refused);
}

/// The types that are refused whatever the name is.
std::optional<Plan> refuse_type(std::uint16_t type) {
  switch (type) {
    case k_type_opt:
    case k_type_tsig:
      return error_plan(Rcode::formerr);
    case k_type_axfr:
    case k_type_ixfr:
      return error_plan(Rcode::refused, k_ede_prohibited);
    case k_type_any:
      return std::nullopt;
    default:
      if (type >= k_type_meta_first && type <= k_type_any) return error_plan(Rcode::notimp);
      return std::nullopt;
  }
}

/// Sets the RRsets that the question asks for; all stay unset when there are none.
void choose_answers(std::uint16_t type, Transport transport, const RRset* txt, bool at_apex, const Zone& zone,
                    Plan& plan) {
  const bool all = type == k_type_any && transport == Transport::tcp;
  const bool one = type == k_type_any && transport == Transport::udp;  // RFC 8482 4.1
  if (type == k_type_txt || all || one) plan.txt = txt;
  if (!at_apex) return;
  plan.soa = type == k_type_soa || all || (one && txt == nullptr);
  plan.ns = zone.ns && (type == k_type_ns || all);
  plan.a = zone.a && (type == k_type_a || all);
  plan.aaaa = zone.aaaa && (type == k_type_aaaa || all);
}

}  // namespace

Plan resolve(const Message& query, Transport transport, std::int64_t now_s, const Zone& zone, const AnswerIndex& index,
             const AnswerIndex::ReadGuard& guard) {
  if (const std::optional<Plan> refused = refuse_type(query.type)) return *refused;
  if (query.qclass == k_class_chaos) return resolve_chaos(query, zone);
  if (query.qclass != k_class_in && query.qclass != k_class_any) return error_plan(Rcode::refused);

  const std::string_view name = query.name.wire();
  const bool in_zone = zone.apex && is_at_or_under(name, zone.apex->wire());
  const bool at_apex = in_zone && name.size() == zone.apex->wire().size();
  const bool is_complete = index.complete();  // asked before the look-up: a miss then is a miss
  const Found found = guard.find(name);
  const RRset* txt = found.has_live_values(now_s) ? found.rrset : nullptr;

  Plan plan;
  plan.authoritative = true;
  choose_answers(query.type, transport, txt, at_apex, zone, plan);
  if (plan.txt != nullptr || plan.soa || plan.ns || plan.a || plan.aaaa) return plan;

  if (!is_complete) return error_plan(Rcode::servfail, k_ede_not_ready);
  const bool exists = at_apex || txt != nullptr || found.has_live_below(now_s);
  if (zone.apex && !in_zone && !exists) return error_plan(Rcode::refused, k_ede_not_authoritative);
  plan.soa_in_authority = in_zone;
  if (query.type == k_type_txt && !exists) plan.rcode = Rcode::nxdomain;
  return plan;
}

}  // namespace dnsmesh::dns
