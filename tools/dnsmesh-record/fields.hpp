// SPDX-License-Identifier: Apache-2.0
// Typed reading of a question. Like ByteReader it never stops the reader: a field that cannot be used gives an empty
// value and leaves a note, so an answer reads all of its fields and the notes are asked once.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace dnsmesh::record_tool {

using Json = nlohmann::ordered_json;

/// What went wrong while a question was read; the first note of each kind stays.
struct Notes {
  std::optional<std::string> not_understood;  // missing, or of another JSON type: the line is answered with an error
  std::optional<std::string> out_of_range;    // understood, but no record can hold it: an issuer refuses
};

/// The members of one JSON object. Borrows the object and the notes.
class Fields {
 public:
  Fields(const Json& object, Notes& notes) : object_(object), notes_(notes) {}

  std::string text(std::string_view key);
  std::optional<std::string> optional_text(std::string_view key);  // absent and null alike give nothing
  std::int64_t integer(std::string_view key);
  std::uint64_t natural(std::string_view key, std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
  std::optional<std::uint64_t> optional_natural(std::string_view key);
  std::string bytes(std::string_view key);  // given as hex
  std::optional<std::string> optional_bytes(std::string_view key);
  bool has(std::string_view key) const;

  /// Exactly N bytes given as hex; another length is out of range.
  template <std::size_t N>
  ByteArray<N> array(std::string_view key) {
    return sized<N>(key, bytes(key));
  }

  /// A list of byte strings of N bytes; absent gives an empty one.
  template <std::size_t N>
  std::vector<ByteArray<N>> optional_arrays(std::string_view key) {
    std::vector<ByteArray<N>> out;
    for (const std::string& member : optional_bytes_list(key)) out.push_back(sized<N>(key, member));
    return out;
  }

  /// The numbers of a list.
  std::vector<std::uint64_t> naturals(std::string_view key, std::uint64_t max);

  /// The objects of a list, each ready to be read with the same notes.
  std::vector<Fields> objects(std::string_view key);

  /// The object under `key`.
  Fields object(std::string_view key);

  const Notes& notes() const { return notes_; }
  void not_understood(std::string_view key, std::string_view why);
  void out_of_range(std::string_view key);

 private:
  const Json* find(std::string_view key) const;
  const Json& required(std::string_view key);
  const Json& list(std::string_view key);
  std::string hex(std::string_view key, const Json& value);
  std::uint64_t natural_of(std::string_view key, const Json& value, std::uint64_t max);
  std::vector<std::string> optional_bytes_list(std::string_view key);

  template <std::size_t N>
  ByteArray<N> sized(std::string_view key, std::string_view value) {
    if (value.size() == N) return to_array<N>(value);
    out_of_range(key);
    return {};
  }

  const Json& object_;
  Notes& notes_;
};

}  // namespace dnsmesh::record_tool
