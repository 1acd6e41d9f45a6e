#include "control/state.h"

#include <algorithm>
#include <cctype>

namespace dayu::control {
namespace {

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void append_key(std::string& key, std::int64_t value) {
    key.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void append_key(std::string& key, const std::string& text) {
    append_key(key, static_cast<std::int64_t>(text.size()));
    key += text;
}
void append_key(std::string& key, Money money) { append_key(key, money.micro_yuan); }
void append_key(std::string& key, Duration duration) { append_key(key, duration.ms); }
template <class E>
    requires std::is_enum_v<E>
void append_key(std::string& key, E value) {
    append_key(key, static_cast<std::int64_t>(value));
}
template <HasFields T>
void append_key(std::string& key, const T& object);
template <class T>
void append_key(std::string& key, const std::optional<T>& value) {
    append_key(key, std::int64_t{value.has_value()});
    if (value) append_key(key, *value);
}
template <class T>
void append_key(std::string& key, const std::vector<T>& values) {
    append_key(key, static_cast<std::int64_t>(values.size()));
    for (const T& value : values) append_key(key, value);
}
template <HasFields T>
void append_key(std::string& key, const T& object) {
    for_each_field(object, [&](std::string_view, const auto& member) { append_key(key, member); });
}

// Stored and derived tables alike.
template <class Visit>
void for_every_table(State& state, Visit visit) {
    for_each_table(state, [&](std::string_view, auto& table) { visit(table); });
    visit(state.shape_index);
    visit(state.attempts_at);
    visit(state.dependents);
    visit(state.slot_queue);
    visit(state.deadlines);
}

}  // namespace

void State::begin() {
    header_before_ = header;
    for_every_table(*this, [](auto& table) { table.begin(); });
}

void State::commit() {
    for_every_table(*this, [](auto& table) { table.commit(); });
}

void State::rollback() {
    header = header_before_;
    for_every_table(*this, [](auto& table) { table.rollback(); });
}

std::string spec_key(const JobSpec& spec) {
    std::string key;
    append_key(key, spec);
    return key;
}

void rebuild_indexes(State& state) {
    state.shape_index = {};
    state.attempts_at = {};
    for (const auto& [id, spec] : state.shapes.rows()) state.shape_index.insert(spec_key(spec), id);
    for (const auto& [job, attempt] : state.attempts.rows()) {
        state.attempts_at.insert({.center = attempt.center, .job = job}, {});
    }
    state.dependents = {};
    for (const auto& [job, row] : state.awaits.rows()) {
        for (const Awaited& awaited : row.unmet) {
            const Dependent key{.awaited = awaited.job, .job = job};
            if (!state.dependents.contains(key)) state.dependents.insert(key, {});
        }
    }
    state.slot_queue = {};
    state.deadlines = {};
    for (const auto& [id, job] : state.jobs.rows()) {
        if (job.awaits_slot) state.slot_queue.insert({.array = job.array, .job = id}, {});
        if (has_open_deadline(state, id, job))
            state.deadlines.insert({.at = job.deadline, .job = id}, {});
    }
}

bool is_queued(const State& state, JobId id, const JobRow& job) {
    return job.state == JobState::pending && !job.awaits_slot && !state.awaits.contains(id);
}

bool has_open_deadline(const State& state, JobId id, const JobRow& job) {
    if (job.deadline.ms == 0) return false;
    const AttemptRow* attempt = state.attempts.find(id);
    return attempt == nullptr ||
           (attempt->stopping != EndCause::cancelled && attempt->stopping != EndCause::deadline);
}

bool was_accepted(const State& state, JobId id) {
    const auto holds = [&](const LostNumbers& lost) {
        return id > lost.after && id <= lost.through;
    };
    return id.value != 0 && id <= state.header.last_job &&
           std::ranges::none_of(state.header.lost, holds);
}

std::int64_t last_attempt(const State& state, JobId id, const JobRow& job) {
    const std::vector<LostNumbers>& lost = state.header.lost;
    const bool skips = !lost.empty() && id <= lost.back().through;
    return job.attempts + (skips ? lost.back().attempts : 0);
}

std::optional<CenterId> find_center(const State& state, std::string_view name) {
    for (const auto& [id, row] : state.centers.rows()) {
        if (row.center.name == name) return id;
    }
    return std::nullopt;
}

const Chip* find_chip(const State& state, std::string_view name_or_alias) {
    for (const auto& [name, chip] : state.chips.rows()) {
        const auto matches = [&](std::string_view known) {
            return same_ignoring_case(known, name_or_alias);
        };
        if (matches(name) || std::ranges::any_of(chip.aliases, matches)) return &chip;
    }
    return nullptr;
}

std::optional<ShapeId> find_shape(const State& state, const JobSpec& spec) {
    const ShapeId* shape = state.shape_index.find(spec_key(spec));
    return shape == nullptr ? std::nullopt : std::optional(*shape);
}

}  // namespace dayu::control
