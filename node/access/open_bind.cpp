// SPDX-License-Identifier: Apache-2.0
#include "access/open_bind.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <string>

#include "access/trim.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::access {

bool is_local_host(std::string_view bind_host) {
  const std::string host = fold_ascii(trimmed(bind_host));
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<void> check_open_bind(AuthMode mode, std::string_view bind_host, bool open_public_bind_allowed) {
  if (mode != AuthMode::open || open_public_bind_allowed || is_local_host(bind_host)) return {};
  return fail(
      ErrorCode::config_refused,
      fmt::format("open mode lets anybody write, and the HTTP bind host '{}' is not local: set an operator token, "
                  "bind to 127.0.0.1, or set DMP_ALLOW_OPEN_PUBLIC_BIND=1",
                  trimmed(bind_host)));
}

}  // namespace dnsmesh::access
