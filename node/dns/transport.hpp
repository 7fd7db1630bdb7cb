// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dnsmesh::dns {

enum class Transport : std::uint8_t { udp, tcp };

}  // namespace dnsmesh::dns
