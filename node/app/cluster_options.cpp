// SPDX-License-Identifier: Apache-2.0
#include "app/cluster_options.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/option_ranges.hpp"
#include "base/bytes.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"

namespace dnsmesh::app {
namespace {

constexpr double k_node_id_bytes_max = 64;      // a manifest's have 16 at most
constexpr double k_sync_interval_s_max = 3600;  // beyond an hour a cluster is none

const std::string& text(const Value& value) { return std::get<std::string>(value); }

/// Precondition (the row's kind): a host, then a colon and a port.
void bind_sync(NodeSettings& settings, const Value& value) {
  std::string_view host = text(value);
  const std::size_t colon = host.rfind(':');
  const std::string_view port = host.substr(colon + 1);
  host = host.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  BindEndpoint& bind = settings.sync.bind.emplace();
  bind.host = host;
  std::from_chars(port.data(), port.data() + port.size(), bind.port);
}

constexpr std::array k_rows = {
    OptionRow{
        .name = "DMP_CLUSTER_FILE",
        .section = Section::cluster,
        .kind = Kind::path,
        .default_text = "/var/lib/dmp/cluster.json",
        .accepted = {.max = k_path_bytes_max},
        .help = "Signed cluster manifest, published at start and, when it was replaced, on SIGHUP; it may be missing",
        .alias = "DMP_CLUSTER_MANIFEST_PATH",
        .apply = [](NodeSettings& s, const Value& v) { s.cluster.file = text(v); }},
    OptionRow{.name = "DMP_SYNC_OPERATOR_SPK",
              .section = Section::cluster,
              .kind = Kind::key_or_none,
              .default_note = "no key is pinned",
              .help = "Public key of the operator, under which a manifest must verify",
              .apply = [](NodeSettings& s,
                          const Value& v) { s.cluster.operator_key = to_array<32>(from_hex(text(v)).value()); }},
    OptionRow{.name = "DMP_NODE_ID",
              .section = Section::cluster,
              .kind = Kind::text,
              .default_note = "none",
              .accepted = {.max = k_node_id_bytes_max},
              .help = "Name of this node in the manifest; with it the node knows itself among the peers",
              .apply = [](NodeSettings& s, const Value& v) { s.cluster.node_id = text(v); }},
    OptionRow{.name = "DMP_SYNC_SELF_ENDPOINT",
              .section = Section::cluster,
              .kind = Kind::text,
              .default_note = "none",
              .accepted = {.max = k_list_bytes_max},
              .help = "URL of this node as its peers know it; with it the node knows itself among the peers",
              .apply = [](NodeSettings& s, const Value& v) { s.cluster.self_endpoint = text(v); }},

    OptionRow{.name = "DMP_SYNC_PEERS",
              .section = Section::sync,
              .kind = Kind::text,
              .default_note = "the nodes of the cluster manifest",
              .accepted = {.max = k_list_bytes_max},
              .help = "Base URLs of the other nodes, separated by commas, for a cluster without a manifest",
              .reload = Reload::sighup,
              .apply = [](NodeSettings& s, const Value& v) { s.sync.peer_list = text(v); }},
    OptionRow{.name = "DMP_SYNC_PEER_TOKEN",
              .section = Section::sync,
              .kind = Kind::token,
              .default_note = "nothing is exchanged with peers",
              .accepted = {.max = k_token_bytes_max},
              .help = "Bearer token that all nodes of the cluster share",
              .secret = true,
              .apply = [](NodeSettings& s, const Value& v) { s.sync.token = text(v); }},
    OptionRow{
        .name = "DMP_SYNC_PEER_TOKEN_ALT",
        .section = Section::sync,
        .kind = Kind::token,
        .default_note = "none",
        .accepted = {.max = k_token_bytes_max},
        .help = "Second token, accepted too and tried when a peer refuses the first: to change the token node by node",
        .secret = true,
        .apply = [](NodeSettings& s, const Value& v) { s.sync.token_alternative = text(v); }},
    OptionRow{.name = "DMP_SYNC_INTERVAL",
              .section = Section::sync,
              .kind = Kind::number,
              .default_text = "10",
              .accepted = {.min = 0.05, .max = k_sync_interval_s_max},
              .unit = "seconds",
              .help = "Time between two rounds with a peer",
              .alias = "DMP_SYNC_INTERVAL_SECONDS",
              .apply = [](NodeSettings& s,
                          const Value& v) { s.sync.interval_ms = std::llround(std::get<double>(v) * 1000); }},
    OptionRow{.name = "DMP_SYNC_MAX_TTL",
              .section = Section::sync,
              .kind = Kind::integer,
              .default_note = "604800, or DMP_MAX_TTL where that is more",
              .accepted = {.min = 1, .max = k_ttl_s_max},
              .unit = "seconds",
              .help = "Longest life of a record that came from a peer",
              .apply = [](NodeSettings& s, const Value& v) { s.sync.ttl_s_max = std::get<std::int64_t>(v); }},
    OptionRow{.name = "DMP_SYNC_TOMBSTONES",
              .section = Section::sync,
              .kind = Kind::choice,
              .default_text = "local",
              .accepted = {.words = "local peers"},
              .help = "Whose deletes count: those made at this node (local), or those that peers report too (peers)",
              .apply = [](NodeSettings& s, const Value& v) { s.sync.peer_tombstones = text(v) == "peers"; }},
    OptionRow{.name = "DMP_SYNC_BIND_OWNERS",
              .section = Section::sync,
              .kind = Kind::flag,
              .default_text = "0",
              .help = "Refuses records from peers at owner names that do not fit their type; existing nodes take them",
              .apply = [](NodeSettings& s, const Value& v) { s.sync.bind_owners = std::get<bool>(v); }},
    OptionRow{.name = "DMP_SYNC_EXTENDED",
              .section = Section::sync,
              .kind = Kind::flag,
              .default_text = "1",
              .help = "Speaks the faster protocol with peers that know it; 0 leaves what every node of the mesh speaks",
              .apply = [](NodeSettings& s, const Value& v) { s.sync.extended = std::get<bool>(v); }},
    OptionRow{.name = "DMP_SYNC_BIND",
              .section = Section::sync,
              .kind = Kind::bind_endpoint,
              .default_note = "where all other routes are served",
              .help = "Address and port where the sync routes alone are served, so that the public one refuses them",
              .apply = bind_sync},
    OptionRow{.name = "DMP_SYNC_CA_FILE",
              .section = Section::sync,
              .kind = Kind::path,
              .default_note = "what the system trusts",
              .accepted = {.max = k_path_bytes_max},
              .help = "Certificates (PEM) that vouch for peers with https; nothing else is trusted then",
              .apply = [](NodeSettings& s, const Value& v) { s.sync.ca_file = text(v); }},
    OptionRow{.name = "DMP_SYNC_CERT_FILE",
              .section = Section::sync,
              .kind = Kind::path,
              .default_note = "none",
              .accepted = {.max = k_path_bytes_max},
              .help = "Certificate (PEM) that is shown to peers with https that ask for one",
              .apply = [](NodeSettings& s, const Value& v) { s.sync.certificate_file = text(v); }},
    OptionRow{.name = "DMP_SYNC_KEY_FILE",
              .section = Section::sync,
              .kind = Kind::path,
              .default_note = "none",
              .accepted = {.max = k_path_bytes_max},
              .help = "Private key (PEM) of that certificate",
              .apply = [](NodeSettings& s, const Value& v) { s.sync.key_file = text(v); }},
};

}  // namespace

std::span<const OptionRow> cluster_options() { return k_rows; }

}  // namespace dnsmesh::app
