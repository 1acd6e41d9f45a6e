// What a user asks for (JobSpec), and the states in which the platform answers for it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "base/time.h"
#include "model/center.h"
#include "model/ids.h"
#include "model/work.h"
#include "model/workdir.h"

namespace dayu {

enum class JobKind : std::uint8_t { train, finetune, batch, service, notebook };
constexpr auto enum_names(Type<JobKind>) {
    return std::array<std::string_view, 5>{"train", "finetune", "batch", "service", "notebook"};
}

enum class DataClass : std::uint8_t { general, important, core };
constexpr auto enum_names(Type<DataClass>) {
    return std::array<std::string_view, 3>{"general", "important", "core"};
}

// What one node of the job needs. A count given as "4+" asks for at least that; it gets the least.
struct Resources {
    std::string chip;              // canonical name; empty: none
    std::int64_t chips_milli = 0;  // 8 chips are 8000, half a chip is 500
    std::int64_t cpus = 1;
    std::int64_t memory_mib = 1024;

    bool operator==(const Resources&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"chip", &Resources::chip}, Field{"chips_milli", &Resources::chips_milli},
            Field{"cpus", &Resources::cpus}, Field{"memory_mib", &Resources::memory_mib});
    }
};

// One of the ways in which a job may run. What it leaves out is as the job has it.
struct Variant : Resources {
    std::optional<std::int64_t> nodes{};
    std::optional<Duration> time_limit{};
    std::optional<Duration> runtime{};
    std::optional<StepForecast> forecast{};

    bool operator==(const Variant&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"chip", &Variant::chip}, Field{"chips_milli", &Variant::chips_milli},
            Field{"cpus", &Variant::cpus}, Field{"memory_mib", &Variant::memory_mib},
            Field{"nodes", &Variant::nodes}, Field{"time_limit_ms", &Variant::time_limit},
            Field{"runtime_ms", &Variant::runtime}, Field{"forecast", &Variant::forecast});
    }
};

struct Checkpoint {
    std::string path;  // inside the run directory; empty: the job keeps none
    std::string signal = "TERM";
    Duration grace = seconds(30);

    bool operator==(const Checkpoint&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"path", &Checkpoint::path}, Field{"signal", &Checkpoint::signal},
                          Field{"grace_ms", &Checkpoint::grace});
    }
};

// Retries of the user's own failures. What the platform or the centre ended is placed again anyway.
struct Retry {
    std::int64_t max = 0;
    std::vector<std::int64_t> on_exit;  // empty: any exit code but 0
    Duration backoff = seconds(10);     // doubled at each retry, at most one hour

    bool operator==(const Retry&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"max", &Retry::max}, Field{"on_exit", &Retry::on_exit},
                          Field{"backoff_ms", &Retry::backoff});
    }
};

// What an hour of waiting and a kilogram of CO2e are worth to this job. They rank its own offers only.
struct Weights {
    Money wait_per_chip_hour{1'000'000};
    Money carbon_per_kg{100'000};

    bool operator==(const Weights&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"wait_per_chip_hour", &Weights::wait_per_chip_hour},
                          Field{"carbon_per_kg", &Weights::carbon_per_kg});
    }
};

struct PlacementRules {
    Weights weights;
    std::vector<std::string> regions;  // empty: anywhere
    std::vector<Tier> tiers;           // empty: any
    std::int64_t security_level = 1;   // at least
    DataClass data_class = DataClass::general;
    std::optional<Money> max_price;      // for the whole job, over all attempts
    std::optional<Duration> move_after;  // of lost contact; none: wait for ever

    bool operator==(const PlacementRules&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"weights", &PlacementRules::weights},
                          Field{"regions", &PlacementRules::regions},
                          Field{"tiers", &PlacementRules::tiers},
                          Field{"security_level", &PlacementRules::security_level},
                          Field{"data_class", &PlacementRules::data_class},
                          Field{"max_price", &PlacementRules::max_price},
                          Field{"move_after_ms", &PlacementRules::move_after});
    }
};

// Data that the job reads; where it lies is known by its dataset (model/dataset.h).
struct DataInput {
    std::string dataset;
    std::int64_t bytes = 0;  // to move, where it is not yet; 0: as many as the dataset has

    bool operator==(const DataInput&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"dataset", &DataInput::dataset}, Field{"bytes", &DataInput::bytes});
    }
};

// All that matters to a decision, and nothing that is private. Jobs with equal specs form one class:
// they are weighed once.
struct JobSpec {
    JobKind kind = JobKind::batch;
    std::int64_t nodes = 1;
    Resources resources;                 // of each node
    std::vector<Variant> variants{};     // instead of `resources`, one of these; empty: no choice
    std::vector<std::string> secrets{};  // names of the project's, in order
    Checkpoint checkpoint;
    Retry retry;
    Duration time_limit = seconds(24 * 3600);
    // What it is expected to run, where somebody knows: offers are then compared by that, and held is what the time limit
    // comes to.
    std::optional<Duration> runtime{};
    std::optional<StepForecast> forecast{};  // of a planned job
    PlacementRules placement;
    std::vector<DataInput> inputs{};
    bool preemptible =
        false;  // may be stopped for a job with more right to its place, and goes on later

    bool operator==(const JobSpec&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"kind", &JobSpec::kind}, Field{"nodes", &JobSpec::nodes},
            Field{"resources", &JobSpec::resources}, Field{"variants", &JobSpec::variants},
            Field{"secrets", &JobSpec::secrets}, Field{"checkpoint", &JobSpec::checkpoint},
            Field{"retry", &JobSpec::retry}, Field{"time_limit_ms", &JobSpec::time_limit},
            Field{"runtime_ms", &JobSpec::runtime}, Field{"forecast", &JobSpec::forecast},
            Field{"placement", &JobSpec::placement}, Field{"inputs", &JobSpec::inputs},
            Field{"preemptible", &JobSpec::preemptible});
    }
};

// Which of a job's variants: an index; nothing for a job that has none.
using VariantIndex = std::optional<std::int64_t>;

// The spec as it is when one of its variants has been taken: a spec without variants.
JobSpec spec_of(const JobSpec& spec, VariantIndex variant);
Duration time_limit_of(const JobSpec& spec, VariantIndex variant);
// All that may be taken, in their order; a spec without variants is its own only one.
std::vector<JobSpec> variants_of(const JobSpec& spec);

// What a variant does in its own way. What it leaves out is as the job has it.
struct VariantBody {
    std::optional<std::string> run;
    std::optional<std::string> setup;
    std::map<std::string, std::string> env;  // on top of the job's

    bool operator==(const VariantBody&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"run", &VariantBody::run}, Field{"setup", &VariantBody::setup},
                          Field{"env", &VariantBody::env});
    }
};

// The private part, kept as a body beside the journal.
struct JobBody {
    std::string run;
    std::optional<std::string> setup{};  // runs once before `run`, in the same directory
    std::map<std::string, std::string> env;
    std::vector<VariantBody> variants{};  // as many as the spec's
    std::vector<std::string> outputs{};   // paths in the run directory, kept when the attempt ends
    std::optional<Workdir> workdir{};     // as it was uploaded; what the run directory begins with

    bool operator==(const JobBody&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"run", &JobBody::run}, Field{"setup", &JobBody::setup},
                          Field{"env", &JobBody::env}, Field{"variants", &JobBody::variants},
                          Field{"outputs", &JobBody::outputs}, Field{"workdir", &JobBody::workdir});
    }
};

// What one variant runs: a body without variants.
JobBody body_of(JobBody body, VariantIndex variant);

// A point in time as a job file gives it: by the calendar, or so long after the submit.
struct Moment {
    Time at;
    Duration after;

    bool is_set() const { return at.ms != 0 || after.ms != 0; }
    Time since(Time submitted) const { return at.ms != 0 ? at : submitted + after; }

    bool operator==(const Moment&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"at", &Moment::at}, Field{"after_ms", &Moment::after});
    }
};

// What must have become of another job: `failure` is every end but COMPLETED, `start` is met by an end
// too.
enum class DependsOn : std::uint8_t { success, failure, any, start };
constexpr auto enum_names(Type<DependsOn>) {
    return std::array<std::string_view, 4>{"success", "failure", "any", "start"};
}

struct Dependency {
    JobId job;                                // or the id of an array: all of its tasks
    std::optional<std::int64_t> array_index;  // one task of that array
    DependsOn on = DependsOn::success;

    bool operator==(const Dependency&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"job", &Dependency::job},
                          Field{"array_index", &Dependency::array_index},
                          Field{"on", &Dependency::on});
    }
};

// One submit, many jobs: the tasks of an array are alike but for their index.
struct ArrayTasks {
    std::vector<std::int64_t> indices;  // ascending; empty: the job is no array
    std::int64_t at_most = 0;           // at the same time; 0: as many as there is room for

    bool operator==(const ArrayTasks&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"indices", &ArrayTasks::indices},
                          Field{"at_most", &ArrayTasks::at_most});
    }
};

// Who comes first in a queue. One step is worth some hours of waiting (sched/queues.h).
enum class Priority : std::uint8_t { low, normal, high, urgent };
constexpr auto enum_names(Type<Priority>) {
    return std::array<std::string_view, 4>{"low", "normal", "high", "urgent"};
}

// When a job may start and must have ended, and in which order. Not part of the spec: jobs that differ in
// this alone are weighed alike.
struct Conditions {
    bool hold = false;
    Moment begin;
    Moment deadline;
    std::vector<Dependency> depends_on;
    ArrayTasks array;
    Priority priority = Priority::normal;

    bool operator==(const Conditions&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"hold", &Conditions::hold}, Field{"begin", &Conditions::begin},
            Field{"deadline", &Conditions::deadline}, Field{"depends_on", &Conditions::depends_on},
            Field{"array", &Conditions::array}, Field{"priority", &Conditions::priority});
    }
};

// A parsed job file.
struct JobFile {
    std::string name;
    JobSpec spec;
    JobBody body;
    Conditions conditions;
    // A folder from where the file lies, for a client to upload; or "sha256:" and the manifest that was.
    std::optional<std::string> workdir{};
    std::string project{};  // whose queue it waits in; empty: as the caller's token says
    // To be planned, at most one of them: the spec has no resources of its own yet.
    std::optional<Training> training{};
    std::optional<Serving> serving{};

    bool operator==(const JobFile&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"name", &JobFile::name}, Field{"spec", &JobFile::spec},
                          Field{"body", &JobFile::body}, Field{"conditions", &JobFile::conditions},
                          Field{"workdir", &JobFile::workdir}, Field{"project", &JobFile::project},
                          Field{"training", &JobFile::training},
                          Field{"serving", &JobFile::serving});
    }
};

// By work that is to be planned, and not by resources.
inline bool asks_for_work(const JobFile& file) {
    return file.training.has_value() || file.serving.has_value();
}

// The digest of a job file's "sha256:DIGEST", or "" where it names a folder.
std::string manifest_named_by(std::string_view workdir);

// Small letters, digits, '-' and '_', beginning with a letter.
Result<void> check_secret_name(const std::string& path, const std::string& name);
// The variable by which a job sees the secret: "hf-token" is HF_TOKEN.
std::string secret_variable(std::string_view name);

// Ranges that no file, API call or later edit may leave. Limits are named in job.cpp.
Result<void> validate(const JobFile& file);

enum class JobState : std::uint8_t {
    pending,
    held,
    active,
    completed,
    failed,
    timeout,
    out_of_memory,
    cancelled,
    deadline,
};
constexpr auto enum_names(Type<JobState>) {
    return std::array<std::string_view, 9>{"PENDING",       "HELD",      "ACTIVE",
                                           "COMPLETED",     "FAILED",    "TIMEOUT",
                                           "OUT_OF_MEMORY", "CANCELLED", "DEADLINE"};
}
constexpr bool is_terminal(JobState state) { return state >= JobState::completed; }

}  // namespace dayu
