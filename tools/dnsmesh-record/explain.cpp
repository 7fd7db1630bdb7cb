// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-record/explain.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "common/reasons.hpp"
#include "record/bootstrap_record.hpp"
#include "record/chunk.hpp"
#include "record/claim_record.hpp"
#include "record/cluster_manifest.hpp"
#include "record/heartbeat_record.hpp"
#include "record/identity_record.hpp"
#include "record/prekey.hpp"
#include "record/record_type.hpp"
#include "record/revocation_record.hpp"
#include "record/rotation_record.hpp"
#include "record/slot_manifest.hpp"
#include "record/text_form.hpp"

namespace dnsmesh::record_tool {
namespace {

template <std::size_t N>
std::string hex(const ByteArray<N>& bytes) {
  return to_hex(view(bytes));
}

/// Collects the lines of one record.
class Lines {
 public:
  explicit Lines(std::int64_t now_s) : now_s_(now_s) {}
  Lines& text(std::string_view label, std::string_view value) {
    lines_.push_back({std::string(label), std::string(value)});
    return *this;
  }
  Lines& number(std::string_view label, std::uint64_t value) { return text(label, fmt::format("{}", value)); }
  Lines& time(std::string_view label, std::uint64_t time_s) { return text(label, when_in_words(time_s, now_s_)); }
  std::vector<Line> take() { return std::move(lines_); }

 private:
  std::int64_t now_s_;
  std::vector<Line> lines_;
};

void describe(Lines& lines, const record::ClusterManifest& manifest) {
  lines.text("cluster", manifest.cluster_name).text("operator key", hex(manifest.operator_spk));
  lines.number("sequence", manifest.seq).time("expires", manifest.exp).number("nodes", manifest.nodes.size());
  for (const record::ClusterNode& node : manifest.nodes) {
    lines.text("  " + node.node_id,
               fmt::format("{}, DNS {}", node.http_endpoint, node.dns_endpoint.value_or("not given")));
  }
}

void describe(Lines& lines, const record::BootstrapRecord& record) {
  lines.text("user domain", record.user_domain).text("signer key", hex(record.signer_spk));
  lines.number("sequence", record.seq).time("expires", record.exp).number("clusters", record.entries.size());
  for (const record::BootstrapEntry& entry : record.entries) {
    lines.text(fmt::format("  priority {}", entry.priority),
               fmt::format("{}, operator {}", entry.cluster_base_domain, hex(entry.operator_spk)));
  }
}

void describe(Lines& lines, const record::IdentityRecord& record) {
  lines.text("user name", record.username).text("X25519 key", hex(record.x25519_pk));
  lines.text("Ed25519 key", hex(record.ed25519_spk)).time("written", record.ts);
  lines.text("versions", fmt::format("{}", fmt::join(record.versions, ", ")));
}

void describe(Lines& lines, const record::Prekey& prekey) {
  lines.number("prekey id", prekey.prekey_id).text("X25519 key", hex(prekey.x25519_pub)).time("expires", prekey.exp);
}

void describe(Lines& lines, const record::SlotManifest& manifest) {
  lines.text("message", hex(manifest.msg_id)).text("sender key", hex(manifest.sender_spk));
  lines.text("recipient", hex(manifest.recipient_id));
  lines.text("chunks",
             fmt::format("{}, any {} of them restore the message", manifest.total_chunks, manifest.data_chunks));
  lines.text("hashes", manifest.chunk_hashes.empty() ? "none (legacy form)" : "one a chunk");
  lines.text("prekey", manifest.prekey_id == 0 ? "none, the long-term key" : fmt::format("{}", manifest.prekey_id));
  lines.time("written", manifest.ts).time("expires", manifest.exp);
}

std::string subject_in_words(record::SubjectType type, std::string_view subject) {
  constexpr std::string_view kinds[] = {"", "user", "operator of cluster", "bootstrap signer of"};
  return fmt::format("{} {}", kinds[static_cast<std::size_t>(type)], subject);
}

void describe(Lines& lines, const record::RotationRecord& record) {
  lines.text("subject", subject_in_words(record.subject_type, record.subject));
  lines.text("old key", hex(record.old_spk)).text("new key", hex(record.new_spk));
  lines.number("sequence", record.seq).time("written", record.ts).time("expires", record.exp);
}

void describe(Lines& lines, const record::RevocationRecord& record) {
  constexpr std::string_view reasons[] = {"", "compromised", "routine", "lost", "other"};
  lines.text("subject", subject_in_words(record.subject_type, record.subject));
  lines.text("revoked key", hex(record.revoked_spk));
  lines.text("reason", reasons[static_cast<std::size_t>(record.reason)]).time("written", record.ts);
}

void describe(Lines& lines, const record::HeartbeatRecord& record) {
  const bool provides = (record.capabilities & record::k_capability_claim_provider) != 0;
  lines.text("endpoint", record.endpoint).text("operator key", hex(record.operator_spk));
  lines.text("version", record.version);
  lines.text("capabilities", fmt::format("{:#06x}{}", record.capabilities, provides ? " (claim provider)" : ""));
  lines.text("zone", record.claim_provider_zone).time("beat", record.ts).time("expires", record.exp);
}

void describe(Lines& lines, const record::ClaimRecord& record) {
  lines.text("message", hex(record.msg_id)).text("sender key", hex(record.sender_spk));
  lines.text("mailbox", record.sender_mailbox_domain).number("slot", record.slot);
  lines.time("written", record.ts).time("expires", record.exp);
}

/// The fields of a signed text whose body parser asks for no key.
template <class Record>
Result<Record> read_body(const record::TextForm& form, std::string_view text, std::size_t signature_count,
                         Result<Record> (*parse_body)(std::string_view)) {
  const auto blob = record::open_text(form, text);
  if (!blob) return std::unexpected(blob.error());
  const std::size_t signature_bytes = signature_count * record::k_signature_bytes;
  if (blob->size() < signature_bytes) return fail(ErrorCode::record_short);
  return parse_body(std::string_view(*blob).substr(0, blob->size() - signature_bytes));
}

/// The fields as far as they can be read, and the verdict.
template <class Record>
void conclude(Explanation& out, std::int64_t now_s, const Result<Record>& readable, const Result<Record>& verified,
              std::string_view how) {
  if (readable) {
    Lines lines(now_s);
    describe(lines, *readable);
    out.lines = lines.take();
  }
  out.valid = verified.has_value();
  out.verdict = verified ? fmt::format("valid: {}", how)
                         : fmt::format("not valid: {} ({})", tools::reason_sentence(verified.error().code),
                                       error_name(verified.error().code));
}

constexpr std::string_view k_by_embedded = "signed by the key that it carries; whether to trust that key is up to you";
constexpr std::string_view k_by_given = "signed by the key that you gave";

void explain_cluster(Explanation& out, std::string_view text, std::int64_t now_s,
                     const std::optional<std::string>& key) {
  const auto readable = record::read_cluster_manifest(text);
  const std::string embedded = readable ? std::string(view(readable->operator_spk)) : std::string(32, '\0');
  conclude(out, now_s, readable, record::parse_cluster_manifest(text, key.value_or(embedded), now_s),
           key ? k_by_given : k_by_embedded);
}

void explain_bootstrap(Explanation& out, std::string_view text, std::int64_t now_s,
                       const std::optional<std::string>& key) {
  const auto readable = record::read_bootstrap_record(text);
  const std::string embedded = readable ? std::string(view(readable->signer_spk)) : std::string(32, '\0');
  conclude(out, now_s, readable, record::parse_bootstrap_record(text, key.value_or(embedded), now_s),
           key ? k_by_given : k_by_embedded);
}

void explain_prekey(Explanation& out, std::string_view text, std::int64_t now_s,
                    const std::optional<std::string>& key) {
  const auto readable = record::read_prekey(text);
  conclude(out, now_s, readable, key ? record::parse_prekey(text, *key, now_s) : readable, k_by_given);
  if (key || !readable) return;
  out.valid.reset();
  out.verdict = "not checked: a prekey does not name its signer; give the user's Ed25519 key with --key";
}

void explain_chunk(Explanation& out, std::string_view text) {
  const auto block = record::parse_chunk(text);
  out.valid = block.has_value();
  if (block) out.lines = {{"block", fmt::format("{} bytes, encrypted", block->size())}};
  out.verdict = block ? "valid: the checksum holds; a chunk is not signed"
                      : fmt::format("not valid: {}", tools::reason_sentence(block.error().code));
}

void explain_identity(Explanation& out, std::string_view text, std::int64_t now_s) {
  const auto readable = read_body(record::k_identity_record_form, text, 1, record::parse_identity_record_body);
  conclude(out, now_s, readable, record::parse_identity_record(text), k_by_embedded);
}

void explain_rotation(Explanation& out, std::string_view text, std::int64_t now_s) {
  const auto readable = read_body(record::k_rotation_record_form, text, 2, record::parse_rotation_record_body);
  conclude(out, now_s, readable, record::parse_rotation_record(text, now_s), "signed by the old and the new key");
}

void explain_revocation(Explanation& out, std::string_view text, std::int64_t now_s) {
  const auto readable = read_body(record::k_revocation_record_form, text, 1, record::parse_revocation_record_body);
  conclude(out, now_s, readable, record::parse_revocation_record(text, now_s), "signed by the key that it revokes");
}

void explain_heartbeat(Explanation& out, std::string_view text, std::int64_t now_s) {
  const auto readable = read_body(record::k_heartbeat_record_form, text, 1, record::parse_heartbeat_record_body);
  conclude(out, now_s, readable, record::parse_heartbeat_record(text, now_s), k_by_embedded);
}

void explain_claim(Explanation& out, std::string_view text, std::int64_t now_s) {
  const auto readable = read_body(record::k_claim_record_form, text, 1, record::parse_claim_record_body);
  conclude(out, now_s, readable, record::parse_claim_record(text, now_s), k_by_embedded);
}

void explain_other(Explanation& out, std::string_view text) {
  out.lines = {{"text", std::string(text)}};
  out.verdict = "not checked: nothing is known about this text";
}

}  // namespace

Explanation explain(std::string_view text, std::int64_t now_s, const std::optional<std::string>& key) {
  using record::RecordType;
  const RecordType type = record::record_type_of(text);
  Explanation out;
  out.title = record::record_type_title(type);
  switch (type) {
    case RecordType::slot_manifest:
      conclude(out, now_s, record::read_slot_manifest(text), record::parse_slot_manifest(text, now_s), k_by_embedded);
      break;
    case RecordType::identity:
      explain_identity(out, text, now_s);
      break;
    case RecordType::prekey:
      explain_prekey(out, text, now_s, key);
      break;
    case RecordType::cluster_manifest:
      explain_cluster(out, text, now_s, key);
      break;
    case RecordType::bootstrap:
      explain_bootstrap(out, text, now_s, key);
      break;
    case RecordType::chunk:
      explain_chunk(out, text);
      break;
    case RecordType::claim:
      explain_claim(out, text, now_s);
      break;
    case RecordType::rotation:
      explain_rotation(out, text, now_s);
      break;
    case RecordType::revocation:
      explain_revocation(out, text, now_s);
      break;
    case RecordType::heartbeat:
      explain_heartbeat(out, text, now_s);
      break;
    case RecordType::unknown_dmp:
    case RecordType::other:
      explain_other(out, text);
      break;
  }
  return out;
}

}  // namespace dnsmesh::record_tool
