// SPDX-License-Identifier: Apache-2.0
// dnsmesh-admin: asks a running node how it is.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "common/output.hpp"
#include "common/text.hpp"
#include "dnsmesh-admin/arguments.hpp"
#include "dnsmesh-admin/cluster_status.hpp"
#include "net/peer_client.hpp"

using namespace dnsmesh;
using namespace dnsmesh::admin_tool;

namespace {

constexpr std::string_view k_program = "dnsmesh-admin";
/// 32 peers with all that is known of them are far below.
constexpr std::size_t k_answer_bytes_max = 1048576;

int complain(std::string_view text, int status) {
  fmt::print(stderr, "{}: {}\n", k_program, text);
  return status;
}

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<sync::PeerAnswer> ask(const Arguments& arguments, const Clock& clock) {
  net::PeerClientOptions options;
  options.ca_file = arguments.ca_file;
  auto client = net::PeerClient::create(options, clock);
  if (!client) return std::unexpected(client.error());
  sync::PeerRequest request;
  request.endpoint = arguments.url;
  request.method = "GET";
  request.target = "/v1/cluster";
  request.token = arguments.token;
  request.answer_bytes_max = k_answer_bytes_max;
  std::optional<Result<sync::PeerAnswer>> result;
  (*client)->call(std::move(request), [&](Result<sync::PeerAnswer> answer) { result.emplace(std::move(answer)); });
  while (!result) (*client)->turn(-1);
  return std::move(*result);
}

int show_cluster_status(const Arguments& arguments) {
  const SystemClock clock;
  const auto answer = ask(arguments, clock);
  if (!answer) {
    const std::string_view code = error_name(answer.error().code);
    return complain(fmt::format("{}: {}: {}", arguments.url, code, tools::printable(answer.error().text)),
                    k_exit_not_current);
  }
  if (answer->status != 200) {
    return complain(fmt::format("{}: answered with status {}", arguments.url, answer->status), k_exit_not_current);
  }
  const auto status = read_cluster_status(answer->body, clock.wall_s());
  if (!status) return complain(fmt::format("{}: {}", arguments.url, status.error().text), k_exit_not_current);
  if (!tools::write_out(k_program, arguments.json ? answer->body + "\n" : status->table)) return k_exit_not_current;
  if (!status->complete) {
    complain(arguments.token.empty() ? "without a token the node shows only what everybody may see"
                                     : "the node does not know this token: it shows only what everybody may see",
             0);
  }
  return status->all_current ? 0 : k_exit_not_current;
}

}  // namespace

int main(int count, char** values) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto arguments =
      parse_arguments(std::span<const char* const>(values, static_cast<std::size_t>(count)), variable);
  if (!arguments) {
    std::fputs(arguments.error().err.c_str(), stderr);
    return tools::write_out(k_program, arguments.error().out) ? arguments.error().status : k_exit_usage;
  }
  return show_cluster_status(*arguments);
}
