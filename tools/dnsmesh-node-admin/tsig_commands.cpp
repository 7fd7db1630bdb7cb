// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/tsig_commands.hpp"

#include <fmt/format.h>

#include <utility>

#include "access/subject.hpp"
#include "common/text.hpp"
#include "dnsmesh-node-admin/layout.hpp"

namespace dnsmesh::node_admin {
namespace {

std::string key_name(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name.ends_with('.') ? name : name + ".";
}

/// 0 is "never" in the file.
std::string expiry(const store::TsigKeyRow& key) { return key.expires_s == 0 ? "-" : utc_time(key.expires_s); }

std::string_view status_of(const store::TsigKeyRow& key, std::int64_t now_s) {
  if (key.revoked) return "revoked";
  return key.is_active(now_s) ? "active" : "expired";
}

std::string shown(const std::string& text) { return text.empty() ? "-" : tools::printable(text, 1000); }

CommandEnd no_key(const std::string& name) {
  return refuse(k_exit_failed, fmt::format("there is no key {}", tools::in_quotes(name)));
}

store::AuditRow key_ended(const KeyDesk& desk, const std::string& subject, std::string detail) {
  store::AuditRow row;
  row.ts_s = desk.clock.wall_s();
  row.event = "tsig_revoked";
  row.subject = subject;
  row.detail = std::move(detail);
  return row;
}

CommandEnd removed(const std::string& name) {
  return {0, fmt::format("removed key {}: its holder may register again\n", tools::printable(name)), {}};
}

}  // namespace

CommandEnd list_keys(const KeyDesk& desk) {
  const auto keys = desk.file.list();
  if (!keys) return refuse(keys.error());
  if (keys->empty()) return {0, "(no keys)\n", {}};
  std::string out = column_line({"SUBJECT", "ALGORITHM", "CREATED", "EXPIRES", "STATUS", "NAME"});
  for (const store::TsigKeyRow& key : *keys) {
    out += column_line({key.subject.empty() ? "-" : key.subject, key.algorithm, utc_time(key.created_s), expiry(key),
                        status_of(key, desk.clock.wall_s()), key.name});
  }
  return {0, std::move(out), {}};
}

CommandEnd show_key(const KeyDesk& desk, const std::string& name) {
  const auto found = desk.file.find(key_name(name));
  if (!found) return refuse(found.error());
  if (!*found) return no_key(name);
  const store::TsigKeyRow& key = **found;
  std::string out = fmt::format("  name: {}\n  algorithm: {}\n  subject: {}\n", shown(key.name), shown(key.algorithm),
                                shown(key.subject));
  out += fmt::format("  registered by: {}\n  x25519 key: {}\n", shown(key.registered_spk),
                     shown(key.registered_x25519_pub));
  out += fmt::format("  created: {}\n  expires: {}\n  status: {}\n  may write:\n", utc_time(key.created_s), expiry(key),
                     status_of(key, desk.clock.wall_s()));
  for (const std::string& suffix : key.allowed_suffixes) out += fmt::format("    {}\n", shown(suffix));
  return {0, std::move(out), {}};
}

CommandEnd revoke_key(KeyDesk& desk, const std::string& target) {
  const std::string name = key_name(target);
  const auto found = desk.file.find(name);
  if (!found) return refuse(found.error());
  const auto by_name = desk.file.revoke(name);
  if (!by_name) return refuse(by_name.error());
  if (*by_name != 0) {
    desk.audit.push_back(key_ended(desk, *found ? (*found)->subject : std::string(), name));
    return {0, fmt::format("revoked key {}\n", tools::printable(name)), {}};
  }
  if (const auto subject = access::parse_subject(target)) {
    const auto by_subject = desk.file.revoke_subject(subject->text());
    if (!by_subject) return refuse(by_subject.error());
    if (*by_subject != 0) {
      desk.audit.push_back(key_ended(desk, subject->text(), fmt::format("by_subject count={}", *by_subject)));
      return {0, fmt::format("revoked {} key(s) for subject '{}'\n", *by_subject, subject->text()), {}};
    }
  }
  return refuse(k_exit_failed, fmt::format("no key of {} to revoke", tools::in_quotes(target)));
}

CommandEnd allow_key(const KeyDesk& desk, const std::string& given) {
  const std::string name = key_name(given);
  const auto count = desk.file.allow(name);
  if (!count) return refuse(count.error());
  if (*count != 0) return removed(name);
  const auto found = desk.file.find(name);
  if (!found) return refuse(found.error());
  return *found ? refuse(k_exit_failed, fmt::format("key {} is not revoked", tools::printable(name))) : no_key(given);
}

CommandEnd rotate_key(KeyDesk& desk, const std::string& given) {
  const std::string name = key_name(given);
  const auto found = desk.file.find(name);
  if (!found) return refuse(found.error());
  if (!*found) return no_key(given);
  const auto count = desk.file.remove(name);
  if (!count) return refuse(count.error());
  // A ban stays: only `allow` lifts it.
  if (*count == 0) return refuse(k_exit_failed, fmt::format("key {} is revoked", tools::printable(name)));
  desk.audit.push_back(key_ended(desk, (*found)->subject, name + " rotate"));
  return removed(name);
}

}  // namespace dnsmesh::node_admin
