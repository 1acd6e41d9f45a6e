// Whose turn the job has, and who pays: account, priority, nice, qos and requeue. Numbers of priority and names of a QOS are words of
// one cluster; what they mean is taken where it can be told, and else it is a note.
#include <algorithm>
#include <charconv>
#include <optional>

#include "model/check_fields.h"
#include "wire/slurm/draft.h"

namespace dayu::wire::slurm {
namespace {

constexpr std::string_view say_it =
    "say --qos=low, normal, high or urgent, or `priority` in a job file";

std::string lower_case(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

// Slurm's accounts are small letters, however they are written.
void resolve_account(Draft& draft) {
    const Option* option = draft.find("account");
    if (option == nullptr || option->value.empty()) return;
    std::string project = lower_case(option->value);
    if (!check_name("", project)) {
        draft.unmapped(Weight::error, *option,
                       "the project that pays has a name of small letters, digits, '-' and '_'",
                       "name one, or leave it out: then the token says which");
        return;
    }
    draft.job.file.project = std::move(project);
    draft.came_from("billing.project", *option);
}

// The larger, the later; without a number it is 100.
std::optional<Priority> priority_of_nice(const std::string& value) {
    std::int64_t nice = value.empty() ? 100 : 0;
    const char* const end = value.data() + value.size();
    const auto [stopped, status] = std::from_chars(value.data(), end, nice);
    if (!value.empty() && (status != std::errc() || stopped != end)) return {};
    if (nice == 0) return Priority::normal;
    return nice > 0 ? Priority::low : Priority::high;
}

std::optional<Priority> priority_of(std::string_view name, const std::string& value) {
    Priority word{};
    if (name == "nice") return priority_of_nice(value);
    if (name == "qos" && parse_enum(lower_case(value), word)) return word;
    if (name == "priority" && value == "TOP") return Priority::urgent;
    return {};
}

// The last of these that says something counts, as --priority sets what --nice only shifts.
void resolve_priority(Draft& draft) {
    for (const std::string_view name : {"qos", "nice", "priority"}) {
        const Option* option = draft.find(name);
        if (option == nullptr) continue;
        const auto priority = priority_of(name, option->value);
        if (priority) {
            draft.job.file.conditions.priority = *priority;
            draft.came_from("priority", *option);
        } else {
            draft.unmapped(Weight::note, *option,
                           "it is a word of the old site, and says nothing of the job's priority",
                           std::string(say_it));
        }
    }
}

}  // namespace

void resolve_standing(Draft& draft) {
    resolve_account(draft);
    resolve_priority(draft);
    const Option* requeue = draft.find("requeue");
    if (requeue == nullptr) return;
    draft.job.file.spec.preemptible = true;
    draft.came_from("preemptible", *requeue);
    draft.unmapped(Weight::note, *requeue,
                   "the job may be stopped for one with more right to its place, and goes on later",
                   "leave it out if it may not: what the platform ended is placed again anyway");
}

}  // namespace dayu::wire::slurm
