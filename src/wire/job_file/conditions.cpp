// When a job may start and must have ended, and what it waits for.
#include "model/array_text.h"
#include "wire/job_file/draft.h"

namespace dayu::wire::job_file {
namespace {

// By the calendar (RFC 3339), or so long after the submit ("2h").
Result<void> read_moment(const YamlNode& node, Moment& moment) {
    const std::string text = TRY(read_text(node));
    if (const auto time = parse_time(text)) {
        moment.at = *time;
    } else if (const auto after = parse_duration(text)) {
        moment.after = *after;
    } else {
        return yaml_error(node, "value_malformed",
                          "\"" + text.substr(0, 80) +
                              "\" is neither a time, as 2026-12-01T08:00:00+08:00, nor how long "
                              "after the submit, as 2h");
    }
    return {};
}

// 41, or 41_3 for one task of the array 41.
Result<void> read_dependency_job(const YamlNode& node, Dependency& dependency) {
    YamlNode number = node;
    number.text = TRY(read_text(node));
    if (const std::size_t at = number.text.find('_'); at != std::string::npos) {
        YamlNode index = number;
        index.text = number.text.substr(at + 1);
        number.text.resize(at);
        index.quoted = number.quoted = false;
        dependency.array_index = TRY(read_whole(index));
    }
    number.quoted = false;
    const std::int64_t id = TRY(read_whole(number));
    if (id < 1) return yaml_error(node, "value_out_of_range", "a job's id is at least 1");
    dependency.job = {static_cast<std::uint64_t>(id)};
    return {};
}

Result<void> read_dependency_on(const YamlNode& node, Dependency& dependency) {
    dependency.on = TRY(read_enum<DependsOn>(node));
    return {};
}

constexpr YamlKey<Dependency> dependency_keys[] = {
    {"job", read_dependency_job},
    {"on", read_dependency_on},
};

Result<void> add_dependency(const YamlNode& node, Draft& draft) {
    Dependency& dependency = draft.file.conditions.depends_on.emplace_back();
    if (node.kind == YamlNode::Kind::scalar) return read_dependency_job(node, dependency);
    TRY(read_map(node, dependency_keys, dependency));
    if (dependency.job.value != 0) return {};
    return yaml_error(node, "value_missing", "names no job; write {job: 41, on: success}");
}

}  // namespace

Result<void> read_begin(const YamlNode& node, Draft& draft) {
    return read_moment(node, draft.file.conditions.begin);
}

Result<void> read_deadline(const YamlNode& node, Draft& draft) {
    return read_moment(node, draft.file.conditions.deadline);
}

Result<void> read_hold(const YamlNode& node, Draft& draft) {
    draft.file.conditions.hold = TRY(read_flag(node));
    return {};
}

Result<void> read_array(const YamlNode& node, Draft& draft) {
    auto tasks = parse_array(TRY(read_text(node)));
    if (!tasks) {
        const std::string& message = tasks.error().message;  // "array: ..."
        return yaml_error(node, tasks.error().code, message.substr(message.find(' ') + 1));
    }
    draft.file.conditions.array = *std::move(tasks);
    return {};
}

Result<void> read_depends_on(const YamlNode& node, Draft& draft) {
    if (node.kind != YamlNode::Kind::list) return add_dependency(node, draft);
    for (const YamlNode& item : node.children) TRY(add_dependency(item, draft));
    return {};
}

}  // namespace dayu::wire::job_file
