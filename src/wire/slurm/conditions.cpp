// When the job may start, and must have ended: arrays, dependencies, begin, deadline and hold.
#include <algorithm>
#include <charconv>
#include <optional>

#include "model/array_text.h"
#include "wire/slurm/draft.h"
#include "wire/slurm/values.h"

namespace dayu::wire::slurm {
namespace {

constexpr std::int64_t most_units = 1'000'000;  // of "now+N": years in any case

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, status] = std::from_chars(text.data(), end, value);
    const bool good = status == std::errc() && stopped == end && value >= 0;
    return good ? std::optional(value) : std::nullopt;
}

Result<void> resolve_array(Draft& draft) {
    const Option* option = draft.find("array");
    if (option == nullptr) return {};
    auto tasks = parse_array(option->value);
    if (!tasks) {
        const std::string& message = tasks.error().message;  // "array: ..."
        return option_error(*option, tasks.error().code, message.substr(message.find(' ') + 1));
    }
    const std::vector<std::int64_t>& indices = tasks->indices;
    draft.env["SLURM_ARRAY_TASK_MIN"] = std::to_string(indices.front());
    draft.env["SLURM_ARRAY_TASK_MAX"] = std::to_string(indices.back());
    draft.env["SLURM_ARRAY_TASK_STEP"] =
        std::to_string(indices.size() < 2 ? 1 : indices[1] - indices[0]);
    draft.job.file.conditions.array = *std::move(tasks);
    draft.came_from("array", *option);
    return {};
}

// --- dependency

std::optional<DependsOn> kind_of(std::string_view word) {
    struct Row {
        std::string_view word;
        DependsOn on;
    };
    constexpr Row rows[] = {{"after", DependsOn::start},
                            {"afterany", DependsOn::any},
                            {"afterok", DependsOn::success},
                            {"afternotok", DependsOn::failure}};
    const auto at = std::ranges::find(rows, word, &Row::word);
    return at == std::end(rows) ? std::nullopt : std::optional(at->on);
}

// "41", "41_3" for one task of an array, "41_*" for all.
std::optional<Dependency> dependency_of(std::string_view text) {
    Dependency dependency;
    const std::size_t cut = std::min(text.find('_'), text.size());
    const auto job = number(text.substr(0, cut));
    if (!job || *job < 1) return {};
    dependency.job = {static_cast<std::uint64_t>(*job)};
    const std::string_view task = text.substr(std::min(cut + 1, text.size()));
    if (cut == text.size() || task == "*") return dependency;
    dependency.array_index = number(task);
    return dependency.array_index ? std::optional(dependency) : std::nullopt;
}

Result<void> resolve_dependency(Draft& draft) {
    const Option* option = draft.find("dependency");
    if (option == nullptr || option->value.empty()) return {};
    draft.came_from("depends_on", *option);
    if (option->value.find('?') != std::string::npos) {
        draft.unmapped(Weight::error, *option,
                       "a job waits for all of its dependencies, not for one",
                       "name them with commas");
        return {};
    }
    for (const std::string& part : split(option->value, ',')) {
        const std::vector<std::string> words = split(part, ':');
        const auto on = kind_of(words.front());
        if (!on || words.size() < 2) {
            draft.unmapped(Weight::error, *option,
                           "\"" + part.substr(0, 80) + "\" is not known here",
                           "after, afterany, afterok and afternotok are, each with its jobs");
            continue;
        }
        for (std::size_t i = 1; i < words.size(); ++i) {
            auto dependency = dependency_of(words[i]);
            if (!dependency) {
                return option_error(*option, "value_malformed",
                                    "\"" + words[i].substr(0, 80) +
                                        "\" is no job, such as 41, or 41_3 for one of its tasks");
            }
            dependency->on = *on;
            draft.job.file.conditions.depends_on.push_back(*dependency);
        }
    }
    return {};
}

// --- begin and deadline

// "now", or "now+2hours": seconds where no unit stands.
std::optional<Duration> after_now(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::int64_t seconds;
    };
    constexpr Unit units[] = {{"", 1},        {"second", 1},   {"minute", 60},
                              {"hour", 3600}, {"day", 86'400}, {"week", 604'800}};
    if (!text.starts_with("now")) return {};
    text.remove_prefix(3);
    if (text.empty()) return Duration{};
    if (!text.starts_with('+')) return {};
    text.remove_prefix(1);
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = number(text.substr(0, digits));
    std::string_view name = text.substr(digits);
    if (name.ends_with('s')) name.remove_suffix(1);
    const auto unit = std::ranges::find(units, name, &Unit::name);
    if (!count || *count > most_units || unit == std::end(units)) return {};
    return seconds(*count * unit->seconds);
}

// Slurm reads a time of day in the zone of the machine on which sbatch is called, which is not known here.
void resolve_moment(Draft& draft, std::string_view name, Moment& moment) {
    const Option* option = draft.find(name);
    if (option == nullptr) return;
    draft.came_from(std::string(name), *option);
    if (const auto after = after_now(option->value)) {
        moment.after = *after;
    } else if (const auto at = parse_time(option->value)) {
        moment.at = *at;
    } else {
        draft.unmapped(Weight::error, *option, "it is not known in which time zone this is meant",
                       "write now+2hours, or a time with its zone: 2026-12-01T08:00:00+08:00");
    }
}

}  // namespace

Result<void> resolve_conditions(Draft& draft) {
    TRY(resolve_array(draft));
    TRY(resolve_dependency(draft));
    resolve_moment(draft, "begin", draft.job.file.conditions.begin);
    resolve_moment(draft, "deadline", draft.job.file.conditions.deadline);
    draft.job.file.conditions.hold = draft.find("hold") != nullptr;
    return {};
}

}  // namespace dayu::wire::slurm
