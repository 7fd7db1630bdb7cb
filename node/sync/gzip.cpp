// SPDX-License-Identifier: Apache-2.0
#include "sync/gzip.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <limits>
#include <vector>

#include "base/bytes.hpp"

namespace dnsmesh::sync {

std::optional<std::string> gzip(std::string_view bytes) {
  // Window of 32 KiB, and 16 for the gzip format: zlib.h, "deflateInit2".
  constexpr int k_window_bits_gzip = 15 + 16;
  constexpr int k_memory_level = 8;
  if (bytes.size() > std::numeric_limits<uInt>::max() / 2) return std::nullopt;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, k_window_bits_gzip, k_memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  std::vector<unsigned char> out(deflateBound(&stream, static_cast<uLong>(bytes.size())));
  stream.next_in = octets(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  const std::size_t size = out.size() - stream.avail_out;
  deflateEnd(&stream);
  if (!whole) return std::nullopt;
  return std::string(view(out.data(), size));
}

}  // namespace dnsmesh::sync
