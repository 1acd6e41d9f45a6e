#include "model/job.h"

#include <algorithm>

#include "model/array_text.h"
#include "model/check_fields.h"

namespace dayu {
namespace {

constexpr std::size_t max_name_bytes = 128;
constexpr std::size_t max_run_bytes = 256 * 1024;
constexpr std::size_t max_env_entries = 1000;
constexpr std::size_t max_env_value_bytes = 64 * 1024;
constexpr std::size_t max_path_bytes = 512;
constexpr std::size_t max_chip_bytes = 128;
constexpr std::int64_t max_exit_codes = 255;
constexpr std::int64_t max_regions = 64;
constexpr std::int64_t max_variants = 16;
constexpr std::int64_t max_secrets = 64;  // of a job
constexpr std::int64_t max_inputs = 64;
constexpr std::int64_t max_outputs = 64;
constexpr std::int64_t year_ms = std::int64_t{365} * 24 * 3600 * 1000;
constexpr Range nodes{1, 100'000};
constexpr Range chips_milli{0, 1'024'000};       // of a node
constexpr Range cpus{1, 65'536};                 // of a node
constexpr Range memory_mib{1, 1 << 30, " MiB"};  // of a node; 1 PiB
constexpr Range grace_ms{0, 3'600'000};          // an hour to write a checkpoint
constexpr Range retries{0, 100};
constexpr Range backoff_ms{0, 3'600'000};
constexpr Range exit_codes{1, 255};
constexpr Range time_limit_ms{1000, year_ms};
// Contact is renewed by answers to long polls, so a healthy agent's may be 20 s old; and an attempt may
// be started as late as its agent's lease ends.
constexpr Range move_after_ms{60'000, year_ms};
constexpr Range security_levels{1, 5};                           // MLPS
constexpr Range max_price_micro_yuan{0, 1'000'000'000'000'000};  // a thousand million yuan
constexpr Range weight_micro_yuan{0, 1'000'000'000'000};  // a million yuan an hour or a kilogram

constexpr Range input_bytes{0, std::int64_t{1} << 60, " bytes"};  // an EiB

constexpr Range array_indices{0, 999'999'999};
constexpr std::int64_t max_dependencies = 1000;

constexpr std::string_view manifest_prefix = "sha256:";
constexpr std::string_view stop_signals[] = {"TERM", "INT", "HUP", "QUIT", "USR1", "USR2"};

Result<void> check_duration(const std::string& path, Duration value, Range range_ms) {
    if (value.ms >= range_ms.min && value.ms <= range_ms.max) return {};
    return invalid("value_out_of_range", path + ": " + to_string(value) + " is out of range; " +
                                             to_string(Duration{range_ms.min}) + " to " +
                                             to_string(Duration{range_ms.max}) + " are taken");
}

Result<void> check_amount(const std::string& path, Money value, Range range_micro_yuan) {
    if (value.micro_yuan >= range_micro_yuan.min && value.micro_yuan <= range_micro_yuan.max)
        return {};
    return invalid("value_out_of_range", path + ": " + to_string(value) +
                                             " yuan is out of range; " +
                                             to_string(Money{range_micro_yuan.min}) + " to " +
                                             to_string(Money{range_micro_yuan.max}) + " are taken");
}

Result<void> validate_resources(const std::string& at, const Resources& resources) {
    const std::int64_t share = resources.chips_milli;
    const std::string accelerators = at + "accelerators";
    if (resources.chip.empty() != (share == 0)) {
        return invalid("value_malformed", accelerators + ": names a chip and how many, or neither");
    }
    if (!resources.chip.empty()) TRY(check_label(accelerators, resources.chip, max_chip_bytes));
    if (share < chips_milli.min || share > chips_milli.max || (share > 1000 && share % 1000 != 0)) {
        return invalid(
            "value_out_of_range",
            accelerators + ": " + std::to_string(share) +
                " thousandths of a chip are out of range; a share of one chip, or 1 to " +
                std::to_string(chips_milli.max / 1000) + " whole chips a node are taken");
    }
    TRY(check_range(at + "cpus", resources.cpus, cpus));
    TRY(check_range(at + "memory", resources.memory_mib, memory_mib));
    return {};
}

// A path inside the run directory: relative, and it never climbs out.
bool stays_inside(std::string_view path) {
    if (path.starts_with('/')) return false;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (path.substr(begin, end - begin) == "..") return false;
        begin = end + 1;
    }
    return true;
}

Result<void> validate_checkpoint(const Checkpoint& checkpoint) {
    if (!checkpoint.path.empty())
        TRY(check_label("checkpoint.path", checkpoint.path, max_path_bytes));
    if (!stays_inside(checkpoint.path)) {
        return invalid("value_malformed",
                       "checkpoint.path: \"" + checkpoint.path +
                           "\" leaves the run directory; a relative path without \"..\" is taken");
    }
    if (std::ranges::find(stop_signals, checkpoint.signal) == std::end(stop_signals)) {
        return invalid("value_unknown", "checkpoint.signal: \"" + checkpoint.signal +
                                            "\" is none of TERM, INT, HUP, QUIT, USR1, USR2");
    }
    return check_duration("checkpoint.grace_s", checkpoint.grace, grace_ms);
}

Result<void> validate_retry(const Retry& retry) {
    TRY(check_range("retry.max", retry.max, retries));
    TRY(check_range("retry.on_exit", static_cast<std::int64_t>(retry.on_exit.size()),
                    {0, max_exit_codes}));
    for (std::size_t i = 0; i < retry.on_exit.size(); ++i) {
        TRY(check_range("retry.on_exit[" + std::to_string(i) + "]", retry.on_exit[i], exit_codes));
    }
    return check_duration("retry.backoff", retry.backoff, backoff_ms);
}

Result<void> validate_placement(const PlacementRules& rules) {
    const std::string at = "placement.";
    TRY(check_amount(at + "prefer.wait_yuan_per_chip_hour", rules.weights.wait_per_chip_hour,
                     weight_micro_yuan));
    TRY(check_amount(at + "prefer.carbon_yuan_per_kg", rules.weights.carbon_per_kg,
                     weight_micro_yuan));
    TRY(check_range(at + "regions", static_cast<std::int64_t>(rules.regions.size()),
                    {0, max_regions}));
    for (std::size_t i = 0; i < rules.regions.size(); ++i) {
        TRY(check_region(at + "regions[" + std::to_string(i) + "]", rules.regions[i]));
    }
    TRY(check_range(at + "security_level", rules.security_level, security_levels));
    if (rules.max_price)
        TRY(check_amount(at + "max_price", *rules.max_price, max_price_micro_yuan));
    if (rules.move_after) {
        TRY(check_duration(at + "on_contact_lost.move_after", *rules.move_after, move_after_ms));
    }
    return {};
}

Result<void> validate_moment(const std::string& path, const Moment& moment) {
    if (moment.after.ms == 0 || moment.at.ms != 0) return {};
    return check_duration(path, moment.after, {1, year_ms});
}

Result<void> validate_conditions(const Conditions& conditions) {
    TRY(validate_moment("begin", conditions.begin));
    TRY(validate_moment("deadline", conditions.deadline));
    TRY(check_range("depends_on", static_cast<std::int64_t>(conditions.depends_on.size()),
                    {0, max_dependencies}));
    const ArrayTasks& array = conditions.array;
    const auto tasks = static_cast<std::int64_t>(array.indices.size());
    TRY(check_range("array", tasks, {0, max_array_tasks, " tasks"}));
    TRY(check_range("array", array.at_most, {0, max_array_tasks, " at the same time"}));
    for (const std::int64_t index : array.indices) TRY(check_range("array", index, array_indices));
    if (!std::ranges::is_sorted(array.indices, std::ranges::less_equal{})) {
        return invalid("value_malformed", "array: each index is taken once, in ascending order");
    }
    return {};
}

Result<void> validate_times(const std::string& at, const JobSpec& spec) {
    TRY(check_duration(at + "time_limit", spec.time_limit, time_limit_ms));
    if (!spec.runtime) return {};
    TRY(check_duration(at + "runtime", *spec.runtime, time_limit_ms));
    if (*spec.runtime <= spec.time_limit) return {};
    return invalid("value_out_of_range", at + "runtime: " + to_string(*spec.runtime) +
                                             " is longer than the time_limit of " +
                                             to_string(spec.time_limit) +
                                             ", at which the job would be stopped");
}

// The alternatives of the job, each as the whole job would be with it.
Result<void> validate_variants(const JobSpec& spec, const JobBody& body) {
    TRY(check_range("variants", std::ssize(spec.variants), {0, max_variants}));
    if (spec.variants.size() != body.variants.size()) {
        return invalid("value_malformed", "variants: each needs resources and a body");
    }
    for (std::size_t i = 0; i < spec.variants.size(); ++i) {
        const Variant& variant = spec.variants[i];
        const std::string at = "variants[" + std::to_string(i) + "].";
        TRY(validate_resources(at, variant));
        if (variant.nodes) TRY(check_range(at + "nodes", *variant.nodes, nodes));
        TRY(validate_times(at, spec_of(spec, static_cast<std::int64_t>(i))));
    }
    return {};
}

bool sets(const JobBody& body, const std::string& variable) {
    return body.env.contains(variable) ||
           std::ranges::any_of(body.variants, [&](const VariantBody& variant) {
               return variant.env.contains(variable);
           });
}

Result<void> validate_secrets(const std::vector<std::string>& names, const JobBody& body) {
    TRY(check_range("secrets", std::ssize(names), {0, max_secrets}));
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string at = "secrets[" + std::to_string(i) + "]";
        TRY(check_secret_name(at, names[i]));
        if (sets(body, secret_variable(names[i]))) {
            return invalid("value_repeated", at + ": \"" + names[i] + "\" becomes the variable " +
                                                 secret_variable(names[i]) +
                                                 ", which `env` sets too; leave it out there");
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (secret_variable(names[j]) != secret_variable(names[i])) continue;
            return invalid("value_repeated", at + ": \"" + names[i] + "\" and \"" + names[j] +
                                                 "\" are one variable, " +
                                                 secret_variable(names[i]) + "; name one of them");
        }
    }
    return {};
}

Result<void> validate_inputs(const std::vector<DataInput>& inputs) {
    TRY(check_range("data.inputs", std::ssize(inputs), {0, max_inputs}));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::string at = "data.inputs[" + std::to_string(i) + "].";
        TRY(check_name(at + "dataset", inputs[i].dataset));
        TRY(check_range(at + "bytes", inputs[i].bytes, input_bytes));
        const auto end = inputs.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find_if(inputs.begin(), end, [&](const DataInput& before) {
                return before.dataset == inputs[i].dataset;
            }) == end) {
            continue;
        }
        return invalid("value_repeated", at + "dataset: \"" + inputs[i].dataset +
                                             "\" stands there twice; name it once");
    }
    return {};
}

Result<void> validate_outputs(const std::vector<std::string>& paths) {
    TRY(check_range("data.outputs", std::ssize(paths), {0, max_outputs}));
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const std::string at = "data.outputs[" + std::to_string(i) + "]";
        TRY(check_label(at, paths[i], max_path_bytes));
        if (!stays_inside(paths[i])) {
            return invalid(
                "value_malformed",
                at + ": \"" + paths[i] +
                    "\" leaves the run directory; a relative path without \"..\" is taken");
        }
    }
    return {};
}

bool is_blank(std::string_view script) {
    return script.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Result<void> validate_script(const std::string& at, const std::string& script) {
    if (script.size() <= max_run_bytes && script.find('\0') == std::string::npos) return {};
    return invalid("value_out_of_range", at + ": at most " + std::to_string(max_run_bytes) +
                                             " bytes without NUL are taken; put more into a file");
}

Result<void> validate_env(const std::string& path, const std::map<std::string, std::string>& env) {
    TRY(check_range(path, static_cast<std::int64_t>(env.size()), {0, max_env_entries}));
    for (const auto& [name, value] : env) {
        const std::string at = path + "." + name;
        TRY(check_env_name(at, name));
        if (value.size() > max_env_value_bytes || value.find('\0') != std::string::npos) {
            return invalid("value_out_of_range", at + ": at most " +
                                                     std::to_string(max_env_value_bytes) +
                                                     " bytes without NUL are taken");
        }
    }
    return {};
}

Error run_missing(const std::string& at) {
    return invalid("run_missing",
                   at + ": says what to run, such as \"python train.py\"; it is missing or empty");
}

// A plan brings the launcher's command line where nothing else is to run.
Result<void> validate_body(const JobFile& file) {
    const JobBody& body = file.body;
    const auto brings_its_own = [](const VariantBody& one) { return one.run.has_value(); };
    const bool needs_run =
        !asks_for_work(file) &&
        (body.variants.empty() || !std::ranges::all_of(body.variants, brings_its_own));
    if (needs_run && is_blank(body.run)) return run_missing("run");
    TRY(validate_script("run", body.run));
    if (body.setup) TRY(validate_script("setup", *body.setup));
    TRY(validate_env("env", body.env));
    for (std::size_t i = 0; i < body.variants.size(); ++i) {
        const VariantBody& variant = body.variants[i];
        const std::string at = "variants[" + std::to_string(i) + "].";
        if (variant.run && is_blank(*variant.run)) return run_missing(at + "run");
        TRY(validate_script(at + "run", variant.run.value_or("")));
        TRY(validate_script(at + "setup", variant.setup.value_or("")));
        TRY(validate_env(at + "env", variant.env));
    }
    return validate_outputs(body.outputs);
}

Result<void> validate_workdir(const std::optional<std::string>& workdir) {
    if (!workdir) return {};
    TRY(check_label("workdir", *workdir, max_path_bytes));
    const bool is_manifest = workdir->starts_with(manifest_prefix);
    if (!is_manifest || is_content_digest(manifest_named_by(*workdir))) return {};
    return invalid("value_malformed", "workdir: \"" + workdir->substr(0, 80) +
                                          "\" is neither a folder nor sha256: and 64 hex digits");
}

}  // namespace

std::string manifest_named_by(std::string_view workdir) {
    if (!workdir.starts_with(manifest_prefix)) return {};
    return std::string(workdir.substr(manifest_prefix.size()));
}

JobSpec spec_of(const JobSpec& spec, VariantIndex variant) {
    JobSpec one = spec;
    one.variants.clear();
    if (!variant) return one;
    const Variant& own = spec.variants.at(static_cast<std::size_t>(*variant));
    one.resources = own;
    one.nodes = own.nodes.value_or(spec.nodes);
    one.time_limit = time_limit_of(spec, variant);
    if (own.runtime) one.runtime = own.runtime;
    if (own.forecast) one.forecast = own.forecast;
    return one;
}

Duration time_limit_of(const JobSpec& spec, VariantIndex variant) {
    if (!variant) return spec.time_limit;
    return spec.variants.at(static_cast<std::size_t>(*variant))
        .time_limit.value_or(spec.time_limit);
}

std::vector<JobSpec> variants_of(const JobSpec& spec) {
    if (spec.variants.empty()) return {spec};
    std::vector<JobSpec> all;
    for (std::int64_t i = 0; i < std::ssize(spec.variants); ++i) all.push_back(spec_of(spec, i));
    return all;
}

JobBody body_of(JobBody body, VariantIndex variant) {
    if (variant && static_cast<std::size_t>(*variant) < body.variants.size()) {
        VariantBody& own = body.variants[static_cast<std::size_t>(*variant)];
        if (own.run) body.run = std::move(*own.run);
        if (own.setup) body.setup = std::move(own.setup);
        for (auto& [name, value] : own.env) body.env[name] = std::move(value);
    }
    body.variants.clear();
    return body;
}

std::string secret_variable(std::string_view name) {
    std::string variable(name);
    for (char& c : variable) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c == '-') c = '_';
    }
    return variable;
}

Result<void> check_secret_name(const std::string& path, const std::string& name) {
    TRY(check_name(path, name));
    return check_env_name(path, secret_variable(name));
}

Result<void> validate(const JobFile& file) {
    TRY(check_label("name", file.name, max_name_bytes));
    TRY(check_range("nodes", file.spec.nodes, nodes));
    TRY(validate_resources("resources.", file.spec.resources));
    TRY(validate_variants(file.spec, file.body));
    TRY(validate_secrets(file.spec.secrets, file.body));
    TRY(validate_checkpoint(file.spec.checkpoint));
    TRY(validate_retry(file.spec.retry));
    if (file.training) TRY(validate(*file.training));
    if (file.serving) TRY(validate(*file.serving));
    const bool is_limited_by_plan = file.training && file.spec.time_limit == Duration{};
    if (!is_limited_by_plan) TRY(validate_times("", file.spec));
    TRY(validate_placement(file.spec.placement));
    TRY(validate_inputs(file.spec.inputs));
    TRY(validate_conditions(file.conditions));
    TRY(validate_workdir(file.workdir));
    if (!file.project.empty()) TRY(check_name("billing.project", file.project));
    return validate_body(file);
}

}  // namespace dayu
