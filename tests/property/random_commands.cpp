#include "tests/property/random_commands.h"

#include "base/sha256.h"
#include "tests/scenario/job_options.h"

namespace dayu::property {
namespace {

constexpr std::int64_t centers = 4;
constexpr std::int64_t idempotency_keys = 12;
const std::string chip_names[] = {"Ascend910B", "H20"};

std::string hex_of(const std::string& text) { return to_hex(sha256(text)).substr(0, 32); }
std::string center_name(std::int64_t index) { return "center-" + std::to_string(index); }

}  // namespace

control::DeclareChips RandomCommands::chips() {
    return {{scenario::chip_named(chip_names[0]), scenario::chip_named(chip_names[1])}};
}

// Of capacity: queues, datasets, and claims that may be as stale as they like.
control::Command RandomCommands::division(const control::State& state, Time now) {
    const std::string path = chance(50) ? "default/default" : "default/other";
    const auto job = static_cast<std::uint64_t>(
        below(static_cast<std::int64_t>(state.header.last_job.value) + 2));
    switch (below(7)) {
        case 0: return queue(path);
        case 1: return control::RemoveQueue{path};
        case 2: return control::SetDataset{{.name = "tang300", .bytes = below(100), .centers = {}}};
        case 3: return control::RemoveDataset{"tang300"};
        case 4: return control::DropClaim{.job = {job}};
        case 5: return control::PublishPrices{{.at = now, .rows = {}}};
        default: break;
    }
    sched::Claim claim{.job = {job}, .center = {1}, .pool = "main", .until = now + seconds(60)};
    for (const auto& [id, attempt] : state.attempts.rows()) {
        claim.center = attempt.center;
        claim.nodes = attempt.nodes;
        claim.victims = {id};
        break;
    }
    return control::ClaimCapacity{std::move(claim)};
}

// Of the few chips that there are some to one and some to another, and sometimes more than there are.
control::SetQueue RandomCommands::queue(const std::string& path) {
    Queue queue{.path = path, .weight_milli = 1 + below(5'000), .quotas = {}};
    for (const std::string& chip : chip_names) {
        if (chance(30)) continue;
        Quota& quota = queue.quotas.emplace_back(Quota{.chip = chip});
        quota.guaranteed_milli = below(4) * 8000;
        if (chance(30)) quota.kept_milli = quota.guaranteed_milli / 2;
        if (chance(20)) quota.limit_milli = quota.guaranteed_milli + below(3) * 8000;
    }
    return {std::move(queue)};
}

control::Command RandomCommands::next(const control::State& state, Time now) {
    const std::int64_t dice = below(100);
    const auto job = static_cast<std::uint64_t>(
        below(static_cast<std::int64_t>(state.header.last_job.value) + 2));
    const auto a_center = static_cast<std::uint32_t>(below(centers + 1));
    if (dice < 30) return submit(state);
    const auto action = static_cast<control::JobAction>(below(4));
    if (dice < 38) return control::ChangeJob{.job = {job}, .action = action};
    if (dice < 40) return control::ChangeArray{.array = {job}, .action = action};
    if (dice < 42) return control::ExpireJob{JobId{job}};
    if (dice < 43) return control::DrainCenter{center_name(below(centers + 1)), "property"};
    if (dice < 45) return control::ResumeCenter{center_name(below(centers + 1))};
    if (dice < 47) return division(state, now);
    if (dice < 85) return control::SyncAgent{sync(state, now)};
    if (dice < 89) {
        return chance(50) ? control::Command(control::ReportSilence{CenterId{a_center}})
                          : control::Command(control::JudgeOutage{CenterId{a_center}});
    }
    if (dice < 93) return control::MoveAttempt{key(state)};
    if (dice < 97) return control::FenceCenter{center_name(below(centers + 1)), "property"};
    if (dice < 98 && chance(70)) {
        const std::string node = "main/" + std::to_string(below(3));
        return chance(40) ? control::Command(control::ExcludeNode{center_name(below(centers + 1)),
                                                                  node, "property"})
                          : control::Command(control::IncludeNode{center_name(below(centers + 1)),
                                                                  node, "property"});
    }
    if (dice < 98) return chance(30) ? chips() : hooks();
    const std::string secret = chance(50) ? "one" : "two";
    if (dice < 99 && chance(70)) {
        return chance(70) ? control::Command(control::SetSecret{secret, std::string(32, 'a')})
                          : control::Command(control::RemoveSecret{secret});
    }
    if (dice < 99) return control::Found{.cluster = "00000000000000ff"};
    if (chance(30)) return control::RevokeToken{chance(70) ? "t" : std::string(12, 'b')};
    control::IssueToken issue{.name = "t", .sha256 = std::string(64, chance(50) ? 'a' : 'b')};
    issue.role = static_cast<control::Role>(below(4));
    if (chance(30)) issue.expires = now + seconds(60);
    issue.is_name_new = chance(50);
    return issue;
}

control::Command RandomCommands::hooks() {
    const std::string name = chance(50) ? "ops" : "chat";
    const std::string sealed(32, chance(50) ? 'a' : 'b');
    const std::int64_t dice = below(4);
    if (dice == 0) return control::RemoveHook{name};
    if (dice == 1) return control::SuspendHook{.name = name, .sealed = sealed};
    if (dice == 2) return control::ResumeHook{name};
    Hook hook{.name = name, .host = "example.org", .events = {NoticeTopic::job_ended}};
    return control::SetHook{.hook = std::move(hook), .sealed = sealed};
}

control::SubmitJob RandomCommands::submit(const control::State& state) {
    control::SubmitJob command;
    command.name = "job";
    command.spec = spec();
    command.body = hex_of("body");
    command.request = hex_of(control::spec_key(command.spec));
    if (chance(40))
        command.idempotency_key = hex_of("key" + std::to_string(below(idempotency_keys)));
    if (chance(20)) command.workdir = hex_of("workdir" + std::to_string(below(3)));
    if (chance(30)) command.conditions = conditions(state);
    if (chance(20)) command.handicap = seconds(below(9000));
    for (const Dependency& dependency : command.conditions.depends_on) {
        if (chance(80)) command.ended[dependency.job] = static_cast<JobState>(3 + below(6));
    }
    return command;
}

Conditions RandomCommands::conditions(const control::State& state) {
    Conditions conditions;
    conditions.hold = chance(15);
    conditions.priority = static_cast<Priority>(below(4));
    if (chance(20)) conditions.begin.after = seconds(below(600));
    if (chance(20)) conditions.deadline.after = seconds(1 + below(9000));
    if (chance(30)) {
        for (std::int64_t i = 0; i <= below(6); ++i) conditions.array.indices.push_back(i * 3);
        conditions.array.at_most = below(4);
    }
    for (std::int64_t i = chance(50) ? 1 + below(3) : 0; i > 0; --i) {
        Dependency& dependency = conditions.depends_on.emplace_back();
        dependency.job = key(state).job;
        if (chance(30)) dependency.array_index = 0;
        dependency.on = static_cast<DependsOn>(below(4));
    }
    return conditions;
}

JobSpec RandomCommands::spec() {
    constexpr std::int64_t shares[] = {0, 500, 1000, 2000, 8000};
    JobSpec spec;
    spec.nodes = chance(80) ? 1 : 2 + below(2);
    spec.resources.chips_milli = shares[below(5)];
    if (spec.resources.chips_milli > 0) spec.resources.chip = chip_names[chance(80) ? 0 : 1];
    spec.resources.cpus = 1 + below(2) * 7;
    spec.time_limit = chance(50) ? seconds(600) : seconds(7200);
    spec.retry.max = below(3);
    if (chance(30)) spec.retry.on_exit = {75};
    spec.retry.backoff = chance(60) ? Duration{} : seconds(30);
    if (chance(30)) spec.checkpoint.path = "ckpt";
    if (chance(20)) spec.placement.move_after = seconds(60);
    if (chance(10)) spec.placement.max_price = Money{40 * micro_yuan_per_yuan};
    if (chance(10)) spec.placement.regions = {"cn/1"};
    spec.preemptible = chance(40);
    if (chance(15)) spec.secrets = {chance(50) ? "one" : "two"};
    if (chance(20)) {
        spec.variants = {{spec.resources}, {spec.resources}};
        spec.variants.back().chip = chip_names[1];
        spec.variants.back().chips_milli = 1000;
        if (chance(50)) spec.variants.back().time_limit = seconds(600);
        if (chance(50)) spec.runtime = seconds(300);
        spec.variants.back().forecast = {.work = "pretrain dense bf16",
                                         .framework = chance(50) ? "one" : "two",
                                         .step_us = 1'000'000};
    }
    return spec;
}

Center RandomCommands::center(std::int64_t index) {
    Center center =
        *scenario::center_of({.verb = "center", .words = {}, .options = {}}, center_name(index));
    center.region = "cn/" + std::to_string(index % 2);
    center.engine.fences_itself = index % 2 == 0;
    Pool& pool = center.pools.front();
    pool.chip = chip_names[index == 3 ? 1 : 0];
    pool.nodes = 2;
    pool.cpus_per_node = 16;
    pool.price_per_chip_hour = {(10 + index) * micro_yuan_per_yuan};
    if (chance(4)) pool.nodes = 1 + below(3);
    if (chance(2)) pool.name = "other";
    if (chance(2)) center.pools.push_back(Pool{pool}), center.pools.back().name = "second";
    return center;
}

SyncRequest RandomCommands::sync(const control::State& state, Time now) {
    const std::int64_t agent = below(3);
    SyncRequest request;
    request.agent = "agent-" + std::to_string(agent);
    request.installation = request.agent + (chance(5) ? "-reborn" : "-first");
    if (!chance(5)) request.centers.push_back(center(agent));
    if (agent == 2) request.centers.push_back(center(3));
    if (chance(2)) request.centers.push_back(center(below(centers)));
    // Whatever it may hold: mostly what it really should, and some of it seen ending.
    for (const auto& [place, nothing] : state.attempts_at.rows()) {
        const Token live =
            make_token(state.header.cluster,
                       {.job = place.job, .number = state.attempts.at(place.job).number});
        const auto& row = state.centers.at(place.center);
        if (row.installation != request.installation || chance(30)) continue;
        request.holding.push_back(live);
        if (chance(40)) continue;
        request.observations.push_back(observation(state, now));
        request.observations.back().token = live;
    }
    if (chance(15)) request.holding.push_back(token(state));
    if (chance(10)) request.observations.push_back(observation(state, now));
    return request;
}

AttemptKey RandomCommands::key(const control::State& state) {
    const JobId job{1 + static_cast<std::uint64_t>(
                            below(static_cast<std::int64_t>(state.header.last_job.value) + 2))};
    const control::JobRow* row = state.jobs.find(job);
    return {.job = job, .number = 1 + below(row == nullptr ? 2 : row->attempts + 2)};
}

Token RandomCommands::token(const control::State& state) {
    return make_token(chance(10) ? "00000000deadbeef" : state.header.cluster, key(state));
}

Observation RandomCommands::observation(const control::State& state, Time now) {
    Observation seen;
    seen.token = token(state);
    seen.at = now + seconds(below(20) - 10);
    seen.state = static_cast<AttemptState>(below(7));
    if (chance(20)) {
        const Time to = now - seconds(below(30));
        seen.windows.push_back(
            {.from = to - seconds(10), .to = to, .usage = {.cpu_ms = below(10'000)}});
    }
    if (chance(35)) {
        seen.state = AttemptState::ended;
        seen.ending = ending(now);
    }
    return seen;
}

Ending RandomCommands::ending(Time now) {
    constexpr std::int64_t codes[] = {0, 0, 1, 75};
    Ending ending;
    ending.cause = chance(60) ? EndCause::exited : static_cast<EndCause>(below(8));
    ending.code = codes[below(4)];
    ending.signal = chance(10) ? 9 : 0;
    if (chance(80)) ending.started = now - seconds(below(9000));
    ending.ended = now - seconds(below(10));
    if (chance(40)) ending.steps = {.count = below(100), .median_us = below(3'000'000)};
    return ending;
}

}  // namespace dayu::property
