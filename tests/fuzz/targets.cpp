// SPDX-License-Identifier: Apache-2.0
#include "targets.hpp"

#include <algorithm>
#include <array>

namespace dnsmesh::fuzz {
namespace {

constexpr std::array k_targets = {
    NamedTarget{"dns_message", dns_message},
    NamedTarget{"dns_name", dns_name},
    NamedTarget{"dns_answer", dns_answer},
    NamedTarget{"dns_edns", dns_edns},
    NamedTarget{"dns_tsig", dns_tsig},
    NamedTarget{"dns_update", dns_update},
    NamedTarget{"record_text", record_text},
    NamedTarget{"record_body", record_body},
    NamedTarget{"record_signed", record_signed},
    NamedTarget{"sync_answer", sync_answer},
    NamedTarget{"sync_request", sync_request},
    NamedTarget{"sync_cursor", sync_cursor},
    NamedTarget{"sync_reconcile", sync_reconcile},
    NamedTarget{"http_head", http_head},
    NamedTarget{"http_body", http_body},
    NamedTarget{"json", json},
    NamedTarget{"config_file", config_file},
    NamedTarget{"cluster_file", cluster_file},
    NamedTarget{"key_file", key_file},
    NamedTarget{"store_model", store_model},
};

}  // namespace

std::optional<Target> find_target(std::string_view name) {
  const auto* const found = std::ranges::find(k_targets, name, &NamedTarget::name);
  if (found == k_targets.end()) return std::nullopt;
  return found->run;
}

void print_targets(std::FILE* out) {
  for (const NamedTarget& target : k_targets) {
    std::fprintf(out, "%.*s\n", static_cast<int>(target.name.size()), target.name.data());
  }
}

}  // namespace dnsmesh::fuzz
