// How capacity is divided: queues, claims of waiting jobs, where data lies, and published prices.
#include <algorithm>

#include "base/nearest.h"
#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

constexpr std::size_t max_queues = 100'000;
constexpr std::size_t max_datasets = 100'000;

std::string limit_text(std::string_view what, std::size_t limit) {
    return "there are " + std::to_string(limit) + " " + std::string(what) +
           ", which is the limit; take away some that are not needed";
}

// With the nearest name that there is.
template <class Table>
std::string unknown_text(std::string_view what, const Table& table, const std::string& name) {
    std::vector<std::string_view> names;
    for (const auto& [known, row] : table.rows()) names.push_back(known);
    const std::string_view near = nearest(name, names);
    return "there is no " + std::string(what) + " \"" + name + "\"" +
           (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?");
}

// Where it runs, and by its leave, the attempt may be stopped for another job.
bool may_be_evicted(const State& state, const sched::Claim& claim, JobId victim) {
    const AttemptRow* attempt = state.attempts.find(victim);
    return attempt != nullptr && !attempt->stopping && attempt->center == claim.center &&
           attempt->pool == claim.pool && state.shapes.at(state.jobs.at(victim).shape).preemptible;
}

bool is_stale(const State& state, const sched::Claim& claim, Time now) {
    const JobRow* job = state.jobs.find(claim.job);
    if (job == nullptr || !is_queued(state, claim.job, *job) || job->not_before > now) return true;
    const CenterRow* center = state.centers.find(claim.center);
    if (center == nullptr || !is_open(*center) || state.claims.contains(claim.job)) return true;
    return !std::ranges::all_of(claim.victims,
                                [&](JobId victim) { return may_be_evicted(state, claim, victim); });
}

}  // namespace

bool is_open(const CenterRow& center) {
    return !center.drained && !center.contact_lost && !center.installation.empty();
}

Result<Events> claim_capacity(const State& state, const ClaimCapacity& command, Time now) {
    const sched::Claim& claim = command.claim;
    if (is_stale(state, claim, now)) return Events{};
    CapacityClaimed claimed{.job = claim.job,
                            .center = claim.center,
                            .pool = claim.pool,
                            .variant = claim.variant,
                            .nodes = claim.nodes,
                            .victims = {},
                            .until = claim.until};
    Events stops;
    for (const JobId victim : claim.victims) {
        const AttemptKey key{.job = victim, .number = state.attempts.at(victim).number};
        claimed.victims.push_back(key);
        stops.push_back(StopRequested{.attempt = key, .cause = EndCause::preempted});
    }
    Events events{std::move(claimed)};
    std::ranges::move(stops, std::back_inserter(events));
    return events;
}

Result<Events> drop_claim(const State& state, const DropClaim& command) {
    if (!state.claims.contains(command.job)) return Events{};
    return Events{ClaimDropped{.job = command.job, .why = command.why}};
}

Result<Events> set_queue(const State& state, const SetQueue& command) {
    Queue queue = command.queue;
    TRY(validate(queue));
    for (Quota& quota : queue.quotas) {
        const Chip* chip = find_chip(state, quota.chip);
        if (chip == nullptr)
            return not_found("chip_unknown", unknown_text("chip", state.chips, quota.chip));
        quota.chip = chip->name;
    }
    TRY(validate(queue));  // an alias and its chip are one
    const bool is_new = !state.queues.contains(queue.path);
    if (is_new && state.queues.size() >= max_queues)
        return exhausted("too_many_queues", limit_text("queues", max_queues));
    if (!is_new && state.queues.at(queue.path) == queue) return Events{};
    return Events{QueueSet{.queue = std::move(queue)}};
}

Result<Events> remove_queue(const State& state, const RemoveQueue& command) {
    if (!state.queues.contains(command.path))
        return not_found("queue_unknown",
                         unknown_text("description of a queue", state.queues, command.path));
    return Events{QueueRemoved{.path = command.path}};
}

Result<Events> set_dataset(const State& state, const SetDataset& command) {
    Dataset dataset = command.dataset;
    TRY(validate(dataset));
    for (const std::string& center : dataset.centers) {
        if (!find_center(state, center)) return no_such_center(state, center);
    }
    std::ranges::sort(dataset.centers);
    const auto again = std::ranges::unique(dataset.centers);
    dataset.centers.erase(again.begin(), again.end());
    const bool is_new = !state.datasets.contains(dataset.name);
    if (is_new && state.datasets.size() >= max_datasets)
        return exhausted("too_many_datasets", limit_text("datasets", max_datasets));
    if (!is_new && state.datasets.at(dataset.name) == dataset) return Events{};
    return Events{DatasetSet{.dataset = std::move(dataset)}};
}

Result<Events> remove_dataset(const State& state, const RemoveDataset& command) {
    if (!state.datasets.contains(command.name))
        return not_found("dataset_unknown", unknown_text("dataset", state.datasets, command.name));
    return Events{DatasetRemoved{.name = command.name}};
}

Result<void> check_inputs(const State& state, const std::vector<DataInput>& inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const DataInput& input = inputs[i];
        if (input.bytes > 0 || state.datasets.contains(input.dataset)) continue;
        return invalid("dataset_unknown",
                       "data.inputs[" + std::to_string(i) +
                           "].dataset: " + unknown_text("dataset", state.datasets, input.dataset) +
                           "; where it is not known, say how many `bytes` the job reads");
    }
    return {};
}

Result<Events> publish_prices(const PublishPrices& command) {
    return Events{PricesPublished{.index = command.index}};
}

}  // namespace dayu::control
