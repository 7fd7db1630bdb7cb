// SPDX-License-Identifier: Apache-2.0
#include "record/prekey.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "record/time_rules.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

const crypto::SigningKey k_key = key_of(1);
const Prekey k_sample{0xFFFFFFFF, filled<32>(3), k_now};

}  // namespace

TEST_CASE("a prekey comes back as issued, in 162 characters") {
  const std::string text = issue_prekey(k_sample, k_key).value();
  CHECK(text.size() == 162);
  CHECK(parse_prekey(text, view(k_key.public_key()), k_now_s) == k_sample);
  CHECK(read_prekey(text) == k_sample);
}

TEST_CASE("each check of a prekey names its own failure") {
  const std::string text = issue_prekey(k_sample, k_key).value();
  const std::string body = body_of(k_prekey_form, text);
  const std::string_view key = view(k_key.public_key());
  CHECK(code_of(parse_prekey("v=dmp1;t=prekey;" + text.substr(18), key, k_now_s)) == "prefix");
  CHECK(code_of(parse_prekey("v=dmp1;t=prekey;d=A", key, k_now_s)) == "base64");
  CHECK(code_of(parse_prekey(text_of(k_prekey_form, std::string(107, 'x')), key, k_now_s)) == "length");
  CHECK(code_of(parse_prekey(text_of(k_prekey_form, std::string(109, 'x')), key, k_now_s)) == "length");
  CHECK(code_of(read_prekey("v=dmp1;t=prekey;d=")) == "length");
  const std::string reserved = signed_text(k_prekey_form, patched(body, 0, octets_of({0, 0, 0, 0})), {k_key});
  CHECK(code_of(parse_prekey(reserved, key, k_now_s)) == "body:range");
  CHECK(code_of(read_prekey(reserved)) == "body:range");
  CHECK(code_of(parse_prekey(text, view(key_of(2).public_key()), k_now_s)) == "signature");
  CHECK(code_of(parse_prekey(text, key.substr(1), k_now_s)) == "signature");
}

TEST_CASE("a prekey of the past parses and one of too far ahead does not") {
  const auto code_for = [](std::uint64_t exp) {
    return code_of(parse_prekey(issue_prekey({1, {}, exp}, k_key).value(), view(k_key.public_key()), k_now_s));
  };
  CHECK(code_for(0) == "ok");
  CHECK(code_for(k_now + k_short_exp_ahead_s_max) == "ok");
  CHECK(code_for(k_now + k_short_exp_ahead_s_max + 1) == "exp-too-far");
  CHECK(code_for(std::numeric_limits<std::uint64_t>::max()) == "exp-too-far");
}

TEST_CASE("the reserved prekey id is not issued") {
  CHECK(code_of(issue_prekey({0, {}, 1}, k_key)) == "issue-refused");
}
