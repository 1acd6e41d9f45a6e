#include "tests/scenario/job_options.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "base/sha256.h"
#include "control/state.h"
#include "model/array_text.h"
#include "model/prefer.h"

namespace dayu::scenario {
namespace {

// Keys that do not concern the spec.
constexpr std::string_view submit_only[] = {"after", "array",    "begin",   "deadline", "hold",
                                            "key",   "priority", "project", "variants"};

Result<std::int64_t> milli(std::string_view text) {
    return TRY(parse_money(text)).micro_yuan / 1000;  // any decimal number
}

template <class E>
Result<void> set_enum(E& value, const std::string& text) {
    if (parse_enum(text, value)) return {};
    return invalid("word_unknown", "\"" + text + "\" is not known here");
}

Result<void> set_prefer(JobSpec& spec, const std::string& word) {
    const auto& words = default_prefer_words();
    const auto at = std::ranges::find(words, word, &PreferWord::word);
    if (at == words.end()) return invalid("word_unknown", "prefer=" + word);
    spec.placement.weights = at->weights;
    return {};
}

template <class Subject>
struct Setter {
    std::string_view key;
    Result<void> (*set)(Subject& subject, const std::string& text);
};

// One line a key: `it` is what is being described, `text` the value.
#define SET(key, assignment)                                      \
    {key, [](auto& it, const std::string& text) -> Result<void> { \
         assignment;                                              \
         return {};                                               \
     }}

const Setter<JobSpec> job_setters[] = {
    SET("backoff", it.retry.backoff = TRY(parse_duration(text))),
    SET("carbon", it.placement.weights.carbon_per_kg = TRY(parse_money(text))),
    SET("checkpoint", it.checkpoint.path = text),
    SET("chip", it.resources.chip = text),
    SET("chips", it.resources.chips_milli = TRY(milli(text))),
    SET("cpus", it.resources.cpus = TRY(integer(text))),
    SET("data", TRY(set_enum(it.placement.data_class, text))),
    SET("grace", it.checkpoint.grace = TRY(parse_duration(text))),
    SET("hours", it.time_limit.ms = TRY(milli(text)) * 3600),
    SET("memory", it.resources.memory_mib = TRY(integer(text)) * 1024),
    SET("max_price", it.placement.max_price = TRY(parse_money(text))),
    SET("move_after", it.placement.move_after = TRY(parse_duration(text))),
    SET("nodes", it.nodes = TRY(integer(text))),
    SET("inputs",
        for (const auto& dataset : split(text, ',')) it.inputs.push_back({.dataset = dataset})),
    SET("on_exit",
        for (const auto& code : split(text, ',')) it.retry.on_exit.push_back(TRY(integer(code)))),
    SET("preemptible", it.preemptible = text == "yes"),
    SET("prefer", TRY(set_prefer(it, text))),
    SET("region", it.placement.regions = split(text, ',')),
    SET("retry", it.retry.max = TRY(integer(text))),
    SET("secrets", it.secrets = split(text, ',')),
    SET("security", it.placement.security_level = TRY(integer(text))),
    SET("signal", it.checkpoint.signal = text),
    SET("tier", for (const auto& tier : split(text, ','))
                    TRY(set_enum(it.placement.tiers.emplace_back(), tier))),
    SET("time_limit", it.time_limit = TRY(parse_duration(text))),
    SET("wait", it.placement.weights.wait_per_chip_hour = TRY(parse_money(text))),
};

// "2x8": two nodes of eight chips; "4": four nodes without chips.
Result<void> set_nodes(Center& center, const std::string& text) {
    const std::vector<std::string> parts = split(text, 'x');
    Pool& pool = center.pools.front();
    pool.nodes = TRY(integer(parts.at(0)));
    pool.chips_per_node = parts.size() < 2 ? 0 : TRY(integer(parts[1]));
    return {};
}

// "A100:8,H20:4": so many chips of each; "8": of the default chip.
template <class Part>
Result<void> set_quotas(Queue& queue, const std::string& text, Part Quota::* part) {
    for (const std::string& one : split(text, ',')) {
        const std::vector<std::string> parts = split(one, ':');
        const std::string chip(parts.size() > 1 ? parts[0] : default_chip);
        auto quota = std::ranges::find(queue.quotas, chip, &Quota::chip);
        if (quota == queue.quotas.end())
            quota = queue.quotas.insert(quota, {.chip = chip, .limit_milli = {}});
        (*quota).*part = TRY(milli(parts.back()));
    }
    return {};
}

const Setter<Queue> queue_setters[] = {
    SET("guarantee", TRY(set_quotas(it, text, &Quota::guaranteed_milli))),
    SET("keep", TRY(set_quotas(it, text, &Quota::kept_milli))),
    SET("limit", TRY(set_quotas(it, text, &Quota::limit_milli))),
    SET("weight", it.weight_milli = TRY(milli(text))),
};

const Setter<Dataset> dataset_setters[] = {
    SET("at", it.centers = split(text, ',')),
    SET("gib", it.bytes = TRY(integer(text)) << 30),
};

// "h20:H20:1x8:9.50": another pool, by name, chip, nodes and price.
Result<void> add_pool(Center& center, const std::string& text) {
    const std::vector<std::string> parts = split(text, ':');
    const std::vector<std::string> nodes = split(parts.at(2), 'x');
    Pool pool = center.pools.front();
    pool.name = parts[0];
    pool.chip = parts[1];
    pool.nodes = TRY(integer(nodes.at(0)));
    pool.chips_per_node = TRY(integer(nodes.at(1)));
    pool.price_per_chip_hour = TRY(parse_money(parts.at(3)));
    center.pools.push_back(std::move(pool));
    return {};
}

const Setter<Center> center_setters[] = {
    SET("also", TRY(add_pool(it, text))),
    SET("chip", it.pools.front().chip = text),
    SET("cpu_price", it.pools.front().price_per_cpu_hour = TRY(parse_money(text))),
    SET("cpus", it.pools.front().cpus_per_node = TRY(integer(text))),
    SET("engine", it.engine.kind = text),
    SET("fences", it.engine.fences_itself = text == "yes"),
    SET("link", it.link.mbit_per_s = TRY(integer(text))),
    SET("moving", it.link.price_per_gib = TRY(parse_money(text))),
    SET("grid", it.energy.grid_mg_per_kwh = TRY(milli(text)) * 1000),
    SET("memory", it.pools.front().memory_mib_per_node = TRY(integer(text)) * 1024),
    SET("nodes", TRY(set_nodes(it, text))),
    SET("pool", it.pools.front().name = text),
    SET("price", it.pools.front().price_per_chip_hour = TRY(parse_money(text))),
    SET("pue", it.energy.pue_milli = TRY(milli(text))),
    SET("region", it.region = text),
    SET("security", it.security_level = TRY(integer(text))),
    SET("tier", TRY(set_enum(it.tier, text))),
};

#undef SET

template <class Subject, std::size_t n>
Result<void> set_all(Subject& subject, const Setter<Subject> (&setters)[n],
                     const Statement& statement, std::span<const std::string_view> others) {
    for (const auto& [key, text] : statement.options) {
        const auto setter = std::ranges::find(setters, key, &Setter<Subject>::key);
        if (setter != std::end(setters)) {
            TRY(setter->set(subject, text));
        } else if (std::ranges::find(others, key) == others.end()) {
            return invalid("option_unknown", statement.verb + ": no option \"" + key + "\"");
        }
    }
    return {};
}

// "base,Ascend910B:8@90m": the job as it is, or so many of another chip, which is expected to take so long.
Result<void> add_variants(JobFile& file, const std::string& text) {
    for (const std::string& one : split(text, ',')) {
        Variant variant{file.spec.resources};
        const std::vector<std::string> way = split(one, '@');
        if (way.front() != "base") {
            const std::vector<std::string> parts = split(way.front(), ':');
            variant.chip = parts.at(0);
            variant.chips_milli = TRY(milli(parts.at(1)));
        }
        if (way.size() > 1) variant.runtime = TRY(parse_duration(way[1]));
        file.spec.variants.push_back(variant);
    }
    file.body.variants.resize(file.spec.variants.size());
    return {};
}

std::string digest(const std::string& text) { return to_hex(sha256(text)).substr(0, 32); }

}  // namespace

Result<std::int64_t> integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) return value;
    return invalid("number_malformed", "\"" + std::string(text) + "\" is not a whole number");
}

Result<JobSpec> job_spec(const Statement& statement) {
    JobFile file{.name = "job", .spec = {}, .body = {.run = "true", .env = {}}};
    TRY(set_all(file.spec, job_setters, statement, submit_only));
    if (file.spec.resources.chips_milli > 0 && file.spec.resources.chip.empty())
        file.spec.resources.chip = default_chip;
    const auto variants = statement.options.find("variants");
    if (variants != statement.options.end()) TRY(add_variants(file, variants->second));
    TRY(validate(file));
    return file.spec;
}

Result<control::SubmitJob> submit_command(const Statement& statement, const std::string& name) {
    control::SubmitJob command{.name = name, .spec = TRY(job_spec(statement))};
    command.body = digest("body of " + name) + digest(name);
    command.request = digest(name + control::spec_key(command.spec));
    const auto key = statement.options.find("key");
    if (key != statement.options.end()) command.idempotency_key = digest(key->second);
    Conditions& conditions = command.conditions;
    const auto option = [&](const char* wanted) -> const std::string* {
        const auto at = statement.options.find(wanted);
        return at == statement.options.end() ? nullptr : &at->second;
    };
    if (const auto* begin = option("begin")) conditions.begin.after = TRY(parse_duration(*begin));
    if (const auto* deadline = option("deadline"))
        conditions.deadline.after = TRY(parse_duration(*deadline));
    if (const auto* array = option("array")) conditions.array = TRY(parse_array(*array));
    if (const auto* hold = option("hold")) conditions.hold = *hold == "yes";
    if (const auto* priority = option("priority")) TRY(set_enum(conditions.priority, *priority));
    return command;
}

Result<Center> center_of(const Statement& statement, const std::string& name) {
    Center center;
    center.name = name;
    center.region = "cn";
    center.engine.kind = "process";
    center.energy = {.pue_milli = 1200, .grid_mg_per_kwh = 500'000, .source = "scenario"};
    Pool pool;
    pool.name = "main";
    pool.chip = default_chip;
    pool.nodes = 1;
    pool.chips_per_node = 8;
    pool.cpus_per_node = 64;
    pool.memory_mib_per_node = 512 * 1024;
    pool.price_per_chip_hour = {10 * micro_yuan_per_yuan};
    pool.price_per_cpu_hour = {100'000};
    center.pools = {pool};
    TRY(set_all(center, center_setters, statement, {}));
    if (center.pools.front().chips_per_node == 0) center.pools.front().chip.clear();
    return center;
}

Chip chip_named(const std::string& name) {
    Chip chip;
    chip.name = name;
    chip.vendor = "scenario";
    chip.memory_mib = 64 * 1024;
    chip.power_w = 400;
    chip.confidence = "M";
    return chip;
}

Result<Queue> queue_of(const Statement& statement, const std::string& path) {
    Queue queue{.path = path, .quotas = {}};
    TRY(set_all(queue, queue_setters, statement, {}));
    return queue;
}

Result<Dataset> dataset_of(const Statement& statement, const std::string& name) {
    Dataset dataset{.name = name, .centers = {}};
    TRY(set_all(dataset, dataset_setters, statement, {}));
    return dataset;
}

control::Actor submitter(const Statement& statement) {
    control::Actor actor{.name = "token:someone", .scope = {}};
    const auto project = statement.options.find("project");
    if (project != statement.options.end()) actor.scope.project = project->second;
    return actor;
}

}  // namespace dayu::scenario
