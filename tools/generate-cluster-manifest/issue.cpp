// SPDX-License-Identifier: Apache-2.0
#include "generate-cluster-manifest/issue.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "common/text.hpp"
#include "crypto/keys.hpp"
#include "generate-cluster-manifest/date.hpp"
#include "generate-cluster-manifest/files.hpp"
#include "generate-cluster-manifest/staged_file.hpp"
#include "record/cluster_manifest.hpp"
#include "record/operator_key_file.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::manifest_tool {
namespace {

using tools::printable;

constexpr std::int64_t k_day_s = 86400;
constexpr std::int64_t k_exp_days_max = 1825;  // nodes refuse an end that is further away (spec/records.md 2.2)
constexpr std::uint64_t k_seq_max = std::numeric_limits<std::uint64_t>::max();

constexpr std::string_view k_development_warning =
    "+----------------------------------------------------------------------+\n"
    "| The operator key lies in a file on this disk: for development only.  |\n"
    "| Whoever reads it can rename, add and remove nodes of the cluster.    |\n"
    "| In production keep it off the nodes, and off this repository.        |\n"
    "+----------------------------------------------------------------------+\n";

/// The files that are written, symbolic links followed.
struct Targets {
  std::string manifest;
  std::optional<std::string> new_key;
};

/// Looks at what is there before anything is read: whether it may be written, and that a key cannot be lost.
Result<Targets> find_targets(const IssueArguments& arguments) {
  auto manifest = find_target(arguments.manifest_out);
  if (!manifest) return std::unexpected(manifest.error());
  Targets targets{std::move(*manifest), std::nullopt};
  if (arguments.operator_key_out) {
    auto key = find_target(*arguments.operator_key_out);
    if (!key) return std::unexpected(key.error());
    targets.new_key = std::move(*key);
  }
  const std::string& key = targets.new_key ? *targets.new_key : *arguments.operator_key_in;
  if (is_same_file(targets.manifest, key)) {
    return file_error(arguments.manifest_out, "the manifest and the key cannot be the same file");
  }
  if (targets.new_key && !arguments.force && exists(*arguments.operator_key_out)) {
    return file_error(*arguments.operator_key_out, "exists; --force would replace it");
  }
  return targets;
}

/// The manifest that the new one follows, if any, without the white space around it. An operator key is never given up
/// for a manifest, anything else only with --force.
Result<std::optional<std::string>> take_old_manifest(const IssueArguments& arguments) {
  auto content = read_file(arguments.manifest_out);
  if (!content || !*content) return content;
  if (record::holds_operator_seed(**content)) {
    return file_error(arguments.manifest_out, "holds an operator key, which a manifest never replaces");
  }
  std::string text(strip_ascii_whitespace(**content));
  if (!text.empty() && !text.starts_with(record::k_cluster_manifest_form.prefix) && !arguments.force) {
    return file_error(arguments.manifest_out, "is not a manifest; --force would replace it");
  }
  return text;
}

/// The key that signs, and the content of the file that it has to be kept in when it is new.
struct OperatorKey {
  crypto::SigningKey key;
  std::optional<std::string> new_file;
};

Result<OperatorKey> take_key(const IssueArguments& arguments, Random& random) {
  if (!arguments.operator_key_in) {
    ByteArray<32> x{};
    random.fill(x);
    return OperatorKey{crypto::signing_key_from_x25519(x), record::render_operator_key_file(x)};
  }
  const std::string& path = *arguments.operator_key_in;
  auto content = read_file(path);
  if (!content) return std::unexpected(content.error());
  if (!*content) return fail(ErrorCode::key_file, fmt::format("{}: No such file or directory", printable(path)));
  auto key = record::parse_operator_key_file(**content);
  if (!key) return fail(ErrorCode::key_file, fmt::format("{}: {}", printable(path), key.error().text));
  return OperatorKey{*key, std::nullopt};
}

Result<std::uint64_t> take_seq(const IssueArguments& arguments, const std::optional<std::string>& old_manifest,
                               const crypto::PublicKey& spk) {
  if (arguments.seq) return *arguments.seq;
  if (!old_manifest) return 1;
  auto seq = next_seq(*old_manifest, arguments.operator_key_in ? &spk : nullptr);
  if (!seq) return fail(seq.error().code, fmt::format("{}: {}", printable(arguments.manifest_out), seq.error().text));
  return seq;
}

Result<std::uint64_t> take_exp(std::int64_t exp_days, std::int64_t now_s) {
  std::int64_t exp = 0;
  if (__builtin_mul_overflow(exp_days, k_day_s, &exp) || __builtin_add_overflow(exp, now_s, &exp) || exp < 0) {
    return fail(ErrorCode::config_bad_value, fmt::format("--exp-days {}: that day cannot be written", exp_days));
  }
  return static_cast<std::uint64_t>(exp);
}

std::vector<std::string> warnings_of(const IssueArguments& arguments, const record::ClusterManifest& manifest,
                                     const std::optional<std::string>& old_manifest) {
  std::vector<std::string> out;
  if (arguments.exp_days > k_exp_days_max) {
    out.push_back(fmt::format("--exp-days {} is {} more than the {} that nodes accept", arguments.exp_days,
                              arguments.exp_days - k_exp_days_max, k_exp_days_max));
  }
  if (arguments.exp_days < 0) out.emplace_back("the manifest has already expired: no node will take it");
  const auto old_seq = record::read_cluster_manifest_seq(old_manifest.value_or(""));
  if (old_seq && manifest.seq <= *old_seq) {
    out.push_back(
        fmt::format("seq {} is not above {}, that of the manifest before: nodes that have it will not take this",
                    manifest.seq, *old_seq));
  }
  struct stat status{};
  const bool key_is_open = arguments.operator_key_in && stat(arguments.operator_key_in->c_str(), &status) == 0 &&
                           (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  if (key_is_open) {
    out.push_back(fmt::format("{}: others may read the operator key (mode {:04o}); chmod 600 it",
                              printable(*arguments.operator_key_in), status.st_mode & 07777U));
  }
  return out;
}

Result<void> write_files(const Targets& targets, bool force, const std::optional<std::string>& key_file,
                         std::string_view manifest) {
  NewFolders folders;
  if (key_file) {
    if (auto made = folders.make_for(*targets.new_key); !made) return made;
  }
  if (auto made = folders.make_for(targets.manifest); !made) return made;
  std::optional<StagedFile> staged_key;
  if (key_file) {
    auto staged = StagedFile::stage(*targets.new_key, *key_file, S_IRUSR | S_IWUSR);
    if (!staged) return std::unexpected(staged.error());
    staged_key.emplace(std::move(*staged));
  }
  auto staged_manifest = StagedFile::stage(targets.manifest, manifest, 0666);
  if (!staged_manifest) return std::unexpected(staged_manifest.error());
  // The key first: a manifest whose key is lost could never be followed by another.
  if (staged_key) {
    if (auto done = staged_key->commit(force ? OldFile::hold : OldFile::refuse); !done) return done;
  }
  if (auto done = staged_manifest->commit(OldFile::replace); !done) {
    const auto undone = staged_key ? staged_key->undo() : Result<void>{};
    if (!undone) done.error().text += "; " + undone.error().text;
    return done;
  }
  folders.keep();
  return {};
}

std::string report_text(const IssueArguments& arguments, const record::ClusterManifest& manifest, std::size_t bytes,
                        bool key_is_new) {
  std::string out;
  if (key_is_new) out += k_development_warning;
  out += fmt::format("manifest seq: {}\nwrote manifest: {} ({} bytes)\n", manifest.seq,
                     printable(arguments.manifest_out), bytes);
  if (key_is_new) out += fmt::format("wrote operator key: {}\n", printable(*arguments.operator_key_out));
  const std::string& key_path = key_is_new ? *arguments.operator_key_out : *arguments.operator_key_in;
  return out + fmt::format(
                   "\nCluster {} of {} nodes, in force until {}.\nOperator public key: {}\n\nNext steps:\n"
                   "  1. Give the manifest to every node: DMP_CLUSTER_FILE=<where the node finds it>\n"
                   "  2. Pin the key on every node and client: DMP_SYNC_OPERATOR_SPK={}\n"
                   "  3. Start the nodes; nodes that run take a new manifest on SIGHUP.\n"
                   "  4. For the next manifest use the same key: --operator-key-in {}\n",
                   manifest.cluster_name, manifest.nodes.size(), date_text(manifest.exp),
                   to_hex(view(manifest.operator_spk)), to_hex(view(manifest.operator_spk)), printable(key_path));
}

}  // namespace

Result<std::uint64_t> next_seq(std::string_view old_manifest, const crypto::PublicKey* operator_spk) {
  if (old_manifest.empty()) return 1;
  if (operator_spk != nullptr) {
    // An expired manifest is followed as well, so the time of the check is its own end.
    const auto head = record::read_cluster_manifest_head(old_manifest);
    const std::uint64_t exp = head ? head->exp : 0;
    const auto then_s =
        static_cast<std::int64_t>(std::min<std::uint64_t>(exp, std::numeric_limits<std::int64_t>::max()));
    const auto verified = record::parse_cluster_manifest(old_manifest, view(*operator_spk), then_s);
    if (!verified) {
      return fail(verified.error().code,
                  fmt::format("the manifest there does not verify under this key ({}); give --seq to replace it",
                              error_name(verified.error().code)));
    }
  }
  const auto seq = record::read_cluster_manifest_seq(old_manifest);
  if (!seq) return 1;
  if (*seq == k_seq_max) {
    return fail(ErrorCode::config_bad_value, fmt::format("its seq {} is the last one; none can follow", *seq));
  }
  return *seq + 1;
}

Result<Report> issue(const IssueArguments& arguments, const Clock& clock, Random& random) {
  const auto targets = find_targets(arguments);
  if (!targets) return std::unexpected(targets.error());
  const auto old_manifest = take_old_manifest(arguments);
  if (!old_manifest) return std::unexpected(old_manifest.error());
  auto key = take_key(arguments, random);
  if (!key) return std::unexpected(key.error());
  const auto seq = take_seq(arguments, *old_manifest, key->key.public_key());
  if (!seq) return std::unexpected(seq.error());
  const auto exp = take_exp(arguments.exp_days, clock.wall_s());
  if (!exp) return std::unexpected(exp.error());
  const record::ClusterManifest wanted{arguments.cluster_name, key->key.public_key(), *seq, *exp, arguments.nodes};
  const auto text = record::issue_cluster_manifest(wanted, key->key);
  if (!text) return std::unexpected(text.error());
  // As signed: a name loses its final dot.
  const auto manifest = record::read_cluster_manifest(*text);
  if (!manifest) return std::unexpected(manifest.error());
  if (auto written = write_files(*targets, arguments.force, key->new_file, *text); !written) {
    return std::unexpected(written.error());
  }
  return Report{report_text(arguments, *manifest, text->size(), key->new_file.has_value()),
                warnings_of(arguments, *manifest, *old_manifest)};
}

}  // namespace dnsmesh::manifest_tool
