// SPDX-License-Identifier: Apache-2.0
// Look-ups against resolvers of the test on loopback, which answer as a test needs it.
#include "net/txt_client.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <thread>

#include "base/cursor.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "dns/wire.hpp"

using namespace dnsmesh;
using namespace dnsmesh::net;
using Values = std::vector<std::string>;

namespace {

/// What the resolver sends to a question; nothing: silence.
using Behaviour = std::function<std::vector<std::string>(const std::string& question, bool over_tcp)>;

std::size_t question_end(const std::string& question) { return question.find('\0', dns::k_header_octets) + 5; }

/// An answer with these values, its flags and question changed at will.
std::string answer(const std::string& question, const Values& values, std::uint16_t flags = 0,
                   const std::function<std::string(std::string)>& change = {}) {
  std::string asked = question.substr(dns::k_header_octets, question_end(question) - dns::k_header_octets);
  if (change) asked = change(asked);
  ByteWriter out;
  out.bytes(question.substr(0, 2)).u16(static_cast<std::uint16_t>(dns::k_flag_response | flags)).u16(1);
  out.u16(static_cast<std::uint16_t>(values.size())).u16(0).u16(0).bytes(asked);
  for (const std::string& value : values) {
    out.u16(0xC00C).u16(dns::k_type_txt).u16(dns::k_class_in).u32(60);
    ByteWriter strings;
    for (std::string_view rest = value; !rest.empty(); rest.remove_prefix(std::min<std::size_t>(rest.size(), 255))) {
      const std::string_view part = rest.substr(0, 255);
      strings.u8(static_cast<std::uint8_t>(part.size())).bytes(part);
    }
    out.u16(static_cast<std::uint16_t>(strings.view().size())).bytes(strings.view());
  }
  return out.take();
}

/// A resolver on one port, UDP and TCP, on a thread of its own.
class TestResolver {
 public:
  explicit TestResolver(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
    for (int tries = 0; tries < 100 && !tcp_.is_open(); ++tries) {
      udp_ = Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      SocketAddress any = parse_address("127.0.0.1", 0).value();
      REQUIRE(::bind(udp_.get(), any.raw(), any.size) == 0);
      address_ = bound_address(udp_.get());
      Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (::bind(listener.get(), address_.raw(), address_.size) == 0) tcp_ = std::move(listener);
    }
    REQUIRE(::listen(tcp_.get(), 16) == 0);
    thread_ = std::thread([this] { run(); });
  }
  ~TestResolver() {
    stop_.notify();
    thread_.join();
  }

  const SocketAddress& address() const { return address_; }
  int udp_questions() const { return udp_questions_; }
  int tcp_questions() const { return tcp_questions_; }

 private:
  void run() {
    while (true) {
      pollfd waiting[] = {{stop_.fd(), POLLIN, 0}, {udp_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}};
      ::poll(waiting, 3, -1);
      if (waiting[0].revents != 0) return;
      if (waiting[1].revents != 0) answer_udp();
      if (waiting[2].revents != 0) answer_tcp();
    }
  }
  void answer_udp() {
    char buffer[4096];
    SocketAddress from;
    const ssize_t size = ::recvfrom(udp_.get(), buffer, sizeof buffer, 0, from.raw(), &from.size);
    if (size < 0) return;
    ++udp_questions_;
    for (const std::string& message : behaviour_({buffer, static_cast<std::size_t>(size)}, false)) {
      ::sendto(udp_.get(), message.data(), message.size(), 0, from.raw(), from.size);
    }
  }
  void answer_tcp() {
    const Descriptor connection(::accept(tcp_.get(), nullptr, nullptr));
    char buffer[4096];
    const ssize_t size = ::recv(connection.get(), buffer, sizeof buffer, 0);
    if (size < 2) return;
    ++tcp_questions_;
    for (const std::string& message : behaviour_({buffer + 2, static_cast<std::size_t>(size) - 2}, true)) {
      ByteWriter framed;
      framed.u16(static_cast<std::uint16_t>(message.size())).bytes(message);
      const std::string whole = framed.take();
      // In pieces, as a network may deliver it.
      for (std::size_t at = 0; at < whole.size(); at += 1000) {
        const std::string piece = whole.substr(at, 1000);
        ::send(connection.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
      }
    }
  }

  const Behaviour behaviour_;
  Descriptor udp_;
  Descriptor tcp_;
  SocketAddress address_;
  WakeUp stop_;
  std::atomic<int> udp_questions_{0};
  std::atomic<int> tcp_questions_{0};
  std::thread thread_;
};

Behaviour always(Values values, std::uint16_t flags = 0) {
  return [=](const std::string& question, bool) { return std::vector{answer(question, values, flags)}; };
}
Behaviour silence() {
  return [](const std::string&, bool) { return std::vector<std::string>{}; };
}

struct House {
  explicit House(std::vector<const TestResolver*> resolvers, bool dnssec_required = false,
                 std::int64_t try_ms = 10000) {
    log::configure(log::Level::critical, log::Format::text);
    options.dnssec_required = dnssec_required;
    options.resolvers.try_ms = try_ms;
    options.resolvers.look_up_ms = 3 * try_ms;
    for (const TestResolver* resolver : resolvers) options.resolvers.addresses.push_back(resolver->address());
    client.emplace(options, clock, random);
  }
  Result<Values> look_up(const std::string& owner = "_dnsmesh-seen.abcdefgh.example") {
    std::optional<Result<Values>> outcome;
    client->start(1, owner);
    while (!outcome) client->turn(10000, [&](std::uint64_t, const Result<Values>& values) { outcome = values; });
    return *outcome;
  }

  SystemClock clock;
  SystemRandom random;
  TxtClientOptions options;
  std::optional<TxtClient> client;
};

}  // namespace

TEST_CASE("a resolver's answer is the values, none when there are none") {
  const TestResolver resolver(always({"one", std::string(600, 'x')}));
  CHECK(House({&resolver}).look_up().value() == Values{"one", std::string(600, 'x')});
  const TestResolver empty(always({}, 3));
  CHECK(House({&empty}).look_up().value().empty());
}

TEST_CASE("a truncated answer comes over TCP, as long as it may be") {
  Values many;
  for (int i = 0; i < 60; ++i) many.push_back(std::to_string(i) + std::string(1000, 'v'));
  const TestResolver resolver([&](const std::string& question, bool over_tcp) {
    return std::vector{over_tcp ? answer(question, many) : answer(question, {}, dns::k_flag_truncated)};
  });
  CHECK(House({&resolver}).look_up().value() == many);
  CHECK(resolver.tcp_questions() == 1);
}

TEST_CASE("datagrams that answer another question are passed over") {
  const TestResolver resolver([](const std::string& question, bool) {
    std::string other_id = answer(question, {"forged"});
    other_id[0] = static_cast<char>(other_id[0] ^ 1);
    return std::vector{other_id, std::string("x"), answer(question, {"true"})};
  });
  CHECK(House({&resolver}).look_up().value() == Values{"true"});
}

TEST_CASE("a flood of datagrams that answer nothing ends the try") {
  const TestResolver resolver([](const std::string&, bool) { return std::vector<std::string>(64, "stray"); });
  const auto outcome = House({&resolver}).look_up();
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().code == ErrorCode::lookup_failed);
}

TEST_CASE("an answer in another case is not believed as a datagram, over TCP it is") {
  const TestResolver resolver([](const std::string& question, bool over_tcp) {
    return std::vector{
        answer(question, {over_tcp ? "tcp" : "udp"}, 0, [](const std::string& asked) { return fold_ascii(asked); })};
  });
  House house({&resolver});
  // One name in 2^19 has only small letters by chance.
  CHECK(house.look_up() == Values{"tcp"});
}

TEST_CASE("a resolver that refuses is not asked again, the next one is") {
  const TestResolver refusing(always({}, 5));
  const TestResolver good(always({"value"}));
  CHECK(House({&refusing, &good}).look_up().value() == Values{"value"});
  CHECK(refusing.udp_questions() == 1);
  House alone({&refusing});
  CHECK(alone.look_up().error().code == ErrorCode::lookup_failed);
  CHECK(refusing.udp_questions() == 2);
}

TEST_CASE("a resolver that is silent costs one try, and is asked last from then on") {
  const TestResolver silent(silence());
  const TestResolver good(always({"value"}));
  House house({&silent, &good}, false, 50);
  CHECK(house.look_up().value() == Values{"value"});
  CHECK(silent.udp_questions() == 1);
  CHECK(house.look_up().value() == Values{"value"});
  CHECK(silent.udp_questions() == 1);
  CHECK(good.udp_questions() == 2);
}

TEST_CASE("when nobody answers the look-up ends in time, after two tries with each") {
  const TestResolver silent(silence());
  const auto outcome = House({&silent}, false, 20).look_up();
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().code == ErrorCode::lookup_timeout);
  CHECK(silent.udp_questions() == 2);
}

TEST_CASE("a port where nobody listens fails at once, and so does a name that is none") {
  SocketAddress closed;
  {
    const TestResolver gone(silence());
    closed = gone.address();
  }
  House house({});
  house.options.resolvers.addresses = {closed};
  house.client.emplace(house.options, house.clock, house.random);
  CHECK(house.look_up().error().code == ErrorCode::lookup_failed);
  CHECK(house.look_up("a..b").error().code == ErrorCode::lookup_failed);
  CHECK_FALSE(House({}).look_up().has_value());
}

TEST_CASE("a resolver that breaks off over TCP is passed over") {
  const TestResolver breaking([](const std::string& question, bool over_tcp) {
    return over_tcp ? std::vector<std::string>{} : std::vector{answer(question, {}, dns::k_flag_truncated)};
  });
  const TestResolver still_cut(always({}, dns::k_flag_truncated));
  const TestResolver good(always({"value"}));
  CHECK(House({&breaking, &still_cut, &good}).look_up().value() == Values{"value"});
}

TEST_CASE("with DNSSEC demanded only authenticated answers count, those without values too") {
  constexpr std::uint16_t k_authenticated = 0x20;
  const TestResolver plain(always({"value"}));
  const TestResolver empty(always({}, 3));
  const TestResolver signed_one(always({"signed"}, k_authenticated));
  CHECK(House({&plain}, true).look_up().error().code == ErrorCode::lookup_not_signed);
  CHECK(House({&empty}, true).look_up().error().code == ErrorCode::lookup_not_signed);
  CHECK(House({&plain, &signed_one}, true).look_up().value() == Values{"signed"});
}

TEST_CASE("many look-ups run at the same time, each with its own outcome") {
  const TestResolver resolver(
      [](const std::string& question, bool) { return std::vector{answer(question, {std::string(1, question[13])})}; });
  House house({&resolver});
  std::map<std::uint64_t, Values> outcomes;
  for (std::uint64_t id = 0; id < 8; ++id) house.client->start(id, std::to_string(id) + ".example");
  while (outcomes.size() < 8) {
    house.client->turn(10000, [&](std::uint64_t id, const Result<Values>& values) { outcomes[id] = values.value(); });
  }
  for (std::uint64_t id = 0; id < 8; ++id) CHECK(outcomes[id] == Values{std::to_string(id)});
}

TEST_CASE("wake ends the waiting") {
  House house({});
  std::thread waker([&] { house.client->wake(); });
  house.client->turn(600000, [](std::uint64_t, const Result<Values>&) {});
  waker.join();
}
