// SPDX-License-Identifier: Apache-2.0
// Runs record vectors both ways through the engine of dnsmesh-record: the inputs must give the text to the byte, the
// text must give the fields. Our own committed vectors always, the specification's when its folder is there:
// DNSMESH_SPEC_VECTORS names it; a folder that is named and missing is a failure, the default one may be absent.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "base/json.hpp"
#include "crypto/hash.hpp"
#include "crypto/keys.hpp"
#include "dnsmesh-record/answers.hpp"
#include "own_vectors.hpp"
#include "record/chunk.hpp"
#include "record/name_rule.hpp"
#include "record/record_type.hpp"
#include "record/txt.hpp"

using namespace dnsmesh;
using namespace dnsmesh::interop;
namespace fs = std::filesystem;

namespace {

/// The clock at which every published case without one of its own parses or fails as it says.
constexpr std::int64_t k_default_now_s = 2050000000;

/// What a file of vectors is about: its seeds in the order of signing, and the field that holds the pinned key.
struct Kind {
  std::string_view stem;
  std::string_view record;
  std::vector<std::string_view> seed_names;
  std::string_view pinned_key;
};
const Kind k_kinds[] = {
    {"cluster_manifest", "ClusterManifest", {"operator"}, "operator_spk_hex"},
    {"bootstrap_record", "BootstrapRecord", {"signer"}, "signer_spk_hex"},
    {"identity_record", "IdentityRecord", {"identity"}, ""},
    {"prekey", "Prekey", {"signer"}, ""},
    {"slot_manifest", "SlotManifest", {"sender"}, ""},
    {"rotation_record", "RotationRecord", {"old", "new"}, ""},
    {"revocation_record", "RevocationRecord", {"revoked"}, ""},
    {"heartbeat_record", "HeartbeatRecord", {"operator"}, ""},
    {"claim_record", "ClaimRecord", {"sender"}, ""},
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

Json read_vectors(const fs::path& path) {
  const auto parsed = parse_json(read_file(path), 16);
  REQUIRE_MESSAGE(parsed.has_value(), path.string());
  return *parsed;
}

/// The Ed25519 seed of a case: given directly, or as a value that the seed is derived from.
std::string seed_of(const Json& vector, std::string_view name) {
  const std::string direct = std::string(name) + "_ed25519_seed_hex";
  if (vector.contains(direct)) return vector[direct].get<std::string>();
  const std::string derived = std::string(name) + "_seed_hex";
  REQUIRE(vector.contains(derived));
  const auto x = to_array<32>(from_hex(vector[derived].get<std::string>()).value());
  return to_hex(view(crypto::signing_key_from_x25519(x).seed()));
}

void check_issued(const Kind& kind, const Json& vector, const std::string& text) {
  Json question = {{"record", kind.record}, {"inputs", vector["inputs"]}, {"seeds_hex", Json::array()}};
  for (const std::string_view name : kind.seed_names) question["seeds_hex"].push_back(seed_of(vector, name));
  const Json answer = record_tool::answer_issue(write_json(question)).answer;
  CAPTURE(write_json(answer));
  CHECK(answer.value("wire", "") == text);
}

void check_parsed(const Kind& kind, const Json& vector, const Json& original, const std::string& text) {
  Json question = {{"record", kind.record}, {"wire", text}, {"now", k_default_now_s}};
  if (!kind.pinned_key.empty()) question[kind.pinned_key] = original["inputs"][kind.pinned_key];
  for (const auto& [key, value] : vector.items()) {
    constexpr std::string_view argument = "verify_with_";
    if (key.starts_with(argument)) question[key.substr(argument.size())] = value;
  }
  const Json answer = record_tool::answer_check(write_json(question)).answer;
  CAPTURE(write_json(answer));
  const bool wanted = vector.value("expected_parse_result", "") != "none";
  CHECK(answer.value("verdict", "") == record_tool::verdict_word(wanted));
  if (!wanted) return;
  for (const auto& [key, value] : vector.items()) {
    constexpr std::string_view field = "expected_parse_";
    if (key.starts_with(field)) CHECK(answer["parsed"][key.substr(field.size())] == value);
  }
}

int run_record_file(const Kind& kind, const Json& vectors) {
  for (const Json& vector : vectors) {
    CAPTURE(kind.stem);
    CAPTURE(vector["description"].get<std::string>());
    const std::string text = from_hex(vector["expected_wire_hex"].get<std::string>()).value();
    const bool own_inputs = vector.contains("inputs");
    // The legacy layout is parsed and never issued.
    if (own_inputs && !vector.contains("legacy_magic")) check_issued(kind, vector, text);
    check_parsed(kind, vector, own_inputs ? vector : vectors[vector["wire_from_case"].get<std::size_t>()], text);
    if (vector.value("expected_multi_string", false)) CHECK(record::txt_strings(text).size() > 1);
  }
  return static_cast<int>(vectors.size());
}

int run_chunk_file(const Json& vectors) {
  for (const Json& vector : vectors) {
    CAPTURE(vector["description"].get<std::string>());
    if (vector.contains("expected_blob_hex")) {
      const std::string block = from_hex(vector["block_hex"].get<std::string>()).value();
      CHECK(to_hex(record::wrap_chunk(block)) == vector["expected_blob_hex"]);
      CHECK(to_hex(record::issue_chunk(block)) == vector["expected_wire_hex"]);
      CHECK(record::parse_chunk(record::issue_chunk(block)) == block);
    } else {
      const auto block = record::unwrap_chunk(from_hex(vector["blob_hex"].get<std::string>()).value());
      CHECK((block ? to_hex(*block) : "none") == vector.value("expected_block_hex", "none"));
    }
  }
  return static_cast<int>(vectors.size());
}

int run_folder(const fs::path& folder) {
  int cases = 0;
  for (const Kind& kind : k_kinds) {
    cases += run_record_file(kind, read_vectors(folder / (std::string(kind.stem) + ".json")));
  }
  return cases + run_chunk_file(read_vectors(folder / "chunk_record.json"));
}

/// The parts of the sync vectors that records decide.
void run_sync_file(const Json& vectors) {
  for (const Json& row : vectors["reserved_owner"]) {
    CAPTURE(row["name"].get<std::string>());
    CHECK(record::is_reserved_owner(row["name"].get<std::string>()) == row["reserved"].get<bool>());
  }
  for (const Json& row : vectors["value_hash"]) {
    CHECK(crypto::sha256_hex(row["value"].get<std::string>()) == row["hash"].get<std::string>());
  }
  for (const Json& row : vectors["record_class"]) {
    const auto type = record::record_type_of(row["prefix"].get<std::string>());
    const std::string title(record::record_type_title(type));
    const std::string wanted = row["class"].get<std::string>();
    CAPTURE(row["prefix"].get<std::string>());
    const bool unknown = type == record::RecordType::heartbeat || type == record::RecordType::unknown_dmp;
    if (wanted == "unknown-dmp") {
      CHECK(unknown);
    } else if (wanted == "non-dmp") {
      CHECK(type == record::RecordType::other);
    } else {
      CHECK(title.find(wanted) != std::string::npos);
      CHECK_FALSE(unknown);
    }
  }
}

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace

TEST_CASE("the committed vectors are those that the generator makes") {
  const fs::path folder = environment("DNSMESH_OWN_VECTORS").value();
  const auto files = make_own_vectors();
  for (const VectorFile& file : files) {
    CAPTURE(file.stem);
    CHECK(read_file(folder / (file.stem + ".json")) == render(file));
  }
  const auto committed = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  CHECK(committed == static_cast<std::ptrdiff_t>(files.size()));
}

TEST_CASE("our own vectors hold in both directions") {
  CHECK(run_folder(environment("DNSMESH_OWN_VECTORS").value()) > 30);
}

TEST_CASE("the vectors of the specification hold in both directions") {
  const auto named = environment("DNSMESH_SPEC_VECTORS");
  const fs::path folder = named ? *named : environment("DNSMESH_SPEC_VECTORS_DEFAULT").value_or("");
  if (!named && !fs::is_directory(folder)) {
    MESSAGE("the specification's vectors are not here; only our own were run");
    return;
  }
  REQUIRE_MESSAGE(fs::is_directory(folder), "DNSMESH_SPEC_VECTORS names no folder: " << folder.string());
  CHECK(run_folder(folder) > 40);
  run_sync_file(read_vectors(folder / "anti_entropy.json"));
}
