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

std::vector<MetricSample> by_transport(const NodeFigures& f) {
  std::vector<MetricSample> out;
  for (const auto& [transport, totals] : {std::pair{"udp", &f.dns_udp}, std::pair{"tcp", &f.dns_tcp}}) {
    for (MetricSample& sample : outcomes(*totals, "outcome", Outcome::noerror, Outcome::dropped_short)) {
      sample.labels.push_back({"transport", transport});
      out.push_back(std::move(sample));
    }
  }
  return out;
}

/// A signature that was not believed has the rcode NOTAUTH.
std::vector<MetricSample> updates(const NodeFigures& f) {
  std::vector<MetricSample> out;
  for (const auto& [auth, counted] :
       {std::pair{"tsig", &f.dns_updates_signed}, std::pair{"none", &f.dns_updates_unsigned}}) {
    dns::CounterTotals totals = *counted;
    totals[static_cast<std::size_t>(Outcome::notauth)] += totals[static_cast<std::size_t>(Outcome::tsig_failed)];
    for (MetricSample& sample : outcomes(totals, "rcode", Outcome::noerror, Outcome::badvers)) {
      sample.labels.push_back({"auth", auth});
      out.push_back(std::move(sample));
    }
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
  constexpr auto k_histogram = MetricType::histogram;
  const dns::CounterTotals dns = dns::sum(f.dns_udp, f.dns_tcp);
  const auto dns_count = [&](Outcome outcome) { return one(dns[static_cast<std::size_t>(outcome)]); };
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
      {"dmp_http_connections_displaced_total", k_counter, "HTTP connections closed to make room for another.",
       one(f.http_connections_displaced)},
      {"dmp_http_timeouts_total", k_counter, "HTTP clients that used up a deadline.", one(f.http_timeouts)},
      {"dmp_http_publish_seconds",
       k_histogram,
       "HTTP publishes that were stored: from the whole request to its answer.",
       {f.http_publish_latency.sample()}},
      {"dmp_dns_queries_total", k_counter, "DNS messages by outcome.",
       outcomes(dns, "outcome", Outcome::noerror, Outcome::dropped_short)},
      {"dmp_dns_transport_queries_total", k_counter, "DNS messages by outcome and transport.", by_transport(f)},
      {"dmp_dns_updates_total", k_counter, "DNS UPDATEs that the update thread answered, by rcode and signature.",
       updates(f)},
      {"dmp_dns_update_replays_total", k_counter, "Signed DNS UPDATEs that came again and were not applied again.",
       one(f.dns_updates_signed[static_cast<std::size_t>(Outcome::replayed)])},
      {"dmp_dns_tsig_failures_total", k_counter, "Signed DNS messages that were not believed, by TSIG error.",
       outcomes(dns, "error", Outcome::badsig, Outcome::count_)},
      {"dmp_dns_dropped_total", k_counter, "DNS messages that got no answer, by reason.",
       outcomes(dns, "reason", Outcome::dropped_short, Outcome::truncated)},
      {"dmp_dns_truncated_total", k_counter, "DNS answers over UDP that were truncated.",
       dns_count(Outcome::truncated)},
      {"dmp_dns_slipped_total", k_counter,
       "Of the messages over the rate: those told to come over TCP or with a cookie.", dns_count(Outcome::slipped)},
      {"dmp_dns_receive_calls_total", k_counter, "Calls to the system that took a batch of datagrams, or found none.",
       dns_count(Outcome::receive_calls)},
      {"dmp_dns_send_calls_total", k_counter, "Calls to the system that sent a batch of datagrams.",
       dns_count(Outcome::send_calls)},
      {"dmp_dns_udp_seconds",
       k_histogram,
       "DNS queries over UDP: from taking their batch off the socket to sending its answers.",
       {f.dns_udp_latency.sample()}},
      {"dmp_dns_tcp_connections", k_gauge, "Open DNS connections over TCP.", one(f.dns_tcp_connections)},
      {"dmp_index_bytes", k_gauge, "Memory of the answer index in bytes.", one(f.index_bytes)},
      {"dmp_index_names", k_gauge, "Names in the answer index, empty non-terminals too.", one(f.index_names)},
      {"dmp_index_complete", k_gauge, "1 when the answer index holds every record, else 0.", one(f.index_complete)},
  };
}

}  // namespace dnsmesh::app
