#include "sim/traces/throughputs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "base/check.h"
#include "wire/walk_json.h"

namespace dayu::sim {
namespace {

constexpr std::string_view alone_key = "null";

using Shape = std::pair<std::string, std::uint32_t>;  // type, chips

Error bad_row(std::string_view table, std::string_view row, std::string_view what) {
    return invalid("throughputs_malformed",
                   fmt::format("table \"{}\", row \"{}\": {}", table, row.substr(0, 80), what));
}

// "('CycleGAN', 1)"
std::optional<Shape> parse_shape(std::string_view key) {
    const std::size_t quote = key.rfind("', ");
    if (!key.starts_with("('") || !key.ends_with(')') || quote == std::string_view::npos ||
        quote < 3)
        return std::nullopt;
    const std::string_view digits = key.substr(quote + 3, key.size() - quote - 4);
    std::uint32_t chips = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, failure] = std::from_chars(digits.data(), end, chips);
    if (failure != std::errc() || stopped != end || chips == 0) return std::nullopt;
    return Shape(key.substr(2, quote - 2), chips);
}

struct Measured {
    std::size_t kind;
    std::uint32_t shape;
    std::uint32_t beside;  // sched::alone: by itself
    double rate;
};

// Walks table > row > column > rate or [rate, rate].
class Reader final : public wire::JsonListener {
   public:
    explicit Reader(const std::vector<std::string>& kinds) : kinds_(kinds), seen_(kinds.size()) {}

    Result<void> on_null() override { return unexpected("null"); }
    Result<void> on_bool(bool) override { return unexpected("true or false"); }
    Result<void> on_string(std::string) override { return unexpected("a text"); }
    Result<void> on_number(std::string_view literal) override;
    Result<void> on_key(std::string key) override;
    Result<void> on_array_begin() override;
    Result<void> on_object_begin() override;
    Result<void> on_end() override;

    Result<Throughputs> take();

   private:
    Result<void> unexpected(std::string_view what) {
        return bad_row(table_, row_, fmt::format("{} stands where a rate should", what));
    }
    bool is_skipped() const { return kind_ == kinds_.size(); }
    Result<std::uint32_t> shape_of(const std::string& key);
    Result<void> enter_table(std::string name);

    const std::vector<std::string>& kinds_;
    std::vector<bool> seen_;
    std::string table_, row_;
    std::size_t kind_ = 0;   // of the table; kinds_.size(): not one that was asked for
    std::size_t depth_ = 0;  // 1: among tables, 2: rows, 3: columns
    std::uint32_t shape_ = 0;
    std::uint32_t beside_ = sched::alone;
    int in_pair_ = -1;  // how many rates of the pair were read; -1: no pair is open
    std::map<Shape, std::uint32_t> shapes_;
    std::vector<Shape> order_;
    std::vector<Measured> measured_;
};

Result<std::uint32_t> Reader::shape_of(const std::string& key) {
    const std::optional<Shape> shape = parse_shape(key);
    if (!shape) return bad_row(table_, key, "a key is written \"('CycleGAN', 1)\": type and chips");
    const auto [at, is_new] = shapes_.emplace(*shape, static_cast<std::uint32_t>(order_.size()));
    if (is_new) order_.push_back(*shape);
    if (order_.size() > max_throughput_shapes) {
        return exhausted("throughputs_too_many",
                         fmt::format("more than {} shapes of jobs", max_throughput_shapes));
    }
    return at->second;
}

Result<void> Reader::enter_table(std::string name) {
    const auto found = std::ranges::find(kinds_, name);
    kind_ = static_cast<std::size_t>(found - kinds_.begin());
    if (!is_skipped()) seen_[kind_] = true;
    table_ = std::move(name);
    return {};
}

Result<void> Reader::on_key(std::string key) {
    if (depth_ == 1) return enter_table(std::move(key));
    if (is_skipped()) return {};
    if (depth_ == 2) {
        shape_ = TRY(shape_of(key));
        row_ = std::move(key);
        return {};
    }
    beside_ = key == alone_key ? sched::alone : TRY(shape_of(key));
    return {};
}

Result<void> Reader::on_number(std::string_view literal) {
    if (is_skipped()) return {};
    double rate = 0;
    const auto [stopped, failure] =
        std::from_chars(literal.data(), literal.data() + literal.size(), rate);
    const bool is_alone = beside_ == sched::alone;
    if (depth_ != 3 || is_alone != (in_pair_ < 0) || in_pair_ > 1)
        return bad_row(table_, row_, "one rate alone and two beside another are expected");
    if (failure != std::errc() || !std::isfinite(rate) || rate < 0)
        return bad_row(table_, row_, fmt::format("{} is no rate from 0", literal));
    // The second of a pair stands in the other's row too.
    if (in_pair_ <= 0) measured_.push_back({kind_, shape_, beside_, rate});
    if (in_pair_ >= 0) ++in_pair_;
    return {};
}

Result<void> Reader::on_array_begin() {
    if (depth_ != 3 || in_pair_ >= 0) return unexpected("a list");
    in_pair_ = 0;
    return {};
}

Result<void> Reader::on_object_begin() {
    if (depth_ == 3 || in_pair_ >= 0) return unexpected("an object");
    ++depth_;
    return {};
}

Result<void> Reader::on_end() {
    if (in_pair_ >= 0) {
        if (!is_skipped() && in_pair_ != 2)
            return bad_row(table_, row_, "two rates beside another are expected");
        in_pair_ = -1;
    } else {
        --depth_;
    }
    return {};
}

Result<Throughputs> Reader::take() {
    const auto missing = std::ranges::find(seen_, false);
    if (missing != seen_.end()) {
        return invalid("throughputs_malformed",
                       fmt::format("there is no table \"{}\"",
                                   kinds_[static_cast<std::size_t>(missing - seen_.begin())]));
    }
    Throughputs found;
    found.kinds = kinds_;
    for (Shape& shape : order_)
        found.shapes.push_back({.type = std::move(shape.first), .chips = shape.second});
    found.pairs = sched::PairRates(kinds_.size(), order_.size());
    for (const Measured& each : measured_) {
        if (each.beside == sched::alone) {
            found.shapes[each.shape].alone[each.kind] = each.rate;
        } else {
            found.pairs.set(each.kind, each.shape, each.beside, each.rate);
        }
    }
    return found;
}

}  // namespace

std::optional<std::uint32_t> Throughputs::find(std::string_view type, std::uint32_t chips) const {
    const auto found = std::ranges::find_if(shapes, [&](const ThroughputShape& shape) {
        return shape.chips == chips && shape.type == type;
    });
    if (found == shapes.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - shapes.begin());
}

Result<Throughputs> parse_throughputs(std::string_view json,
                                      const std::vector<std::string>& kinds) {
    CHECK(kinds.size() <= sched::max_chip_kinds);
    Reader reader(kinds);
    TRY(wire::walk_json(json, reader));
    return reader.take();
}

}  // namespace dayu::sim
