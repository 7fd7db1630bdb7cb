// SPDX-License-Identifier: Apache-2.0
#include "access/auth_mode.hpp"

#include <fmt/format.h>

#include <array>

#include "access/trim.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::access {
namespace {

struct ModeRow {
  std::string_view name;
  AuthMode mode;
};
constexpr std::array k_modes = {
    ModeRow{"open", AuthMode::open},
    ModeRow{"legacy", AuthMode::legacy},
    ModeRow{"multi-tenant", AuthMode::multi_tenant},
};

}  // namespace

Result<AuthMode> parse_auth_mode(std::string_view text, bool has_operator_token) {
  const std::string wanted = fold_ascii(trimmed(text));
  if (wanted.empty()) return has_operator_token ? AuthMode::legacy : AuthMode::open;
  for (const ModeRow& row : k_modes) {
    if (row.name == wanted) return row.mode;
  }
  return fail(ErrorCode::config_bad_value,
              fmt::format("auth mode '{}' is unknown: use open, legacy or multi-tenant", trimmed(text)));
}

std::string_view auth_mode_name(AuthMode mode) { return k_modes[static_cast<std::size_t>(mode)].name; }

}  // namespace dnsmesh::access
