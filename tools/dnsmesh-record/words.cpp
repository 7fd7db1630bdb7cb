// SPDX-License-Identifier: Apache-2.0
// Sentences, times and safe text for `dnsmesh-record show`.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "base/utf8.hpp"
#include "dnsmesh-record/explain.hpp"

namespace dnsmesh::record_tool {
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
    {ErrorCode::record_signature, "the signature does not match"},
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
    {ErrorCode::record_expired, "it has expired"},
    {ErrorCode::record_exp_too_far, "it expires further ahead than its type allows"},
    {ErrorCode::record_ts_skew, "its time stamp is more than 5 minutes from now"},
    {ErrorCode::record_ts_future, "its time stamp lies in the future"},
};

struct Unit {
  std::uint64_t seconds;
  std::string_view name;
};
constexpr Unit k_units[] = {{31536000, "year"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};

/// The largest unit that fits once at least.
std::string distance_in_words(std::uint64_t seconds) {
  for (const Unit& unit : k_units) {
    const std::uint64_t count = seconds / unit.seconds;
    if (count > 0) return fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
  }
  return "0 seconds";
}

/// The last second of the year 9999: later times have no usual spelling.
constexpr std::uint64_t k_calendar_end_s = 253402300799;

}  // namespace

std::string_view reason_sentence(ErrorCode code) {
  for (const Sentence& sentence : k_sentences) {
    if (sentence.code == code) return sentence.text;
  }
  return error_name(code);
}

std::string when_in_words(std::uint64_t time_s, std::int64_t now_s) {
  if (time_s > k_calendar_end_s) return fmt::format("after the year 9999 (second {})", time_s);
  const auto signed_time_s = static_cast<std::int64_t>(time_s);
  const std::time_t calendar_s = signed_time_s;
  std::tm parts{};
  gmtime_r(&calendar_s, &parts);
  const std::string date = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", parts);
  const std::int64_t ahead_s = signed_time_s - now_s;
  if (ahead_s == 0) return "now, " + date;
  if (ahead_s > 0) return fmt::format("in {}, {}", distance_in_words(static_cast<std::uint64_t>(ahead_s)), date);
  return fmt::format("{} ago, {}", distance_in_words(static_cast<std::uint64_t>(-ahead_s)), date);
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto point = first_code_point(text);
    const std::size_t size = point ? point->size : 1;
    // C0, DEL and C1 controls can move a terminal's cursor; bidirectional marks can reorder what is read.
    const bool control = !point || point->value < 0x20 || (point->value >= 0x7F && point->value < 0xA0) ||
                         (point->value >= 0x200E && point->value <= 0x200F) ||
                         (point->value >= 0x202A && point->value <= 0x202E) ||
                         (point->value >= 0x2066 && point->value <= 0x2069);
    for (const char c : text.substr(0, size)) {
      if (control) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
      } else {
        out.push_back(c);
      }
    }
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace dnsmesh::record_tool
