#include "sim/replay/shapes.h"

#include <algorithm>

#include "sched/decide.h"
#include "wire/chip_file.h"

namespace dayu::sim {
namespace {

constexpr std::int64_t whole_chip = 1000;

std::int64_t ceil_of(std::int64_t amount, std::int64_t unit) { return (amount + unit - 1) / unit; }

// `amount` of a whole node of `size`, in the part that `share` of `of` is.
std::int64_t part(std::int64_t amount, std::int64_t share, std::int64_t of) {
    return of > 0 ? amount * share / of : 0;
}

}  // namespace

Shapes::Shapes(const WorldFile& world, const Trace& trace) : world_(world), trace_(trace) {
    for (const Center& center : world.centers) {
        for (const Pool& pool : center.pools) {
            if (pool.cpus_per_node > cpu_node_.cpus_per_node) cpu_node_ = pool;
            if (pool.chip.empty()) continue;
            Pool& largest = chip_nodes_[pool.chip];
            if (pool.chips_per_node > largest.chips_per_node) largest = pool;
        }
    }
    if (!world.jobs.chip.empty()) any_chips_.push_back(world.jobs.chip);
    for (const std::string& chip : world.jobs.other_chips) any_chips_.push_back(chip);
    const wire::ChipNames names = wire::chip_names(world.chips);
    for (const std::vector<std::string>& models : trace.models) {
        std::vector<std::string>& chips = model_chips_.emplace_back();
        for (const std::string& model : models) {
            if (const Chip* chip = names.find(model)) chips.push_back(chip->name);
        }
    }
}

std::optional<ShapeId> Shapes::of(const TraceJob& job, const std::string& queue) {
    const Asked asked{job.spec,
                      job.models,
                      job.chips_milli,
                      job.cpus,
                      job.memory_mib,
                      limit_of(job).ms,
                      world_.datasets.empty() ? 0 : job.project};
    const auto [at, is_new] = known_.try_emplace(asked);
    if (is_new) at->second = find_shape(job, queue);
    if (!rows_[at->second.value - 1].fits) return {};
    return at->second;
}

ShapeId Shapes::find_shape(const TraceJob& job, const std::string& queue) {
    JobSpec spec = spec_of(job);
    if (std::ranges::find(world_.datasets, queue, &Dataset::name) != world_.datasets.end())
        spec.inputs.push_back({.dataset = queue});
    const Resources& needs = spec.variants.empty() ? spec.resources : spec.variants.front();
    const Key key{
        job.spec,   job.models,       spec.nodes,         needs.chips_milli,
        needs.cpus, needs.memory_mib, spec.time_limit.ms, spec.inputs.empty() ? "" : queue};
    const auto [at, is_new] = ids_.try_emplace(key, ShapeId{size() + 1});
    if (is_new) {
        Row row{.spec = std::move(spec)};
        row.variants = variants_of(row.spec);
        row.fits = std::ranges::any_of(row.variants, [&](const JobSpec& one) { return fits(one); });
        rows_.push_back(std::move(row));
    }
    return at->second;
}

const JobSpec& Shapes::spec(ShapeId shape, VariantIndex variant) const {
    return rows_[shape.value - 1].variants[static_cast<std::size_t>(variant.value_or(0))];
}

JobSpec Shapes::spec_of(const TraceJob& job) const {
    JobSpec spec;
    if (job.spec != 0) {
        spec = trace_.specs[job.spec - 1];
        spec.time_limit = limit_of(job);
        spec.placement.move_after.reset();  // contact is never lost here
        return spec;
    }
    if (job.chips_milli > 0) {
        ask_for_chips(job, spec);
    } else {
        ask_for_cpus(job, spec);
    }
    spec.time_limit = limit_of(job);
    spec.placement.weights = world_.jobs.weights;
    spec.preemptible = world_.jobs.preemptible;
    spec.checkpoint.grace = world_.jobs.grace;
    return spec;
}

// Where several chips will do, each is a variant, on as many nodes as the largest of them asks for.
void Shapes::ask_for_chips(const TraceJob& job, JobSpec& spec) const {
    const std::vector<std::string>& chips =
        job.models == 0 ? any_chips_ : model_chips_[job.models - 1];
    std::int64_t size = 1;
    for (const std::string& chip : chips) {
        const auto node = chip_nodes_.find(chip);
        if (node != chip_nodes_.end()) size = std::max(size, node->second.chips_per_node);
    }
    spec.nodes = ceil_of(job.chips_milli, size * whole_chip);
    spec.resources = needs_of(job, chips.empty() ? "" : chips.front(), spec.nodes);
    if (chips.size() < 2) return;
    spec.resources = {};
    for (const std::string& chip : chips)
        spec.variants.push_back({needs_of(job, chip, spec.nodes)});
}

Resources Shapes::needs_of(const TraceJob& job, const std::string& chip, std::int64_t nodes) const {
    const JobWords& words = world_.jobs;
    const auto at = chip_nodes_.find(chip);
    const Pool node = at == chip_nodes_.end() ? Pool{} : at->second;
    const std::int64_t size = std::max<std::int64_t>(node.chips_per_node, 1);
    // A share is of one chip; of more than one, only whole ones.
    const std::int64_t chips = ceil_of(ceil_of(job.chips_milli, whole_chip), nodes);
    const std::int64_t milli = job.chips_milli < whole_chip ? job.chips_milli : chips * whole_chip;
    const auto of_node = [&](std::int64_t asked, std::int64_t per_chip, std::int64_t node_has) {
        if (asked > 0) return ceil_of(asked, nodes);
        const std::int64_t share =
            per_chip > 0 ? per_chip * milli / whole_chip : part(node_has, milli, size * whole_chip);
        return std::max<std::int64_t>(share, 1);
    };
    return {
        .chip = chip,
        .chips_milli = milli,
        .cpus = of_node(job.cpus, words.cpus_per_chip, node.cpus_per_node),
        .memory_mib = of_node(job.memory_mib, words.memory_mib_per_chip, node.memory_mib_per_node)};
}

void Shapes::ask_for_cpus(const TraceJob& job, JobSpec& spec) const {
    const std::int64_t size = std::max<std::int64_t>(cpu_node_.cpus_per_node, 1);
    const std::int64_t cpus = std::max<std::int64_t>(job.cpus, 1);
    spec.nodes = ceil_of(cpus, size);
    Resources& needs = spec.resources;
    needs.cpus = ceil_of(cpus, spec.nodes);
    if (job.memory_mib > 0) {
        needs.memory_mib = ceil_of(job.memory_mib, spec.nodes);
    } else if (world_.jobs.memory_mib_per_cpu > 0) {
        needs.memory_mib = world_.jobs.memory_mib_per_cpu * needs.cpus;
    } else {
        needs.memory_mib =
            std::max<std::int64_t>(part(cpu_node_.memory_mib_per_node, needs.cpus, size), 1);
    }
}

// No shorter than the job runs, a stop and its costs included: what exceeded its request in the trace was let run there
// too.
Duration Shapes::least_limit(const TraceJob& job) const {
    const JobWords& words = world_.jobs;
    return std::max(seconds(job.duration_s) + words.preempt_cost + words.move_cost, seconds(1));
}

Duration Shapes::limit_of(const TraceJob& job) const {
    const JobWords& words = world_.jobs;
    const Duration least = least_limit(job);
    if (job.spec != 0) return std::max(trace_.specs[job.spec - 1].time_limit, least);
    if (job.requested_s > 0) return std::max(seconds(job.requested_s), least);
    const Duration asked{least.ms / 1000 * words.time_limit_factor_milli};
    const auto step = std::ranges::lower_bound(words.time_limits, asked);
    if (step != words.time_limits.end()) return *step;
    const std::int64_t longest_ms = words.time_limits.back().ms;
    return {ceil_of(asked.ms, longest_ms) * longest_ms};
}

bool Shapes::fits(const JobSpec& spec) const {
    const Resources& needs = spec.resources;
    if (needs.chips_milli > 0 && needs.chip.empty()) return false;
    const auto chip = std::ranges::find(world_.chips, needs.chip, &Chip::name);
    return std::ranges::any_of(world_.centers, [&](const Center& center) {
        return std::ranges::any_of(center.pools, [&](const Pool& pool) {
            return !sched::never_fits(center, pool, chip == world_.chips.end() ? nullptr : &*chip,
                                      spec);
        });
    });
}

}  // namespace dayu::sim
