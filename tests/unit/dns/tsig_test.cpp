// SPDX-License-Identifier: Apache-2.0
// TSIG: the vector of the specification, ldns as the other side, each refusal, and whatever strangers make of it.
#include "dns/tsig.hpp"

#include <limits>

#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using namespace dnsmesh::dns::test;
using access::TsigAlgorithm;

namespace {

const std::string k_request = *from_hex(
    "123428000001000000010001046d65736804746573740000060001026e31c00c001000010000012c00060568656c6c6f05616c696365c00c"
    "00fa00ff00000000003d0b686d61632d7368613235360000006553f100012c0020f7c201c87c452007d6e7ce42b5e5722a2bebb2a4149456f0"
    "01af7ceef8e7bad0123400000000");
const std::string k_response = *from_hex(
    "1234ac000001000000000001046d6573680474657374000006000105616c696365c00c00fa00ff00000000003d0b686d61632d736861323536"
    "0000006553f100012c0020754d8b5884d519cacf2bd65773f771d77c3d52d7791f1ade54f6eccd656f9cae123400000000");

std::shared_ptr<const access::TsigKey> key_of(TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256) {
  return std::make_shared<access::TsigKey>(access::TsigKey{.name = "alice.mesh.test",
                                                           .algorithm = algorithm,
                                                           .secret = std::string(32, 'k'),
                                                           .scope = {},
                                                           .subject = {},
                                                           .expires_s = 0});
}

struct Checked {
  TsigFound found = TsigFound::none;
  TsigVerdict verdict = TsigVerdict::rejected;
  TsigContext context;
};

Checked check(std::string_view message, std::int64_t now_s = k_now_s,
              std::shared_ptr<const access::TsigKey> key = key_of()) {
  Checked out;
  TsigRecord record;
  out.found = find_tsig(message, record);
  if (out.found == TsigFound::one) out.verdict = verify_tsig(message, record, std::move(key), now_s, out.context);
  return out;
}

bool verifies(std::string_view message) {
  const Checked checked = check(message);
  return checked.found == TsigFound::one && checked.verdict == TsigVerdict::verified;
}

std::string with_octet(std::string message, std::size_t at, unsigned value) {
  message.at(at) = static_cast<char>(value);
  return message;
}

std::string with_number(std::string message, std::size_t at, unsigned value) {
  return with_octet(with_octet(std::move(message), at, value >> 8), at + 1, value & 0xFF);
}

/// The vector's question as an answer's beginning.
std::string unsigned_response() { return k_response.substr(0, 12 + 11 + 4).replace(10, 2, "\0\0"sv); }

std::string signed_answer(std::string message, const TsigContext& context, std::int64_t now_s = k_now_s) {
  const std::size_t size = message.size();
  message.resize(size + tsig_octets_max(context));
  message.resize(sign_answer(message, size, context, wire_name("mesh.test"), now_s));
  return message;
}

using Packet = std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)>;

Packet packet_of(std::string_view message) {
  ldns_pkt* packet = nullptr;
  REQUIRE(ldns_wire2pkt(&packet, octets(message), message.size()) == LDNS_STATUS_OK);
  return {packet, &ldns_pkt_free};
}

}  // namespace

TEST_CASE("the TSIG vector: the request verifies and the answer is signed byte for byte") {
  TsigRecord record;
  REQUIRE(find_tsig(k_request, record) == TsigFound::one);
  CHECK(record.key_text() == "alice.mesh.test");
  CHECK(record.time_signed_s == 1700000000);
  CHECK(record.fudge_s == 300);
  CHECK(record.original_id == 0x1234);
  CHECK(k_request.size() - record.position == k_response.size() - 27);
  const Checked checked = check(k_request);
  REQUIRE(checked.verdict == TsigVerdict::verified);
  CHECK(checked.context.error == TsigError::none);
  CHECK(to_hex(signed_answer(unsigned_response(), checked.context)) == to_hex(k_response));
}

TEST_CASE("a TSIG owner in any case, uncompressed, and another message ID with the original one still verify") {
  std::string message = k_request;
  const std::size_t owner = message.find("\5alice");
  message.replace(owner, 8, wire_name("aLiCe.MESH.test"));
  CHECK(verifies(message));
  CHECK(verifies(with_number(message, 0, 0x9999)));
}

TEST_CASE("a message without TSIG has none") {
  TsigRecord record;
  CHECK(find_tsig(message({}), record) == TsigFound::none);
  CHECK(find_tsig(unsigned_response(), record) == TsigFound::none);
}

TEST_CASE("TSIG that is not last, twice, or outside the additional section is malformed") {
  const std::string rr = k_request.substr(k_request.find("\5alice"));
  const std::string other = rr_octets(wire_name("x.test"), k_type_a, k_class_in, "abcd");
  CHECK(check(with_number(k_request + other, 10, 2)).found == TsigFound::malformed);
  CHECK(check(with_number(k_request + rr, 10, 2)).found == TsigFound::malformed);
  CHECK(check(with_number(with_number(k_request, 10, 0), 8, 2)).found == TsigFound::malformed);
  CHECK(check(k_request + "x").found == TsigFound::malformed);
}

TEST_CASE("TSIG with another class, a TTL, an error or RDATA of a wrong length is malformed") {
  const std::size_t fixed = k_request.find("\5alice") + 8;
  CHECK(check(with_number(k_request, fixed + 2, k_class_in)).found == TsigFound::malformed);
  CHECK(check(with_octet(k_request, fixed + 7, 1)).found == TsigFound::malformed);
  CHECK(check(with_number(k_request, k_request.size() - 4, 17)).found == TsigFound::malformed);
  CHECK(check(with_number(k_request, k_request.size() - 2, 1)).found == TsigFound::malformed);
  CHECK(check(with_number(k_request, fixed + 8, 60)).found == TsigFound::malformed);
}

TEST_CASE("an unknown key and an algorithm that is not the key's are BADKEY") {
  Checked checked = check(k_request, k_now_s, nullptr);
  CHECK(checked.verdict == TsigVerdict::rejected);
  CHECK(checked.context.error == TsigError::badkey);
  for (const auto algorithm : {TsigAlgorithm::hmac_sha512, TsigAlgorithm::hmac_sha256_128}) {
    checked = check(k_request, k_now_s, key_of(algorithm));
    CHECK(checked.verdict == TsigVerdict::rejected);
    CHECK(checked.context.error == TsigError::badkey);
  }
  std::string md5 = k_request;
  md5.replace(md5.find("hmac-sha256"), 11, "hmac-sha1xx");
  CHECK(check(md5).context.error == TsigError::badkey);
}

TEST_CASE("a wrong MAC is BADSIG, a shorter one BADTRUNC, a longer one malformed") {
  const std::size_t mac = k_request.size() - 6 - 32;
  CHECK(check(with_octet(k_request, mac, 0)).context.error == TsigError::badsig);
  CHECK(check(with_octet(k_request, mac + 31, 0)).context.error == TsigError::badsig);
  const std::size_t rdata_length = k_request.find("\5alice") + 8 + 8;
  for (const std::size_t kept : {0U, 10U, 16U, 31U}) {
    std::string cut = with_number(k_request, mac - 2, static_cast<unsigned>(kept));
    cut.erase(mac + kept, 32 - kept);
    const Checked checked = check(with_number(cut, rdata_length, static_cast<unsigned>(61 - 32 + kept)));
    CHECK(checked.verdict == TsigVerdict::rejected);
    CHECK(checked.context.error == TsigError::badtrunc);
  }
  std::string longer = with_number(k_request, mac - 2, 33);
  longer.insert(mac + 32, 1, 'x');
  CHECK(check(with_number(longer, rdata_length, 62)).verdict == TsigVerdict::formerr);
}

TEST_CASE("a time within the fudge verifies, one second more is BADTIME, and no fudge is wider than 300") {
  for (const int late : {-300, 300}) CHECK(check(k_request, k_now_s + late).verdict == TsigVerdict::verified);
  for (const int late : {-301, 301}) {
    const Checked checked = check(k_request, k_now_s + late);
    CHECK(checked.verdict == TsigVerdict::rejected);
    CHECK(checked.context.error == TsigError::badtime);
  }
  for (const std::int64_t now_s : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0},
                                   std::numeric_limits<std::int64_t>::max()}) {
    CHECK(check(k_request, now_s).context.error == TsigError::badtime);
  }
  for (const unsigned fudge : {65535U, 10U}) {
    const std::string mutated = with_number(k_request, k_request.size() - 6 - 32 - 4, fudge);
    TsigRecord record;
    REQUIRE(find_tsig(mutated, record) == TsigFound::one);
    CHECK(record.fudge_s == fudge);
    TsigContext context;
    verify_tsig(mutated, record, key_of(), k_now_s, context);
    CHECK(context.fudge_s == std::min(fudge, 300U));
    CHECK(context.error == TsigError::badsig);  // the fudge is signed, too
  }
}

TEST_CASE("refusals answer NOTAUTH with the question and the reason, signed only when the MAC was right") {
  const struct {
    std::string request;
    std::int64_t now_s;
    std::shared_ptr<const access::TsigKey> key;
    TsigError error;
    std::size_t mac_octets;
    std::string other;
  } cases[] = {
      {k_request, k_now_s, nullptr, TsigError::badkey, 0, ""},
      {with_octet(k_request, k_request.size() - 10, 0), k_now_s, key_of(), TsigError::badsig, 0, ""},
      {k_request, k_now_s + 1000, key_of(), TsigError::badtime, 32, "00006553f4e8"},
  };
  for (const auto& c : cases) {
    const Checked checked = check(c.request, c.now_s, c.key);
    REQUIRE(checked.context.error == c.error);
    const std::string out = signed_answer(with_octet(unsigned_response(), 3, 9), checked.context, c.now_s);
    const Packet packet = packet_of(out);
    CHECK(ldns_pkt_get_rcode(packet.get()) == LDNS_RCODE_NOTAUTH);
    CHECK(ldns_pkt_id(packet.get()) == 0x1234);
    CHECK(ldns_pkt_qdcount(packet.get()) == 1);
    ldns_rr* tsig = ldns_pkt_tsig(packet.get());
    REQUIRE(tsig != nullptr);
    CHECK(ldns_rdf2native_int16(ldns_rr_rdf(tsig, 5)) == static_cast<unsigned>(c.error));
    CHECK(ldns_rdf_size(ldns_rr_rdf(tsig, 3)) == 2 + c.mac_octets);
    CHECK(out.ends_with(*from_hex(c.other)));
    if (c.error == TsigError::badtime) CHECK(out.contains(std::string("\0\0\x65\x53\xf1\0\x01\x2c", 8)));
  }
}

TEST_CASE("the answer of existing nodes to a TSIG failure is a bare header") {
  std::string out(12, '\xff');
  CHECK(write_tsig_stub(k_request, out) == 12);
  CHECK(to_hex(out) == "1234a8090000000000000000");
  std::string small(11, '\0');
  CHECK(write_tsig_stub(k_request, small) == 0);
}

TEST_CASE("an answer without room for its TSIG RR is not signed") {
  const Checked checked = check(k_request);
  std::string message = unsigned_response();
  const std::size_t size = message.size();
  message.resize(k_response.size() - 1);
  CHECK(sign_answer(message, size, checked.context, wire_name("mesh.test"), k_now_s) == 0);
  message.resize(k_response.size());
  CHECK(sign_answer(message, size, checked.context, wire_name("mesh.test"), k_now_s) == k_response.size());
}

TEST_CASE("requests that ldns signs verify, and ldns verifies the answers") {
  const std::pair<const char*, TsigAlgorithm> algorithms[] = {{"hmac-sha256.", TsigAlgorithm::hmac_sha256},
                                                              {"hmac-sha512.", TsigAlgorithm::hmac_sha512}};
  const char* const secret = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=";  // 32 times 'k'
  for (const auto& [name, algorithm] : algorithms) {
    const Packet query = packet_of(message({.name = "mesh.test"}));
    REQUIRE(ldns_pkt_tsig_sign(query.get(), "Alice.mesh.test.", secret, 300, name, nullptr) == LDNS_STATUS_OK);
    std::uint8_t* wire = nullptr;
    std::size_t size = 0;
    REQUIRE(ldns_pkt2wire(&wire, query.get(), &size) == LDNS_STATUS_OK);
    const std::string request(view(wire, size));
    std::free(wire);
    TsigRecord record;
    REQUIRE(find_tsig(request, record) == TsigFound::one);
    const auto now_s = static_cast<std::int64_t>(record.time_signed_s);
    const Checked checked = check(request, now_s, key_of(algorithm));
    REQUIRE(checked.verdict == TsigVerdict::verified);
    std::string answer = request.substr(0, 12 + 11 + 4).replace(10, 2, "\0\0"sv);
    answer = signed_answer(with_octet(answer, 2, 0x84), checked.context, now_s);
    const Packet packet = packet_of(answer);
    ldns_rdf* query_mac = ldns_rr_rdf(ldns_pkt_tsig(query.get()), 3);
    CHECK(ldns_pkt_tsig_verify(packet.get(), octets(answer), answer.size(), "alice.mesh.test.", secret, query_mac));
    const std::string changed = with_octet(answer, 3, 5);
    CHECK_FALSE(
        ldns_pkt_tsig_verify(packet.get(), octets(changed), changed.size(), "alice.mesh.test.", secret, query_mac));
  }
}

TEST_CASE("a signed message that was changed anywhere but in its ID and the case of names does not verify") {
  int verified = 0;
  for (std::size_t at = 0; at < k_request.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const std::string changed = with_octet(k_request, at, static_cast<unsigned char>(k_request[at]) ^ 1U << bit);
      if (!verifies(changed)) continue;
      ++verified;
      const bool is_id = at < 2;
      const bool is_case_of_tsig = bit == 5 && at >= k_request.find("\5alice");
      CHECK((is_id || is_case_of_tsig));
    }
  }
  CHECK(verified >= 16);
}

TEST_CASE("mutated signed messages are survived and never verify") {
  SeededRandom random(20);
  const std::size_t tsig = k_request.find("\5alice");
  for (int round = 0; round < 40000; ++round) {
    std::string message = k_request;
    const std::uint64_t changes = 1 + random.below(4);
    for (std::uint64_t i = 0; i < changes && !message.empty(); ++i) {
      const std::size_t at = random.below(message.size());
      switch (random.below(4)) {
        case 0:
          message[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          message.erase(at, 1 + random.below(8));
          break;
        case 2:
          message.insert(at, k_request.substr(random.below(k_request.size()), 1 + random.below(80)));
          break;
        default:
          message.resize(at);
      }
    }
    // What is not signed may differ: the ID, and the case of the names in the TSIG RR.
    std::string folded = message;
    for (std::size_t i = tsig; i < std::min(tsig + 32, folded.size()); ++i) folded[i] = fold_ascii(folded[i]);
    if (folded.size() < 2 || folded.substr(2) == k_request.substr(2)) continue;
    CHECK_FALSE(verifies(message));
  }
}
