#include "sim/replay/idle.h"

#include <algorithm>
#include <string_view>

namespace dayu::sim {
namespace {

// The most popular types, as many as make up this part of the jobs: FGD's own.
constexpr double popular_part = 0.95;
// And no more than these: a sample looks at each of them for each capacity that some node has free.
constexpr std::size_t most_types = 100;

}  // namespace

void IdleShare::expect(const JobSpec& spec, std::int64_t jobs) {
    const Resources& needs = spec.resources;
    has_chips_ = has_chips_ || needs.chips_milli > 0;
    jobs_[{needs.chip, needs.chips_milli, needs.cpus, needs.memory_mib}] += jobs;
}

void IdleShare::choose_types() {
    has_types_ = true;
    std::vector<Type> all;
    double sum = 0;
    for (const auto& [key, jobs] : jobs_) {
        const auto& [chip, chips_milli, cpus, memory_mib] = key;
        if (has_chips_ && chips_milli == 0) continue;
        all.push_back({.needs = {.chip = chip,
                                 .chips_milli = chips_milli,
                                 .cpus = cpus,
                                 .memory_mib = memory_mib},
                       .jobs = static_cast<double>(jobs)});
        sum += all.back().jobs;
    }
    std::ranges::sort(all, {}, [](const Type& type) {
        const Resources& needs = type.needs;
        return std::tuple(-type.jobs, std::string_view(needs.chip), needs.chips_milli, needs.cpus,
                          needs.memory_mib);
    });
    double taken = 0;
    for (std::size_t i = 0; i < std::min(all.size(), most_types); ++i) {
        if (taken >= popular_part * sum) break;
        taken += all[i].jobs;
        types_[all[i].needs.chip].push_back(std::move(all[i]));
    }
}

double IdleShare::lost_share(const sched::NodeView& free, const std::vector<Type>& types) const {
    double all = 0;
    double lost = 0;
    for (const Type& type : types) {
        all += type.jobs;
        if (!sched::fits(free, type.needs)) lost += type.jobs;
    }
    return lost / all;
}

void IdleShare::sample(const sched::World& world, double weight) {
    if (!has_types_) choose_types();
    for (const auto& [id, view] : world.centers()) {
        for (const auto& [name, pool] : view.pools) {
            const auto types = types_.find(has_chips_ ? pool.pool().chip : std::string{});
            if (types == types_.end()) continue;
            for (const sched::FreeNodes::Shape& shape : pool.free().shapes()) {
                const sched::NodeView& free = shape.free;
                const std::int64_t amount = has_chips_ ? free.free_chips_milli : free.free_cpus;
                if (amount <= 0) continue;
                const double idle = weight * static_cast<double>(amount) * shape.nodes;
                idle_ += idle;
                lost_ += idle * lost_share(free, types->second);
            }
        }
    }
}

}  // namespace dayu::sim
