// SPDX-License-Identifier: Apache-2.0
// Writes our own vectors into the folder that is given: `make_vectors tests/interop/vectors`. Run it when a case is
// added; a test holds the committed files against what it would write.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "own_vectors.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: make_vectors FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder(argv[1]);
  for (const dnsmesh::interop::VectorFile& file : dnsmesh::interop::make_own_vectors()) {
    std::ofstream out(folder / (file.stem + ".json"), std::ios::binary);
    out << dnsmesh::interop::render(file);
    if (!out.flush()) {
      fmt::print(stderr, "make_vectors: cannot write {}.json\n", file.stem);
      return 1;
    }
  }
  return 0;
}
