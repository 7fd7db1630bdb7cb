// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace dnsmesh::http {

/// Does an Accept-Encoding header take gzip (RFC 9110 12.5.3)? An absent header takes nothing here: a client that is
/// not prepared for an encoding often sends none.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace dnsmesh::http
