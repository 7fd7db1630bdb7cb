// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "record/offer.hpp"

namespace dnsmesh::store {

/// Judges a pair that another program wrote (record::judge_offer with its time and key). Several threads call it at
/// once.
using OfferJudge = std::function<record::Offer(std::string_view name, std::string_view value)>;

}  // namespace dnsmesh::store
