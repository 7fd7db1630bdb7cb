// SPDX-License-Identifier: Apache-2.0
#include "generate-cluster-manifest/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "common/reasons.hpp"
#include "common/text.hpp"
#include "generate-cluster-manifest/date.hpp"
#include "generate-cluster-manifest/files.hpp"
#include "record/cluster_manifest.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::manifest_tool {
namespace {

using tools::printable;

std::unexpected<Error> refused(const std::string& path, ErrorCode code, std::string_view text) {
  const std::size_t bytes_max = record::k_cluster_manifest_form.text_bytes_max;
  const std::string why = code == ErrorCode::record_oversize ? fmt::format("{} bytes, {} more than a manifest may have",
                                                                           text.size(), text.size() - bytes_max)
                                                             : std::string(tools::reason_sentence(code));
  return fail(code, fmt::format("{}: not a valid manifest ({}): {}", printable(path), error_name(code), why));
}

Result<std::string> manifest_text(const std::string& path) {
  auto content = read_file(path);
  if (!content) return std::unexpected(content.error());
  if (!*content) return fail(ErrorCode::config_file, fmt::format("{}: No such file or directory", printable(path)));
  return std::string(strip_ascii_whitespace(**content));
}

std::string life_text(std::uint64_t exp, std::int64_t now_s) {
  if (std::cmp_less(exp, now_s)) return fmt::format("{} (expired)", date_text(exp));
  return fmt::format("{} (in {} days)", date_text(exp),
                     (exp - static_cast<std::uint64_t>(std::max<std::int64_t>(now_s, 0))) / 86400);
}

std::string fields_text(const record::ClusterManifest& manifest, std::size_t bytes, std::int64_t now_s) {
  std::string out = fmt::format(
      "cluster:      {}\nseq:          {}\nexpires:      {}\noperator key: {}\nsize:         {} of {} bytes\nnodes:    "
      "    {}\n",
      manifest.cluster_name, manifest.seq, life_text(manifest.exp, now_s), to_hex(view(manifest.operator_spk)), bytes,
      record::k_cluster_manifest_form.text_bytes_max, manifest.nodes.size());
  for (const record::ClusterNode& node : manifest.nodes) {
    fmt::format_to(std::back_inserter(out), "  {}  {}  {}\n", printable(node.node_id), printable(node.http_endpoint),
                   node.dns_endpoint ? printable(*node.dns_endpoint) : "(no DNS endpoint)");
  }
  return out;
}

}  // namespace

Result<std::string> show(const ShowArguments& arguments, const Clock& clock) {
  const auto text = manifest_text(arguments.file);
  if (!text) return text;
  const auto manifest = record::read_cluster_manifest(*text);
  if (!manifest) return refused(arguments.file, manifest.error().code, *text);
  return fields_text(*manifest, text->size(), clock.wall_s()) +
         "The signature was not checked: verify FILE --operator-spk HEX does.\n";
}

Result<std::string> verify(const VerifyArguments& arguments, const Clock& clock) {
  const auto text = manifest_text(arguments.file);
  if (!text) return text;
  const auto manifest =
      record::parse_cluster_manifest(*text, view(arguments.operator_spk), clock.wall_s(), arguments.cluster_name);
  if (!manifest) return refused(arguments.file, manifest.error().code, *text);
  return fields_text(*manifest, text->size(), clock.wall_s()) + "valid\n";
}

}  // namespace dnsmesh::manifest_tool
