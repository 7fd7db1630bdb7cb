// SPDX-License-Identifier: Apache-2.0
// Whatever arrives, the answer is nothing or a message that ldns can read, within the size that the transport allows.
// for.
#include <vector>

#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

/// Valid messages of every kind.
std::vector<std::string> valid_messages() {
  std::vector<std::string> out;
  for (const char* name : {"x.mesh.test", "mesh.test", "slot-1.mb-ab.mesh.test", "other.example", "."}) {
    for (const std::uint16_t type : {k_type_txt, k_type_soa, k_type_any, k_type_axfr}) {
      out.push_back(message({.name = name, .type = type}));
      out.push_back(message({.name = name,
                             .type = type,
                             .payload = 4096,
                             .opt_ttl = 0x8000,
                             .options = std::string("\0\3\0\0\0\12\0\10abcdefgh", 16)}));
    }
  }
  out.push_back(
      message({.flags = 5 << 11, .answers = rr_octets(wire_name("a.mesh.test"), 16, 1, "\1v"), .authority_count = 1}));
  out.push_back(message({.name = "version.bind", .qclass = k_class_chaos}));
  return out;
}

struct HostileBed : Bed {
  HostileBed() : Bed({.served_zone = "mesh.test", .version = "v", .nsid = "n"}) {
    put("x.mesh.test", "hello");
    for (int i = 0; i < 30; ++i) put("slot-1.mb-ab.mesh.test", std::to_string(i) + std::string(50, 'v'));
  }
  void check(std::string_view octets) {
    for (const Transport transport : {Transport::udp, Transport::tcp}) {
      const Answer answer = ask(octets, transport);  // parsing is the check
      if (answer.sent()) {
        CHECK(octets.size() >= 12);
        CHECK(answer.octets.size() <= (transport == Transport::udp ? 1232U : 65535U));
        CHECK(answer.octets.substr(0, 2) == octets.substr(0, 2));
      }
    }
  }
};

}  // namespace

TEST_CASE("every truncation of a valid message is survived") {
  HostileBed bed;
  for (const std::string& valid : valid_messages()) {
    for (std::size_t size = 0; size <= valid.size(); ++size) bed.check(valid.substr(0, size));
  }
}

TEST_CASE("every octet of a valid message may be another one") {
  HostileBed bed;
  for (const std::string& valid : valid_messages()) {
    for (std::size_t i = 0; i < valid.size(); ++i) {
      for (const unsigned value : {0x00U, 0x01U, 0x40U, 0xC0U, 0xFFU}) {
        std::string changed = valid;
        changed[i] = static_cast<char>(value);
        bed.check(changed);
      }
    }
  }
}

TEST_CASE("random octets and random mixtures of valid messages are survived") {
  HostileBed bed;
  SeededRandom random(7);
  const std::vector<std::string> valid = valid_messages();
  for (int round = 0; round < 6000; ++round) {
    std::string octets(random.below(120), '\0');
    for (char& c : octets) c = static_cast<char>(random.below(256));
    if (round % 2 == 0) {
      octets = valid[random.below(valid.size())];
      const std::string& other = valid[random.below(valid.size())];
      octets = octets.substr(0, random.below(octets.size() + 1)) + other.substr(random.below(other.size() + 1));
    }
    if (octets.size() > 2) octets[2] = static_cast<char>(octets[2] & 0x7F);
    bed.check(octets);
  }
}
