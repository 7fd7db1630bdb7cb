// SPDX-License-Identifier: Apache-2.0
#include "sync/flat_json.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "base/limits.hpp"

namespace dnsmesh::sync {
namespace {

using Json = nlohmann::json;

/// Texts in the list of a part; more are passed over: what a peer can do has few names.
constexpr std::size_t k_part_list_max = 64;

class FlatReader final : public nlohmann::json_sax<Json> {
 public:
  FlatReader(const FlatShape& shape, std::size_t rows_max, const FlatRows& rows)
      : shape_(shape), rows_max_(rows_max), rows_(rows), columns_(shape.columns.size()) {
    answer_.members.resize(shape.members.size());
    answer_.part_members.resize(shape.part_members.size());
  }

  FlatAnswer take() { return std::move(answer_); }
  const std::string& fault() const { return fault_; }

  bool null() override { return value({.kind = Scalar::Kind::other}); }
  bool boolean(bool is_true) override { return value({.kind = Scalar::Kind::boolean, .magnitude = is_true ? 1U : 0U}); }
  bool number_integer(number_integer_t number) override {
    const auto bits = static_cast<std::uint64_t>(number);
    return value({.kind = Scalar::Kind::integer, .negative = number < 0, .magnitude = number < 0 ? ~bits + 1 : bits});
  }
  bool number_unsigned(number_unsigned_t number) override {
    return value({.kind = Scalar::Kind::integer, .magnitude = number});
  }
  bool number_float(number_float_t /*number*/, const string_t& /*text*/) override {
    return value({.kind = Scalar::Kind::other});
  }
  bool string(string_t& text) override {
    if (place() == Place::list) {
      if (answer_.part_list.size() < k_part_list_max) answer_.part_list.push_back(std::move(text));
      return true;
    }
    return value({.kind = Scalar::Kind::text, .text = std::move(text)});
  }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(false); }
  bool start_array(std::size_t /*size*/) override { return open(true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    switch (place()) {
      case Place::answer:
        return answer_key(name);
      case Place::part:
        slot_ = slot_of(shape_.part_members, answer_.part_members, name);
        opens_ = name == shape_.part_list ? Place::list : Place::skipped;
        if (opens_ == Place::list) answer_.part_list.clear();
        return true;
      case Place::row:
        slot_ = slot_of(shape_.columns, columns_, name);
        return true;
      default:
        return true;
    }
  }
  bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& /*error*/) override {
    return stop("not valid JSON at byte " + std::to_string(position));
  }

 private:
  enum class Place { nowhere, answer, rows, row, part, list, skipped };

  Place place() const { return open_.empty() ? Place::nowhere : open_.back(); }
  bool stop(std::string why) {
    if (fault_.empty()) fault_ = std::move(why);
    return false;
  }

  static Scalar* slot_of(std::span<const std::string_view> names, std::vector<Scalar>& values, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? nullptr : &values[static_cast<std::size_t>(found - names.begin())];
  }

  bool answer_key(std::string_view name) {
    slot_ = slot_of(shape_.members, answer_.members, name);
    opens_ = Place::skipped;
    if (name == shape_.rows) {
      opens_ = Place::rows;
      answer_.has_rows = false;
    } else if (!shape_.part.empty() && name == shape_.part) {
      opens_ = Place::part;
      answer_.has_part = false;
    }
    return true;
  }

  bool value(Scalar scalar) {
    if (place() == Place::nowhere) return stop("not an object");
    if (place() == Place::rows) return give_row(std::nullopt);
    if (place() == Place::row && shape_.rows_are_arrays) slot_ = next_column();
    if (slot_ != nullptr && place() != Place::skipped && place() != Place::list) *slot_ = std::move(scalar);
    return true;
  }
  Scalar* next_column() { return column_ < columns_.size() ? &columns_[column_++] : nullptr; }

  bool give_row(std::optional<std::span<Scalar>> columns) {
    if (++row_count_ > rows_max_) return stop("more rows than asked for");
    rows_.row(columns);
    return true;
  }

  bool open(bool is_array) {
    if (open_.size() >= static_cast<std::size_t>(limits::json_depth_max)) return stop("nested too deep");
    const Place inside = place_of_new(is_array);
    if (inside == Place::nowhere) return stop("not an object");
    if (place() == Place::rows && inside == Place::skipped && !give_row(std::nullopt)) return false;
    if ((place() == Place::row || place() == Place::answer || place() == Place::part) && inside == Place::skipped) {
      value({.kind = Scalar::Kind::other});
    }
    open_.push_back(inside);
    return true;
  }
  Place place_of_new(bool is_array) {
    if (place() == Place::nowhere) return is_array ? Place::nowhere : Place::answer;
    if (place() == Place::rows && is_array == shape_.rows_are_arrays) {
      std::ranges::fill(columns_, Scalar{});
      column_ = 0;
      return Place::row;
    }
    if (place() == Place::answer && opens_ == Place::rows && is_array) {
      answer_.has_rows = true;
      row_count_ = 0;
      rows_.begin();
      return Place::rows;
    }
    if (place() == Place::answer && opens_ == Place::part && !is_array) {
      answer_.has_part = true;
      std::ranges::fill(answer_.part_members, Scalar{});
      answer_.part_list.clear();
      return Place::part;
    }
    if (place() == Place::part && opens_ == Place::list && is_array) return Place::list;
    return Place::skipped;
  }
  bool close() {
    const Place closed = place();
    open_.pop_back();
    return closed != Place::row || give_row(columns_);
  }

  const FlatShape& shape_;
  const std::size_t rows_max_;
  const FlatRows& rows_;
  FlatAnswer answer_;
  std::string fault_;

  std::vector<Place> open_;       // the containers that are open, outermost first
  Place opens_ = Place::skipped;  // what a container under the last key would be
  Scalar* slot_ = nullptr;        // where the value of the last key belongs
  std::vector<Scalar> columns_;   // of the row being read
  std::size_t column_ = 0;        // of a row that is an array: the next one
  std::size_t row_count_ = 0;
};

}  // namespace

std::optional<std::int64_t> Scalar::natural() const {
  const auto number = natural_u64();
  if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<std::uint64_t> Scalar::natural_u64() const {
  if (kind != Kind::integer || negative) return std::nullopt;
  return magnitude;
}

Result<FlatAnswer> read_flat(std::string_view text, const FlatShape& shape, std::size_t rows_max,
                             const FlatRows& rows) {
  // The library skips a byte order mark; existing readers refuse it.
  if (text.starts_with("\xEF\xBB\xBF")) return fail(ErrorCode::sync_malformed, "begins with a byte order mark");
  std::string usable;
  if (text.contains("\\ud") || text.contains("\\uD")) text = usable = null_for_unpaired_surrogates(text);
  FlatReader reader(shape, rows_max, rows);
  if (!Json::sax_parse(text, &reader)) return fail(ErrorCode::sync_malformed, reader.fault());
  return reader.take();
}

}  // namespace dnsmesh::sync
