// SPDX-License-Identifier: Apache-2.0
// What the landing page says of who may publish, and how one becomes such a person (spec/http-api.md 3.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/auth_mode.hpp"

namespace dnsmesh::http {

/// How people register themselves here.
struct RegistrationFacts {
  bool offers_keys = false;          // TSIG keys too, since DNS UPDATE is on
  std::vector<std::string> domains;  // that may register; empty: all
  bool zone_only = false;            // and of these the zone alone
  std::int64_t life_s = 0;           // of what is issued; 0: for ever
};

struct AccessWords {
  std::string_view title;     // of the registration state
  std::string note_html;      // one or more sentences
  std::string_view writers;   // a sentence about who may publish
  std::string_view label;     // before the zone: a name at which they may
  std::string_view variable;  // of a shell, with the token that a publish needs; empty: none is needed
};

/// Without `facts` nobody can register. Any thread.
AccessWords access_words(access::AuthMode mode, const std::optional<RegistrationFacts>& facts);

}  // namespace dnsmesh::http
