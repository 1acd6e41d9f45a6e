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
    if (shape.wide) {
        columns.push_back({"OBJECTIVE¥", Kind::number});
        columns.push_back({"START"});
    }
    return Table(std::move(columns));
}

void add_offer(Table& table, const wire::Json& candidate, bool chosen, const Shape& shape) {
    const Color color = chosen ? Color::green : Color::none;
    std::vector<Cell> row = {
        {text(candidate, "center") + "/" + text(candidate, "pool"), color},
        text(candidate, "engine"),
        chips(text(candidate, "chip"), number(candidate, "chips_milli")),
        {yuan(candidate, "price"), color},
        short_seconds(number(candidate, "wait_s")),
        short_seconds(number(candidate, "run_s")),
        bytes(number(candidate, "bytes_moved")),
        kwh(candidate),
        grams(candidate),
        "-",
        {chosen ? "*" : "", color},
    };
    if (shape.has_variants)
        row.insert(row.begin() + 3, Cell(std::to_string(number(candidate, "variant"))));
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

}  // namespace

void print_candidates(const Globals& globals, const wire::Json& answer) {
    const wire::Json::Array& candidates = list(answer, "candidates");
    const std::int64_t chosen = is_null(answer, "chosen") ? -1 : number(answer, "chosen");
    const Shape shape{
        .wide = globals.output == OutputFormat::wide,
        .has_variants = !candidates.empty() && !is_null(candidates.front(), "variant")};
    Table offers = offers_table(shape);
    Table refused({{"REFUSED"}, {"REASON"}, {"WHY", Kind::prose}});
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const wire::Json& candidate = candidates[i];
        const wire::Json& refusal = member(candidate, "refusal");
        if (refusal.is_null()) {
            add_offer(offers, candidate, static_cast<std::int64_t>(i) == chosen, shape);
        } else {
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
