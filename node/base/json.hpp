// SPDX-License-Identifier: Apache-2.0
// JSON at the edges: a strict, depth-bounded reader over nlohmann/json, and the spelling that the protocol's existing
// nodes write (one space after `:` and `,`, non-ASCII as \uXXXX; spec/http-api.md 1). A float that was read is finite;
// only one that stands for an integer beyond 64 bits is infinite.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace dnsmesh {

/// Parses all of `text`. Errors: json_syntax (bad UTF-8, a byte order mark, bad JSON, NaN or Infinity, a number out of
/// range, an unpaired surrogate), json_depth (arrays and objects nested deeper than `depth_max`; reading stops there),
/// json_members (an object of more than limits::json_members_max members, duplicates counted; reading stops there).
/// Of duplicate keys the last wins; the order of keys is kept. An integer that 64 bits do not hold comes as a float;
/// one beyond a double is json_syntax. After json_depth and json_members `read_before`, when given, has what was read
/// until then; the member of the outermost value in which reading stopped is null.
Result<nlohmann::ordered_json> parse_json(std::string_view text, int depth_max,
                                          nlohmann::ordered_json* read_before = nullptr);

/// One line without a line break, in the spelling above. Strings must be UTF-8.
std::string write_json(const nlohmann::ordered_json& value);

/// `text` (UTF-8) as a JSON string with its quotes, non-ASCII escaped.
std::string json_quote(std::string_view text);

/// The same at the end of `out`, for bodies of many strings.
void append_json_quoted(std::string& out, std::string_view text);

/// `text` with `null` in the place of each string that holds an unpaired surrogate escape. parse_json refuses a whole
/// body for one such string; after this it is a value of the wrong type, and what stands beside it can still be used.
std::string null_for_unpaired_surrogates(std::string_view text);

}  // namespace dnsmesh
