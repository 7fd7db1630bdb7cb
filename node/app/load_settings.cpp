// SPDX-License-Identifier: Apache-2.0
#include "app/load_settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "app/config_file.hpp"
#include "app/known_names.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace dnsmesh::app {
namespace {

constexpr std::string_view k_prefix = "DMP_";
constexpr std::size_t k_token_characters_advised = 16;                           // spec/http-api.md 4.0
constexpr std::string_view k_placeholder_token = "dev-cluster-token-change-me";  // spec/configuration.md 8.3
constexpr std::size_t k_shown_bytes_max = 100;

std::string_view without_operator_token(access::AuthMode mode) {
  switch (mode) {
    case access::AuthMode::open:
      return "open mode without an operator token: everybody may write";
    case access::AuthMode::legacy:
      return "legacy mode without an operator token: every write is refused";
    case access::AuthMode::multi_tenant:
      break;
  }
  return "multi-tenant mode without an operator token: everybody may read, nobody may write names of the operator";
}

/// One value as it was given: under which name, and where.
struct Given {
  std::string name;
  std::string text;
  std::string where;
};

struct Layer {
  Source source;
  std::vector<Given> given;

  const Given* find(std::string_view name) const {
    const auto found = std::ranges::find(given, name, &Given::name);
    return found == given.end() ? nullptr : &*found;
  }
};

/// `text` in quotes for a message: one line, no control characters, not endless.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, k_shown_bytes_max)) {
    const auto octet = static_cast<unsigned char>(c);
    out += octet < 0x20 || octet == 0x7F ? fmt::format("\\x{:02x}", octet) : std::string(1, c);
  }
  return out + (text.size() > k_shown_bytes_max ? "...\"" : "\"");
}

std::string place(const Given& given) { return fmt::format("{}: {}", given.where, given.name); }

std::string shown(const OptionRow& row, std::string_view text) {
  return row.secret ? fmt::format("a value of {} characters", text.size()) : quoted(text);
}

/// The work of one load: the layers that values come from, strongest first, and what was found so far.
class Loader {
 public:
  explicit Loader(const ReadFile& read_file) : read_file_(read_file) {}

  void take_environment(const Environment& environment);
  void take_file(const ConfigText& file);
  void note_unused_names();
  void read(const OptionRow& row);
  void check_together();
  void check_zone();
  void check_sync();
  void check_registration();
  std::expected<Loaded, std::vector<Error>> finish();

 private:
  void error(ErrorCode code, std::string text) { errors_.push_back({code, std::move(text)}); }
  void warn(std::string text) { loaded_.warnings.push_back(std::move(text)); }
  std::vector<Given> candidates(const OptionRow& row, const Layer& layer) const;
  std::optional<std::string> secret_from_file(const Given& given);
  void accept(const OptionRow& row, const Given& given, Source source);
  EffectiveValue& value(std::string_view name);

  const ReadFile& read_file_;
  std::vector<Layer> layers_;
  Loaded loaded_;
  std::vector<Error> errors_;
};

std::string did_you_mean(std::string_view name) {
  const auto nearest = nearest_name(name);
  return nearest ? fmt::format("; did you mean {}?", *nearest) : std::string{};
}

void Loader::take_environment(const Environment& environment) {
  Layer layer{Source::environment, {}};
  for (const auto& [name, text] : environment) {
    if (!name.starts_with(k_prefix)) continue;
    if (classify_name(name) == NameClass::unknown) {
      warn(fmt::format("environment: unknown variable {}{}", quoted(name), did_you_mean(name)));
    }
    layer.given.push_back({name, text, "environment"});
  }
  layers_.push_back(std::move(layer));
}

void Loader::take_file(const ConfigText& file) {
  auto entries = parse_config_file(file.path, file.contents);
  if (!entries) {
    errors_.insert(errors_.end(), entries.error().begin(), entries.error().end());
    return;
  }
  Layer layer{Source::file, {}};
  for (FileEntry& entry : *entries) {
    if (classify_name(entry.key) == NameClass::unknown) {
      error(ErrorCode::config_unknown_key,
            fmt::format("{}: unknown setting {}{}", entry.where, quoted(entry.key), did_you_mean(entry.key)));
      continue;
    }
    if (const Given* earlier = layer.find(entry.key)) {
      warn(fmt::format("{}: {} is set a second time ({} is not used)", entry.where, entry.key, earlier->where));
      std::erase_if(layer.given, [&](const Given& given) { return given.name == entry.key; });
    }
    layer.given.push_back({std::move(entry.key), std::move(entry.value), std::move(entry.where)});
  }
  layers_.push_back(std::move(layer));
}

void Loader::note_unused_names() {
  std::vector<std::string_view> unused;
  for (const std::string_view name : known_later_names()) {
    const bool is_set = std::ranges::any_of(layers_, [&](const Layer& layer) {
      const Given* given = layer.find(name);
      return given != nullptr && !given->text.empty();
    });
    if (is_set) unused.push_back(name);
  }
  if (!unused.empty()) {
    loaded_.notes.push_back(fmt::format("set but not used by this version: {}", fmt::join(unused, ", ")));
  }
}

/// What the layer holds for the row, the name that wins first. An empty text counts only where it is a mistake.
std::vector<Given> Loader::candidates(const OptionRow& row, const Layer& layer) const {
  std::vector<Given> out;
  const auto look_up = [&](std::string_view name) {
    const Given* given = name.empty() ? nullptr : layer.find(name);
    if (given != nullptr && (row.empty == Empty::refused || !is_empty_value(row.kind, given->text)))
      out.push_back(*given);
  };
  look_up(row.name);
  look_up(row.alias);
  if (row.secret) look_up(secret_file_name(row));
  return out;
}

/// The contents of the file that `given` names, without one line end; nothing, and an error, when that gives no value.
std::optional<std::string> Loader::secret_from_file(const Given& given) {
  auto contents = read_file_(given.text);
  if (!contents) {
    error(ErrorCode::config_file, fmt::format("{}: {}", place(given), contents.error().text));
    return std::nullopt;
  }
  if (contents->ends_with('\n')) contents->pop_back();
  if (contents->ends_with('\r')) contents->pop_back();
  if (contents->empty()) {
    error(ErrorCode::config_file, fmt::format("{}: {} is empty", place(given), quoted(given.text)));
    return std::nullopt;
  }
  return std::move(*contents);
}

void Loader::accept(const OptionRow& row, const Given& given, Source source) {
  if (given.text.empty()) {
    return error(ErrorCode::config_bad_value, fmt::format("{}: set but empty; give {}, or leave it out", place(given),
                                                          accepted_words(row.kind, row.accepted)));
  }
  auto reading = read_value(row.kind, row.accepted, given.text);
  if (!reading) {
    return error(ErrorCode::config_bad_value,
                 fmt::format("{}: {} is not accepted; give {}", place(given), shown(row, given.text), reading.error()));
  }
  if (!reading->warning.empty()) {
    warn(fmt::format("{}: {} is not {}", place(given), shown(row, given.text), reading->warning));
  }
  if (std::holds_alternative<std::monostate>(reading->value)) return;
  EffectiveValue& effective = loaded_.values.back();
  effective.value = std::move(reading->value);
  if (!row.secret) effective.given = given.text;
  effective.source = source;
  effective.where = given.name == row.name ? given.where : fmt::format("{}, as {}", given.where, given.name);
}

void Loader::read(const OptionRow& row) {
  EffectiveValue& effective =
      loaded_.values.emplace_back(EffectiveValue{&row, {}, {}, Source::default_value, "default"});
  if (!row.default_text.empty()) {
    auto reading = read_value(row.kind, row.accepted, row.default_text);
    assert(reading && "the default of a row is within its range");
    effective.value = std::move(reading->value);
  }
  for (const Layer& layer : layers_) {
    std::vector<Given> found = candidates(row, layer);
    if (found.empty()) continue;
    Given& winner = found.front();
    for (const Given& loser : std::span(found).subspan(1)) {
      warn(fmt::format("{} and {} are both set; {} is used", place(winner), loser.name, winner.name));
    }
    if (row.secret && winner.name == secret_file_name(row)) {
      auto secret = secret_from_file(winner);
      if (!secret) break;
      winner.text = std::move(*secret);
    }
    accept(row, winner, layer.source);
    break;
  }
  if (!std::holds_alternative<std::monostate>(effective.value)) row.apply(loaded_.settings, effective.value);
}

EffectiveValue& Loader::value(std::string_view name) {
  const auto found = std::ranges::find(loaded_.values, name, [](const EffectiveValue& each) { return each.row->name; });
  assert(found != loaded_.values.end());
  return *found;
}

void Loader::check_together() {
  HttpSettings& http = loaded_.settings.http;
  EffectiveValue& mode = value("DMP_AUTH_MODE");
  if (std::holds_alternative<std::monostate>(mode.value)) {
    http.auth_mode = http.operator_token ? access::AuthMode::legacy : access::AuthMode::open;
    mode.value = http.operator_token ? "legacy" : "open";
  }
  if (!http.operator_token) {
    warn("metrics endpoint unauthenticated: set DMP_OPERATOR_TOKEN (older name DMP_HTTP_TOKEN) to protect it");
    warn(std::string(without_operator_token(http.auth_mode)));
  } else if (http.operator_token->size() < k_token_characters_advised) {
    warn(fmt::format("the operator token has {} characters; {} or more are hard to guess", http.operator_token->size(),
                     k_token_characters_advised));
  }
  const DnsSettings& dns = loaded_.settings.dns;
  if (dns.zone.empty() && (dns.apex_a || dns.apex_aaaa || dns.apex_ns || dns.apex_soa_rname)) {
    warn("apex records are set, but no zone: they are not served; set DMP_SERVED_ZONE");
  }
  check_zone();
  check_sync();
  check_registration();
}

/// What peers and their token come to.
void Loader::check_sync() {
  SyncSettings& sync = loaded_.settings.sync;
  const ClusterSettings& cluster = loaded_.settings.cluster;
  EffectiveValue& ttl_max = value("DMP_SYNC_MAX_TTL");
  if (std::holds_alternative<std::monostate>(ttl_max.value)) {
    sync.ttl_s_max = std::max(limits::sync_ttl_s_max_default, loaded_.settings.http.ttl_s_max);
    ttl_max.value = sync.ttl_s_max;
  }
  std::vector<std::string> problems;
  sync.peers = sync::peers_of_list(sync.peer_list, cluster.node_id, cluster.self_endpoint, problems);
  for (const std::string& problem : problems) warn(fmt::format("DMP_SYNC_PEERS: {}", problem));
  if (!sync.token && !sync.peers.empty()) {
    warn("DMP_SYNC_PEERS is set, but no DMP_SYNC_PEER_TOKEN: nothing is exchanged with peers");
  }
  if (!sync.token && sync.token_alternative) {
    warn("DMP_SYNC_PEER_TOKEN_ALT is set, but no DMP_SYNC_PEER_TOKEN: it is not used");
  }
  if (sync.token == k_placeholder_token || sync.token_alternative == k_placeholder_token) {
    warn("DMP_SYNC_PEER_TOKEN is the placeholder of the sample files, which everybody knows: set a token of your own");
  } else if (sync.token && sync.token->size() < k_token_characters_advised) {
    warn(fmt::format("the token of the peers has {} characters; {} or more are hard to guess", sync.token->size(),
                     k_token_characters_advised));
  }
  if (sync.certificate_file.empty() != sync.key_file.empty()) {
    error(ErrorCode::config_refused, "DMP_SYNC_CERT_FILE and DMP_SYNC_KEY_FILE are set together or not at all");
  }
}

/// Who may register, and what keeps them from it (spec/registration.md 1 and 7).
void Loader::check_registration() {
  RegistrationSettings& registration = loaded_.settings.registration;
  // The name is signed as it is spelled; the value has the form of a zone.
  const EffectiveValue& host = value("DMP_NODE_HOSTNAME");
  if (!std::holds_alternative<std::monostate>(host.value)) {
    registration.node = strip_ascii_whitespace(host.given);
  }
  if (!registration.enabled) return;
  std::vector<std::string_view> missing;
  if (loaded_.settings.http.auth_mode != access::AuthMode::multi_tenant)
    missing.push_back("DMP_AUTH_MODE=multi-tenant");
  if (registration.node.empty()) missing.push_back("DMP_NODE_HOSTNAME");
  if (!missing.empty()) {
    return warn(fmt::format("DMP_REGISTRATION_ENABLED is set, but nobody can register: missing {}",
                            fmt::join(missing, " and ")));
  }
  if (registration.domains.empty() && (!registration.tight_scope || registration.loose_scope)) {
    warn(
        "everybody may register (no DMP_REGISTRATION_ALLOWLIST), and every issued TSIG key may add to all mailbox, "
        "chunk and claim names of the zone (no DMP_TSIG_TIGHT_SCOPE)");
  }
}

/// The SOA of a zone needs a mailbox name (RFC 1035 3.3.13), and the one that is made up is longer than the zone.
void Loader::check_zone() {
  constexpr std::string_view k_mailbox = "hostmaster.";
  const DnsSettings& dns = loaded_.settings.dns;
  if (dns.zone.empty() || dns.apex_soa_rname) return;
  if (k_mailbox.size() + dns.zone.size() <= limits::owner_name_bytes_max) return;
  const auto gives_zone = [&](const EffectiveValue& each) {
    return each.row->section == Section::zone && each.value == Value{dns.zone};
  };
  const auto source = std::ranges::find_if(loaded_.values, gives_zone);
  assert(source != loaded_.values.end());
  error(ErrorCode::config_bad_value,
        fmt::format("{}: {}: {}ZONE would be longer than {} bytes; set DMP_DNS_APEX_SOA_RNAME, or serve a shorter zone",
                    source->where, source->row->name, k_mailbox, limits::owner_name_bytes_max));
}

std::expected<Loaded, std::vector<Error>> Loader::finish() {
  if (!errors_.empty()) return std::unexpected(std::move(errors_));
  return std::move(loaded_);
}

}  // namespace

std::expected<Loaded, std::vector<Error>> load_settings(const Environment& environment,
                                                        const std::optional<ConfigText>& file,
                                                        const ReadFile& read_file) {
  Loader loader(read_file);
  loader.take_environment(environment);
  if (file) loader.take_file(*file);
  loader.note_unused_names();
  for (const OptionRow& row : options()) loader.read(row);
  loader.check_together();
  return loader.finish();
}

const EffectiveValue& value_of(const Loaded& loaded, std::string_view name) {
  const auto found = std::ranges::find(loaded.values, name, [](const EffectiveValue& each) { return each.row->name; });
  assert(found != loaded.values.end());
  return *found;
}

std::vector<std::string_view> changes_that_need_a_restart(const Loaded& started, const Loaded& reloaded) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < started.values.size(); ++i) {
    const EffectiveValue& before = started.values[i];
    if (before.row->reload == Reload::restart && before.value != reloaded.values[i].value)
      out.push_back(before.row->name);
  }
  return out;
}

}  // namespace dnsmesh::app
