// SPDX-License-Identifier: Apache-2.0
// Our side of the TSIG exchange with dnspython: lines `algorithm secret now request` in, lines `verdict answer` out,
// all octets in hex. The answer is the request's header and question, signed.
#include <iostream>
#include <string>

#include "base/hex.hpp"
#include "dns/tsig.hpp"

using namespace dnsmesh;

namespace {

std::string answer_of(const std::string& request, const dns::TsigContext& context, std::int64_t now_s) {
  std::size_t end = dns::k_header_octets;
  dns::Name question;
  if (!dns::read_name(request, end, question)) return {};
  std::string answer = request.substr(0, end + 4);
  answer[2] = static_cast<char>(answer[2] | 0x80);
  answer.replace(6, 6, 6, '\0');
  const std::size_t size = answer.size();
  answer.resize(size + dns::tsig_octets_max(context));
  question.fold();
  answer.resize(dns::sign_answer(answer, size, context, question.wire(), now_s));
  return answer;
}

}  // namespace

int main() {
  std::string algorithm_name;
  std::string secret_hex;
  std::string request_hex;
  std::int64_t now_s = 0;
  while (std::cin >> algorithm_name >> secret_hex >> now_s >> request_hex) {
    const auto algorithm = access::tsig_algorithm_of(algorithm_name);
    const auto secret = from_hex(secret_hex);
    const auto request = from_hex(request_hex);
    if (!algorithm || !secret || !request) return 2;
    auto key = std::make_shared<access::TsigKey>();
    key->algorithm = *algorithm;
    key->secret = *secret;
    dns::TsigRecord record;
    dns::TsigContext context;
    if (dns::find_tsig(*request, record) != dns::TsigFound::one ||
        dns::verify_tsig(*request, record, key, now_s, context) != dns::TsigVerdict::verified) {
      std::cout << "refused " << static_cast<int>(context.error) << '\n';
      continue;
    }
    std::cout << "verified " << to_hex(answer_of(*request, context, now_s)) << '\n';
  }
}
