// SPDX-License-Identifier: Apache-2.0
// Our own record vectors, made from our own keys by our own issuers, in the form of the published ones. They hold every
// later build to the bytes of this one.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dnsmesh::interop {

using Json = nlohmann::ordered_json;

/// One file of cases. `stem` is the file name without `.json`.
struct VectorFile {
  std::string stem;
  Json cases;
};

/// All files, made anew in memory.
std::vector<VectorFile> make_own_vectors();

/// A file's content as it is committed.
std::string render(const VectorFile& file);

}  // namespace dnsmesh::interop
