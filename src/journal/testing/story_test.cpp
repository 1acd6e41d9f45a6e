#include "journal/testing/story.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "control/handle.h"

namespace dayu::journal::testing {
namespace {

using namespace control;

constexpr Time dawn{1'795'000'000'000};

Center jiading() {
    Center center;
    center.name = "jiading";
    center.title = "嘉定算力中心";
    center.tier = Tier::district;
    center.region = "cn/yangtze-delta/shanghai/jiading";
    center.security_level = 3;
    center.energy = {.pue_milli = 1250, .grid_mg_per_kwh = 420'000, .source = "published, 2025"};
    center.link = {.rtt_us = 900, .mbit_per_s = 10'000, .price_per_gib = {12'000}};
    center.engine = {.kind = "process",
                     .fences_itself = true,
                     .enforces = {"memory: cgroup v2"},
                     .lacks = {"chips: none here"}};
    Pool pool;
    pool.name = "a100";
    pool.chip = "A100-80GB";
    pool.nodes = 2;
    pool.chips_per_node = 8;
    pool.cpus_per_node = 96;
    pool.memory_mib_per_node = 1'048'576;
    pool.price_per_chip_hour = {11'500'000};
    pool.price_per_cpu_hour = {100'000};
    pool.watts_per_cpu = 4;
    center.pools = {pool};
    return center;
}

Chip a100() {
    Chip chip;
    chip.name = "A100-80GB";
    chip.vendor = "NVIDIA";
    chip.aliases = {"a100", "nvidia.com/gpu"};
    chip.memory_mib = 81'920;
    chip.power_w = 400;
    chip.fp16_gflops = 312'000;
    chip.source = "data sheet";
    chip.confidence = "A";
    return chip;
}

JobSpec training() {
    JobSpec spec;
    spec.kind = JobKind::train;
    spec.resources = {.chip = "A100-80GB", .chips_milli = 8'000, .cpus = 8, .memory_mib = 65'536};
    spec.checkpoint.path = "ckpt/";
    spec.retry.max = 3;
    spec.retry.on_exit = {75};
    spec.time_limit = seconds(7'200);
    spec.placement.regions = {"cn/yangtze-delta"};
    spec.placement.tiers = {Tier::city, Tier::district};
    spec.placement.max_price = Money{500'000'000};
    spec.placement.move_after = seconds(1'800);
    return spec;
}

CandidateTable weighed() {
    Candidate offer;
    offer.center = {1};
    offer.center_name = "jiading";
    offer.pool = "a100";
    offer.engine = "process";
    offer.chip = "A100-80GB";
    offer.chips_milli = 8'000;
    offer.start = dawn;
    offer.end = dawn + seconds(7'200);
    offer.price = {184'000'000};
    offer.energy_mwh = 8'000'000;
    offer.carbon_mg = 3'360'000;
    offer.objective = {185'000'000};
    Candidate refused = offer;
    refused.center = {2};
    refused.center_name = "zhongwei";
    refused.refusal = Refusal{.code = "RegionNotAllowed",
                              .tier = Reason::policy_forbidden,
                              .detail = "stands in cn/ningxia"};
    return {.shape = {1}, .policy = "cheapest", .at = dawn, .candidates = {offer, refused}};
}

JobPlaced placed(AttemptKey attempt, Seq table) {
    return {.attempt = attempt,
            .table = table,
            .candidate = 0,
            .center = {1},
            .pool = "a100",
            .nodes = {{.node = 0, .chips_milli = 8'000, .cpus = 8, .memory_mib = 65'536}},
            .price_at_most = {184'000'000},
            .energy_mwh_at_most = 8'000'000,
            .carbon_mg_at_most = 3'360'000};
}

Ending ending(EndCause cause, std::int64_t code, std::int64_t signal) {
    return {.cause = cause,
            .code = code,
            .signal = signal,
            .started = dawn + seconds(9),
            .ended = dawn + seconds(69),
            .total = {.cpu_ms = 58'000, .peak_memory_mib = 1'900},
            .detail = "as \"the shim\" saw it"};
}

JobAccepted submitted(JobId job, std::string name) {
    return {.job = job,
            .name = std::move(name),
            .shape = {1},
            .body = make_body("run", "salt").ref,
            .idempotency_key = "00112233445566778899aabbccddee0" + std::to_string(job.value),
            .request = "ffeeddccbbaa99887766554433221100"};
}

// Gives each event its place.
class Teller {
   public:
    void tell(std::string actor, Event event) {
        const Seq seq{events.size() + 1};
        const Time at = dawn + seconds(static_cast<std::int64_t>(events.size()));
        events.push_back({{.seq = seq, .at = at, .scope = {}, .actor = std::move(actor)}, event});
    }
    Seq last() const { return events.back().meta.seq; }
    std::vector<RecordedEvent> events;
};

void tell_founding(Teller& teller) {
    teller.tell("system", Founded{.cluster = "5e3f09c1a2b4d687"});
    teller.tell(
        "system",
        TokenIssued{.name = "first", .role = Role::operator_, .sha256 = std::string(64, '0')});
    teller.tell("system", ChipDeclared{.chip = a100()});
    teller.tell("agent:jiading", CenterDeclared{.id = {1}, .center = jiading()});
    teller.tell("agent:jiading",
                LeaseGranted{.center = {1}, .agent = "jiading", .installation = "a1b2c3"});
}

void tell_job_that_fails_once(Teller& teller) {
    teller.tell("token:first", ShapeDeclared{.shape = {1}, .spec = training()});
    teller.tell("token:first", submitted({1}, "tang-lm"));
    teller.tell("scheduler", CandidatesWeighed{.table = weighed()});
    const AttemptKey first{.job = {1}, .number = 1}, second{.job = {1}, .number = 2};
    teller.tell("scheduler", placed(first, teller.last()));
    const Seq table{teller.last().value - 1};
    teller.tell("agent:jiading", AttemptAdvanced{.attempt = first,
                                                 .state = AttemptState::running,
                                                 .observed = dawn + seconds(9)});
    teller.tell("system", ContactLost{.center = {1}});
    teller.tell("system", ContactRestored{.center = {1}});
    teller.tell("agent:jiading",
                UsageMetered{.attempt = first,
                             .window = {.from = dawn + seconds(9),
                                        .to = dawn + seconds(39),
                                        .usage = {.cpu_ms = 29'000, .peak_memory_mib = 1'700}}});
    teller.tell("agent:jiading", AttemptEnded{.attempt = first,
                                              .ending = ending(EndCause::exited, 75, 0),
                                              .cost = {1'533'333},
                                              .energy_mwh = 66'666,
                                              .carbon_mg = 28'000});
    teller.tell("agent:jiading", JobRequeued{.job = {1},
                                             .cause = EndCause::exited,
                                             .not_before = dawn + seconds(80),
                                             .counts_as_retry = true});
    teller.tell("scheduler", placed(second, table));
    teller.tell("agent:jiading", AttemptEnded{.attempt = second,
                                              .ending = ending(EndCause::exited, 0, 0),
                                              .cost = {1'533'333},
                                              .energy_mwh = 66'666,
                                              .carbon_mg = 28'000});
    teller.tell(
        "agent:jiading",
        JobEnded{
            .job = {1}, .state = JobState::completed, .code = 0, .signal = 0, .cost = {3'066'666}});
}

void tell_job_that_is_cancelled(Teller& teller) {
    const AttemptKey attempt{.job = {2}, .number = 1};
    teller.tell("token:first", submitted({2}, "第二 \"two\""));
    teller.tell("scheduler", placed(attempt, {8}));
    teller.tell("token:first", StopRequested{.attempt = attempt, .cause = EndCause::cancelled});
    teller.tell("agent:jiading", AttemptEnded{.attempt = attempt,
                                              .ending = ending(EndCause::cancelled, 0, 15),
                                              .cost = {1'533'333},
                                              .energy_mwh = 66'666,
                                              .carbon_mg = 28'000});
    teller.tell("agent:jiading", JobEnded{.job = {2},
                                          .state = JobState::cancelled,
                                          .code = 0,
                                          .signal = 15,
                                          .cost = {1'533'333}});
}

void tell_what_is_still_going_on(Teller& teller) {
    teller.tell("token:first", submitted({3}, "still-running"));
    teller.tell("token:first", submitted({4}, "waiting"));
    teller.tell("scheduler", placed({.job = {3}, .number = 1}, {8}));
    Center second = jiading();
    second.name = "zhongwei";
    second.region = "cn/ningxia/zhongwei";
    second.tier = Tier::national;
    teller.tell("agent:zhongwei", CenterDeclared{.id = {2}, .center = second});
    teller.tell("token:first", CenterFenced{.center = {2}, .reason = "a fire in its hall"});
}

JobAccepted without_key(JobId job, std::string name) {
    JobAccepted event = submitted(job, std::move(name));
    event.idempotency_key.clear();
    return event;
}

ConditionsSet task_of(JobId job, std::int64_t index, bool awaits_slot) {
    return {.job = job, .array = {1'000'001}, .array_index = index, .awaits_slot = awaits_slot};
}

// Their ids lie far beyond those that tests add behind the story. An array of three, one at a time; one that waits for another job, and one that never can run.
void tell_what_waits_for_other_things(Teller& teller) {
    teller.tell("token:first", CenterDrained{.center = {1}, .reason = "new switches"});
    teller.tell("token:first", CenterResumed{.center = {1}});
    teller.tell("token:first", ArrayDeclared{.array = {1'000'001}, .tasks = 3, .at_most = 1});
    for (const std::uint64_t job : {1'000'001, 1'000'002, 1'000'003}) {
        teller.tell("token:first", without_key({job}, "sweep"));
        teller.tell("token:first",
                    task_of({job}, static_cast<std::int64_t>(job), job != 1'000'001));
    }
    teller.tell("token:first", JobHeld{.job = {1'000'001}});
    teller.tell("token:first", SlotGiven{.job = {1'000'002}});
    teller.tell("token:first", JobReleased{.job = {1'000'001}, .awaits_slot = true});
    const Awaited end{.job = {4}, .whole_array = false, .on = DependsOn::any};
    const Awaited sweep{.job = {1'000'001}, .whole_array = true, .on = DependsOn::failure};
    teller.tell("token:first", without_key({1'000'004}, "after"));
    teller.tell("token:first", ConditionsSet{.job = {1'000'004},
                                             .not_before = dawn + seconds(600),
                                             .deadline = dawn + seconds(86'400),
                                             .awaits = {end, sweep}});
    teller.tell("token:first", without_key({1'000'005}, "never"));
    teller.tell("token:first", ConditionsSet{.job = {1'000'005}, .held = true, .awaits = {end}});
    teller.tell("token:first", DependencyMet{.job = {1'000'004}, .awaited = end});
    teller.tell("token:first", DependencyFailed{.job = {1'000'005}, .awaited = end});
    teller.tell("token:first", JobEnded{.job = {1'000'005}, .state = JobState::cancelled});
}

// A secret, and a job with two variants that is given it.
void tell_job_with_a_choice(Teller& teller) {
    const AttemptKey attempt{.job = {1'000'006}, .number = 1};
    JobSpec spec = training();
    spec.variants = {{spec.resources}, {spec.resources}};
    spec.variants.back().chips_milli = 4'000;
    spec.secrets = {"hf-token"};
    teller.tell("token:first", SecretSet{.name = "hf-token", .sealed = std::string(32, 'a')});
    teller.tell("token:first", SecretSet{.name = "unused", .sealed = std::string(32, 'b')});
    teller.tell("token:first", SecretRemoved{.name = "unused"});
    teller.tell("token:first", ShapeDeclared{.shape = {2}, .spec = spec});
    JobAccepted accepted = without_key({1'000'006}, "either");
    accepted.shape = {2};
    teller.tell("token:first", accepted);
    JobPlaced chosen = placed(attempt, {8});
    chosen.variant = 1;
    teller.tell("scheduler", chosen);
    teller.tell("scheduler",
                SecretsGranted{.attempt = attempt, .center = {1}, .names = {"hf-token"}});
}

void tell_tokens(Teller& teller) {
    teller.tell("token:first", TokenIssued{.name = "zhongwei",
                                           .role = Role::agent,
                                           .sha256 = std::string(64, '1'),
                                           .expires = dawn + seconds(31'536'000),
                                           .centers = {"zhongwei"}});
    teller.tell("token:first",
                TokenIssued{.name = "audit", .role = Role::viewer, .sha256 = std::string(64, '2')});
    teller.tell("token:first", TokenRevoked{.name = "audit", .sha256 = std::string(64, '2')});
}

// Hooks of both kinds, one of which its receiver wants no more; and a centre that was out of contact.
void tell_care_of_nodes(Teller& teller) {
    const std::string pool = jiading().pools.front().name;
    teller.tell("agent:zhongwei", NodeExcluded{.center = {2},
                                               .pool = pool,
                                               .node = 0,
                                               .reason = "2 attempts in a row failed",
                                               .attempts = {{{1}, 1}, {{2}, 1}}});
    teller.tell(
        "token:first",
        NodeIncluded{
            .center = {2}, .pool = pool, .node = 0, .reason = "its power supply was changed"});
    teller.tell(
        "token:first",
        NodeExcluded{
            .center = {2}, .pool = pool, .node = 0, .reason = "it is slow", .attempts = {}});
}

void tell_whom_is_told(Teller& teller) {
    Hook ops{.name = "ops",
             .kind = HookKind::wecom,
             .host = "qyapi.weixin.qq.com",
             .events = {NoticeTopic::job_ended, NoticeTopic::center_lost},
             .filter = {.name = "bert-*", .failures_only = true}};
    const Hook ci{.name = "ci",
                  .host = "ci.example.org",
                  .events = {NoticeTopic::job_held},
                  .language = NoticeLanguage::en,
                  .filter = {.owner = "token:first"}};
    teller.tell("token:first", HookSet{.hook = ops, .sealed = std::string(32, 'c')});
    teller.tell("token:first", HookSet{.hook = ci, .sealed = std::string(32, 'd')});
    teller.tell("system", HookSuspended{.name = "ops", .trouble = HookTrouble::gone});
    teller.tell("token:first", HookResumed{.name = "ops"});
    teller.tell("system", HookSuspended{.name = "ops"});
    teller.tell("token:first", HookRemoved{.name = "ci"});
    teller.tell("system", OutageBegan{.center = {1}, .since = dawn + seconds(10)});
    teller.tell("system", OutageEnded{.center = {1}, .since = dawn + seconds(10)});
    teller.tell("system", OutageBegan{.center = {2}, .since = dawn + seconds(20)});
}

// Another that nobody can start, and the day the machine was lost: what follows skips numbers.
void tell_restore(Teller& teller) {
    JobAccepted accepted = without_key({1'000'007}, "too-late");
    accepted.shape = {2};
    teller.tell("token:first", accepted);
    teller.tell("scheduler", SecretMissing{.job = {1'000'007}, .name = "hf-token"});
    teller.tell("scheduler", JobEnded{.job = {1'000'007}, .state = JobState::failed});
    teller.tell("system", Restored{.backup = teller.last(),
                                   .hash = std::string(64, 'c'),
                                   .made = dawn + seconds(60),
                                   .jobs_through = {2'000'017},
                                   .attempts_skipped = 1'010});
    teller.tell("agent:jiading", ContactRestored{.center = {1}});
}

// A project of its own that gets back what another has borrowed, and what that is worth.
void tell_how_capacity_is_divided(Teller& teller) {
    Queue poems{.path = "default/poems",
                .weight_milli = 2'000,
                .quotas = {{.chip = "A100-80GB",
                            .guaranteed_milli = 8'000,
                            .kept_milli = 4'000,
                            .limit_milli = 16'000}}};
    teller.tell("token:first", QueueSet{.queue = poems});
    teller.tell("token:first", QueueSet{.queue = {.path = "default/idle", .quotas = {}}});
    teller.tell("token:first", QueueRemoved{.path = "default/idle"});
    teller.tell(
        "token:first",
        DatasetSet{.dataset = {.name = "tang300", .bytes = 90'000, .centers = {"jiading"}}});
    teller.tell("token:first", DatasetSet{.dataset = {.name = "draft", .bytes = 1, .centers = {}}});
    teller.tell("token:first", DatasetRemoved{.name = "draft"});
    for (const std::uint64_t job : {2'000'018u, 2'000'019u}) {
        JobAccepted accepted = without_key({job}, "urgent");
        accepted.priority = Priority::urgent;
        teller.tell("token:first", accepted);
        teller.tell("scheduler", CapacityClaimed{.job = {job},
                                                 .center = {1},
                                                 .pool = "a100",
                                                 .nodes = placed({{job}, 1}, {}).nodes,
                                                 .victims = {{{2}, 1}},
                                                 .until = dawn + seconds(900)});
    }
    teller.tell("scheduler", ClaimDropped{.job = {2'000'019}, .why = ClaimEnd::expired});
    for (const std::int64_t yuan : {3, 5}) {
        PriceIndex index{
            .at = dawn, .jobs = 12, .value = {yuan * 1'000'000}, .bound = {6'000'000}, .rows = {}};
        index.rows.push_back({.center = {1},
                              .center_name = "jiading",
                              .pool = "a100",
                              .chip = "A100-80GB",
                              .list = {11'500'000},
                              .scarcity = {yuan * 100'000},
                              .total_milli = 16'000,
                              .free_milli = 0,
                              .wanted_milli = 24'000});
        teller.tell("system", PricesPublished{.index = index});
    }
}

}  // namespace

std::vector<RecordedEvent> story() {
    Teller teller;
    tell_founding(teller);
    tell_job_that_fails_once(teller);
    tell_job_that_is_cancelled(teller);
    tell_what_is_still_going_on(teller);
    tell_what_waits_for_other_things(teller);
    tell_job_with_a_choice(teller);
    tell_tokens(teller);
    tell_whom_is_told(teller);
    tell_restore(teller);
    tell_care_of_nodes(teller);
    tell_how_capacity_is_divided(teller);
    return teller.events;
}

State state_after(std::span<const RecordedEvent> events) {
    State state;
    for (const RecordedEvent& event : events) apply(state, event);
    return state;
}

void append_all(Journal& journal, std::span<const RecordedEvent> events, std::size_t batch) {
    State state;
    for (std::size_t at = 0; at < events.size(); at += batch) {
        const auto part = events.subspan(at, std::min(batch, events.size() - at));
        for (const RecordedEvent& event : part) apply(state, event);
        const auto appended = journal.append(part, {make_body("run", "salt")}, state);
        ASSERT_TRUE(appended) << appended.error().message;
    }
}

RecordedEvent accepted(Seq seq, JobId job) {
    JobAccepted event = without_key(job, "job-" + std::to_string(job.value));
    return {{.seq = seq, .at = dawn + seconds(3'600), .scope = {}, .actor = "token:first"}, event};
}

TEST(Story, HasEveryEvent) {
    std::vector<bool> told(std::variant_size_v<AnyEvent>);
    for (const RecordedEvent& recorded : story()) told[recorded.event.index()] = true;
    EXPECT_EQ(std::ranges::count(told, false), 0)
        << "a new event needs a place in this story, so that the golden journal holds one";
}

}  // namespace dayu::journal::testing
