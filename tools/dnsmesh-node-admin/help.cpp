// SPDX-License-Identifier: Apache-2.0
#include "dnsmesh-node-admin/help.hpp"

#include <fmt/format.h>

namespace dnsmesh::node_admin {
namespace {

struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view text;
};

constexpr Command k_commands[] = {
    {"token issue",
     "SUBJECT [--expires DUR] [--rate FLOAT] [--burst INT] [--note TEXT]\n"
     "        [--with-prekey-scope X25519HEX] [--json]",
     "Makes a token for SUBJECT (local@domain) and shows it once; the file keeps only its hash. Other\n"
     "tokens of the subject stay as they are.\n"
     "  --expires DUR   how long it lives [forever]\n"
     "  --rate FLOAT    writes a second that it may do for long; 0: no limit [10.0]\n"
     "  --burst INT     writes that it may do at once; 0: no limit [50]\n"
     "  --note TEXT     for your own memory, shown by token list --json\n"
     "  --with-prekey-scope X25519HEX\n"
     "                  also lets it write the prekeys of this public key (64 hex digits)\n"
     "  --json          prints an object instead of lines\n"},
    {"token list", "[--subject S] [--include-revoked] [--json]",
     "Shows the tokens, newest first: the first 16 digits of their hash, never the token. What is not\n"
     "revoked but over is inactive.\n"
     "  --subject S        only those of this subject\n"
     "  --include-revoked  revoked ones too\n"
     "  --json             all columns, as an array\n"},
    {"token revoke", "TARGET",
     "Revokes every token of the subject TARGET; or, when it is no subject that has one, the token whose\n"
     "hash begins with TARGET (8 hex digits or more, of one token only). It counts from the node's next\n"
     "request on. The holder of a key may register again: see deny add.\n"},
    {"token rotate", "SUBJECT [--expires DUR] [--rate FLOAT] [--burst INT]",
     "Revokes all tokens of SUBJECT and makes one, in one step: either both happen, or nothing.\n"
     "  --expires DUR   how long it lives [forever]\n"
     "  --rate FLOAT    writes a second that it may do for long; 0: no limit [10.0]\n"
     "  --burst INT     writes that it may do at once; 0: no limit [50]\n"},
    {"audit tail", "[--event E] [--limit N] [--json]",
     "Shows what happened, newest first.\n"
     "  --event E   only these: issued, revoked, used, rejected, throttled, tsig_issued, tsig_revoked,\n"
     "              tsig_rejected\n"
     "  --limit N   at most N rows, 1 or more [50]\n"
     "  --json      prints an array instead of lines\n"},
    {"audit prune", "--older-than DUR", "Removes what is older than DUR.\n"},
    {"deny add", "SUBJECT|SPKHEX",
     "Keeps a subject (local@domain) or an Ed25519 key (64 hex digits) from registering, for tokens and\n"
     "TSIG keys, at once. What it has already stays valid: see token revoke and tsig revoke.\n"},
    {"deny remove", "SUBJECT|SPKHEX", "Lets a subject or a key that was denied register again.\n"},
    {"deny list", "", "Shows who is denied, and since when.\n"},
    {"tsig list", "", "Shows the TSIG keys by name, never a secret.\n"},
    {"tsig show", "NAME", "Shows one TSIG key and the names that it may change, never its secret.\n"},
    {"tsig revoke", "NAME|SUBJECT",
     "Ends the key NAME, or all keys of SUBJECT, within a second. Registering does not bring it back: see\n"
     "tsig allow.\n"},
    {"tsig allow", "NAME", "Removes the revoked key NAME, so that its holder may register for it again.\n"},
    {"tsig rotate", "NAME",
     "Removes the key NAME: its secret ends within a second. Its holder registers and gets a new one; there\n"
     "is no other way to a secret.\n"},
    {"backup", "DIR [--db PATH]",
     "Copies the files of a node, which may run and write meanwhile, into the new folder DIR.\n"
     "  --db PATH   the record file [DMP_DB_PATH, else /var/lib/dmp/dmp.db]; the others are found from it\n"},
    {"backup-check", "DIR", "Says whether the copy in DIR is whole and what is in it.\n"},
    {"restore", "DIR [--db PATH] [--force]",
     "Checks the copy in DIR and puts it in the place of the files of a node that does not run. To its peers\n"
     "the node is then a new one, so they compare all they have with it.\n"
     "  --db PATH   the record file [DMP_DB_PATH, else /var/lib/dmp/dmp.db]; the others are found from it\n"
     "  --force     moves files that are there aside, as PATH.before-restore-<time>\n"},
};

constexpr std::string_view k_files =
    "\nBefore the command, --db PATH names the token file [DMP_TOKEN_DB_PATH, else beside DMP_DB_PATH with\n"
    "_tokens in the name, else /var/lib/dmp/dmp_tokens.db] and --tsig-db PATH the file of the TSIG keys\n"
    "[the same with DMP_TSIG_DB_PATH and _tsig]. Run it as the user of the node, with the node's\n"
    "environment.\n";

constexpr std::string_view k_end =
    "\nDUR is a number with s, m, h, d or w, seconds without; for --expires 0 means never.\n"
    "Exit status: 0; 1 when there is nothing of the kind, it could not be done, or a copy is bad; 2 for a\n"
    "wrong command line.\n";

/// The commands that are meant: all of a group, or the one.
bool is_part_of(std::string_view name, std::string_view command) {
  return command.empty() || name == command || (name.starts_with(command) && name[command.size()] == ' ');
}

std::string line_of(const Command& command) {
  const std::string_view space = command.arguments.empty() ? "" : " ";
  return fmt::format("dnsmesh-node-admin {}{}{}\n", command.name, space, command.arguments);
}

}  // namespace

std::string usage_of(std::string_view command) {
  std::string out;
  for (const Command& each : k_commands) {
    if (is_part_of(each.name, command)) out += fmt::format("{}{}", out.empty() ? "usage: " : "       ", line_of(each));
  }
  return out;
}

std::string help_of(std::string_view command) {
  std::string out = command.empty() ? "Works on the files of a node of this machine, which may run meanwhile.\n" : "";
  for (const Command& each : k_commands) {
    if (!is_part_of(each.name, command)) continue;
    out += fmt::format("{}{}", out.empty() ? "" : "\n", line_of(each));
    // The overview leaves the options to the command's own help.
    const std::size_t options = command.empty() ? each.text.find("\n  --") : std::string_view::npos;
    out += options == std::string_view::npos ? each.text : each.text.substr(0, options + 1);
  }
  if (command.empty()) out += "\nCOMMAND --help tells more.\n";
  out += k_files;
  out += k_end;
  return out;
}

}  // namespace dnsmesh::node_admin
