// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh {
namespace {

using Json = nlohmann::ordered_json;

/// Builds the value while it counts depth and members, so that a body of ten thousand brackets stops at the ninth.
class BoundedBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit BoundedBuilder(int depth_max) : depth_max_(depth_max) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    // No other number is infinite, so who asks can tell 1e30 from an integer of thirty digits.
    const bool is_integer = text.find_first_of(".eE") == std::string::npos;
    return add(is_integer ? std::copysign(std::numeric_limits<double>::infinity(), value) : value);
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
  bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
  bool key(string_t& value) override {
    if (++open_.back().members > limits::json_members_max) {
      return stop(ErrorCode::json_members, fmt::format("an object of more than {} members", limits::json_members_max));
    }
    key_ = std::move(value);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    error_ = Error{ErrorCode::json_syntax, fmt::format("not valid JSON at byte {}", position)};
    return false;
  }

  Result<Json> take() {
    if (error_.text.empty()) return std::move(root_);
    return std::unexpected(error_);
  }
  bool failed() const { return !error_.text.empty(); }

  /// What was read until a bound stopped the reading.
  Json take_read_before() { return std::move(root_); }

 private:
  struct Open {
    Json* value;
    std::size_t members = 0;  // keys read, duplicates counted: each costs a search through those before it
  };

  Json* place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back().value;
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    Json& slot = parent[key_];
    slot = std::move(value);
    return &slot;
  }
  bool add(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json value) {
    if (static_cast<int>(open_.size()) >= depth_max_) {
      return stop(ErrorCode::json_depth, fmt::format("nested deeper than {}", depth_max_));
    }
    // Pointers into the tree stay valid: a parent gets no further child while one of its children is open.
    open_.push_back({place(std::move(value))});
    return true;
  }
  /// A bound is reached. The member that is still being read is given up, since half of it would be another value.
  bool stop(ErrorCode code, std::string why) {
    error_ = Error{code, std::move(why)};
    if (open_.size() > 1) *open_[1].value = nullptr;
    return false;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  int depth_max_;
  Json root_;
  std::vector<Open> open_;
  std::string key_;
  Error error_{ErrorCode::json_syntax, {}};
};

void append_escaped_unit(std::string& out, unsigned unit) {
  fmt::format_to(std::back_inserter(out), "\\u{:04x}", unit);
}

void append_escaped(std::string& out, char32_t point) {
  switch (point) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  if (point >= 0x20 && point < 0x7F) {
    out.push_back(static_cast<char>(point));
  } else if (point == 0x7F) {
    out.push_back('\x7F');
  } else if (point < 0x10000) {
    append_escaped_unit(out, static_cast<unsigned>(point));
  } else {
    append_escaped_unit(out, 0xD800 + static_cast<unsigned>((point - 0x10000) >> 10));
    append_escaped_unit(out, 0xDC00 + static_cast<unsigned>((point - 0x10000) & 0x3FF));
  }
}

/// Stands in a JSON string as itself.
bool is_plain(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x20 && octet <= 0x7F && c != '"' && c != '\\';
}

/// The code unit of a `\uXXXX` escape at the start of `text`.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  const auto octets = from_hex(text.substr(2, 4));
  if (!octets) return std::nullopt;
  return static_cast<unsigned char>((*octets)[0]) * 256U + static_cast<unsigned char>((*octets)[1]);
}

bool in_range(std::optional<unsigned> unit, unsigned first, unsigned last) {
  return unit && *unit >= first && *unit <= last;
}

struct QuotedString {
  std::size_t size = 0;  // with both quotes, or to the end of the text when there is no second one
  bool has_unpaired_surrogate = false;
};

/// The string at the start of `text`, which begins with a quote.
QuotedString first_quoted(std::string_view text) {
  QuotedString out;
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') {
    if (text[at] != '\\') {
      ++at;
      continue;
    }
    const auto unit = escaped_unit(text.substr(at));
    const bool paired = in_range(unit, 0xD800, 0xDBFF) && in_range(escaped_unit(text.substr(at + 6)), 0xDC00, 0xDFFF);
    if (in_range(unit, 0xD800, 0xDFFF) && !paired) out.has_unpaired_surrogate = true;
    at += paired ? 12 : unit ? 6 : 2;
  }
  out.size = std::min(at + 1, text.size());
  return out;
}

void append(std::string& out, const Json& value) {
  if (value.is_object()) {
    out.push_back('{');
    bool first = true;
    for (const auto& [key, member] : value.items()) {
      if (!first) out += ", ";
      first = false;
      append_json_quoted(out, key);
      out += ": ";
      append(out, member);
    }
    out.push_back('}');
  } else if (value.is_array()) {
    out.push_back('[');
    bool first = true;
    for (const Json& member : value) {
      if (!first) out += ", ";
      first = false;
      append(out, member);
    }
    out.push_back(']');
  } else if (value.is_string()) {
    append_json_quoted(out, value.get_ref<const std::string&>());
  } else {
    out += value.dump();
  }
}

}  // namespace

Result<nlohmann::ordered_json> parse_json(std::string_view text, int depth_max, nlohmann::ordered_json* read_before) {
  if (!is_utf8(text)) return fail(ErrorCode::json_syntax, "not UTF-8");
  if (text.starts_with("\xEF\xBB\xBF")) return fail(ErrorCode::json_syntax, "begins with a byte order mark");
  BoundedBuilder builder(depth_max);
  const bool accepted = Json::sax_parse(text, &builder);
  if (!accepted && !builder.failed()) return fail(ErrorCode::json_syntax, "not valid JSON");
  auto value = builder.take();
  if (!value && value.error().code != ErrorCode::json_syntax && read_before != nullptr) {
    *read_before = builder.take_read_before();
  }
  return value;
}

std::string write_json(const nlohmann::ordered_json& value) {
  std::string out;
  append(out, value);
  return out;
}

void append_json_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto point = first_code_point(text);
    // Text that is not UTF-8 has no place in JSON; one replacement character a byte keeps the line readable.
    append_escaped(out, point ? point->value : U'\uFFFD');
    text.remove_prefix(point ? point->size : 1);
  }
  out.push_back('"');
}

std::string json_quote(std::string_view text) {
  std::string out;
  append_json_quoted(out, text);
  return out;
}

std::string null_for_unpaired_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t quote = std::min(text.find('"'), text.size());
    out.append(text.substr(0, quote));
    text.remove_prefix(quote);
    if (text.empty()) break;
    const QuotedString string = first_quoted(text);
    if (string.has_unpaired_surrogate) {
      out += "null";
    } else {
      out.append(text.substr(0, string.size));
    }
    text.remove_prefix(string.size);
  }
  return out;
}

}  // namespace dnsmesh
