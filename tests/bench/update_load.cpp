// SPDX-License-Identifier: Apache-2.0
// Loads a node with writes, so many at a time: signed UPDATEs over UDP, each with a signature of its own, or publishes
// over HTTP. Names are new to the node. Prints one line: what was stored, refused and lost, in how many seconds.
//
// usage: update_load update|publish ADDRESS PORT SECONDS IN_FLIGHT KEYS
// The keys are key0.mesh.test and on, with a secret of 32 times 'k'.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "../unit/dns/tsig_signer.hpp"
#include "base/cursor.hpp"

namespace {

using namespace dnsmesh;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds k_patience{2};
const std::string k_value(200, 'v');

struct Options {
  bool is_update = false;
  sockaddr_in address{};
  std::chrono::seconds time{};
  std::size_t in_flight = 0;
  std::size_t keys = 0;
};

struct Counts {
  unsigned long stored = 0;
  unsigned long refused = 0;
  unsigned long lost = 0;
};

std::string fresh_name(std::size_t number) {
  return "b" + std::to_string(getpid()) + "-" + std::to_string(number) + ".mesh.test";
}

std::string update_message(std::size_t number, std::size_t keys) {
  dns::test::Signer signer{.name = "key" + std::to_string(number % keys) + ".mesh.test"};
  signer.time_s =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  ByteWriter out;
  out.u16(static_cast<std::uint16_t>(number)).u16(0x2800).u16(1).u16(0).u16(1).u16(0);
  out.bytes(dns::test::wire_of("mesh.test")).u16(dns::k_type_soa).u16(dns::k_class_in);
  out.bytes(dns::test::wire_of(fresh_name(number))).u16(dns::k_type_txt).u16(dns::k_class_in).u32(3600);
  out.u16(static_cast<std::uint16_t>(k_value.size() + 1)).u8(static_cast<std::uint8_t>(k_value.size())).bytes(k_value);
  return dns::test::signed_by(signer, out.take());
}

std::string publish_request(std::size_t number) {
  const std::string body = R"({"value":")" + k_value + R"(","ttl":3600})";
  return "POST /v1/records/" + fresh_name(number) + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// One of those that write: it has one write under way.
struct Writer {
  int fd = -1;
  Clock::time_point sent;
  std::string received;
};

void write_next(const Options& options, Writer& writer, std::size_t number) {
  const std::string message = options.is_update ? update_message(number, options.keys) : publish_request(number);
  if (send(writer.fd, message.data(), message.size(), MSG_NOSIGNAL) < 0) std::exit(2);
  writer.sent = Clock::now();
  writer.received.clear();
}

/// Takes what came; true once that is an answer, which is counted.
bool take_answer(const Options& options, Writer& writer, Counts& counts) {
  char buffer[8192];
  const ssize_t got = recv(writer.fd, buffer, sizeof buffer, 0);
  if (got <= 0) std::exit(2);
  if (options.is_update) {
    ++((buffer[3] & 15) == 0 ? counts.stored : counts.refused);
    return true;
  }
  writer.received.append(buffer, static_cast<std::size_t>(got));
  const std::size_t head = writer.received.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const std::size_t length_at = writer.received.find("Content-Length: ");
  const std::size_t body = std::strtoul(writer.received.c_str() + length_at + 16, nullptr, 10);
  if (writer.received.size() < head + 4 + body) return false;
  ++(writer.received.starts_with("HTTP/1.1 201") ? counts.stored : counts.refused);
  return true;
}

Counts run(const Options& options) {
  std::vector<Writer> writers(options.in_flight);
  std::vector<pollfd> waits;
  std::size_t number = 0;
  for (Writer& writer : writers) {
    writer.fd = socket(AF_INET, options.is_update ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (connect(writer.fd, reinterpret_cast<const sockaddr*>(&options.address), sizeof options.address) != 0) {
      std::exit(2);
    }
    waits.push_back({writer.fd, POLLIN, 0});
    write_next(options, writer, number++);
  }
  Counts counts;
  for (const auto end = Clock::now() + options.time; Clock::now() < end;) {
    poll(waits.data(), waits.size(), 100);
    for (std::size_t i = 0; i < writers.size(); ++i) {
      if (waits[i].revents != 0) {
        if (take_answer(options, writers[i], counts)) write_next(options, writers[i], number++);
      } else if (Clock::now() - writers[i].sent > k_patience) {
        ++counts.lost;
        write_next(options, writers[i], number++);
      }
    }
  }
  return counts;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  Options options;
  options.is_update = std::string_view(argv[1]) == "update";
  options.address.sin_family = AF_INET;
  options.address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[3])));
  if (inet_pton(AF_INET, argv[2], &options.address.sin_addr) != 1) return 2;
  options.time = std::chrono::seconds(std::atoi(argv[4]));
  options.in_flight = std::strtoul(argv[5], nullptr, 10);
  options.keys = std::strtoul(argv[6], nullptr, 10);
  const auto began = Clock::now();
  const Counts counts = run(options);
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  std::printf("stored=%lu refused=%lu lost=%lu seconds=%.3f\n", counts.stored, counts.refused, counts.lost, seconds);
  return 0;
}
