#include "dayu/candidates.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/output.h"

namespace dayu::app {
namespace {

using Kind = Column::Kind;

struct Shape {
    bool wide = false;
    bool has_variants = false;
    bool has_run_times = false;      // then offers are of the finished work
    bool serves = false;             // then plans say latencies
    const wire::Json::Array& plans;  // by variant; empty: nothing was planned
};

Table offers_table(const Shape& shape) {
    std::vector<Column> columns = {{"CENTER"},
                                   {"ENGINE"},
                                   {"CHIP×N"},
                                   {"PRICE¥", Kind::number},
                                   {"WAIT", Kind::number},
                                   {"RUN", Kind::number},
                                   {"DATA", Kind::number},
                                   {"kWh", Kind::number},
                                   {"gCO2e", Kind::number},
                                   {"VOUCHER"},
                                   {"CHOSEN"}};
    if (shape.has_variants) columns.insert(columns.begin() + 3, Column{"VARIANT", Kind::number});
    if (shape.has_run_times) columns.push_back({"AT MOST¥", Kind::number});
    if (!shape.plans.empty()) {
        if (shape.serves) {
            columns.push_back({"TTFT ms", Kind::number});
            columns.push_back({"TPOT ms", Kind::number});
        } else {
            columns.push_back({"90 %", Kind::number});
        }
        columns.push_back({"PLAN"});
        columns.push_back({"EVIDENCE"});
    }
    if (shape.wide) {
        columns.push_back({"OBJECTIVE¥", Kind::number});
        columns.push_back({"START"});
    }
    return Table(std::move(columns));
}

// A latency of a service with its interval: "312 (234-410)".
std::string latency(const wire::Json& service, const std::string& name) {
    const auto ms = [&](const std::string& key) {
        return static_cast<double>(number(service, name + key)) / 1e3;
    };
    return fmt::format("{:.3g} ({:.3g}-{:.3g})", ms("_us"), ms("_low_us"), ms("_high_us"));
}

// What the interval of the run holds, or what the service keeps, and the plan that it is about.
void add_plan(std::vector<Cell>& row, const wire::Json& plan) {
    if (const wire::Json& service = member(plan, "service"); !service.is_null()) {
        row.emplace_back(latency(service, "ttft"));
        row.emplace_back(latency(service, "tpot"));
    } else {
        row.emplace_back(fmt::format("{}-{}", short_seconds(number(plan, "run_low_s")),
                                     short_seconds(number(plan, "run_high_s"))));
    }
    row.emplace_back(text(plan, "plan"));
    row.emplace_back(text(plan, "evidence_words"));
}

void add_offer(Table& table, const wire::Json& candidate, bool chosen, const Shape& shape) {
    const Color color = chosen ? Color::green : Color::none;
    const wire::Json& finished = member(candidate, "finished");
    const wire::Json& costs = finished.is_null() ? candidate : finished;
    std::vector<Cell> row = {
        {text(candidate, "center") + "/" + text(candidate, "pool"), color},
        text(candidate, "engine"),
        chips(text(candidate, "chip"), number(candidate, "chips_milli")),
        {yuan(costs, "price"), color},
        short_seconds(number(candidate, "wait_s")),
        short_seconds(number(costs, "run_s")),
        bytes(number(candidate, "bytes_moved")),
        kwh(costs),
        grams(costs),
        "-",
        {chosen ? "*" : "", color},
    };
    if (shape.has_variants)
        row.insert(row.begin() + 3, Cell(std::to_string(number(candidate, "variant"))));
    if (shape.has_run_times) row.emplace_back(yuan(candidate, "price"));
    if (!shape.plans.empty())
        add_plan(row, shape.plans.at(static_cast<std::size_t>(number(candidate, "variant"))));
    if (shape.wide) {
        row.emplace_back(yuan(candidate, "objective"));
        row.emplace_back(local_time(text(candidate, "start")));
    }
    table.add(std::move(row));
}

std::string variant_words(const wire::Json& candidate) {
    return is_null(candidate, "variant")
               ? ""
               : fmt::format(" (variant {})", number(candidate, "variant"));
}

// A plan asks each pool for its own chips alone: that it has no others is no news.
bool is_news(const wire::Json& refusal, const Shape& shape) {
    return shape.plans.empty() || text(refusal, "code") != "ChipNotHere";
}

}  // namespace

void print_candidates(const Globals& globals, const wire::Json& answer) {
    const wire::Json::Array& candidates = list(answer, "candidates");
    const std::int64_t chosen = is_null(answer, "chosen") ? -1 : number(answer, "chosen");
    const Shape shape{
        .wide = globals.output == OutputFormat::wide,
        .has_variants = !candidates.empty() && !is_null(candidates.front(), "variant"),
        .has_run_times = std::ranges::any_of(
            candidates, [](const wire::Json& one) { return !is_null(one, "finished"); }),
        .serves =
            !list(answer, "plans").empty() && !is_null(list(answer, "plans").front(), "service"),
        .plans = list(answer, "plans")};
    Table offers = offers_table(shape);
    Table refused({{"REFUSED"}, {"REASON"}, {"WHY", Kind::prose}});
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const wire::Json& candidate = candidates[i];
        const wire::Json& refusal = member(candidate, "refusal");
        if (refusal.is_null()) {
            add_offer(offers, candidate, static_cast<std::int64_t>(i) == chosen, shape);
        } else if (is_news(refusal, shape)) {
            refused.add({text(candidate, "center") + "/" + text(candidate, "pool"),
                         {text(refusal, "code"), Color::yellow},
                         text(refusal, "detail") + variant_words(candidate)});
        }
    }
    if (!offers.is_empty()) print_table(globals, offers);
    if (!offers.is_empty() && !refused.is_empty()) print_line("");
    if (!refused.is_empty()) print_table(globals, refused);
}

std::string count_refusals(const wire::Json::Array& candidates) {
    std::map<std::string, std::int64_t> counts;
    for (const wire::Json& candidate : candidates) {
        const wire::Json& refusal = member(candidate, "refusal");
        if (!refusal.is_null()) ++counts[text(refusal, "code")];
    }
    std::vector<std::pair<std::string, std::int64_t>> rows(counts.begin(), counts.end());
    std::ranges::sort(rows, [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    std::vector<std::string> words;
    for (const auto& [code, count] : rows) {
        words.push_back(fmt::format("{}/{} {}", count, candidates.size(), code));
    }
    return join(words, ", ");
}

}  // namespace dayu::app
