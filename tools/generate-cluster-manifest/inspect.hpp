// SPDX-License-Identifier: Apache-2.0
// Shows and verifies a manifest file.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "generate-cluster-manifest/arguments.hpp"

namespace dnsmesh::manifest_tool {

/// All fields of the file, without a check of the signature. Errors: one line with the file and what is wrong.
Result<std::string> show(const ShowArguments& arguments, const Clock& clock);

/// The same with the verdict `valid`, when the manifest verifies now under the key. Errors: as show, and why it does
/// not verify.
Result<std::string> verify(const VerifyArguments& arguments, const Clock& clock);

}  // namespace dnsmesh::manifest_tool
