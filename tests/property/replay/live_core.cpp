#include "tests/property/replay/live_core.h"

#include <algorithm>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/sha256.h"

namespace dayu::property {
namespace {

constexpr Duration metering = seconds(3600);  // as often as the simulator does
const control::Actor agent{.name = "agent:one", .scope = {}};
const control::Actor scheduler{.name = "scheduler", .scope = {}};

std::string hex_of(const std::string& text) { return to_hex(sha256(text)).substr(0, 32); }

// In the project's queue, "trace/a".
control::Actor user_of(const sim::TraceJob& job, const std::string& project) {
    const std::string path = sim::trace_queue(project);
    const std::size_t slash = path.find('/');
    return {.name = fmt::format("token:user-{}", job.user),
            .scope = {.tenant = path.substr(0, slash), .project = path.substr(slash + 1)}};
}

}  // namespace

LiveCore::LiveCore(const QueueOfJobs& given, const sched::Policy& policy, Time beginning)
    : given_(given),
      policy_(policy),
      foresight_(policy.order()),
      shapes_(given.world, given.trace),
      beginning_(beginning),
      now_(beginning),
      next_metering_(beginning + metering) {
    declare();
}

Result<void> LiveCore::execute(const control::Command& command, const control::Actor& actor) {
    control::Events events = TRY(control::handle(state_, command, actor, now_));
    for (const control::RecordedEvent& event :
         control::record(state_, std::move(events), actor, now_)) {
        control::feed(world_, state_, event);
        if (foresight_) foresight_->follow(event, state_);
        if (const auto* placed = std::get_if<control::JobPlaced>(&event.event)) {
            log_.push_back(
                {now_, started(placed->attempt.job, placed->center, placed->pool, placed->nodes)});
        } else if (const auto* over = std::get_if<control::JobEnded>(&event.event)) {
            log_.push_back({now_, ended(over->job)});
        }
    }
    return {};
}

void LiveCore::must(const control::Command& command, const control::Actor& actor) {
    const Result<void> done = execute(command, actor);
    ASSERT_TRUE(done.ok()) << done.error().message;
}

void LiveCore::declare() {
    must(control::Found{.cluster = "00000000000000c1"}, scheduler);
    must(control::DeclareChips{given_.world.chips}, scheduler);
    sync({});
    for (const Queue& queue : given_.world.queues) must(control::SetQueue{queue}, scheduler);
}

std::vector<Happening> LiveCore::run() {
    while (const std::optional<Time> next = next_event()) {
        now_ = *next;
        report_ends();
        submit_arrivals();
        if (now_ >= next_metering_) report_use();
        hold_rounds();
        if (testing::Test::HasFailure()) break;
    }
    return std::move(log_);
}

std::optional<Time> LiveCore::next_event() const {
    std::optional<Time> next = wake_at_;
    const auto consider = [&](Time at) { next = next ? std::min(*next, at) : at; };
    if (arrived_ < given_.trace.jobs.size())
        consider(beginning_ + seconds(given_.trace.jobs[arrived_].arrival_s));
    for (const auto& [job, run] : runs_) consider(run.due);
    return next;
}

void LiveCore::report_ends() {
    std::vector<Observation> seen;
    for (const auto& [job, run] : runs_) {
        if (run.due > now_) continue;
        Ending ending;
        ending.cause = run.is_stopping ? EndCause::preempted : EndCause::exited;
        ending.started = run.started;
        ending.ended = now_;
        seen.push_back({.token = token_of(run),
                        .state = AttemptState::ended,
                        .at = now_,
                        .windows = {},
                        .ending = std::move(ending)});
    }
    if (seen.empty()) return;
    std::erase_if(runs_, [&](const auto& one) { return one.second.due <= now_; });
    sync(seen);
}

void LiveCore::submit_arrivals() {
    const std::vector<sim::TraceJob>& jobs = given_.trace.jobs;
    for (; arrived_ < jobs.size() && beginning_ + seconds(jobs[arrived_].arrival_s) <= now_;
         ++arrived_) {
        const sim::TraceJob& job = jobs[arrived_];
        const auto shape = shapes_.of(job);
        ASSERT_TRUE(shape.has_value()) << "a job that never fits";
        control::SubmitJob command;
        command.name = fmt::format("job-{}", job.name);
        command.spec = shapes_.spec(*shape);
        command.body = hex_of("body");
        command.request = hex_of(control::spec_key(command.spec));
        const control::Actor user = user_of(job, given_.trace.projects[job.project]);
        if (foresight_) command.handicap = foresight_->handicap(command, user, now_);
        must(command, user);
    }
}

void LiveCore::report_use() {
    std::vector<Observation> seen;
    for (auto& [job, run] : runs_) {
        seen.push_back({.token = token_of(run),
                        .state = AttemptState::running,
                        .at = run.started,
                        .windows = {{.from = run.metered_to, .to = now_, .usage = {}}},
                        .ending = {}});
        run.metered_to = now_;
    }
    sync(seen);
    next_metering_ = now_ + metering;
}

void LiveCore::hold_rounds() {
    for (bool goes_on = true; goes_on;) {
        sched::Decisions decisions = sched::decide(world_, policy_, book_, now_);
        goes_on = decisions.unfinished || !decisions.lapsed.empty();
        wake_at_ = decisions.wake_at;
        for (const control::Command& command :
             control::commands_of(std::move(decisions), state_, now_)) {
            must(command, scheduler);
        }
    }
    if (wake_at_ && *wake_at_ <= now_) wake_at_.reset();
    obey();
}

void LiveCore::obey() {
    const SyncReply reply = control::sync_reply(state_, request());
    for (const StartOrder& order : reply.starts) start(order);
    for (const StopOrder& order : reply.stops) stop(order);
}

void LiveCore::start(const StartOrder& order) {
    runs_[order.attempt.job] = {.attempt = order.attempt,
                                .center = *control::find_center(state_, order.center),
                                .started = now_,
                                .metered_to = now_,
                                .due = now_ + duration_of(order.attempt.job)};
}

// Whoever ends by itself within the grace is let.
void LiveCore::stop(const StopOrder& order) {
    const auto key = parse_token(state_.header.cluster, order.token);
    Run& run = runs_.at(key->job);
    if (run.is_stopping || run.due <= now_ + order.grace) return;
    run.is_stopping = true;
    run.due = now_ + order.grace;
}

void LiveCore::sync(const std::vector<Observation>& seen) {
    SyncRequest told = request();
    told.observations = seen;
    must(control::SyncAgent{told}, agent);
}

SyncRequest LiveCore::request() const {
    SyncRequest request;
    request.agent = request.installation = "one";
    request.centers = given_.world.centers;
    for (const auto& [job, run] : runs_) {
        request.holding.push_back(token_of(run));
        if (run.is_stopping) request.stopping.push_back(token_of(run));
    }
    return request;
}

Duration LiveCore::duration_of(JobId job) const {
    return seconds(given_.trace.jobs[job.value - 1].duration_s);
}

}  // namespace dayu::property
