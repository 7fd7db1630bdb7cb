// SPDX-License-Identifier: Apache-2.0
#include "generate-cluster-manifest/arguments.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "common/text.hpp"
#include "generate-cluster-manifest/node_argument.hpp"

namespace dnsmesh::manifest_tool {
namespace {

using tools::in_quotes;

constexpr std::string_view k_help =
    R"(Makes the signed manifest that names the nodes of a cluster, and the operator key that signs it.

usage: generate-cluster-manifest --manifest-out FILE (--operator-key-out FILE | --operator-key-in FILE) [flags]
       generate-cluster-manifest show FILE
       generate-cluster-manifest verify FILE --operator-spk HEX [--cluster-name NAME]

  --manifest-out FILE      the manifest; an old one is replaced as a whole
  --operator-key-out FILE  make a new operator key and keep it here, readable by its owner only
  --operator-key-in FILE   sign with the key of this file
  --cluster-name NAME      name of the cluster [mesh.local]
  --node ID,HTTP_URL[,DNS_ENDPOINT]
                           a node; repeat it, in order [the three nodes of the compose cluster]
  --seq N                  sequence number [one above the manifest that is there, else 1]
  --exp-days N             days until the manifest expires [365]
  --force                  replace an existing key file, and what is no manifest at --manifest-out
  --help, --version

  show                     print a manifest without checking its signature
  verify                   check a manifest against the operator's public key

For the compose cluster:

  generate-cluster-manifest --manifest-out docker/cluster/cluster-manifest.wire --operator-key-out docker/cluster/operator-key.txt
)";

/// The texts of the command line, before they are checked. What is optional is nothing when it was not given; what was
/// given empty is "".
struct Texts {
  IssueArguments issue;
  std::optional<std::string> operator_key_out;
  std::optional<std::string> operator_key_in;
  std::vector<std::string> nodes;
  std::optional<std::string> seq;
  std::string exp_days = "365";
  std::string file;
  std::string operator_spk;
  std::optional<std::string> expected_cluster_name;
  bool show = false;
  bool verify = false;
};

/// CLI11 itself would make nothing of an empty text.
void add_optional(CLI::App& app, const std::string& name, std::optional<std::string>& out) {
  app.add_option_function<std::string>(name, [&out](const std::string& text) { out = text; });
}

/// Throws CLI::ParseError.
Texts parse_texts(std::span<const char* const> arguments) {
  Texts texts;
  CLI::App app;
  app.set_help_flag("--help,-h");
  app.set_version_flag("--version", "generate-cluster-manifest " DNSMESH_VERSION);
  app.add_option("--manifest-out", texts.issue.manifest_out);
  add_optional(app, "--operator-key-out", texts.operator_key_out);
  add_optional(app, "--operator-key-in", texts.operator_key_in);
  app.add_option("--cluster-name", texts.issue.cluster_name);
  app.add_option("--node", texts.nodes)->allow_extra_args(false);
  add_optional(app, "--seq", texts.seq);
  app.add_option("--exp-days", texts.exp_days);
  app.add_flag("--force", texts.issue.force);
  CLI::App* show = app.add_subcommand("show");
  show->add_option("FILE", texts.file)->required();
  CLI::App* verify = app.add_subcommand("verify");
  verify->add_option("FILE", texts.file)->required();
  verify->add_option("--operator-spk", texts.operator_spk)->required();
  add_optional(*verify, "--cluster-name", texts.expected_cluster_name);
  app.require_subcommand(0, 1);
  app.parse(static_cast<int>(arguments.size()), arguments.data());
  texts.show = show->parsed();
  texts.verify = verify->parsed();
  if (!texts.show && !texts.verify) return texts;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    throw CLI::ValidationError(option->get_name(),
                               fmt::format("{} does not take it before its name", texts.show ? "show" : "verify"));
  }
  return texts;
}

CommandEnd wrong(std::string_view what) {
  return {k_exit_failed, {}, fmt::format("generate-cluster-manifest: {}\n", what)};
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

std::expected<Command, CommandEnd> check_issue(Texts texts) {
  IssueArguments& issue = texts.issue;
  issue.operator_key_out = std::move(texts.operator_key_out);
  issue.operator_key_in = std::move(texts.operator_key_in);
  if (issue.manifest_out.empty()) return std::unexpected(wrong("--manifest-out is required; --help shows all flags"));
  if (issue.operator_key_out && issue.operator_key_in) {
    return std::unexpected(
        wrong("--operator-key-out makes a new key and --operator-key-in uses one: give only one of them"));
  }
  if (!issue.operator_key_out && !issue.operator_key_in) {
    return std::unexpected(
        wrong("--operator-key-out (a new key) or --operator-key-in (one that is there) is required"));
  }
  if (issue.operator_key_out.value_or("-").empty() || issue.operator_key_in.value_or("-").empty()) {
    return std::unexpected(wrong("the name of the operator key file is empty"));
  }
  if (texts.seq) {
    issue.seq = whole_number<std::uint64_t>(*texts.seq);
    if (!issue.seq) {
      return std::unexpected(wrong(
          fmt::format("--seq {}: a whole number from 0 to 18446744073709551615 is expected", in_quotes(*texts.seq))));
    }
  }
  const auto days = whole_number<std::int64_t>(texts.exp_days);
  if (!days)
    return std::unexpected(wrong(fmt::format("--exp-days {}: a whole number is expected", in_quotes(texts.exp_days))));
  issue.exp_days = *days;
  for (const std::string& text : texts.nodes) {
    auto node = parse_node(text);
    if (!node) return std::unexpected(wrong(node.error().text));
    issue.nodes.push_back(std::move(*node));
  }
  if (texts.nodes.empty()) issue.nodes = compose_nodes();
  return std::move(issue);
}

std::expected<Command, CommandEnd> check_verify(const Texts& texts) {
  const auto key = from_hex(texts.operator_spk);
  if (!key || key->size() != crypto::PublicKey{}.size()) {
    return std::unexpected(wrong(fmt::format("--operator-spk {}: 64 hex digits are expected, {} characters were given",
                                             in_quotes(texts.operator_spk), texts.operator_spk.size())));
  }
  return VerifyArguments{texts.file, to_array<32>(*key), texts.expected_cluster_name};
}

}  // namespace

std::expected<Command, CommandEnd> parse_arguments(std::span<const char* const> arguments) {
  if (arguments.size() <= 1) return std::unexpected(CommandEnd{k_exit_failed, {}, std::string(k_help)});
  Texts texts;
  try {
    texts = parse_texts(arguments);
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(CommandEnd{0, std::string(k_help), {}});
  } catch (const CLI::CallForVersion& version) {
    return std::unexpected(CommandEnd{0, fmt::format("{}\n", version.what()), {}});
  } catch (const CLI::ParseError& error) {
    return std::unexpected(wrong(tools::printable(error.what())));
  }
  if (texts.show) return ShowArguments{texts.file};
  if (texts.verify) return check_verify(texts);
  return check_issue(std::move(texts));
}

}  // namespace dnsmesh::manifest_tool
