// SPDX-License-Identifier: Apache-2.0
// Signed messages at the engine: who is believed, and answers that are signed whatever they say and however long they
// are (spec/dns-update.md 2 and 3).
#include "base/hex.hpp"
#include "update_support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;

namespace {

/// The TSIG RR at the end of an answer, taken off it.
struct Unsigned {
  std::string whole;  // tsig borrows from it
  TsigFound found = TsigFound::none;
  TsigRecord tsig;
  std::string message;
};

Unsigned unsigned_part(const std::string& answer) {
  Unsigned out;
  // find_tsig reads requests: an error field is no fault of an answer.
  out.whole = answer;
  TsigRecord record;
  out.found = find_tsig(out.whole, record);
  if (out.found == TsigFound::malformed) {
    out.whole.replace(answer.size() - 4, 2, "\0\0"sv);
    out.found = find_tsig(out.whole, record);
  }
  if (out.found != TsigFound::one) return out;
  out.tsig = record;
  out.message = answer.substr(0, record.position);
  const std::uint16_t count = ByteReader(std::string_view(answer).substr(10)).u16();
  out.message.replace(10, 2, ByteWriter().u16(static_cast<std::uint16_t>(count - 1)).take());
  return out;
}

/// Whether `answer` is signed as RFC 8945 5.3.1 says, by a computation that is not the node's.
bool is_signed_answer(const std::string& answer, const std::string& request, const Signer& signer) {
  const Unsigned part = unsigned_part(answer);
  TsigRecord asked;
  if (part.found != TsigFound::one || find_tsig(request, asked) != TsigFound::one) return false;
  const std::string expected = tsig_rr(part.message, signer, asked.mac);
  const std::string mac(part.tsig.mac);
  return !mac.empty() && expected.contains(mac);
}

struct SignedBed : Bed {
  explicit SignedBed(bool explains = true) {
    keys.mint(alice, {"mesh.test"});
    engine.check_signatures(*keys.ring, explains);
    engine.leave_updates();
    put("x.mesh.test", "hello");
    for (int i = 0; i < 20; ++i) put("many.mesh.test", std::to_string(i) + std::string(200, 'v'));
  }
  std::string query_of(const Request& request = {}, const Signer& signer = {}) const {
    return signed_by(signer, message(request));
  }

  KeyHouse keys;
  Signer alice;
};

}  // namespace

TEST_CASE("a signed query is answered as any other, and its answer is signed over both transports") {
  SignedBed bed;
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    for (const Request& request : {Request{}, Request{.payload = 1232}, Request{.name = "no.mesh.test"},
                                   Request{.name = "x.other.test"}, Request{.type = 255}}) {
      const std::string asked = bed.query_of(request);
      const Answer plain = bed.ask(message(request), transport);
      const Answer answer = bed.ask(asked, transport);
      CHECK(answer.rcode == plain.rcode);
      CHECK(answer.answers.size() == plain.answers.size());
      CHECK(answer.has_opt == plain.has_opt);
      CHECK(is_signed_answer(answer.octets, asked, bed.alice));
    }
  }
  CHECK(bed.count(Outcome::tsig_failed) == 0);
}

TEST_CASE("all algorithms sign answers to queries") {
  SignedBed bed;
  const Signer signers[] = {
      {.name = "a.mesh.test",
       .secret = "s",
       .hash = crypto::HmacHash::sha384,
       .algorithm = "hmac-sha384",
       .mac_octets = 48},
      {.name = "b.mesh.test",
       .secret = "s",
       .hash = crypto::HmacHash::sha512,
       .algorithm = "hmac-sha512",
       .mac_octets = 64},
      {.name = "c.mesh.test", .secret = "s", .algorithm = "hmac-sha256-128", .mac_octets = 16},
  };
  for (const Signer& signer : signers) {
    bed.keys.mint(signer, {"mesh.test"});
    const std::string asked = bed.query_of({}, signer);
    CHECK(is_signed_answer(bed.ask(asked).octets, asked, signer));
  }
}

TEST_CASE("an answer that does not fit beside its signature is truncated, and the rest is signed") {
  SignedBed bed;
  for (const std::optional<std::uint16_t> payload : {std::optional<std::uint16_t>(), {512}, {1232}, {4096}}) {
    const std::string asked = bed.query_of({.name = "many.mesh.test", .payload = payload});
    const Answer answer = bed.ask(asked);
    CHECK(answer.tc);
    CHECK(answer.answers.empty());
    CHECK(answer.questions == 1);
    CHECK(is_signed_answer(answer.octets, asked, bed.alice));
  }
  CHECK(bed.count(Outcome::truncated) == 4);
  const std::string asked = bed.query_of({.name = "many.mesh.test"});
  CHECK(bed.ask(asked, Transport::tcp).answers.size() == 20);
}

TEST_CASE("the room of the signature is kept: an answer grows up to the limit with it and never beyond") {
  SignedBed bed;
  bool has_fitted = false;
  bool has_been_truncated = false;
  for (int size = 250; size < 256; ++size) bed.put("fit.mesh.test", std::string(static_cast<std::size_t>(size), 'v'));
  for (std::size_t size = 300; size < 512; ++size) {
    const std::string name = "n" + std::to_string(size) + ".mesh.test";
    bed.put(name, std::string(size, 'v'));
    const std::string asked = bed.query_of({.name = name});
    const Answer answer = bed.ask(asked);
    CHECK(answer.octets.size() <= 512);
    CHECK(is_signed_answer(answer.octets, asked, bed.alice));
    (answer.tc ? has_been_truncated : has_fitted) = true;
    // The key's name points into the question here, so up to 13 octets that were kept stay free.
    if (answer.tc) CHECK(512 - 13 < 12 + name.size() + 6 + 12 + size + 2 + 16 + 10 + 13 + 16 + 32);
  }
  CHECK(has_fitted);
  CHECK(has_been_truncated);
}

TEST_CASE("where names leave no room for the question, the header is signed and sends the client to TCP") {
  SignedBed bed;
  const std::string label(63, 'k');
  const std::string long_name = label + "." + label + "." + label + "." + std::string(50, 'k') + ".test";
  Signer signer{.name = long_name};
  signer.secret = "s";
  signer.hash = crypto::HmacHash::sha512;
  signer.algorithm = "hmac-sha512";
  signer.mac_octets = 64;
  bed.keys.mint(signer, {"mesh.test"});
  const std::string question = label + "." + label + "." + std::string(63, 'q') + ".mesh.test";
  for (const std::optional<std::uint16_t> payload : {std::optional<std::uint16_t>(), {512}}) {
    const std::string asked = bed.query_of(
        {.name = question, .payload = payload, .options = payload ? std::string("\0\3\0\0", 4) : ""}, signer);
    const Answer answer = bed.ask(asked);
    CHECK(answer.octets.size() <= 512);
    CHECK(answer.tc);
    CHECK(answer.questions == 0);
    CHECK(answer.has_opt == payload.has_value());
    CHECK(is_signed_answer(answer.octets, asked, signer));
    CHECK(bed.ask(asked, Transport::tcp).questions == 1);
  }
}

TEST_CASE("a signature that is not believed gets NOTAUTH with the reason, and is counted by it") {
  const Signer stranger{.name = "eve.mesh.test"};
  const Signer forger{.secret = "wrong"};
  const Signer late{.time_s = k_now_s - 301};
  const Signer eternal{.time_s = k_now_s - 301, .fudge_s = 65535};
  const Signer other_algorithm{.hash = crypto::HmacHash::sha512, .algorithm = "hmac-sha512", .mac_octets = 64};
  const Signer md5{.algorithm = "hmac-md5.sig-alg.reg.int"};
  const Signer truncated{.mac_octets = 16};
  const struct {
    const Signer& signer;
    Outcome outcome;
    unsigned error;
  } rows[] = {{stranger, Outcome::badkey, 17},   {forger, Outcome::badsig, 16},          {late, Outcome::badtime, 18},
              {eternal, Outcome::badtime, 18},   {other_algorithm, Outcome::badkey, 17}, {md5, Outcome::badkey, 17},
              {truncated, Outcome::badtrunc, 22}};
  for (const auto& row : rows) {
    SignedBed bed;
    const std::string asked = bed.query_of({.payload = 1232}, row.signer);
    const Answer answer = bed.ask(asked);
    CHECK(answer.rcode == 9);
    CHECK(answer.questions == 1);
    CHECK(answer.has_opt);
    CHECK(answer.answers.empty());
    const std::size_t error_at = answer.octets.size() - 4 - (row.error == 18 ? 6 : 0);
    CHECK(ByteReader(std::string_view(answer.octets).substr(error_at)).u16() == row.error);
    CHECK(bed.count(row.outcome) == 1);
    CHECK(bed.count(Outcome::tsig_failed) == 1);
    CHECK(bed.count(Outcome::notauth) == 0);
  }
}

TEST_CASE("with DMP_DNS_TSIG_ERROR_RR=0 a refused signature gets a bare header, as existing nodes send it") {
  SignedBed bed(false);
  const Answer answer = bed.ask(bed.query_of({.payload = 1232}, {.secret = "wrong"}));
  CHECK(to_hex(answer.octets) == "123480090000000000000000");
  CHECK(bed.count(Outcome::badsig) == 1);
}

TEST_CASE("a refused signature whose names leave no room for an answer gets a bare header") {
  SignedBed bed;
  const std::string label(63, 'k');
  const std::string long_name = label + "." + label + "." + label + "." + std::string(50, 'k') + ".test";
  const Answer answer = bed.ask(bed.query_of({}, {.name = long_name, .algorithm = long_name}));
  CHECK(answer.octets.size() == 12);
  CHECK(answer.rcode == 9);
}

TEST_CASE(
    "with UPDATE disabled every signed message gets NOTAUTH as a bare header, and an unsigned UPDATE is refused") {
  Bed bed;
  bed.put("x.mesh.test", "hello");
  CHECK(to_hex(bed.ask(signed_by({}, message({}))).octets) == "123480090000000000000000");
  CHECK(to_hex(bed.ask(signed_by({}, update({}))).octets) == "0001a8090000000000000000");
  CHECK(bed.ask(update({})).rcode == 5);
  CHECK(bed.count(Outcome::tsig_failed) == 2);
}

TEST_CASE("TSIG that is not last, twice or none at all is FORMERR, with and without keys") {
  SignedBed with_keys;
  Bed without_keys;
  const std::string once = signed_by({}, message({}));
  const std::string a = rr("x.test", k_class_in, 0, "abcd", k_type_a);
  const std::string bad[] = {
      with_additional(once, a), signed_by({}, once),
      message({.extra = rr_octets(wire_name("key"), k_type_tsig, k_class_any, "whatever"), .extra_count = 1})};
  for (const std::string& asked : bad) {
    CHECK(with_keys.ask(asked).rcode == 1);
    CHECK(without_keys.ask(asked).rcode == 1);
  }
  CHECK(with_keys.count(Outcome::malformed) == 3);
}

TEST_CASE("a verified query is answered above the rate, a forged one is not") {
  SignedBed bed;
  bed.limiter.set({.per_s = 1, .burst = 1});
  const std::string asked = bed.query_of();
  bed.ask(asked);
  for (int i = 0; i < 4; ++i) CHECK(bed.ask(asked).answers.size() == 1);
  for (int i = 0; i < 4; ++i) CHECK(bed.ask(bed.query_of({}, {.secret = "wrong"})).answers.empty());
  CHECK(bed.count(Outcome::rate_limited) == 4);
}

TEST_CASE("an UPDATE that nobody can look at now gets SERVFAIL signed, or what its signature earns") {
  SignedBed bed;
  std::string out(4096, '\0');
  const auto later = [&](const std::string& asked) {
    const Arrival arrival{Transport::udp, client_of("\xC0\x00\x02\x01"sv), k_now_s, 0, 10000};
    const std::size_t octets = bed.engine.answer_update_later(asked, arrival, bed.context.counters, out);
    return parse_answer(out.substr(0, octets));
  };
  const std::string good = signed_by(bed.alice, update({}));
  CHECK(later(good).rcode == 2);
  CHECK(is_signed_answer(later(good).octets, good, bed.alice));
  CHECK(later(signed_by({.secret = "wrong"}, update({}))).rcode == 9);
  CHECK(later(update({})).rcode == 2);
  CHECK(bed.count(Outcome::servfail) == 3);
  CHECK(bed.count(Outcome::badsig) == 1);
}
