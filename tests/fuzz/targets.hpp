// SPDX-License-Identifier: Apache-2.0
// What the fuzzer drives: functions over any bytes that strangers could send. A target ends the program when something
// does not hold. Each file of this folder holds the targets of one subject; targets.cpp lists them all.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace dnsmesh::fuzz {

using Target = void (*)(std::string_view input);

struct NamedTarget {
  std::string_view name;  // also of its folder in corpus/
  Target run;
};

/// The target of that name.
std::optional<Target> find_target(std::string_view name);
/// One name a line.
void print_targets(std::FILE* out);

/// Ends the program with what should have held, so that the fuzzer keeps the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// dns_targets.cpp
void dns_message(std::string_view input);
void dns_name(std::string_view input);
void dns_answer(std::string_view input);
void dns_edns(std::string_view input);
// update_targets.cpp
void dns_tsig(std::string_view input);
void dns_update(std::string_view input);
// record_targets.cpp
void record_text(std::string_view input);
void record_body(std::string_view input);
void record_signed(std::string_view input);
// sync_targets.cpp
void sync_answer(std::string_view input);
void sync_request(std::string_view input);
void sync_cursor(std::string_view input);
void sync_reconcile(std::string_view input);
// http_targets.cpp
void http_head(std::string_view input);
void http_body(std::string_view input);
void json(std::string_view input);
// file_targets.cpp
void config_file(std::string_view input);
void cluster_file(std::string_view input);
void key_file(std::string_view input);
// store_target.cpp
void store_model(std::string_view input);

}  // namespace dnsmesh::fuzz
