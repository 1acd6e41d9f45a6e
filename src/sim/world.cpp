#include "sim/world.h"

#include <utility>

#include "sched/policy.h"

namespace dayu::sim {
namespace {

constexpr Duration longest_trouble = seconds(400);
// After it all must come to an end: retries back off, wall clocks may have run ahead by 15 minutes.
constexpr Duration patience = seconds(3 * 3600);
constexpr std::size_t max_happenings = 2'000'000;
constexpr Duration longest_offset = seconds(120);
constexpr std::int64_t largest_drift_ppm = 300;
constexpr Duration sync_interval = seconds(5);  // of a disk that answers before it has synced

Chip chip() {
    return {.name = "V100",
            .vendor = "x",
            .aliases = {},
            .memory_mib = 16'384,
            .power_w = 300,
            .source = "x",
            .confidence = "M"};
}

ClockFaults some_clock(Random& random) {
    return {.offset = random.between(Duration{-longest_offset.ms}, longest_offset),
            .drift_ppm = random.between(-largest_drift_ppm, largest_drift_ppm)};
}

Center some_center(const std::string& name, const EngineFacts& facts, Random& random) {
    Center center;
    center.name = name;
    center.region = "cn/test";
    center.security_level = 3;
    center.energy.grid_mg_per_kwh = random.between(100, 900) * 1000;
    center.engine = facts;
    center.pools.push_back({.name = "p",
                            .chip = "V100",
                            .nodes = random.between(2, 3),
                            .chips_per_node = 2,
                            .cpus_per_node = random.between(2, 6),
                            .memory_mib_per_node = 16'384,
                            .price_per_chip_hour = {random.between(1, 20) * 1'000'000},
                            .price_per_cpu_hour = {random.between(1, 20) * 10'000},
                            .watts_per_cpu = 5});
    return center;
}

Conditions some_conditions(Random& random) {
    Conditions conditions;
    conditions.hold = random.chance(150);
    if (random.chance(150)) conditions.begin.after = random.skewed(seconds(1), seconds(200));
    if (random.chance(200)) {
        conditions.deadline.after =
            conditions.begin.after + random.skewed(seconds(5), seconds(600));
    }
    if (random.chance(200)) {
        for (std::int64_t i = random.between(2, 4); i > 0; --i)
            conditions.array.indices.push_back(10 - 2 * i);
        conditions.array.at_most = random.between(0, 2);
    }
    return conditions;
}

JobFile some_job(const std::string& name, Random& random) {
    JobFile file;
    file.name = name;
    file.spec.nodes = random.chance(200) ? 2 : 1;
    file.spec.resources.cpus = random.between(1, 2);
    file.spec.resources.memory_mib = 512;
    if (random.chance(250)) {
        file.spec.resources.chip = "V100";
        file.spec.resources.chips_milli = random.between(1, 2) * 1000;
    }
    file.spec.checkpoint.grace = random.chance(300) ? Duration{} : random.skewed({}, seconds(30));
    if (random.chance(300)) file.spec.checkpoint.path = "ckpt";
    if (random.chance(300)) file.spec.retry = {.max = random.between(1, 3), .on_exit = {}};
    file.spec.time_limit = random.chance(100) ? seconds(random.between(1, 30)) : seconds(3600);
    if (random.chance(350))
        file.spec.placement.move_after = random.skewed(seconds(60), seconds(150));
    file.body.run = to_script({.runs = random.skewed(milliseconds(50), seconds(200)),
                               .code = random.chance(150) ? random.between(1, 3) : 0,
                               .lingers = random.skewed({}, seconds(60))});
    if (random.chance(400)) file.conditions = some_conditions(random);
    return file;
}

}  // namespace

World::World(const WorldOptions& options)
    : random_(options.seed * 0x2545F4914F6CDD1DULL + 1), checks_(random_.fork()) {
    stage_.referee = std::make_unique<Referee>(stage_.timeline, options.takes_notes);
    stage_.network = std::make_unique<VirtualNetwork>(stage_.timeline, random_.fork());
    build_server(options.sabotage);
    build_stations(options.sabotage);
    build_clients();
    faults_ = std::make_unique<Faults>(stage_, random_.fork(),
                                       random_.between(seconds(30), longest_trouble));
}

World::~World() = default;

void World::build_server(Sabotage sabotage) {
    stage_.disk.on_promised([this](const auto& promised) { stage_.referee->durable(promised); });
    if (sabotage == Sabotage::disk_answers_before_sync) {
        stage_.disk.set_answers_before_sync();
        const auto again = std::make_shared<Timeline::Action>();
        *again = [this, weak = std::weak_ptr(again)] {
            stage_.disk.sync();
            if (const auto self = weak.lock())
                stage_.timeline.after(sync_interval, [self] { (*self)(); });
        };
        stage_.timeline.after(sync_interval, [again] { (*again)(); });
    }
    stage_.server_clock = std::make_unique<VirtualClock>(stage_.timeline, some_clock(random_));
    const std::vector<std::string_view> policies = sched::policy_names();
    stage_.server = std::make_unique<VirtualServer>(
        stage_.timeline, stage_.disk, *stage_.server_clock, *stage_.referee, random_.fork(),
        VirtualServer::Options{
            .policy = sched::find_policy(policies[random_.index(policies.size())]),
            .chips = {chip()},
            .drops_idempotency_keys = sabotage == Sabotage::keys_are_dropped});
    stage_.server->on_turn([this](const runtime::Core& core) { check(core); });
    stage_.server->start();
}

void World::build_stations(Sabotage sabotage) {
    const std::int64_t count = random_.between(1, 3);
    std::int64_t centers = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        auto station = std::make_unique<Station>(stage_.timeline, some_clock(random_));
        station->link = stage_.network->add_link();
        const auto call = [this, link = station->link](const std::string& request,
                                                       const VirtualAgent::Answer& answer) {
            const auto back = [this, link, answer](const Result<std::string>& reply) {
                stage_.network->send(link, Way::from_server, [answer, reply] { answer(reply); });
            };
            stage_.network->send(link, Way::to_server, [this, request, back] {
                if (stage_.server->is_up()) return stage_.server->sync(request, back);
                back(unavailable("refused", "nobody listens there"));
            });
        };
        station->agent =
            std::make_unique<VirtualAgent>(stage_.timeline, station->machine, *stage_.referee,
                                           "agent" + std::to_string(i), random_.hex(32), call);
        const std::int64_t here = random_.chance(300) ? 2 : 1;
        for (std::int64_t j = 0; j < here; ++j) {
            const VirtualEngineOptions options{
                .center = "center" + std::to_string(centers),
                .fences_itself = centers++ == 0 || random_.chance(500),
                .forgets_claims = sabotage == Sabotage::engine_forgets_claims};
            station->engines.push_back(std::make_unique<VirtualEngine>(
                stage_.timeline, station->machine, *stage_.referee, random_.fork(), options));
            const Center center =
                some_center(options.center, station->engines.back()->facts(), random_);
            stage_.referee->expect_center(center);
            station->agent->add_center(center, *station->engines.back());
        }
        station->agent->start();
        stage_.stations.push_back(std::move(station));
    }
}

void World::build_clients() {
    const std::size_t link = stage_.network->add_link();
    const auto call = [this, link](const auto& ask, const ClientCalls::OnAnswer& answer) {
        const auto back = [this, link, answer](const Result<runtime::Answer>& reply) {
            stage_.network->send(link, Way::from_server, [answer, reply] { answer(reply); });
        };
        stage_.network->send(link, Way::to_server, [ask, back] { ask(back); });
    };
    const ClientCalls calls{
        .submit =
            [this, call](const std::string& file, const std::string& key, const auto& answer) {
                call(
                    [this, file, key](const auto& back) { stage_.server->submit(file, key, back); },
                    answer);
            },
        .ask =
            [this, call](const control::Command& command, const auto& answer) {
                call([this, command](const auto& back) { stage_.server->ask(command, back); },
                     answer);
            }};
    const std::int64_t count = random_.between(2, 14);
    for (std::int64_t i = 0; i < count; ++i) {
        Wish wish{.file = some_job("job" + std::to_string(i), random_),
                  .after = random_.skewed({}, seconds(200)),
                  .cancel_after = {},
                  .hold_after = {},
                  .requeue_after = {},
                  .release_after = random_.skewed({}, seconds(200)),
                  .asks_again = random_.chance(200)};
        if (random_.chance(200)) wish.cancel_after = random_.skewed({}, seconds(100));
        if (random_.chance(150)) wish.hold_after = random_.skewed({}, seconds(100));
        if (random_.chance(200)) wish.requeue_after = random_.skewed({}, seconds(200));
        clients_.push_back(std::make_unique<VirtualClient>(stage_.timeline, *stage_.referee,
                                                           random_.fork(), std::move(wish), calls));
    }
}

void World::check(const runtime::Core& core) {
    Referee& referee = *stage_.referee;
    if (checks_.chance(core.writable() ? 100 : 300)) referee.check_state(core);
    if (checks_.chance(core.writable() ? 8 : 100)) {
        referee.check_replay(
            core, stage_.disk,
            checks_.chance(500) ? VirtualDisk::Reads::all : VirtualDisk::Reads::no_snapshots);
    }
}

bool World::is_done() const {
    if (!faults_->healed() || !stage_.referee->all_over()) return false;
    for (const auto& station : stage_.stations) {
        for (const auto& engine : station->engines) {
            if (engine->shims() != 0 || engine->unsettled() != 0) return false;
        }
    }
    return stage_.server->is_up();
}

std::string World::what_is_left() const {
    std::string text = stage_.referee->unfinished();
    for (const auto& station : stage_.stations) {
        for (const auto& engine : station->engines) {
            text += " " + std::to_string(engine->unsettled()) + " attempts unsettled;";
        }
    }
    return text;
}

Outcome World::run() {
    Outcome outcome;
    Referee& referee = *stage_.referee;
    std::optional<Instant> healed;
    while (referee.complaint().empty() && !is_done()) {
        if (faults_->healed() && !healed) healed = stage_.timeline.now();
        const bool too_long = healed && stage_.timeline.now() - *healed > patience;
        if (too_long || ++outcome.happenings > max_happenings) {
            referee.complain("it does not come to an end:" + what_is_left());
            break;
        }
        stage_.timeline.run_next();
    }
    if (referee.complaint().empty()) {
        referee.check_state(*stage_.server->core());
        referee.check_replay(*stage_.server->core(), stage_.disk, VirtualDisk::Reads::no_snapshots);
    }
    outcome.complaint = referee.complaint();
    outcome.notes.assign(referee.notes().begin(), referee.notes().end());
    outcome.counts = referee.counts();
    return outcome;
}

Outcome run_world(std::uint64_t seed, Sabotage sabotage) {
    Outcome outcome = World({.seed = seed, .sabotage = sabotage}).run();
    if (outcome.complaint.empty() || sabotage != Sabotage::none) return outcome;
    return World({.seed = seed, .sabotage = sabotage, .takes_notes = true}).run();
}

}  // namespace dayu::sim
