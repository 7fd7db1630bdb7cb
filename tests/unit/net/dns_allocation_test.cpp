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
  ServerBed bed;
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
  REQUIRE(ask_all());
  // The server's other threads may still be starting, which does allocate: a round in which they do not is what counts.
  std::uint64_t allocated = 1;
  for (int round = 0; allocated > 0 && round < 10; ++round) {
    const std::uint64_t before = g_allocations;
    bool all_answered = true;
    for (int turn = 0; turn < 100; ++turn) all_answered = ask_all() && all_answered;
    REQUIRE(all_answered);
    allocated = g_allocations - before;
  }
  CHECK(allocated == 0);
  // The counter does count.
  const std::uint64_t before = g_allocations;
  const std::string large(1000, 'x');
  CHECK(g_allocations > before);
}
