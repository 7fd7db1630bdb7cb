// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "common/output.hpp"
#include "dnsmesh-record/json_lines.hpp"
#include "dnsmesh-record/show.hpp"

namespace {

using namespace dnsmesh::record_tool;

int answer_stream(LineAnswer (*answer)(std::string_view)) {
  std::ios::sync_with_stdio(false);
  const StreamEnd end = answer_lines(std::cin, std::cout, answer);
  if (end != StreamEnd::not_written) return end == StreamEnd::understood ? 0 : 1;
  dnsmesh::tools::complain_of_output(k_program);
  return k_exit_fault;
}

constexpr const char* k_show_footer =
    "Examples:\n"
    "  dnsmesh-record show 'v=dmp1;t=claim;...'\n"
    "  dnsmesh-record show - < cluster-manifest.wire\n"
    "  dnsmesh-record show --dns cluster.mesh.example.com @192.0.2.1:5353\n\n"
    "Exit status: 0 valid, 1 not valid or not there, 2 bad command line or no answer.";

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Checks, issues and explains the signed records of the DNS Mesh Protocol.\n"
      "check and issue read one JSON object a line and answer each on a line, for conformance tests;\n"
      "show is for people.");
  app.name("dnsmesh-record");
  app.set_version_flag("--version", "dnsmesh-record " DNSMESH_VERSION);
  app.require_subcommand(1);
  CLI::App* check = app.add_subcommand(
      "check", "Answer questions about records, names and keys from standard input; exit 0 when all were understood");
  CLI::App* issue = app.add_subcommand("issue", "Sign records with given seeds; the same form as check");
  CLI::App* show_command = app.add_subcommand(
      "show", "Explain a record: what it says, who signed it, how long it lasts, and whether it is valid");
  show_command->footer(k_show_footer);
  ShowOptions options;
  show_command->add_option("record", options.target, "The record's text, - for standard input, or @server with --dns")
      ->required();
  show_command->add_option("--dns", options.dns_name, "Ask the server for the TXT records at NAME")->type_name("NAME");
  show_command
      ->add_option("--key", options.key_hex,
                   "Ed25519 key of the signer, 64 hex characters: needed for prekeys; without it cluster manifests and "
                   "bootstrap records are held against the key that they carry")
      ->type_name("HEX");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return dnsmesh::tools::write_out(k_program, app.help()) ? 0 : k_exit_fault;
  } catch (const CLI::CallForVersion& version) {
    return dnsmesh::tools::write_out(k_program, version.what() + std::string("\n")) ? 0 : k_exit_fault;
  } catch (const CLI::ParseError& problem) {
    return complain(problem.what() + std::string("; --help shows what can be said"));
  }
  if (check->parsed()) return answer_stream(answer_check);
  if (issue->parsed()) return answer_stream(answer_issue);
  return show(options);
}
