// dayu quota [set|remove]: how capacity is divided among queues, and what each uses of its part.
#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/queue_table.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr std::int64_t all_queues = std::numeric_limits<std::int64_t>::max();

struct SetOptions {
    std::string path;
    std::string weight;
    std::vector<std::string> guarantees, keeps, limits;
};

std::string path_of(const std::string& queue) {
    return "/v1/queues/" + http::percent_encode(queue);
}

// "1.5" is 1500: digits, and at most three behind a point.
Result<std::int64_t> thousandths(std::string_view option, std::string_view text) {
    const auto bad = [&] {
        return invalid("usage", fmt::format("{} {} is no number such as 64, or 0.5 with at most "
                                            "three decimals",
                                            option, text));
    };
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string digits(text.substr(0, point));
    const std::string_view decimals = text.substr(std::min(point + 1, text.size()));
    if (digits.empty() || decimals.size() > 3 || (point < text.size() && decimals.empty()))
        return bad();
    digits.append(decimals).append(3 - decimals.size(), '0');
    std::int64_t milli = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, failure] = std::from_chars(digits.data(), end, milli);
    if (failure != std::errc() || stopped != end || milli < 0) return bad();
    return milli;
}

// --- the table

// One row a chip.
void add_rows(Table& table, const wire::Json& queue) {
    bool first = true;
    for (const std::string& chip : chips_of(queue)) {
        const wire::Json& quota = row_of(queue, "quotas", chip);
        const auto once = [&](std::string value) { return first ? std::move(value) : ""; };
        table.add({text(queue, "path"), once(of_thousandths(number(queue, "weight_milli"))), chip,
                   quantity(row_of(queue, "use", chip), "used_milli"),
                   quantity(quota, "guaranteed_milli"), quantity(quota, "kept_milli"),
                   limit_text(quota), once(std::to_string(number(queue, "waiting"))),
                   once(std::to_string(number(queue, "running"))),
                   once(yuan(queue, "used_per_hour")), once(yuan(queue, "past_per_hour")),
                   once(yuan(queue, "share_per_hour"))});
        first = false;
    }
}

Result<int> show(const std::string& below, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    wire::Json::Array queues = TRY(list_queues(connection, below, all_queues));
    if (is_structured(globals)) {
        print_structured(globals, std::move(queues));
        return 0;
    }
    if (queues.empty()) {
        remark("no queue was described, and no job has run: nothing divides the capacity yet");
        return 0;
    }
    using Kind = Column::Kind;
    Table table({{"QUEUE"},
                 {"WEIGHT", Kind::number},
                 {"CHIP"},
                 {"USED", Kind::number},
                 {"GUARANTEED", Kind::number},
                 {"KEPT", Kind::number},
                 {"LIMIT", Kind::number},
                 {"WAITING", Kind::number},
                 {"RUNNING", Kind::number},
                 {"NOW¥/H", Kind::number},
                 {"PAST¥/H", Kind::number},
                 {"SHARE", Kind::number}});
    for (const wire::Json& queue : queues) add_rows(table, queue);
    print_table(globals, table);
    return 0;
}

// --- set and remove

// The quota of that chip among those that the queue has, or a new one.
wire::Json& quota_of(wire::Json::Array& quotas, const std::string& chip) {
    for (wire::Json& quota : quotas) {
        if (text(quota, "chip") == chip) return quota;
    }
    return quotas.emplace_back(wire::Json::Object{
        {"chip", chip}, {"guaranteed_milli", 0}, {"kept_milli", 0}, {"limit_milli", wire::Json()}});
}

// By its name, whichever alias was written.
Result<std::string> chip_called(Connection& connection, const std::string& name) {
    return text(TRY(connection.get("/v1/chips/" + http::percent_encode(name))), "name");
}

// What one option says, as often as it was given.
struct Said {
    std::string_view option;  // "--guarantee"
    std::string_view key;     // that it sets
    const std::vector<std::string>& words;
};

// "A100-80GB=64"; "A100-80GB=none" is no limit, and of the others nothing.
Result<void> take_quotas(Connection& connection, const Said& said, wire::Json::Array& quotas) {
    for (const std::string& word : said.words) {
        const std::size_t sign = word.rfind('=');
        if (sign == std::string::npos || sign == 0) {
            return invalid("usage", fmt::format("{} {} names no chip and how many; write "
                                                "A100-80GB=64",
                                                said.option, word));
        }
        const std::string count = word.substr(sign + 1);
        wire::Json value;
        if (count != "none") value = TRY(thousandths(said.option, count));
        if (value.is_null() && said.key != "limit_milli") value = 0;
        const std::string chip = TRY(chip_called(connection, word.substr(0, sign)));
        quota_of(quotas, chip)[said.key] = std::move(value);
    }
    return {};
}

bool says_nothing(const wire::Json& quota) {
    return number(quota, "guaranteed_milli") == 0 && number(quota, "kept_milli") == 0 &&
           is_null(quota, "limit_milli");
}

// As the server has it now, and the condition that it stays so until this has changed it.
struct Before {
    wire::Json queue;
    http::NamedValues condition;
};

Result<Before> read_before(Connection& connection, const std::string& path) {
    const auto found = connection.fetch({.path = path_of(path)});
    if (!found && found.error().kind == ErrorKind::not_found)
        return Before{.queue = {}, .condition = {{"If-None-Match", "*"}}};
    const http::Response response = TRY(found);
    Before before{.queue = TRY(wire::parse_json(response.body)), .condition = {}};
    if (const auto tag = response.header("ETag"); tag && flag(before.queue, "described"))
        before.condition.push_back({"If-Match", std::string(*tag)});
    return before;
}

Result<int> set(const SetOptions& options, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    Before before = TRY(read_before(connection, options.path));
    wire::Json body;
    body["weight_milli"] =
        is_null(before.queue, "weight_milli") ? 1000 : number(before.queue, "weight_milli");
    if (!options.weight.empty())
        body["weight_milli"] = TRY(thousandths("--weight", options.weight));
    wire::Json::Array quotas = list(before.queue, "quotas");
    for (const Said& said : {Said{"--guarantee", "guaranteed_milli", options.guarantees},
                             Said{"--keep", "kept_milli", options.keeps},
                             Said{"--limit", "limit_milli", options.limits}}) {
        TRY(take_quotas(connection, said, quotas));
    }
    std::erase_if(quotas, says_nothing);
    body["quotas"] = std::move(quotas);
    const http::Response response = TRY(connection.fetch({.method = "PUT",
                                                          .path = path_of(options.path),
                                                          .body = wire::to_text(body),
                                                          .headers = std::move(before.condition)}));
    if (is_structured(globals)) print_structured(globals, TRY(wire::parse_json(response.body)));
    remark(fmt::format("queue {} is set; `dayu quota {}` shows it", options.path, options.path));
    return 0;
}

Result<int> remove(const std::string& path, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const http::Response response =
        TRY(connection.fetch({.method = "DELETE", .path = path_of(path)}));
    if (is_structured(globals)) print_structured(globals, TRY(wire::parse_json(response.body)));
    remark(fmt::format("queue {} is as nobody had described it; its jobs stay in it", path));
    return 0;
}

}  // namespace

Verb quota_verb() {
    const auto below = std::make_shared<std::string>();
    return {
        .name = "quota",
        .help = "Show queues: their quotas and weights, what they use, and who waits",
        .options = {{"QUEUE", below.get(), "only this queue and those below it, as default/poems"}},
        .run = [below](const Globals& globals) { return show(*below, globals); },
        .can_watch = true,
        .detail =
            "A job waits in the queue TENANT/PROJECT. Of a chip a queue is GUARANTEED so many, "
            "which others may borrow while they lie idle, but for those that it KEEPs; it never "
            "has more than its LIMIT. NOW is what its jobs use by the hour at list prices, PAST "
            "the mean of what they used, which halves every seven days; both together by the "
            "weight are its SHARE, and of the queues side by side the one with the smallest goes "
            "next.",
    };
}

Verb quota_set_verb() {
    const auto options = std::make_shared<SetOptions>();
    return {
        .name = "quota set",
        .help = "Give a queue its weight and quotas; what is not named stays",
        .options = {{"QUEUE", &options->path, "its path, as default or default/poems", true},
                    {"--weight", &options->weight, "beside its siblings (1)"},
                    {"--guarantee", &options->guarantees,
                     "CHIP=N that it gets before others go beyond theirs; may be repeated"},
                    {"--keep", &options->keeps, "CHIP=N of them that are never lent"},
                    {"--limit", &options->limits, "CHIP=N and never more, or CHIP=none"}},
        .run = [options](const Globals& globals) { return set(*options, globals); },
        .detail =
            "For operators. Chips count over all centres. A quota of 0 is none. If somebody "
            "else changes the queue at the same time, it is refused.",
        .examples = {"dayu quota set default/poems --weight 2 --guarantee A100-80GB=64 --keep "
                     "A100-80GB=16 --limit A100-80GB=128",
                     "dayu quota set default/poems --limit A100-80GB=none"},
    };
}

Verb quota_remove_verb() {
    const auto path = std::make_shared<std::string>();
    return {
        .name = "quota remove",
        .help = "Take a queue's description away; its jobs stay in it",
        .options = {{"QUEUE", path.get(), "path of the queue", true}},
        .run = [path](const Globals& globals) { return remove(*path, globals); },
    };
}

}  // namespace dayu::app
