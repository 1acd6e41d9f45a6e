#include "tests/property/world/stream.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/core.h>

#include "sched/testing/worlds.h"

namespace dayu::property {
namespace {

using namespace sched;

constexpr std::array chip_names{"A100", "H20"};
constexpr std::array paths{"acme/poems", "acme/songs", "acme/songs/lora", "other/plays", "other"};
constexpr std::int64_t shapes = 12;
constexpr std::int64_t most_centers = 4;

template <class Table>
auto any_row(Table& table, Dice& dice) {
    return std::next(table.begin(), dice.below(static_cast<std::int64_t>(table.size())));
}

bool same(const Decisions& a, const Decisions& b) {
    const auto same_placement = [](const Placement& x, const Placement& y) {
        return x.job == y.job && x.candidate == y.candidate && x.nodes == y.nodes &&
               x.price_at_most == y.price_at_most;
    };
    const auto same_class = [&](const ClassDecision& x, const ClassDecision& y) {
        return x.table == y.table && std::ranges::equal(x.placements, y.placements, same_placement);
    };
    const auto same_claim = [](const Claim& x, const Claim& y) {
        return x.job == y.job && x.center == y.center && x.pool == y.pool &&
               x.variant == y.variant && x.nodes == y.nodes && x.victims == y.victims &&
               x.until == y.until;
    };
    return a.unfinished == b.unfinished && a.wake_at == b.wake_at && a.lapsed == b.lapsed &&
           std::ranges::equal(a.classes, b.classes, same_class) &&
           std::ranges::equal(a.claims, b.claims, same_claim);
}

}  // namespace

Stream::Stream(std::uint64_t seed) : dice_(seed) {
    for (const char* name : chip_names) {
        facts_.chips[name] = testing::chip(name);
        world_.put_chip(facts_.chips[name]);
    }
    for (std::uint32_t shape = 1; shape <= shapes; ++shape) {
        facts_.shapes[{shape}] = any_spec();
        world_.put_shape({shape}, facts_.shapes[{shape}]);
    }
    declare_center();
}

void Stream::expect(bool holds, const std::string& what) {
    if (!holds && broken_.empty()) broken_ = what;
}

std::string Stream::any_path() {
    return paths[static_cast<std::size_t>(dice_.below(std::ssize(paths)))];
}

JobSpec Stream::any_spec() {
    JobSpec one = testing::spec({.chip = chip_names[static_cast<std::size_t>(dice_.below(2))],
                                 .nodes = dice_.between(1, 3),
                                 .chips = dice_.between(1, 8),
                                 .hours = dice_.between(1, 6)});
    one.resources.cpus = dice_.between(1, 8);
    one.preemptible = dice_.chance(50);
    if (dice_.chance(20)) {
        one.variants = {{one.resources}, {one.resources}};
        one.variants[1].chip = chip_names[one.resources.chip == chip_names[0] ? 1 : 0];
        if (dice_.chance(50)) one.variants[1].nodes = dice_.between(1, 3);
        if (dice_.chance(50)) one.variants[1].time_limit = seconds(3600 * dice_.between(1, 6));
        if (dice_.chance(50)) one.runtime = seconds(600 * dice_.between(1, 6));
    }
    if (dice_.chance(20)) one.placement.max_price = testing::yuan_of(dice_.between(10, 500));
    if (dice_.chance(20)) one.inputs = {{.dataset = "tang300", .bytes = dice_.below(2) << 30}};
    return one;
}

void Stream::declare_center() {
    const CenterId id{static_cast<std::uint32_t>(dice_.between(1, most_centers))};
    std::vector<Pool> pools;
    for (std::int64_t i = dice_.between(1, 2); i > 0; --i) {
        pools.push_back(testing::pool({.name = fmt::format("p{}", i),
                                       .chip = chip_names[static_cast<std::size_t>(dice_.below(2))],
                                       .nodes = dice_.between(1, 5),
                                       .chips_per_node = dice_.between(4, 8),
                                       .cpus_per_node = dice_.between(8, 32),
                                       .yuan_per_chip_hour = dice_.between(8, 12)}));
    }
    Center center = testing::center(fmt::format("c{}", id.value), std::move(pools));
    center.link = {.rtt_us = 0, .mbit_per_s = dice_.below(3) * 100, .price_per_gib = {1000}};
    std::optional<Refusal> closed;
    if (dice_.chance(15)) closed = testing::out_of_contact();
    facts_.centers[id] = {center, closed};
    world_.put_center(id, center, closed);
}

void Stream::change_supply() {
    if (facts_.centers.empty() || dice_.chance(40)) return declare_center();
    const CenterId center = any_row(facts_.centers, dice_)->first;
    const std::string pool = fmt::format("p{}", dice_.between(1, 2));
    const std::int64_t node = dice_.below(5);
    if (dice_.chance(40)) {
        facts_.excluded.insert({center, pool, node});
        world_.exclude(center, pool, node);
    } else if (!facts_.excluded.empty() && dice_.chance(60)) {
        const auto at = any_row(facts_.excluded, dice_);
        world_.include(std::get<0>(*at), std::get<1>(*at), std::get<2>(*at));
        facts_.excluded.erase(at);
    } else if (dice_.chance(70)) {
        Dataset data{.name = "tang300", .bytes = dice_.below(3) << 30, .centers = {}};
        if (dice_.chance(50)) data.centers = {"c1"};
        facts_.datasets[data.name] = data;
        world_.put_dataset(data);
    } else {
        facts_.datasets.erase("tang300");
        world_.remove_dataset("tang300");
    }
}

void Stream::divide() {
    const std::string path = dice_.chance(30) ? "acme" : any_path();
    if (dice_.chance(30)) {
        facts_.queues.erase(path);
        world_.remove_queue(path);
    } else if (dice_.chance(30)) {
        const std::pair used{testing::yuan_of(dice_.below(10'000)), now_};
        facts_.usage[path] = used;
        world_.put_usage(path, used.first, used.second);
    } else {
        Queue queue{.path = path, .weight_milli = dice_.between(500, 3000), .quotas = {}};
        for (const char* chip : chip_names) {
            if (dice_.chance(40)) continue;
            Quota quota{.chip = chip, .guaranteed_milli = dice_.below(5) * 4000};
            quota.kept_milli = dice_.below(2) * quota.guaranteed_milli / 2;
            if (dice_.chance(30))
                quota.limit_milli = quota.guaranteed_milli + dice_.below(5) * 4000;
            queue.quotas.push_back(quota);
        }
        facts_.queues[path] = queue;
        world_.put_queue(queue);
    }
}

void Stream::submit() {
    QueuedJob job{.job = {++last_job_},
                  .shape = {static_cast<std::uint32_t>(dice_.between(1, shapes))},
                  .queue = any_path(),
                  .priority = Priority{static_cast<std::uint8_t>(dice_.below(4))},
                  .submitted = now_};
    if (dice_.chance(10)) job.not_before = now_ + seconds(dice_.below(7200));
    if (dice_.chance(10) && facts_.shapes.at(job.shape).placement.max_price)
        job.spent = testing::yuan_of(dice_.below(50));
    facts_.queued[job.job] = job;
    world_.enqueue(job);
    if (!dice_.chance(20)) return;
    const auto other = any_row(facts_.queued, dice_);  // taken back, or told again
    if (dice_.chance(50) && !facts_.claims.contains(other->first)) {
        world_.dequeue(other->first);
        facts_.queued.erase(other);
    } else {
        other->second.priority = Priority::high;
        world_.enqueue(other->second);
    }
}

// By itself, or as it was asked to: that one goes back to its queue.
void Stream::end_one() {
    if (facts_.running.empty()) return;
    const auto at = any_row(facts_.running, dice_);
    const RunningJob gone = at->second;
    if (!gone.stopping && gone.until > now_ && dice_.chance(50)) return;
    world_.vacate(gone.job);
    facts_.running.erase(at);
    if (!gone.stopping) return;
    QueuedJob again{.job = gone.job,
                    .shape = {static_cast<std::uint32_t>(dice_.between(1, shapes))},
                    .queue = gone.queue,
                    .priority = gone.priority,
                    .submitted = gone.placed};
    facts_.queued[gone.job] = again;
    world_.enqueue(again);
}

void Stream::change_claims() {
    if (facts_.claims.empty()) return;
    const auto at = any_row(facts_.claims, dice_);
    world_.unclaim(at->first);
    facts_.claims.erase(at);
}

void Stream::step() {
    now_ = now_ + (dice_.chance(3) ? seconds(-1800) : seconds(dice_.below(900)));
    switch (dice_.below(12)) {
        case 0: change_supply(); break;
        case 1: divide(); break;
        case 2:
        case 3:
        case 4: submit(); break;
        case 5:
        case 6: end_one(); break;
        case 7: dice_.chance(20) ? change_claims() : submit(); break;
        default: round();
    }
    check();
}

void Stream::round() {
    const Work work{.classes = static_cast<std::size_t>(dice_.between(1, 8)),
                    .placements = static_cast<std::size_t>(dice_.between(1, 20))};
    const Decisions decisions = decide(world_, sched::testing::policy(), book_, now_, work);
    World anew = facts_.build(dice_);
    expect(same(decisions, decide(anew, sched::testing::policy(), now_, work)),
           "a World built anew decides otherwise");
    expect(same(decisions, decide(world_, sched::testing::policy(), book_, now_, work)),
           "a round has left a trace");
    std::size_t placements = 0;
    for (const ClassDecision& one : decisions.classes) placements += one.placements.size();
    expect(placements <= work.placements && decisions.classes.size() <= work.classes,
           "a round did more than it may");
    const World before = anew;
    carry_out(decisions);
    check_limits(before);
}

void Stream::carry_out(const Decisions& decisions) {
    for (const JobId job : decisions.lapsed) {
        expect(facts_.claims.erase(job) == 1, "a claim lapsed that was not there");
        world_.unclaim(job);
    }
    for (const ClassDecision& one : decisions.classes) carry_out(one);
    for (const Claim& one : decisions.claims) claim(one);
}

void Stream::carry_out(const ClassDecision& decision) {
    for (const Placement& placement : decision.placements) {
        if (dice_.chance(5)) continue;  // refused as stale
        start(decision, placement);
    }
}

void Stream::start(const ClassDecision& decision, const Placement& placement) {
    const auto queued = facts_.queued.find(placement.job);
    if (queued == facts_.queued.end()) return expect(false, "what does not wait was placed");
    const Candidate& offer = decision.table.candidates.at(placement.candidate);
    const JobSpec spec = spec_of(facts_.shapes.at(queued->second.shape), offer.variant);
    expect(!offer.refusal && queued->second.shape == decision.table.shape, "a refused offer");
    expect(queued->second.not_before <= now_, "placed before its time");
    expect(std::ssize(placement.nodes) == spec.nodes, "a gang is not whole");
    std::set<std::int64_t> nodes;
    for (const NodeShare& share : placement.nodes) {
        nodes.insert(share.node);
        expect(share.chips_milli == spec.resources.chips_milli, "a share is not as asked for");
        expect(!facts_.excluded.contains({offer.center, offer.pool, share.node}),
               "placed on an excluded node");
    }
    expect(std::ssize(nodes) == spec.nodes, "a gang stands twice on one node");
    if (facts_.claims.erase(placement.job) > 0) world_.unclaim(placement.job);
    const RunningJob running{.job = placement.job,
                             .center = offer.center,
                             .pool = offer.pool,
                             .nodes = placement.nodes,
                             .until = now_ + spec.time_limit,
                             .queue = queued->second.queue,
                             .priority = queued->second.priority,
                             .preemptible = spec.preemptible,
                             .placed = now_};
    world_.dequeue(placement.job);
    world_.occupy(running);
    facts_.queued.erase(queued);
    facts_.running[placement.job] = running;
    ++placed_;
    const FreeNodes& free = world_.centers().at(offer.center).pools.at(offer.pool).free();
    for (const std::int64_t node : nodes) {
        const NodeView& left = free.at(node);
        expect(left.free_chips_milli >= 0 && left.free_cpus >= 0 && left.free_memory_mib >= 0,
               "a node holds more than it has");
    }
}

void Stream::claim(const Claim& claim) {
    const auto queued = facts_.queued.find(claim.job);
    if (queued == facts_.queued.end() || facts_.claims.contains(claim.job))
        return expect(false, "a claim for what does not wait");
    const JobSpec spec = spec_of(facts_.shapes.at(queued->second.shape), claim.variant);
    for (const JobId victim : claim.victims) {
        const auto running = facts_.running.find(victim);
        if (running == facts_.running.end()) return expect(false, "a victim that does not run");
        expect(running->second.preemptible && !running->second.stopping, "not to be stopped");
        expect(running->second.center == claim.center && running->second.pool == claim.pool,
               "a victim in another pool");
        running->second.stopping = true;
        world_.stop(victim);
    }
    const ClaimedNodes claimed{.place = {.job = claim.job,
                                         .center = claim.center,
                                         .pool = claim.pool,
                                         .nodes = claim.nodes,
                                         .until = claim.until + spec.time_limit,
                                         .queue = queued->second.queue,
                                         .priority = queued->second.priority},
                               .variant = claim.variant,
                               .until = claim.until};
    facts_.claims[claim.job] = claimed;
    world_.claim(claimed);
    ++claimed_;
}

// A limit that held before a round holds after it, but for what claims are yet to free.
void Stream::check_limits(const World& before) {
    if (!facts_.claims.empty()) return;
    for (const auto& [path, queue] : facts_.queues) {
        for (const Quota& quota : queue.quotas) {
            const auto used = [&](const World& world) {
                const auto id = world.queues().find(path);
                return id ? world.queues().use().used_milli(*id,
                                                            world.queues().find_chip(quota.chip))
                          : 0;
            };
            if (!quota.limit_milli || used(before) > *quota.limit_milli) continue;
            expect(used(world_) <= *quota.limit_milli, path + " is over its limit");
        }
    }
}

void Stream::check() {
    const World anew = facts_.build(dice_);
    expect(world_ == anew, "the World that was fed is not the one built anew");
}

}  // namespace dayu::property
