// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <array>
#include <cassert>
#include <cstddef>

namespace dnsmesh {
namespace {

constexpr std::array k_names = {
    std::string_view{"prefix"},
    std::string_view{"oversize"},
    std::string_view{"base64"},
    std::string_view{"short"},
    std::string_view{"length"},
    std::string_view{"key-arg"},
    std::string_view{"signature"},
    std::string_view{"body:short"},
    std::string_view{"body:magic"},
    std::string_view{"body:truncated"},
    std::string_view{"body:trailing"},
    std::string_view{"body:name"},
    std::string_view{"body:count"},
    std::string_view{"body:node"},
    std::string_view{"body:entry"},
    std::string_view{"body:duplicate"},
    std::string_view{"body:utf8"},
    std::string_view{"body:range"},
    std::string_view{"body:endpoint"},
    std::string_view{"body:version"},
    std::string_view{"body:versions"},
    std::string_view{"body:subject-type"},
    std::string_view{"body:subject"},
    std::string_view{"body:keys-equal"},
    std::string_view{"body:reason"},
    std::string_view{"body:time-order"},
    std::string_view{"body:domain"},
    std::string_view{"body:unwrap"},
    std::string_view{"key-mismatch"},
    std::string_view{"subject-mismatch"},
    std::string_view{"name-mismatch"},
    std::string_view{"expired"},
    std::string_view{"exp-too-far"},
    std::string_view{"ts-skew"},
    std::string_view{"ts-future"},
    std::string_view{"stale"},
    std::string_view{"unknown-type"},
    std::string_view{"reserved-owner"},
    std::string_view{"empty-value"},
    std::string_view{"owner-name"},
    std::string_view{"issue-refused"},
    std::string_view{"store-values-full"},
    std::string_view{"store-rrset-full"},
    std::string_view{"store-disk-full"},
    std::string_view{"store-io"},
    std::string_view{"store-busy"},
    std::string_view{"store-closed"},
    std::string_view{"store-unknown"},
    std::string_view{"store-in-use"},
    std::string_view{"store-corrupt"},
    std::string_view{"store-newer-schema"},
    std::string_view{"store-unusable"},
    std::string_view{"config-bad-value"},
    std::string_view{"config-unknown-key"},
    std::string_view{"config-file"},
    std::string_view{"config-refused"},
    std::string_view{"json-syntax"},
    std::string_view{"json-depth"},
    std::string_view{"json-members"},
    std::string_view{"json-type"},
    std::string_view{"key-file"},
    std::string_view{"net-bind"},
    std::string_view{"net-io"},
    std::string_view{"sync-endpoint"},
    std::string_view{"sync-unreachable"},
    std::string_view{"sync-timeout"},
    std::string_view{"sync-answer-too-big"},
    std::string_view{"sync-transport"},
    std::string_view{"sync-cancelled"},
    std::string_view{"sync-malformed"},
    std::string_view{"sync-manifest-nodes"},
    std::string_view{"sync-manifest-endpoint"},
    std::string_view{"lookup-timeout"},
    std::string_view{"lookup-failed"},
    std::string_view{"lookup-not-signed"},
};
static_assert(k_names.size() == static_cast<std::size_t>(ErrorCode::count_), "one name a code, in their order");

}  // namespace

std::string_view error_name(ErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  assert(index < k_names.size());
  return k_names[index];
}

}  // namespace dnsmesh
