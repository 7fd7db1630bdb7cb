// SPDX-License-Identifier: Apache-2.0
// Text with {{places}} that values go into.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace dnsmesh::http {

/// node/http/landing_page.html as it was when the node was built.
std::string_view landing_page_template();

struct Place {
  std::string_view name;
  std::string_view value;  // HTML
};

/// The template with every place that is listed filled in; others stay. Values are not searched for places.
std::string fill_in(std::string_view text, std::initializer_list<Place> places);

/// Text as HTML, in an element or a quoted attribute; it cannot make a place either.
std::string escape_html(std::string_view text);

}  // namespace dnsmesh::http
