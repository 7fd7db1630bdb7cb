// SPDX-License-Identifier: Apache-2.0
#include "gunzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace dnsmesh::simulation {

Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max) {
  // Window of 32 KiB, and 16 for the gzip format: zlib.h, "inflateInit2".
  constexpr int k_window_bits_gzip = 15 + 16;
  z_stream stream{};
  if (inflateInit2(&stream, k_window_bits_gzip) != Z_OK) return fail(ErrorCode::sync_transport);
  const std::unique_ptr<z_stream, void (*)(z_stream*)> ender(&stream, [](z_stream* open) { inflateEnd(open); });
  std::vector<Bytef> input(packed.begin(), packed.end());
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK) {
    std::array<Bytef, 16384> piece{};
    stream.next_out = piece.data();
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(piece.size() - stream.avail_out));
    if (out.size() > bytes_max) return fail(ErrorCode::sync_answer_too_big);
  }
  if (status != Z_STREAM_END || stream.avail_in != 0) return fail(ErrorCode::sync_transport);
  return out;
}

}  // namespace dnsmesh::simulation
