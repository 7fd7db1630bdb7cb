// SPDX-License-Identifier: Apache-2.0
// The update thread: many commits at once, the order of messages, what has to wait, and the way through the sockets.
#include "net/update_worker.hpp"

#include <atomic>
#include <mutex>

#include "../dns/update_support.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "dns_support.hpp"
#include "held_store.hpp"

using namespace dnsmesh;
using namespace dnsmesh::net;
using namespace dnsmesh::net::test;
using namespace dnsmesh::dns::test;
using dns::Rcode;

namespace {

constexpr std::string_view k_vector =
    "123428000001000000010001046d65736804746573740000060001026e31c00c001000010000012c00060568656c6c6f05616c696365c00c"
    "00fa00ff00000000003d0b686d61632d7368613235360000006553f100012c0020f7c201c87c452007d6e7ce42b5e5722a2bebb2a4149456f0"
    "01af7ceef8e7bad0123400000000";
constexpr std::string_view k_vector_answer =
    "1234ac000001000000000001046d6573680474657374000006000105616c696365c00c00fa00ff00000000003d0b686d61632d736861323536"
    "0000006553f100012c0020754d8b5884d519cacf2bd65773f771d77c3d52d7791f1ade54f6eccd656f9cae123400000000";

/// The answers of a worker in the order of their arrival.
class Inbox {
 public:
  void add(std::size_t number, std::string_view answer) {
    {
      const std::scoped_lock lock(mutex_);
      answers_.emplace_back(number, answer);
    }
    wake_.notify_all();
  }
  /// Waits for so many answers; which message each is of, and what it says.
  std::vector<std::pair<std::size_t, std::string>> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    REQUIRE(wake_.wait_for(lock, std::chrono::milliseconds(k_patience_ms), [&] { return answers_.size() >= count; }));
    return answers_;
  }
  std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return answers_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::pair<std::size_t, std::string>> answers_;
};

struct WorkerBed {
  WorkerBed() {
    log::configure(log::Level::warning, log::Format::text);  // not a line for each of hundreds
    keys.mint(alice, {"mesh.test"});
    engine.check_signatures(*keys.ring, true);
    engine.leave_updates();
    updater.emplace(
        zone, store, [](std::string_view, std::string_view) { return record::Offer{}; }, clock, *keys.ring, access,
        dns::UpdateRules{}, dns::UpdateLimits{});
    worker.emplace(*updater, engine, clock);
  }
  std::string adding(const std::string& owner, const std::string& value, std::vector<std::string> prerequisites = {}) {
    Signer signer = alice;
    signer.time_s += number_++ % 200;
    return signed_by(signer, update({.prerequisites = std::move(prerequisites),
                                     .updates = {rr(owner, dns::k_class_in, 300, strings(value))}}));
  }
  std::string removing(const std::string& owner) {
    return signed_by(alice, update({.updates = {rr(owner, dns::k_class_any, 0, "")}}));
  }
  bool take(std::size_t number, const std::string& message, dns::Transport transport = dns::Transport::udp) {
    return worker->take({message,
                         {.transport = transport, .client = client_of("\x7f\0\0\1"sv)},
                         [this, number](std::string_view answer) { inbox.add(number, answer); }});
  }
  std::size_t count(const std::string& name) const { return store.values_at(name).value().size(); }

  KeyHouse keys;
  Signer alice;
  ManualClock clock{dns::test::k_now_s * 1000};
  access::Access access{{}, clock, nullptr, keys.ring.get(), {}};
  SeededRandom random{1};
  dns::Zone zone = dns::make_zone({.served_zone = "mesh.test"}).value();
  dns::AnswerIndex index{clock, random, zone.apex};
  dns::Engine engine{zone, index, dns::CookieSecret{}};
  dnsmesh::test::HeldStore store{dnsmesh::store::make_memory_store(clock, random)};
  Inbox inbox;
  std::optional<dns::Updater> updater;
  std::optional<UpdateWorker> worker;
  int number_ = 0;
};

}  // namespace

TEST_CASE("many UPDATEs are under way at once, and each is answered when it is durable") {
  WorkerBed bed;
  bed.store.hold(true);
  for (std::size_t i = 0; i < 100; ++i) REQUIRE(bed.take(i, bed.adding("a.mesh.test", std::to_string(i % 50))));
  bed.store.wait_for(100);
  CHECK(bed.inbox.size() == 0);
  bed.store.hold(false);
  const auto answers = bed.inbox.wait_for(100);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(answers[i].first == i);
    CHECK(rcode_of(answers[i].second) == 0);
  }
  CHECK(bed.count("a.mesh.test") == 50);
}

TEST_CASE("no more UPDATEs are under way than the bound, and the queue behind it is bounded too") {
  WorkerBed bed;
  bed.store.hold(true);
  std::size_t taken = 0;
  const std::size_t all = limits::dns_updates_in_flight_max + limits::dns_updates_waiting_max;
  const std::string message = bed.adding("a.mesh.test", "x");
  for (std::size_t i = 0; i < limits::dns_updates_in_flight_max; ++i) {
    REQUIRE(bed.take(i, bed.adding("a.mesh.test", std::to_string(i))));
    ++taken;
    bed.store.wait_for(taken);
  }
  while (bed.take(taken, bed.adding("a.mesh.test", "x"))) ++taken;
  CHECK(taken == all);
  CHECK(bed.store.waiting() == limits::dns_updates_in_flight_max);
  bed.store.hold(false);
  CHECK(bed.inbox.wait_for(all).size() == all);
}

TEST_CASE("UPDATEs without a signature take no more than their part of the queue") {
  WorkerBed bed;
  bed.store.hold(true);
  for (std::size_t i = 0; i < limits::dns_updates_in_flight_max; ++i) {
    REQUIRE(bed.take(i, bed.adding("a.mesh.test", std::to_string(i))));
    bed.store.wait_for(i + 1);
  }
  std::size_t taken = 0;
  while (bed.take(taken, update({}))) ++taken;
  CHECK(taken == limits::dns_updates_unsigned_waiting_max);
  CHECK(bed.take(taken, bed.adding("b.mesh.test", "x")));
  bed.store.hold(false);
  bed.inbox.wait_for(limits::dns_updates_in_flight_max + taken + 1);
  CHECK(bed.take(0, update({})));
}

TEST_CASE("no more operations are under way than the bound, however few the messages") {
  WorkerBed bed;
  bed.store.hold(true);
  const std::vector<std::string> many(limits::dns_update_operations_max, rr("a.mesh.test", dns::k_class_any, 0, ""));
  const std::size_t begun = limits::dns_update_operations_in_flight_max / limits::dns_update_operations_max + 1;
  for (std::size_t i = 0; i < begun + 4; ++i) {
    Signer signer = bed.alice;
    signer.time_s += i;
    REQUIRE(bed.take(i, signed_by(signer, update({.updates = many}))));
  }
  bed.store.wait_for(begun);
  bed.store.hold(false);
  CHECK(bed.inbox.wait_for(begun + 4).size() == begun + 4);
  CHECK(bed.store.most_waiting() == begun);
}

TEST_CASE("a connection whose UPDATE is under way is kept until it is answered") {
  WorkerBed bed;
  DnsListenOptions options = ServerBed::loopback();
  options.updates = &*bed.worker;
  const auto server = start_dns_server(options, bed.engine, bed.clock, bed.random).value();
  bed.store.hold(true);
  Client slow(server->addresses().front(), SOCK_STREAM);
  slow.send_all(framed(bed.adding("a.mesh.test", "1")));
  bed.store.wait_for(1);
  bed.clock.advance_ms(3'600'000);
  // Another's query makes the listener look at its deadlines.
  Client other(server->addresses().front(), SOCK_STREAM);
  CHECK_FALSE(other.ask_framed(message({})).empty());
  bed.store.hold(false);
  CHECK(rcode_of(slow.receive_message()) == 0);
  bed.worker->stop();
}

TEST_CASE("an UPDATE with a prerequisite sees what was sent before it, and those behind it keep their order") {
  WorkerBed bed;
  bed.store.hold(true);
  const std::string must_exist = rr("a.mesh.test", dns::k_class_any, 0, "", dns::k_type_any);
  const std::string must_not = rr("a.mesh.test", dns::k_class_none, 0, "", dns::k_type_any);
  REQUIRE(bed.take(0, bed.adding("a.mesh.test", "1")));
  REQUIRE(bed.take(1, bed.adding("b.mesh.test", "2", {must_exist})));
  REQUIRE(bed.take(2, bed.removing("a.mesh.test")));
  REQUIRE(bed.take(3, bed.adding("c.mesh.test", "3", {must_not})));
  bed.store.wait_for(1);
  bed.store.hold(false);
  for (const auto& [number, answer] : bed.inbox.wait_for(4)) {
    CAPTURE(number);
    CHECK(rcode_of(answer) == 0);
  }
  CHECK(bed.count("a.mesh.test") == 0);
  CHECK(bed.count("b.mesh.test") == 1);
  CHECK(bed.count("c.mesh.test") == 1);
}

TEST_CASE("the same octets again, while the first are under way, are answered after them and not applied") {
  WorkerBed bed;
  bed.store.hold(true);
  const std::string message = bed.adding("a.mesh.test", "1");
  REQUIRE(bed.take(0, message));
  REQUIRE(bed.take(1, message));
  bed.store.wait_for(1);
  bed.store.hold(false);
  const auto answers = bed.inbox.wait_for(2);
  CHECK(answers[0].first == 0);
  CHECK(rcode_of(answers[1].second) == 0);
  CHECK(bed.worker->totals(true)[static_cast<std::size_t>(dns::Outcome::replayed)] == 1);
}

TEST_CASE("stopping answers all UPDATEs that were taken, and takes no more") {
  WorkerBed bed;
  bed.store.hold(true);
  const std::string must_exist = rr("a.mesh.test", dns::k_class_any, 0, "", dns::k_type_any);
  for (std::size_t i = 0; i < 20; ++i) {
    const std::string value = std::to_string(i);
    REQUIRE(bed.take(
        i, bed.adding("a.mesh.test", value, i % 5 == 4 ? std::vector{must_exist} : std::vector<std::string>{})));
  }
  bed.store.wait_for(1);
  std::thread stopping([&] { bed.worker->stop(); });
  bed.store.hold(false);
  stopping.join();
  CHECK(bed.inbox.size() == 20);
  CHECK(bed.count("a.mesh.test") == 20);
  CHECK_FALSE(bed.take(20, bed.adding("a.mesh.test", "late")));
}

TEST_CASE("UPDATEs are counted by transport, signature, rcode and what is wrong with a signature") {
  WorkerBed bed;
  const std::string good = bed.adding("a.mesh.test", "1");
  REQUIRE(bed.take(0, good));
  REQUIRE(bed.take(1, signed_by({.secret = "wrong"}, update({})), dns::Transport::tcp));
  REQUIRE(bed.take(2, update({}), dns::Transport::tcp));
  bed.inbox.wait_for(3);
  bed.worker->stop();
  const auto at = [](const dns::CounterTotals& totals, dns::Outcome outcome) {
    return totals[static_cast<std::size_t>(outcome)];
  };
  CHECK(at(bed.worker->totals(true), dns::Outcome::noerror) == 1);
  CHECK(at(bed.worker->totals(true), dns::Outcome::tsig_failed) == 1);
  CHECK(at(bed.worker->totals(true), dns::Outcome::badsig) == 1);
  CHECK(at(bed.worker->totals(true), dns::Outcome::notauth) == 0);
  CHECK(at(bed.worker->totals(false), dns::Outcome::refused) == 1);
  CHECK(at(bed.worker->totals(dns::Transport::udp), dns::Outcome::noerror) == 1);
  CHECK(at(bed.worker->totals(dns::Transport::tcp), dns::Outcome::refused) == 1);
}

TEST_CASE("the TSIG vector goes through the sockets byte for byte, over UDP and TCP") {
  WorkerBed bed;
  DnsListenOptions options = ServerBed::loopback();
  options.updates = &*bed.worker;
  bed.index.finish_loading();
  const auto server = start_dns_server(options, bed.engine, bed.clock, bed.random).value();
  Client udp(server->addresses().front(), SOCK_DGRAM);
  CHECK(to_hex(udp.ask(*from_hex(k_vector))) == k_vector_answer);
  CHECK(bed.store.values_at("n1.mesh.test").value().at(0).value == "hello");
  Client tcp(server->addresses().front(), SOCK_STREAM);
  CHECK(to_hex(tcp.ask_framed(*from_hex(k_vector))) == k_vector_answer);
  bed.worker->stop();
}

TEST_CASE("sixty-four signed UPDATEs at once on one connection are all answered") {
  WorkerBed bed;
  DnsListenOptions options = ServerBed::loopback();
  options.updates = &*bed.worker;
  const auto server = start_dns_server(options, bed.engine, bed.clock, bed.random).value();
  Client tcp(server->addresses().front(), SOCK_STREAM);
  std::string stream;
  for (int i = 0; i < 64; ++i) stream += framed(bed.adding("a.mesh.test", std::to_string(i)));
  tcp.send_all(stream);
  for (int i = 0; i < 64; ++i) CHECK(rcode_of(tcp.receive_message()) == 0);
  CHECK(bed.count("a.mesh.test") == 64);
  bed.worker->stop();
}
