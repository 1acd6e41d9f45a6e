// dayu data list|set|rm: where data lies, which the offers of jobs that read it go by.
#include <charconv>
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct DataOptions {
    std::string name;
    std::string bytes;
    std::vector<std::string> centers;
};

std::string path_of(const std::string& name) {
    return "/v1/datasets/" + http::percent_encode(name);
}

// "90000", "88K", "2GiB": as bytes() shows them, in powers of 1024.
Result<std::int64_t> parse_bytes(std::string_view text) {
    constexpr std::string_view units = "KMGTP";
    const auto bad = [&] {
        return invalid("usage",
                       fmt::format("--bytes {} is no size; write 90000, 88K or 2GiB", text));
    };
    std::string_view unit = text;
    std::int64_t count = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failure != std::errc() || count < 0) return bad();
    unit.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (unit.ends_with("iB")) unit.remove_suffix(2);
    if (unit.empty()) return count;
    const std::size_t power = units.find(unit.front());
    if (unit.size() != 1 || power == std::string_view::npos) return bad();
    const auto bits = static_cast<int>(power + 1) * 10;
    if (count > INT64_MAX >> bits) return bad();
    return count << bits;
}

Result<int> change(const Globals& globals, const http::Call& call, const std::string& done) {
    Connection connection = TRY(Connection::open(globals));
    const http::Response response = TRY(connection.fetch(call));
    if (is_structured(globals)) print_structured(globals, TRY(wire::parse_json(response.body)));
    remark(done);
    return 0;
}

Result<int> set(const DataOptions& options, const Globals& globals) {
    wire::Json body;
    body["bytes"] = TRY(parse_bytes(options.bytes));
    wire::Json::Array centers;
    for (const std::string& center : options.centers) centers.push_back(center);
    body["centers"] = std::move(centers);
    return change(
        globals, {.method = "PUT", .path = path_of(options.name), .body = wire::to_text(body)},
        fmt::format("dataset {} is known; jobs name it under `data.inputs`", options.name));
}

Result<int> list_datasets(const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json answer = TRY(connection.get("/v1/datasets"));
    if (is_structured(globals)) {
        print_structured(globals, member(answer, "datasets"));
        return 0;
    }
    Table table({{"NAME"}, {"SIZE", Column::Kind::number}, {"CENTERS", Column::Kind::prose}});
    for (const wire::Json& dataset : list(answer, "datasets")) {
        table.add({text(dataset, "name"), bytes(number(dataset, "bytes")),
                   join(texts(dataset, "centers"), ", ")});
    }
    print_table(globals, table);
    return 0;
}

}  // namespace

Verb data_list_verb() {
    return {.name = "data list",
            .help = "List the datasets that are known, and where they lie",
            .options = {},
            .run = list_datasets,
            .can_watch = true};
}

Verb data_set_verb() {
    const auto options = std::make_shared<DataOptions>();
    return {
        .name = "data set",
        .help = "Say how large a dataset is and at which centres it lies",
        .options = {{"NAME", &options->name, "small letters, digits, '-' and '_'", true},
                    {"--bytes", &options->bytes, "its size: 90000, 88K or 2GiB", true},
                    {"--at,--center", &options->centers,
                     "a centre that has a copy; may be repeated"}},
        .run = [options](const Globals& globals) { return set(*options, globals); },
        .detail = "Nothing is moved by it. What is said replaces what was said before.",
        .examples = {"dayu data set tang300 --bytes 90000 --at shanghai --at zhongwei"},
    };
}

Verb data_remove_verb() {
    const auto options = std::make_shared<DataOptions>();
    return {
        .name = "data remove",
        .help = "Forget where a dataset lies; no byte of it is touched",
        .options = {{"NAME", &options->name, "name of the dataset", true}},
        .run =
            [options](const Globals& globals) {
                return change(globals, {.method = "DELETE", .path = path_of(options->name)},
                              fmt::format("dataset {} is forgotten", options->name));
            },
    };
}

}  // namespace dayu::app
