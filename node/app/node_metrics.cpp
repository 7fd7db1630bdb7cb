// SPDX-License-Identifier: Apache-2.0
#include "app/node_metrics.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace dnsmesh::app {
namespace {

using dns::Outcome;

std::vector<MetricSample> one(double value) { return {{{}, value}}; }
template <class Count>
std::vector<MetricSample> one(Count count) {
  return one(static_cast<double>(count));
}

MetricSample labelled(std::string name, std::string_view value, double sample) {
  return {{{std::move(name), std::string(value)}}, sample};
}

/// From `first` to the one before `end`, each under its name.
std::vector<MetricSample> outcomes(const dns::CounterTotals& totals, std::string label, Outcome first, Outcome end) {
  std::vector<MetricSample> out;
  for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(end); ++i) {
    out.push_back(labelled(label, dns::outcome_name(static_cast<Outcome>(i)), static_cast<double>(totals[i])));
  }
  return out;
}

std::vector<MetricSample> answers(const std::vector<net::HttpCounters::Row>& rows) {
  std::vector<MetricSample> out;
  for (const auto& row : rows) {
    out.push_back({{{"method", std::string(row.method)}, {"status", fmt::format("{}", row.status)}},
                   static_cast<double>(row.count)});
  }
  return out;
}

std::vector<MetricSample> by_reason(const http::OfferCounts& counts) {
  std::vector<MetricSample> out;
  for (const auto& [code, count] : counts) {
    out.push_back(labelled("reason", error_name(code), static_cast<double>(count)));
  }
  return out;
}

}  // namespace

MetricsSnapshot node_metrics(const NodeFigures& f) {
  constexpr auto k_counter = MetricType::counter;
  constexpr auto k_gauge = MetricType::gauge;
  const std::size_t truncated = static_cast<std::size_t>(Outcome::truncated);
  return {
      {"dmp_build_info", k_gauge, "1, with the version of the node.", {labelled("version", DNSMESH_VERSION, 1)}},
      {"dmp_start_time_seconds", k_gauge, "Unix time of the start.", one(f.started_s)},
      {"dmp_ready", k_gauge, "1 while /readyz answers 200, else 0.", one(f.ready)},
      {"dmp_records", k_gauge, "Live (name, value) pairs.", f.records ? one(*f.records) : std::vector<MetricSample>{}},
      {"dmp_store_healthy",
       k_gauge,
       "1 while the store can do the operation, else 0.",
       {labelled("operation", "read", f.store.readable), labelled("operation", "write", f.store.writable)}},
      {"dmp_offers_refused_total", k_counter, "Published pairs that are served but not offered to peers, by reason.",
       by_reason(f.offers_refused)},
      {"dmp_http_requests_total", k_counter, "HTTP answers by method and status.", answers(f.http_answers)},
      {"dmp_http_connections", k_gauge, "Open HTTP connections.", one(f.http_connections)},
      {"dmp_http_connections_refused_total", k_counter, "HTTP connections closed at once since a cap was reached.",
       one(f.http_connections_refused)},
      {"dmp_http_timeouts_total", k_counter, "HTTP clients that used up a deadline.", one(f.http_timeouts)},
      {"dmp_dns_queries_total", k_counter, "DNS messages by outcome.",
       outcomes(f.dns, "outcome", Outcome::noerror, Outcome::dropped_short)},
      {"dmp_dns_dropped_total", k_counter, "DNS messages that got no answer, by reason.",
       outcomes(f.dns, "reason", Outcome::dropped_short, Outcome::truncated)},
      {"dmp_dns_truncated_total", k_counter, "DNS answers over UDP that were truncated.", one(f.dns[truncated])},
      {"dmp_dns_tcp_connections", k_gauge, "Open DNS connections over TCP.", one(f.dns_tcp_connections)},
      {"dmp_index_bytes", k_gauge, "Memory of the answer index in bytes.", one(f.index_bytes)},
      {"dmp_index_names", k_gauge, "Names in the answer index, empty non-terminals too.", one(f.index_names)},
      {"dmp_index_complete", k_gauge, "1 when the answer index holds every record, else 0.", one(f.index_complete)},
  };
}

}  // namespace dnsmesh::app
