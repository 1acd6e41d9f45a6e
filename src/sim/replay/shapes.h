// What a job of a trace asks for in a certain world, as the JobSpec that a user of that world would have written. Jobs
// that ask for the same share one: that is how the scheduler weighs them once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "model/job.h"
#include "sim/trace.h"
#include "sim/world_file.h"

namespace dayu::sim {

class Shapes {
   public:
    // Models and specs are those of the trace.
    explicit Shapes(const WorldFile& world, const Trace& trace);

    // A job of more chips than the largest node of its chip has becomes a gang: as few nodes as hold it, and the same
    // of each. Without chips, the same by CPUs. Nothing where no pool could ever take it. `queue` is its project's, whose
    // data it reads.
    std::optional<ShapeId> of(const TraceJob& job, const std::string& queue = {});
    const JobSpec& spec(ShapeId shape) const { return rows_[shape.value - 1].spec; }
    // As it is when that variant was taken.
    const JobSpec& spec(ShapeId shape, VariantIndex variant) const;
    std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }

   private:
    struct Row {
        JobSpec spec;
        std::vector<JobSpec> variants;  // itself alone where it has no choice
        bool fits = false;              // in some pool, when it is empty
    };
    // numbers of the trace's spec and models, nodes, chips_milli, CPUs and MiB of a node, time limit, dataset
    using Key = std::tuple<std::uint32_t, std::uint32_t, std::int64_t, std::int64_t, std::int64_t,
                           std::int64_t, std::int64_t, std::string>;
    // What of a job its shape follows from: spec, models, chips_milli, CPUs and MiB of the job, time limit, and the
    // project where there are datasets.
    using Asked = std::tuple<std::uint32_t, std::uint32_t, std::int64_t, std::int64_t, std::int64_t,
                             std::int64_t, std::uint32_t>;

    ShapeId find_shape(const TraceJob& job, const std::string& queue);
    JobSpec spec_of(const TraceJob& job) const;
    void ask_for_chips(const TraceJob& job, JobSpec& spec) const;
    Resources needs_of(const TraceJob& job, const std::string& chip, std::int64_t nodes) const;
    void ask_for_cpus(const TraceJob& job, JobSpec& spec) const;
    Duration least_limit(const TraceJob& job) const;
    Duration limit_of(const TraceJob& job) const;
    bool fits(const JobSpec& spec) const;

    const WorldFile& world_;
    const Trace& trace_;
    std::map<std::string, Pool> chip_nodes_;  // the largest, by chip
    Pool cpu_node_;                           // of all
    std::vector<std::string> any_chips_;      // of the world's `jobs`
    std::vector<std::vector<std::string>>
        model_chips_;  // by the trace's models, those that the world knows
    std::vector<Row> rows_;
    std::map<Key, ShapeId> ids_;
    std::map<Asked, ShapeId> known_;
};

}  // namespace dayu::sim
