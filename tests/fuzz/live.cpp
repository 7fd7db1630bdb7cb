// SPDX-License-Identifier: Apache-2.0
// The side of libFuzzer (tools/fuzz): the target is named by the environment.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "targets.hpp"

namespace {

dnsmesh::fuzz::Target g_target = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  const char* const name = std::getenv("DNSMESH_FUZZ_TARGET");
  const auto target = dnsmesh::fuzz::find_target(name == nullptr ? "" : name);
  if (!target) {
    std::fprintf(stderr, "DNSMESH_FUZZ_TARGET must be one of:\n");
    dnsmesh::fuzz::print_targets(stderr);
    std::exit(2);
  }
  g_target = *target;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  g_target(dnsmesh::view(data, size));
  return 0;
}
