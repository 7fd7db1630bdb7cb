// SPDX-License-Identifier: Apache-2.0
// The query path takes nothing from the heap. A program of its own, since it counts every allocation.
#include <atomic>
#include <cstdlib>
#include <new>

#include "dns_support.hpp"

namespace {
std::atomic<std::uint64_t> g_allocations{0};
}

// Not inlined: the compiler would take malloc and delete for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++g_allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace dnsmesh;
using namespace dnsmesh::net;
using namespace dnsmesh::net::test;

TEST_CASE("a query over UDP allocates nothing, hit or miss, limited or with a cookie") {
  // One thread for each transport: who answers has started, and a thread that starts allocates.
  DnsListenOptions options = ServerBed::loopback();
  options.udp_threads = 1;
  ServerBed bed(options);
  bed.limiter.set({.per_s = 1e8, .burst = 1e8});
  bed.put("x.mesh.test", "hello");
  for (int i = 0; i < 10; ++i) bed.put("many.mesh.test", std::to_string(i) + std::string(300, 'v'));
  Client client = udp_client(bed);
  std::string with_cookie = txt_query("x.mesh.test");
  with_cookie[11] = 1;
  with_cookie += ByteWriter().u8(0).u16(41).u16(1232).u32(0).u16(12).u16(10).u16(8).bytes("clientck").take();
  const std::string queries[] = {with_cookie,
                                 txt_query("x.mesh.test"),
                                 txt_query("many.mesh.test"),
                                 txt_query("no.mesh.test"),
                                 txt_query("foreign.example"),
                                 std::string(20, 'x')};
  char answer[4096];
  const auto ask_all = [&] {
    for (const std::string& query : queries) {
      if (::send(client.fd(), query.data(), query.size(), 0) < 0) return false;
      if (recv(client.fd(), answer, sizeof answer, 0) < 12) return false;
    }
    return true;
  };
  REQUIRE(tcp_client(bed).ask_framed(txt_query("x.mesh.test")).size() > 12);
  // The end of the connection is the last that its thread has to do.
  for (int i = 0; bed.server->tcp_connections() > 0 && i < k_patience_ms; ++i) poll(nullptr, 0, 1);
  REQUIRE(bed.server->tcp_connections() == 0);
  REQUIRE(ask_all());
  const std::uint64_t before = g_allocations;
  bool all_answered = true;
  for (int turn = 0; turn < 1000; ++turn) all_answered = ask_all() && all_answered;
  const std::uint64_t allocated = g_allocations - before;
  REQUIRE(all_answered);
  CHECK(allocated == 0);
  // The counter does count.
  const std::uint64_t counted = g_allocations;
  const std::string large(1000, 'x');
  CHECK(g_allocations > counted);
}
