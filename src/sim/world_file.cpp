#include "sim/world_file.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/nearest.h"
#include "model/prefer.h"
#include "sim/changes_file.h"
#include "wire/center_file.h"
#include "wire/chip_file.h"
#include "wire/yaml.h"

namespace dayu::sim {
namespace {

using wire::YamlKey;
using wire::YamlNode;

constexpr std::int64_t most_cpus = 65'536;         // of a node, as a job file takes them
constexpr std::int64_t most_memory_mib = 1 << 30;  // likewise: 1 PiB
constexpr std::int64_t most_chips = 1'000'000;     // of a quota
constexpr std::int64_t most_data_gib = 1 << 20;    // 1 PiB
constexpr std::int64_t bytes_per_gib = 1 << 30;
constexpr std::int64_t most_factor_milli = 1'000'000;
constexpr Duration longest = seconds(365 * 24 * 3600);
constexpr std::int64_t hour_s = 3600;
constexpr std::int64_t day_s = 24 * hour_s;
// What people ask for, when they may ask for anything: round times.
constexpr std::array<Duration, 13> usual_limits{
    seconds(600),        seconds(1800),       seconds(hour_s),      seconds(2 * hour_s),
    seconds(4 * hour_s), seconds(8 * hour_s), seconds(12 * hour_s), seconds(day_s),
    seconds(2 * day_s),  seconds(4 * day_s),  seconds(7 * day_s),   seconds(14 * day_s),
    seconds(28 * day_s)};

Error out_of_range(const YamlNode& node, const std::string& taken) {
    return wire::yaml_error(node, "value_out_of_range",
                            "\"" + node.text + "\" is out of range; " + taken);
}

Result<std::int64_t> read_up_to(const YamlNode& node, std::int64_t most) {
    const std::int64_t value = TRY(wire::read_whole(node));
    if (value >= 0 && value <= most) return value;
    return out_of_range(node, "0 to " + std::to_string(most) + " are taken");
}

Result<Duration> read_span(const YamlNode& node, Duration least) {
    const Duration value = TRY(wire::read_duration(node));
    if (value >= least && value <= longest) return value;
    return out_of_range(node, to_string(least) + " to " + to_string(longest) + " are taken");
}

// --- jobs

template <auto member, std::int64_t most>
Result<void> whole_into(const YamlNode& node, JobWords& jobs) {
    jobs.*member = TRY(read_up_to(node, most));
    return {};
}
template <auto member>
Result<void> flag_into(const YamlNode& node, JobWords& jobs) {
    jobs.*member = TRY(wire::read_flag(node));
    return {};
}
template <auto member>
Result<void> span_into(const YamlNode& node, JobWords& jobs) {
    jobs.*member = TRY(read_span(node, {}));
    return {};
}

Result<void> read_chip(const YamlNode& node, JobWords& jobs) {
    std::vector<std::string> chips = TRY(wire::read_texts(node));
    if (chips.empty()) return out_of_range(node, "at least one chip is named, or the key left out");
    jobs.chip = std::move(chips.front());
    jobs.other_chips.assign(std::next(chips.begin()), chips.end());
    return {};
}

Result<void> read_factor(const YamlNode& node, JobWords& jobs) {
    jobs.time_limit_factor_milli = TRY(wire::read_decimal(node, 3));
    if (jobs.time_limit_factor_milli >= 1000 && jobs.time_limit_factor_milli <= most_factor_milli)
        return {};
    return out_of_range(node, "1 to 1000 are taken: a limit is no shorter than the job");
}

Result<void> read_limits(const YamlNode& node, JobWords& jobs) {
    TRY(wire::expect_list(node));
    for (const YamlNode& item : node.children) {
        const Duration limit = TRY(read_span(item, seconds(1)));
        if (!jobs.time_limits.empty() && limit <= jobs.time_limits.back()) {
            return out_of_range(item, "each is longer than the one before, which is " +
                                          to_string(jobs.time_limits.back()));
        }
        jobs.time_limits.push_back(limit);
    }
    return {};
}

Result<void> read_prefer(const YamlNode& node, JobWords& jobs) {
    const std::string text = TRY(wire::read_text(node));
    std::vector<std::string_view> known;
    for (const PreferWord& one : default_prefer_words()) {
        if (one.word == text) {
            jobs.weights = one.weights;
            return {};
        }
        known.push_back(one.word);
    }
    return wire::word_unknown(node, known);
}

Result<void> read_unit(const YamlNode& node, JobWords& jobs) {
    const Duration unit = TRY(read_span(node, seconds(1)));
    if (unit.ms % 1000 != 0) return out_of_range(node, "whole seconds are taken");
    jobs.reading.time_unit_s = unit.ms / 1000;
    return {};
}

Result<void> read_memory_unit(const YamlNode& node, JobWords& jobs) {
    constexpr std::array<std::string_view, 2> words{"kib_per_processor", "bytes_per_job"};
    const std::string text = TRY(wire::read_text(node));
    if (std::ranges::find(words, text) == words.end()) return wire::word_unknown(node, words);
    jobs.reading.memory_in_bytes = text == words[1];
    return {};
}

constexpr YamlKey<JobWords> job_keys[] = {
    {"chip", read_chip},
    {"cpus_per_chip", whole_into<&JobWords::cpus_per_chip, most_cpus>},
    {"memory_mib_per_chip", whole_into<&JobWords::memory_mib_per_chip, most_memory_mib>},
    {"memory_mib_per_cpu", whole_into<&JobWords::memory_mib_per_cpu, most_memory_mib>},
    {"time_limit_factor", read_factor},
    {"time_limits", read_limits},
    {"prefer", read_prefer},
    {"preemptible", flag_into<&JobWords::preemptible>},
    {"checkpoints", flag_into<&JobWords::checkpoints>},
    {"grace", span_into<&JobWords::grace>},
    {"preempt_cost", span_into<&JobWords::preempt_cost>},
    {"move_cost", span_into<&JobWords::move_cost>},
    {"arrival_jitter", span_into<&JobWords::arrival_jitter>},
    {"deadline_slack", span_into<&JobWords::deadline_slack>},
    {"time_unit", read_unit},
    {"swf_memory", read_memory_unit},
};

// --- queues

struct QueueWords {
    Queue queue;
    std::int64_t guaranteed_chips = 0;
    std::int64_t data_gib = 0;
    std::vector<std::string> data_at{};
};

Result<void> read_project(const YamlNode& node, QueueWords& words) {
    words.queue.path = trace_queue(TRY(wire::read_text(node)));
    return {};
}
Result<void> read_weight(const YamlNode& node, QueueWords& words) {
    words.queue.weight_milli = TRY(wire::read_decimal(node, 3));
    return {};
}
Result<void> read_guaranteed(const YamlNode& node, QueueWords& words) {
    words.guaranteed_chips = TRY(read_up_to(node, most_chips));
    return {};
}

Result<void> read_data_gib(const YamlNode& node, QueueWords& words) {
    words.data_gib = TRY(read_up_to(node, most_data_gib));
    return {};
}
Result<void> read_data_at(const YamlNode& node, QueueWords& words) {
    words.data_at = TRY(wire::read_texts(node));
    return {};
}

constexpr YamlKey<QueueWords> queue_keys[] = {
    {"project", read_project},   {"weight", read_weight},   {"guaranteed_chips", read_guaranteed},
    {"data_gib", read_data_gib}, {"data_at", read_data_at},
};

// What each of the project's jobs reads.
Result<void> read_data(const YamlNode& node, const QueueWords& words, WorldFile& world) {
    std::vector<std::string_view> centers;
    for (const Center& center : world.centers) centers.push_back(center.name);
    for (const std::string& name : words.data_at) {
        if (std::ranges::find(centers, name) == centers.end())
            return wire::word_unknown(*node.find("data_at"), centers);
    }
    if (words.data_gib == 0 && words.data_at.empty()) return {};
    if (words.data_gib == 0 || words.data_at.empty()) {
        return wire::yaml_error(
            node, "key_missing",
            "data needs both `data_gib` and `data_at`, the centres that have it");
    }
    world.datasets.push_back({.name = words.queue.path,
                              .bytes = words.data_gib * bytes_per_gib,
                              .centers = words.data_at});
    return {};
}

Result<void> read_queue(const YamlNode& node, WorldFile& world) {
    const std::string& chip = world.jobs.chip;
    QueueWords words;
    TRY(wire::read_map(node, queue_keys, words));
    if (words.queue.path.empty()) {
        return wire::yaml_error(node, "key_missing",
                                "a queue needs `project`, the name that the trace has");
    }
    if (words.guaranteed_chips > 0 && chip.empty()) {
        return wire::yaml_error(node, "key_missing",
                                "guaranteed_chips are those of `jobs.chip`, which is missing");
    }
    if (words.guaranteed_chips > 0 && !world.jobs.other_chips.empty()) {
        return wire::yaml_error(node, "value_out_of_range",
                                "guaranteed_chips are those of `jobs.chip`, which names several");
    }
    if (words.guaranteed_chips > 0) {
        words.queue.quotas.push_back(
            {.chip = chip, .guaranteed_milli = words.guaranteed_chips * 1000, .limit_milli = {}});
    }
    if (Result<void> sound = validate(words.queue); !sound.ok()) {
        Error error = sound.error();
        error.message.insert(0, node.path + ".");
        return wire::with_line(node, std::move(error));
    }
    TRY(read_data(node, words, world));
    world.queues.push_back(std::move(words.queue));
    return {};
}

// --- the file

// Sections are read once all are known: quotas name the chip of the jobs, and pools those of the file.
struct Sections {
    const YamlNode* centers = nullptr;
    const YamlNode* chips = nullptr;
    const YamlNode* jobs = nullptr;
    const YamlNode* queues = nullptr;
    const YamlNode* warm_up = nullptr;
    const YamlNode* series = nullptr;
    const YamlNode* lending = nullptr;
    const YamlNode* faults = nullptr;
};
template <auto member>
Result<void> section(const YamlNode& node, Sections& sections) {
    sections.*member = &node;
    return {};
}
constexpr YamlKey<Sections> file_keys[] = {
    {"centers", section<&Sections::centers>}, {"chips", section<&Sections::chips>},
    {"jobs", section<&Sections::jobs>},       {"queues", section<&Sections::queues>},
    {"warm_up", section<&Sections::warm_up>}, {"series", section<&Sections::series>},
    {"lending", section<&Sections::lending>}, {"faults", section<&Sections::faults>},
};

Result<std::vector<Chip>> merge_chips(const YamlNode* node, const std::vector<Chip>& registry) {
    if (node == nullptr) return registry;
    std::vector<Chip> chips = TRY(wire::read_chips(*node));
    const std::size_t own = chips.size();
    for (const Chip& chip : registry) {
        const auto end = chips.begin() + static_cast<std::ptrdiff_t>(own);
        if (std::find_if(chips.begin(), end,
                         [&](const Chip& one) { return one.name == chip.name; }) == end)
            chips.push_back(chip);
    }
    return chips;
}

Result<std::string> canonical(const YamlNode& node, const std::string& name,
                              const wire::ChipNames& names) {
    if (const Chip* chip = names.find(name)) return chip->name;
    const std::vector<std::string> all = names.all();
    const std::string_view meant =
        nearest(name, std::vector<std::string_view>(all.begin(), all.end()));
    return wire::yaml_error(
        node, "chip_unknown",
        "\"" + name + "\" is no chip of the registry, nor of `chips` here" +
            (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"));
}

Result<void> name_chips(const Sections& sections, WorldFile& world) {
    const wire::ChipNames names = wire::chip_names(world.chips);
    for (Center& center : world.centers) {
        for (Pool& pool : center.pools) {
            if (!pool.chip.empty()) pool.chip = TRY(canonical(*sections.centers, pool.chip, names));
        }
    }
    if (!world.jobs.chip.empty())
        world.jobs.chip = TRY(canonical(*sections.jobs, world.jobs.chip, names));
    for (std::string& chip : world.jobs.other_chips)
        chip = TRY(canonical(*sections.jobs, chip, names));
    return {};
}

Result<void> read_changes(const Sections& sections, WorldFile& world) {
    WorldChanges& changes = world.changes;
    if (sections.series != nullptr)
        changes.series = TRY(read_series(*sections.series, world.centers));
    if (sections.lending != nullptr)
        changes.lending = TRY(read_lending(*sections.lending, world.centers));
    if (sections.faults != nullptr)
        changes.faults = TRY(read_faults(*sections.faults, world.centers));
    return {};
}

Result<WorldFile> read_world(std::string_view text, const std::vector<Chip>& registry) {
    const YamlNode root = TRY(wire::parse_yaml(text));
    Sections sections;
    TRY(wire::read_map(root, file_keys, sections));
    if (sections.centers == nullptr || sections.centers->children.empty()) {
        return wire::yaml_error(root, "key_missing", "`centers` must declare at least one centre");
    }
    WorldFile world;
    world.chips = TRY(merge_chips(sections.chips, registry));
    world.centers = TRY(wire::read_centers(*sections.centers));
    if (sections.jobs != nullptr) TRY(wire::read_map(*sections.jobs, job_keys, world.jobs));
    if (world.jobs.time_limits.empty())
        world.jobs.time_limits.assign(usual_limits.begin(), usual_limits.end());
    TRY(name_chips(sections, world));
    if (sections.warm_up != nullptr) world.warm_up = TRY(read_span(*sections.warm_up, {}));
    TRY(read_changes(sections, world));
    if (sections.queues == nullptr) return world;
    TRY(wire::expect_list(*sections.queues));
    for (const YamlNode& item : sections.queues->children) TRY(read_queue(item, world));
    return world;
}

}  // namespace

// Letters and digits alone, as a queue's path takes them.
std::string trace_queue(std::string_view project) {
    std::string path = "trace/";
    for (const char c : project) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        path += is_plain ? c : (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : '-';
    }
    return path;
}

Result<WorldFile> parse_world_file(const std::string& name, std::string_view text,
                                   const std::vector<Chip>& registry) {
    Result<WorldFile> world = read_world(text, registry);
    if (world.ok()) return world;
    Error error = world.error();
    error.message = name + ": " + error.message;
    return error;
}

}  // namespace dayu::sim
