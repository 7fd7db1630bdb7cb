// SPDX-License-Identifier: Apache-2.0
#include "net/sync_loop.hpp"

#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "hostile_server.hpp"
#include "peer_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::net;
using namespace dnsmesh::net::test;

namespace {

struct TestLoop {
  TestClient client;
  SyncLoop loop{*client.client, client.clock};
};

}  // namespace

TEST_CASE("tasks run on one thread of their own, in the order in which they were posted") {
  TestLoop test;
  std::vector<int> order;
  std::thread::id thread;
  for (int i = 0; i < 1000; ++i) test.loop.post([&, i] { order.push_back(i); });
  test.loop.run_and_wait([&] { thread = std::this_thread::get_id(); });
  REQUIRE(order.size() == 1000);
  for (int i = 0; i < 1000; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  CHECK(thread != std::this_thread::get_id());
}

TEST_CASE("tasks may be posted from many threads at once, and none is lost") {
  TestLoop test;
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) test.loop.post([&] { ++count; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  int seen = 0;
  test.loop.run_and_wait([&] { seen = count; });
  CHECK(seen == 2000);
}

TEST_CASE("a task that is set for later runs no earlier, and those of one moment in their order") {
  TestLoop test;
  std::vector<int> order;
  std::promise<void> done;
  const std::int64_t began_ms = test.client.clock.monotonic_ms();
  std::int64_t ran_ms = 0;
  test.loop.after(50, [&] {
    ran_ms = test.client.clock.monotonic_ms();
    order.push_back(50);
    done.set_value();
  });
  test.loop.after(-5, [&] { order.push_back(0); });
  test.loop.after(10, [&] { order.push_back(10); });
  test.loop.after(10, [&] { order.push_back(11); });
  done.get_future().wait();
  CHECK(ran_ms - began_ms >= 50);
  CHECK(order == std::vector{0, 10, 11, 50});
}

TEST_CASE("a task may post, set timers and call peers") {
  HostileServer server("HTTP/1.1 204 No Content\r\n\r\n");
  TestLoop test;
  std::promise<int> status;
  test.loop.post([&] {
    test.loop.after(1, [&] {
      test.loop.post([&] {
        test.client.client->call(TestClient::get(server.endpoint()),
                                 [&](const auto& answer) { status.set_value(answer ? answer->status : 0); });
      });
    });
  });
  CHECK(status.get_future().get() == 204);
}

TEST_CASE("stop runs the last task, ends calls in flight at once, and destroys what is not due") {
  HostileServer server([](HostileConnection& connection) { connection.wait_until_closed(); });
  TestLoop test;
  std::vector<std::string> happened;
  const auto witness = std::make_shared<int>(0);
  test.loop.after(3600000, [witness] {});
  test.loop.run_and_wait([&] {
    test.client.client->call(TestClient::get(server.endpoint()), [&](const auto& answer) {
      happened.emplace_back(error_name(answer.error().code));
      test.loop.post([&] { happened.emplace_back("never"); });
    });
  });
  test.loop.stop([&] { happened.emplace_back("last"); });
  CHECK(happened == std::vector<std::string>{"last", std::string(error_name(ErrorCode::sync_cancelled))});
  CHECK(witness.use_count() == 1);
  test.loop.stop([&] { happened.emplace_back("never"); });
}

TEST_CASE("a task that comes after the end is destroyed without being run") {
  TestLoop test;
  test.loop.stop();
  const auto witness = std::make_shared<int>(0);
  bool ran = false;
  test.loop.post([witness, &ran] { ran = true; });
  test.loop.after(0, [witness, &ran] { ran = true; });
  test.loop.run_and_wait([witness, &ran] { ran = true; });
  CHECK(witness.use_count() == 1);
  CHECK_FALSE(ran);
}
