// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include "base/clock.hpp"
#include "base/cursor.hpp"
#include "base/random.hpp"
#include "dns/answer_index.hpp"
#include "dns/cookie.hpp"
#include "dns/edns.hpp"
#include "dns/engine.hpp"
#include "dns/message.hpp"
#include "dns/name.hpp"
#include "dns/zone.hpp"
#include "targets.hpp"

namespace dnsmesh::fuzz {
namespace {

constexpr std::int64_t k_now_s = 1700000000;
constexpr dns::CookieSecret k_secret{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

bool is_inside(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// A node's engine with a few names: one value, many values, one that needs TCP, an empty non-terminal.
class Node {
 public:
  Node() : zone_(*dns::make_zone(settings())), index_(clock_, random_, zone_.apex), engine_(zone_, index_, k_secret) {
    load("x.mesh.test", "value");
    for (int i = 0; i < 64; ++i) load("many.mesh.test", "value " + std::to_string(i));
    load("long.mesh.test", std::string(2000, 'v'));
    load("a.b.c.mesh.test", "deep");
    index_.finish_loading();
  }

  dns::Answered answer(std::string_view message, dns::Transport transport, std::span<char> out) {
    const dns::Arrival arrival{.transport = transport, .now_s = k_now_s, .now_ms = 0, .tcp_idle_ms = 10000};
    return engine_.answer(message, arrival, context_, out);
  }

 private:
  static dns::ZoneSettings settings() {
    dns::ZoneSettings out;
    out.served_zone = "mesh.test";
    return out;
  }
  void load(const std::string& name, std::string value) {
    store::Record record;
    record.name = name;
    record.value = std::move(value);
    record.ttl_s = 300;
    record.expires_s = k_now_s + 300;
    index_.load(record);
  }

  ManualClock clock_{k_now_s * 1000};
  SeededRandom random_{1};
  const dns::Zone zone_;
  dns::AnswerIndex index_;
  dns::Engine engine_;
  dns::QueryContext context_{index_, random_};
};

/// The answer fits its transport, is a response to this request, and can be read by ourselves.
void check_answer(std::string_view request, std::string_view answer) {
  require(answer.size() >= dns::k_header_octets, "an answer has a header");
  require(answer.substr(0, 2) == request.substr(0, 2), "an answer has the id of its request");
  require((static_cast<unsigned char>(answer[2]) & 0x80U) != 0, "an answer is a response");
  require(((static_cast<unsigned char>(answer[2]) ^ static_cast<unsigned char>(request[2])) & 0x78U) == 0,
          "an answer has the opcode of its request");
  ByteReader reader(answer);
  dns::Message message;
  message.header = dns::read_header(reader);
  require(dns::parse_message(answer, message) == dns::Fault::none, "an answer is well formed");
}

}  // namespace

void dns_message(std::string_view input) {
  ByteReader reader(input);
  dns::Message message;
  message.header = dns::read_header(reader);
  if (!reader.ok()) return;
  const dns::Fault fault = dns::parse_message(input, message);
  require(is_inside(message.question, input), "the question lies in the message");
  if (message.edns) require(is_inside(message.edns->cookie, input), "the cookie lies in the message");
  if (fault != dns::Fault::none || message.header.question_count == 0) return;
  require(!message.name.wire().empty(), "a question has a name");
  const auto again = dns::Name::from_text(dns::name_to_text(message.name.wire()));
  require(again && again->wire() == message.name.wire(), "a name is the same after a way through its text");
}

void dns_name(std::string_view input) {
  std::size_t position = 0;
  dns::Name name;
  if (dns::read_name(input, position, name)) {
    require(position <= input.size(), "a name ends in the message");
    require(name.wire().size() <= limits::wire_name_octets_max, "a name has 255 octets at most");
    const auto again = dns::Name::from_text(dns::name_to_text(name.wire()));
    require(again && again->wire() == name.wire(), "a name is the same after a way through its text");
  }
  const auto from_text = dns::Name::from_text(input);
  if (!from_text) return;
  position = 0;
  dns::Name read;
  require(dns::read_name(from_text->wire(), position, read), "a name that was written can be read");
  require(read.wire() == from_text->wire(), "and is the same");
  name.clear();
  static_cast<void>(dns::owner_shape(from_text->wire()));
}

void dns_answer(std::string_view input) {
  static Node node;
  for (const dns::Transport transport : {dns::Transport::udp, dns::Transport::tcp}) {
    std::string out(dns::Engine::answer_octets_max(transport), '\0');
    const dns::Answered answered = node.answer(input, transport, out);
    require(answered.octets <= out.size(), "an answer fits its transport");
    if (answered.octets > 0) check_answer(input, std::string_view(out).substr(0, answered.octets));
  }
}

void dns_edns(std::string_view input) {
  dns::Edns edns;
  if (dns::read_edns_options(input, edns)) {
    require(is_inside(edns.cookie, input), "the cookie lies in the options");
    require(edns.cookie.empty() || edns.cookie.size() >= dns::k_client_cookie_octets, "a cookie has its client's half");
  }
  const dns::ClientAddress client;
  require(!dns::is_valid_cookie(k_secret, input, client, k_now_s), "nobody guesses a cookie");
}

}  // namespace dnsmesh::fuzz
