// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace dnsmesh::http {

/// docs/openapi.json as it was when the node was built.
std::string_view openapi_document();

}  // namespace dnsmesh::http
