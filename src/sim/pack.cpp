#include "sim/pack.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/core.h>

#include "base/time.h"
#include "sched/packing.h"
#include "sched/policy_name.h"
#include "sim/random.h"
#include "sim/replay/pack.h"
#include "sim/traces/openb.h"

namespace dayu::sim {
namespace {

constexpr double most_load = 10;

Result<std::unique_ptr<sched::PackingPolicy>> policy_called(const std::string& name) {
    const std::vector<std::string_view> names = sched::packing_policy_names();
    const std::string_view wanted = name.empty() ? names.front() : std::string_view(name);
    TRY(sched::place_of_policy("packing", wanted, names));
    return sched::make_packing_policy(wanted);
}

std::vector<sched::PackRequest> requests_of(std::span<const OpenbPod> pods) {
    std::vector<sched::PackRequest> requests;
    for (const OpenbPod& pod : pods) requests.push_back(pod.request);
    return requests;
}

std::vector<sched::FleetNode> idle_nodes(const OpenbNodes& listed) {
    std::vector<sched::FleetNode> nodes;
    for (const OpenbNode& node : listed.nodes) {
        nodes.push_back({.state = {.model = node.model,
                                   .cpu_milli = node.cpu_milli,
                                   .left = sched::ChipsLeft(static_cast<std::size_t>(node.gpus),
                                                            sched::whole_chip)},
                         .memory_mib = node.memory_mib});
    }
    return nodes;
}

Result<std::vector<PackArrival>> draw_arrivals(const PackQuestion& question,
                                               std::span<const OpenbPod> pods,
                                               std::int64_t capacity_milli, Random& random) {
    std::vector<PackPod> drawn_from;
    for (const OpenbPod& pod : pods) {
        drawn_from.push_back({.request = pod.request,
                              .stays_s = static_cast<double>(pod.deleted_s - pod.created_s)});
    }
    const auto demand =
        static_cast<std::int64_t>(question.load * static_cast<double>(capacity_milli));
    if (!question.departures) {
        if (std::ranges::none_of(pods, [](const OpenbPod& pod) { return pod.request.chips > 0; }))
            return invalid("trace_invalid", question.pods + ": no pod asks for a GPU (num_gpu)");
        return arrivals_that_stay(drawn_from, demand, random);
    }
    const bool any_stays = std::ranges::any_of(pods, [](const OpenbPod& pod) {
        return pod.request.chips > 0 && pod.deleted_s > pod.created_s;
    });
    if (!any_stays)
        return invalid("trace_invalid",
                       question.pods +
                           ": no pod with a GPU has a lifetime; --departures takes a "
                           "list with creation_time and deletion_time");
    return arrivals_that_leave(drawn_from, demand, random);
}

Result<std::optional<sched::Popularity>> popularity_told(const PackQuestion& question,
                                                         const sched::Popularity& of_list,
                                                         const OpenbNodes& nodes) {
    if (question.popularity == "learned") return std::optional<sched::Popularity>{};
    if (question.popularity == "list") return std::optional(of_list);
    const std::vector<OpenbPod> others = TRY(read_openb_pods(question.popularity, nodes.models));
    return std::optional(sched::popularity_of(requests_of(others)));
}

}  // namespace

Result<PackAnswer> pack(const PackQuestion& question) {
    const Instant began = system_clock().instant();
    if (!(question.load > 0 && question.load <= most_load))
        return invalid("usage", fmt::format("--load {} is not above 0 and at most {}",
                                            question.load, most_load));
    if (question.bound && question.departures)
        return invalid("usage", "--bound is of pods that stay; leave --departures out");
    const auto policy = TRY(policy_called(question.policy));
    const OpenbNodes listed = TRY(read_openb_nodes(question.nodes));
    const std::vector<OpenbPod> pods = TRY(read_openb_pods(question.pods, listed.models));

    Random random(question.seed);
    PackSetup setup{.nodes = idle_nodes(listed)};
    setup.popularity = sched::popularity_of(requests_of(pods));
    setup.told = TRY(popularity_told(question, setup.popularity, listed));
    setup.arrivals = TRY(draw_arrivals(question, pods, listed.gpus() * sched::whole_chip, random));
    random.shuffle(setup.nodes);  // whom ties go to
    std::optional<double> bound;
    if (question.bound) bound = TRY(bound_of_allocation_pct(setup.nodes, setup.arrivals));
    PackCurves curves = replay_pack(setup, *policy);
    return PackAnswer{.policy = std::string(policy->name()),
                      .allocation_pct = std::move(curves.allocation_pct),
                      .frag_ratio_pct = std::move(curves.frag_ratio_pct),
                      .lp_bound_pct = bound,
                      .packed = curves.packed,
                      .lost = curves.lost,
                      .wall_s = static_cast<double>((system_clock().instant() - began).ms) / 1000};
}

}  // namespace dayu::sim
