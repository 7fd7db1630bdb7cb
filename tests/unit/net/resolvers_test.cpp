// SPDX-License-Identifier: Apache-2.0
#include "net/resolvers.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace dnsmesh;
using namespace dnsmesh::net;
using Strings = std::vector<std::string>;

namespace {

Strings texts(const Resolvers& resolvers) {
  Strings out;
  for (const SocketAddress& address : resolvers.addresses) out.push_back(to_text(address));
  return out;
}

/// The resolvers of a file with this text.
Strings from_file(const std::string& text) {
  std::string pattern = (std::filesystem::temp_directory_path() / "dnsmesh-resolv-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  const std::string path = pattern + "/resolv.conf";
  std::ofstream(path) << text;
  Strings out = texts(system_resolvers(path));
  std::filesystem::remove_all(pattern);
  return out;
}

}  // namespace

TEST_CASE("a list names resolvers in every form, in its order") {
  Strings refused;
  const Resolvers resolvers =
      listed_resolvers("192.0.2.1, 192.0.2.2:5353,[2001:db8::1],[2001:db8::2]:54 ,2001:db8::3,,", refused);
  CHECK(texts(resolvers) ==
        Strings{"192.0.2.1:53", "192.0.2.2:5353", "[2001:db8::1]:53", "[2001:db8::2]:54", "[2001:db8::3]:53"});
  CHECK(refused.empty());
  CHECK(resolvers.try_ms == 5000);
  CHECK(resolvers.look_up_ms == 10000);
}

TEST_CASE("a bad entry of a list is passed over alone") {
  Strings refused;
  const Resolvers resolvers = listed_resolvers(
      "dns.example,192.0.2.1:0,192.0.2.1:65536,192.0.2.1:,[2001:db8::1,[2001:db8::1]x,[2001:db8::1]:,127.1,192.0.2.9",
      refused);
  CHECK(texts(resolvers) == Strings{"192.0.2.9:53"});
  CHECK(refused.size() == 8);
}

TEST_CASE("of a list eight resolvers are used") {
  Strings refused;
  std::string list;
  for (int i = 1; i <= 9; ++i) list += "192.0.2." + std::to_string(i) + ",";
  CHECK(listed_resolvers(list, refused).addresses.size() == 8);
  CHECK(refused == Strings{"192.0.2.9"});
}

TEST_CASE("the system's resolvers are the name servers of its file") {
  CHECK(from_file("# comment\nsearch example\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 \noptions edns0\n") ==
        Strings{"192.0.2.1:53", "[2001:db8::1]:53"});
  CHECK(system_resolvers().try_ms == 3000);
  CHECK(system_resolvers().look_up_ms == 6000);
}

TEST_CASE("without a name server in the file, or without the file, the one of this machine is asked") {
  CHECK(from_file("search example\nnameserver none\n") == Strings{"127.0.0.1:53"});
  CHECK(texts(system_resolvers("/nonexistent/resolv.conf")) == Strings{"127.0.0.1:53"});
}
