// SPDX-License-Identifier: Apache-2.0
#include "record/chunk.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/random.hpp"
#include "record/reed_solomon.hpp"
#include "support.hpp"

using namespace dnsmesh;
using namespace dnsmesh::record;
using namespace dnsmesh::record::testing;

namespace {

std::string counting_block(std::size_t size) {
  std::string block;
  for (std::size_t i = 0; i < size; ++i) block.push_back(static_cast<char>(i));
  return block;
}

/// `count` different octets of `word`, each changed.
std::string damaged(std::string word, std::size_t count, Random& random) {
  std::string touched(word.size(), 0);
  while (count > 0) {
    const std::size_t at = random.below(word.size());
    if (touched[at]) continue;
    touched[at] = 1;
    word[at] = static_cast<char>(word[at] ^ static_cast<char>(1 + random.below(255)));
    --count;
  }
  return word;
}

}  // namespace

TEST_CASE("the check value of the specification holds") {
  const std::string block = counting_block(128);
  const std::string blob = wrap_chunk(block);
  CHECK(to_hex(blob.substr(0, 8)) == "471fb943aa23c511");
  CHECK(to_hex(blob.substr(136)) == "c1b13256c52283a89aaa18220186766121c15b5a1148ec9c8062880a13ab7f2d");
  CHECK(unwrap_chunk(blob) == block);
  CHECK(issue_chunk(block).size() == 241);
  CHECK(parse_chunk(issue_chunk(block)) == block);
}

TEST_CASE("any 16 damaged octets are repaired and 17 are not, at every length of a word") {
  SeededRandom random(1);
  for (const std::size_t size : {1U, 20U, 128U, 222U, 223U}) {
    std::string data(size, '\0');
    for (char& c : data) c = static_cast<char>(random.below(256));
    const std::string word = data + rs_parity(data);
    CHECK(rs_correct(word) == word);
    for (std::size_t errors = 1; errors <= 16; ++errors) {
      CAPTURE(size);
      CAPTURE(errors);
      CHECK(rs_correct(damaged(word, errors, random)) == word);
    }
    for (int round = 0; round < 20; ++round) CHECK(rs_correct(damaged(word, 17, random)) != word);
  }
}

TEST_CASE("a word of at most 32 octets has only the all-zero codeword") {
  CHECK(rs_correct("") == "");
  CHECK(rs_correct(std::string(16, 'x')) == std::string(16, '\0'));
  CHECK(rs_correct(std::string(16, 'x') + std::string(16, '\0')) == std::string(32, '\0'));
  CHECK_FALSE(rs_correct(std::string(17, 'x')).has_value());
  CHECK_FALSE(rs_correct(std::string(32, 'x')).has_value());
  CHECK_FALSE(rs_correct(std::string(256, '\0')).has_value());
}

TEST_CASE("the length of a block is not enforced, the checksum is") {
  const std::string empty_checksum = *from_hex("e3b0c44298fc1c14");
  CHECK(code_of(unwrap_chunk(empty_checksum)) == "body:unwrap");
  CHECK(unwrap_chunk(empty_checksum + "x") == "");
  CHECK(unwrap_chunk(empty_checksum + std::string(16, 'x')) == "");
  CHECK(code_of(unwrap_chunk(empty_checksum + std::string(17, 'x'))) == "body:unwrap");
  CHECK(code_of(unwrap_chunk("")) == "body:unwrap");
  CHECK(unwrap_chunk(wrap_chunk("abc")) == "abc");
  CHECK(unwrap_chunk(wrap_chunk(counting_block(500))) == counting_block(500));
  std::string blob = wrap_chunk(counting_block(128));
  blob[0] = static_cast<char>(blob[0] ^ 1);
  CHECK(code_of(unwrap_chunk(blob)) == "body:unwrap");
}

TEST_CASE("a chunk text is read strictly") {
  const std::string text = issue_chunk(counting_block(128));
  CHECK(code_of(parse_chunk("v=dmp1;t=chunk;" + text.substr(17))) == "prefix");
  CHECK(code_of(parse_chunk(text + ";m=e30=")) == "base64");
  CHECK(code_of(parse_chunk(text + "\n")) == "base64");
  CHECK(code_of(parse_chunk("v=dmp1;t=chunk;d=")) == "body:unwrap");
}
