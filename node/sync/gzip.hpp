// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dnsmesh::sync {

/// `bytes` in the gzip format (RFC 1952), compressed for speed; nothing when there is no memory for it. Any thread.
std::optional<std::string> gzip(std::string_view bytes);

}  // namespace dnsmesh::sync
