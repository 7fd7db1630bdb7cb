// SPDX-License-Identifier: Apache-2.0
#include "common/reasons.hpp"

namespace dnsmesh::tools {
namespace {

struct Sentence {
  ErrorCode code;
  std::string_view text;
};

constexpr Sentence k_sentences[] = {
    {ErrorCode::record_prefix, "it does not begin with the prefix of a known record type"},
    {ErrorCode::record_oversize, "it is longer than its type allows"},
    {ErrorCode::record_base64, "what follows the prefix is not base64"},
    {ErrorCode::record_short, "it is too short to hold a record and its signature"},
    {ErrorCode::record_length, "its length is none of those its type can have"},
    {ErrorCode::record_key_arg, "the key to check it with is not 32 bytes long"},
    {ErrorCode::record_signature, "the signature is not that of the key, or the text was changed"},
    {ErrorCode::record_body_short, "the signed part is shorter than the smallest record of its type"},
    {ErrorCode::record_body_magic, "the signed part is that of another type"},
    {ErrorCode::record_body_truncated, "the signed part ends in the middle of a field"},
    {ErrorCode::record_body_trailing, "bytes follow after the last field"},
    {ErrorCode::record_body_name, "the name in it is not allowed"},
    {ErrorCode::record_body_count, "it counts too many or too few entries"},
    {ErrorCode::record_body_node, "one of its nodes has an illegal id or endpoint"},
    {ErrorCode::record_body_entry, "one of its entries has an illegal domain"},
    {ErrorCode::record_body_duplicate, "an entry stands in it twice"},
    {ErrorCode::record_body_utf8, "a text in it is not UTF-8"},
    {ErrorCode::record_body_range, "a number or a length in it is out of range"},
    {ErrorCode::record_body_endpoint, "its endpoint is not a public http or https address without a path"},
    {ErrorCode::record_body_version, "its version is not ASCII"},
    {ErrorCode::record_body_versions, "its list of protocol versions is malformed"},
    {ErrorCode::record_body_subject_type, "the type of its subject is unknown"},
    {ErrorCode::record_body_subject, "its subject is not a DNS name or a user@host"},
    {ErrorCode::record_body_keys_equal, "the old and the new key are the same"},
    {ErrorCode::record_body_reason, "its reason code is unknown"},
    {ErrorCode::record_body_time_order, "it expires before it begins"},
    {ErrorCode::record_body_domain, "its mailbox domain holds blanks or control characters"},
    {ErrorCode::record_body_unwrap, "the chunk is damaged beyond repair"},
    {ErrorCode::record_key_mismatch, "it names another key than the one that signed it"},
    {ErrorCode::record_subject_mismatch, "it is about another subject than the one expected"},
    {ErrorCode::record_name_mismatch, "it belongs to a cluster or domain of another name"},
    {ErrorCode::record_expired, "it has expired"},
    {ErrorCode::record_exp_too_far, "it expires further ahead than its type allows"},
    {ErrorCode::record_ts_skew, "its time stamp is more than 5 minutes from now"},
    {ErrorCode::record_ts_future, "its time stamp lies in the future"},
    {ErrorCode::record_stale, "it is older than asked for"},
};

}  // namespace

std::string_view reason_sentence(ErrorCode code) {
  for (const Sentence& sentence : k_sentences) {
    if (sentence.code == code) return sentence.text;
  }
  return error_name(code);
}

}  // namespace dnsmesh::tools
