// SPDX-License-Identifier: Apache-2.0
#include "app/sources.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "temporary_folder.hpp"

using namespace dnsmesh;
using namespace dnsmesh::app;

TEST_CASE("the environment of the process is read, values with = included") {
  REQUIRE(setenv("DNSMESH_UNIT_TEST", "a=b", 1) == 0);
  CHECK(read_environment().at("DNSMESH_UNIT_TEST") == "a=b");
  REQUIRE(unsetenv("DNSMESH_UNIT_TEST") == 0);
  CHECK_FALSE(read_environment().contains("DNSMESH_UNIT_TEST"));
}

TEST_CASE("a file is read whole up to its bound") {
  const TemporaryFolder folder;
  const std::string path = folder.path / "file";
  std::ofstream(path) << "12345\n";
  CHECK(read_bounded_file(path, 6).value() == "12345\n");
  const auto longer = read_bounded_file(path, 5);
  REQUIRE_FALSE(longer.has_value());
  CHECK(longer.error().code == ErrorCode::config_file);
  CHECK(longer.error().text == path + ": longer than 5 bytes");
}

TEST_CASE("a missing file and a directory are errors that name the path and the reason") {
  const TemporaryFolder folder;
  const std::string path = folder.path / "none";
  CHECK(read_bounded_file(path, 10).error().text == path + ": No such file or directory");
  CHECK(read_bounded_file(folder.path, 10).error().text == folder.path.string() + ": Is a directory");
}
