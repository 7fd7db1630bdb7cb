// SPDX-License-Identifier: Apache-2.0
// A DNS server over the answer index alone, for measuring: no store, no HTTP.
//
// Usage: bench_dns_server ADDRESS PORT THREADS ZONE RECORDS
// RECORDS has one JSON object a line with "name", "value" and "ttl". Runs until SIGTERM or SIGINT.
#include "net/dns_server.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.hpp"

using namespace dnsmesh;

namespace {

/// Never reached, but counted as a real one is.
constexpr double k_rate_per_s = 1e8;

void load(dns::AnswerIndex& index, const char* path, std::int64_t now_s) {
  std::ifstream file(path);
  store::Record record;
  for (std::string line; std::getline(file, line);) {
    const auto row = parse_json(line, limits::json_depth_max);
    if (!row) continue;
    record.name = row->at("name").get<std::string>();
    record.value = row->at("value").get<std::string>();
    record.expires_s = now_s + row->at("ttl").get<std::int64_t>();
    index.load(record);
  }
  index.finish_loading();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "usage: {} ADDRESS PORT THREADS ZONE RECORDS\n", argv[0]);
    return 2;
  }
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);

  const SystemClock clock;
  SystemRandom random;
  dns::ZoneSettings settings;
  settings.served_zone = argv[4];
  const dns::Zone zone = dns::make_zone(settings).value();
  dns::AnswerIndex index(clock, random, zone.apex);
  const std::int64_t begin_ms = clock.monotonic_ms();
  load(index, argv[5], clock.wall_s());
  fmt::print("{} names, {} bytes, loaded in {} ms\n", index.names(), index.bytes(), clock.monotonic_ms() - begin_ms);

  dns::CookieSecret secret;
  random.fill(secret);
  dns::RateLimiter limiter({k_rate_per_s, k_rate_per_s}, random);
  const dns::Engine engine(zone, index, secret, &limiter);
  net::DnsListenOptions options;
  options.endpoints = {{argv[1]}};
  options.port = static_cast<std::uint16_t>(std::stoi(argv[2]));
  options.udp_threads = static_cast<std::size_t>(std::stoi(argv[3]));
  const auto server = net::start_dns_server(options, engine, clock, random);
  if (!server) {
    fmt::print(stderr, "{}\n", server.error().text);
    return 1;
  }
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stops, &signal);
}
