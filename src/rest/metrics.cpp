#include "rest/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <sstream>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace dayu::rest {
namespace {

constexpr double microseconds_per_second = 1e6;

// Long polls are held up to 50 s; the first bounds are for what is answered from memory.
const prometheus::Histogram::BucketBoundaries latency_bounds = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60};

// A label takes few values, whatever a client sends as its method.
std::string method_label(const std::string& method) {
    constexpr std::array<std::string_view, 7> known = {"GET",    "HEAD",  "POST",   "PUT",
                                                       "DELETE", "PATCH", "OPTIONS"};
    return std::ranges::find(known, method) == known.end() ? "other" : method;
}

prometheus::MetricType type_of(FamilyKind kind) {
    switch (kind) {
        case FamilyKind::counter: return prometheus::MetricType::Counter;
        case FamilyKind::gauge: return prometheus::MetricType::Gauge;
        case FamilyKind::histogram: return prometheus::MetricType::Histogram;
    }
    return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric::Histogram histogram(const runtime::Distribution& distribution) {
    prometheus::ClientMetric::Histogram histogram;
    for (std::size_t i = 0; i < distribution.counts().size(); ++i) {
        histogram.sample_count += distribution.counts()[i];
        const bool last = i == distribution.bounds().size();
        histogram.bucket.push_back({.cumulative_count = histogram.sample_count,
                                    .upper_bound = last ? std::numeric_limits<double>::infinity()
                                                        : distribution.bounds()[i]});
    }
    histogram.sample_sum = distribution.sum();
    return histogram;
}

prometheus::ClientMetric metric(FamilyKind kind, const Sample& sample) {
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
    if (kind == FamilyKind::counter) metric.counter.value = sample.value;
    if (kind == FamilyKind::gauge) metric.gauge.value = sample.value;
    if (sample.distribution) metric.histogram = histogram(*sample.distribution);
    return metric;
}

prometheus::MetricFamily translate(const Family& family) {
    prometheus::MetricFamily translated{
        .name = family.name, .help = family.help, .type = type_of(family.kind), .metric = {}};
    for (const Sample& sample : family.samples) {
        translated.metric.push_back(metric(family.kind, sample));
    }
    return translated;
}

}  // namespace

struct Metrics::Inside {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter()
            .Name("dayu_http_requests_total")
            .Help("Requests that were answered; an event stream counts when it begins.")
            .Register(registry);
    prometheus::Family<prometheus::Histogram>& latency =
        prometheus::BuildHistogram()
            .Name("dayu_http_request_duration_seconds")
            .Help(
                "From the whole request to its answer; of a long poll, with the time it was held.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& refusals =
        prometheus::BuildCounter()
            .Name("dayu_refusals_total")
            .Help("Requests that were refused, by the code of the error.")
            .Register(registry);
};

Metrics::Metrics() : inside_(std::make_unique<Inside>()) {}
Metrics::~Metrics() = default;

void Metrics::count_request(const http::Answered& answered) {
    const std::string method = method_label(answered.method);
    const std::string route = answered.pattern.empty() ? "none" : answered.pattern;
    inside_->requests
        .Add({{"method", method}, {"route", route}, {"status", std::to_string(answered.status)}})
        .Increment();
    inside_->latency.Add({{"method", method}, {"route", route}}, latency_bounds)
        .Observe(static_cast<double>(answered.took_us) / microseconds_per_second);
}

void Metrics::count_refusal(std::string_view code) {
    inside_->refusals.Add({{"code", std::string(code)}}).Increment();
}

std::string Metrics::text(const std::vector<Family>& now) const {
    std::vector<prometheus::MetricFamily> families = inside_->registry.Collect();
    std::ranges::transform(now, std::back_inserter(families), translate);
    std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, families);
    return std::move(text).str();
}

}  // namespace dayu::rest
