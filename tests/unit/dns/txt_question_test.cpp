// SPDX-License-Identifier: Apache-2.0
#include "dns/txt_question.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "base/cursor.hpp"
#include "base/utf8.hpp"
#include "dns/name.hpp"
#include "dns/wire.hpp"

using namespace dnsmesh;
using namespace dnsmesh::dns;
using Values = std::vector<std::string>;

namespace {

constexpr std::string_view k_owner = "_dnsmesh-seen.abcdefghijklm.example";

TxtQuestion question(bool wants_dnssec = false, std::uint64_t seed = 1) {
  SeededRandom random(seed);
  return make_txt_question(k_owner, 1232, wants_dnssec, random).value();
}

std::string wire(std::string_view name) { return std::string(Name::from_text(name)->wire()); }

struct Record {
  std::string owner;
  std::uint16_t type = k_type_txt;
  std::string data;
  std::uint16_t rr_class = k_class_in;
};

std::string strings(std::initializer_list<std::string_view> parts) {
  ByteWriter out;
  for (const std::string_view part : parts) out.u8(static_cast<std::uint8_t>(part.size())).bytes(part);
  return out.take();
}

/// An answer to the question with these records; `change` alters the header before it is written.
std::string answer_to(const TxtQuestion& asked, const std::vector<Record>& records,
                      const std::function<void(Header&)>& change = {}) {
  Header header{.id = asked.id, .flags = k_flag_response, .question_count = 1};
  header.answer_count = static_cast<std::uint16_t>(records.size());
  if (change) change(header);
  ByteWriter out;
  out.u16(header.id).u16(header.flags).u16(header.question_count).u16(header.answer_count);
  out.u16(header.authority_count).u16(header.additional_count);
  if (header.question_count > 0) out.bytes(asked.name).u16(k_type_txt).u16(k_class_in);
  for (const Record& record : records) {
    out.bytes(record.owner).u16(record.type).u16(record.rr_class).u32(60);
    out.u16(static_cast<std::uint16_t>(record.data.size())).bytes(record.data);
  }
  return out.take();
}

TxtOutcome outcome(const TxtQuestion& asked, std::string_view message) {
  return read_txt_answer(asked, message).outcome;
}

}  // namespace

TEST_CASE("a question asks for TXT with recursion and EDNS, its letters in random case") {
  const TxtQuestion asked = question();
  ByteReader reader(asked.message);
  const Header header = read_header(reader);
  CHECK(header.id == asked.id);
  CHECK(header.flags == k_flag_recursion_desired);
  CHECK(header.question_count == 1);
  CHECK(header.additional_count == 1);
  CHECK(reader.bytes(asked.name.size()) == asked.name);
  CHECK(fold_ascii(asked.name) == wire(k_owner));
  CHECK(asked.name != wire(k_owner));
  CHECK(reader.u16() == k_type_txt);
  CHECK(reader.u16() == k_class_in);
  CHECK(reader.u8() == 0);
  CHECK(reader.u16() == k_type_opt);
  CHECK(reader.u16() == 1232);
  CHECK(reader.u32() == 0);
  CHECK(reader.u16() == 0);
  CHECK(reader.at_end());
  CHECK(question(false, 2).id != asked.id);
  CHECK(question(false, 2).name != asked.name);
}

TEST_CASE("with DNSSEC demanded the question sets AD and DO") {
  const TxtQuestion asked = question(true);
  CHECK(asked.message[3] == 0x20);
  CHECK(asked.message.substr(asked.message.size() - 6, 4) == std::string("\0\0\x80\0", 4));
}

TEST_CASE("an owner that is no DNS name cannot be asked for") {
  SeededRandom random(1);
  CHECK_FALSE(make_txt_question("a..b", 1232, false, random).has_value());
  CHECK_FALSE(make_txt_question(std::string(64, 'a'), 1232, false, random).has_value());
}

TEST_CASE("the strings of each TXT record come as one text, in the order of the answer") {
  const TxtQuestion asked = question();
  const TxtAnswer answer =
      read_txt_answer(asked, answer_to(asked, {{wire(k_owner), k_type_txt, strings({"one ", "two"})},
                                               {std::string("\xC0\x0C", 2), k_type_txt, strings({"three"})},
                                               {wire(k_owner), k_type_txt, strings({""})}}));
  CHECK(answer.outcome == TxtOutcome::answered);
  CHECK(answer.values == Values{"one two", "three", ""});
  CHECK_FALSE(answer.is_authenticated);
}

TEST_CASE("AD says that the resolver vouches for the answer") {
  const TxtQuestion asked = question(true);
  CHECK(read_txt_answer(asked, answer_to(asked, {}, [](Header& header) { header.flags |= 0x20; })).is_authenticated);
}

TEST_CASE("no name and no record of the type are answers without values") {
  const TxtQuestion asked = question();
  CHECK(outcome(asked, answer_to(asked, {})) == TxtOutcome::answered);
  const TxtAnswer none = read_txt_answer(asked, answer_to(asked, {}, [](Header& header) { header.flags |= 3; }));
  CHECK(none.outcome == TxtOutcome::answered);
  CHECK(none.values.empty());
  CHECK(none.rcode == 3);
}

TEST_CASE("aliases are followed inside the answer, records beside the way are not believed") {
  const TxtQuestion asked = question();
  const TxtAnswer answer =
      read_txt_answer(asked, answer_to(asked, {{wire("target.example"), k_type_txt, strings({"good"})},
                                               {wire(k_owner), 5, wire("Middle.example")},
                                               {wire("middle.example"), 5, wire("target.example")},
                                               {wire("other.example"), k_type_txt, strings({"planted"})},
                                               {wire("target.example"), k_type_txt, strings({"chaos"}), 3},
                                               {wire("target.example"), 16 + 1, strings({"type"})}}));
  CHECK(answer.values == Values{"good"});
}

TEST_CASE("aliases in a circle end") {
  const TxtQuestion asked = question();
  const TxtAnswer answer = read_txt_answer(
      asked, answer_to(asked, {{wire(k_owner), 5, wire("b.example")}, {wire("b.example"), 5, wire(k_owner)}}));
  CHECK(answer.outcome == TxtOutcome::answered);
  CHECK(answer.values.empty());
}

TEST_CASE("records of the other sections are not looked at") {
  const TxtQuestion asked = question();
  const std::string message = answer_to(asked, {{wire(k_owner), k_type_txt, strings({"planted"})}}, [](Header& header) {
    header.answer_count = 0;
    header.additional_count = 1;
  });
  CHECK(read_txt_answer(asked, message).values.empty());
}

TEST_CASE("what does not answer this question is passed over") {
  const TxtQuestion asked = question();
  CHECK(outcome(asked, "") == TxtOutcome::stray);
  CHECK(outcome(asked, asked.message) == TxtOutcome::stray);  // the question itself
  CHECK(outcome(asked, answer_to(asked, {}, [](Header& header) { header.id ^= 1; })) == TxtOutcome::stray);
  CHECK(outcome(asked, answer_to(asked, {}, [](Header& header) { header.question_count = 0; })) == TxtOutcome::stray);
  CHECK(outcome(asked, answer_to(asked, {}, [](Header& header) { header.flags |= 0x2800; })) == TxtOutcome::stray);
  TxtQuestion other = asked;
  other.name = wire("_dnsmesh-seen.abcdefghijklX.example");
  CHECK(outcome(asked, answer_to(other, {})) == TxtOutcome::stray);
  std::string other_type = answer_to(asked, {});
  other_type[12 + asked.name.size() + 1] = 1;
  CHECK(outcome(asked, other_type) == TxtOutcome::stray);
}

TEST_CASE("an answer in another case is told apart: in a datagram it proves nothing") {
  const TxtQuestion asked = question();
  TxtQuestion folded = asked;
  folded.name = fold_ascii(asked.name);
  const TxtAnswer answer = read_txt_answer(asked, answer_to(folded, {{wire(k_owner), k_type_txt, strings({"value"})}}));
  CHECK(answer.outcome == TxtOutcome::other_case);
  CHECK(answer.values == Values{"value"});
}

TEST_CASE("a truncated answer is asked again, a refusal or a failure is one") {
  const TxtQuestion asked = question();
  CHECK(outcome(asked, answer_to(asked, {}, [](Header& header) { header.flags |= k_flag_truncated; })) ==
        TxtOutcome::truncated);
  for (const int rcode : {1, 2, 4, 5, 9}) {
    const auto set = [rcode](Header& header) { header.flags = static_cast<std::uint16_t>(header.flags | rcode); };
    CHECK(outcome(asked, answer_to(asked, {}, set)) == TxtOutcome::failed);
  }
  CHECK(outcome(asked, answer_to(asked, {}, [](Header& header) {
                  header.flags |= 1;
                  header.question_count = 0;
                })) == TxtOutcome::failed);
}

TEST_CASE("an answer whose records cannot be read has failed, wherever it is cut") {
  const TxtQuestion asked = question();
  const std::string whole = answer_to(asked, {{wire(k_owner), k_type_txt, strings({"one", "two"})}});
  const std::size_t question_end = 12 + asked.name.size() + 4;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(outcome(asked, whole.substr(0, size)) == (size < question_end ? TxtOutcome::stray : TxtOutcome::failed));
  }
  CHECK(outcome(asked, answer_to(asked, {{wire(k_owner), k_type_txt, ""}})) == TxtOutcome::failed);
  CHECK(outcome(asked, answer_to(asked, {{wire(k_owner), k_type_txt,
                                          std::string("\x05"
                                                      "abc")}})) == TxtOutcome::failed);
}

TEST_CASE("every octet of an answer may be another one") {
  const TxtQuestion asked = question();
  const std::string whole = answer_to(
      asked, {{wire(k_owner), 5, wire("b.example")}, {wire("b.example"), k_type_txt, strings({"one", "two"})}});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int octet = 0; octet < 256; ++octet) {
      std::string changed = whole;
      changed[i] = static_cast<char>(octet);
      read_txt_answer(asked, changed);
    }
  }
}
