#include "sim/replay/live.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "sim/random.h"

namespace dayu::sim {
namespace {

// With nothing running and nobody to come, those who wait for a change of the world wait no longer.
constexpr Duration patience = seconds(30 * 24 * 3600);

}  // namespace

Replay::Replay(const WorldFile& world, const Trace& trace, const RunSetting& setting)
    : file_(world),
      trace_(trace),
      setting_(setting),
      shapes_(world, trace),
      changes_(world, setting.seed, beginning),
      foresight_(setting.policy.order()),
      tally_(world, trace, beginning) {
    for (const std::string& project : trace.projects) queues_.push_back(trace_queue(project));
    used_.resize(queues_.size(), {.amount = {}, .at = beginning});
    build_supply();
    take_in_jobs();
    move_arrivals();
    announce_jobs();
}

void Replay::build_supply() {
    for (const Chip& chip : file_.chips) world_.put_chip(chip);
    std::uint32_t center_id = 0;
    for (const Center& center : file_.centers) world_.put_center({++center_id}, center, {});
    for (const Queue& queue : file_.queues) world_.put_queue(queue);
    for (const Dataset& dataset : trace_.datasets) world_.put_dataset(dataset);
    for (const Dataset& dataset : file_.datasets) world_.put_dataset(dataset);
}

void Replay::take_in_jobs() {
    live_.resize(trace_.jobs.size());
    for (std::uint32_t job = 0; job < live_.size(); ++job) {
        const TraceJob& asked = trace_.jobs[job];
        const std::optional<ShapeId> shape = shapes_.of(asked, queues_[asked.project]);
        if (!shape) {
            tally_.refuse(beginning + seconds(asked.arrival_s));
            continue;
        }
        live_[job].shape = *shape;
        live_[job].arrival = beginning + seconds(asked.arrival_s);
        live_[job].left = seconds(asked.duration_s);
        arrivals_.push_back(job);
    }
    for (std::uint32_t shape = 1; shape <= shapes_.size(); ++shape)
        world_.put_shape({shape}, shapes_.spec({shape}));
}

void Replay::move_arrivals() {
    if (setting_.seed == 0) return;
    Random random(setting_.seed);
    const Duration most = file_.jobs.arrival_jitter;
    for (const std::uint32_t job : arrivals_) {
        const Time moved = live_[job].arrival + random.between({-most.ms}, most);
        live_[job].arrival = std::max(moved, beginning);
    }
    std::ranges::sort(arrivals_, {},
                      [&](std::uint32_t job) { return std::pair(live_[job].arrival, job); });
}

void Replay::announce_jobs() {
    std::vector<std::int64_t> jobs(shapes_.size() + 1, 0);  // by shape
    for (const std::uint32_t job : arrivals_) {
        tally_.expect(live_[job].arrival);
        ++jobs[live_[job].shape.value];
    }
    for (std::uint32_t shape = 1; shape < jobs.size(); ++shape) {
        if (jobs[shape] > 0) tally_.expect_of(shapes_.spec({shape}), jobs[shape]);
    }
}

RunReport Replay::run() {
    const auto began = std::chrono::steady_clock::now();
    while (const std::optional<Time> next = next_event()) {
        now_ = *next;
        if (now_ >= next_metering_) tally_.look_at(world_, now_);
        take_ends();
        take_changes();
        take_arrivals();
        if (now_ >= next_metering_) meter_all();
        hold_rounds();
        if (setting_.watch) setting_.watch(world_, now_);
    }
    RunReport report = std::move(tally_).report();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    report.loop_s = took.count();
    return report;
}

// Of a run that others have ended in the meantime, or will. No round is held for it.
bool Replay::is_stale(const End& end) const { return live_[end.job].ends != end.number; }

std::optional<Time> Replay::next_event() {
    while (!ends_.empty() && is_stale(ends_.top())) ends_.pop();
    std::optional<Time> next = wake_at_;
    const auto consider = [&](Time at) { next = next ? std::min(*next, at) : at; };
    if (arrived_ < arrivals_.size()) consider(live_[arrivals_[arrived_]].arrival);
    if (!ends_.empty()) consider(ends_.top().at);
    if (const auto change = changes_.next(); change && (next || waits_for_changes()))
        consider(*change);
    return next;
}

// Nodes that come back may be all that a job waits for.
bool Replay::waits_for_changes() const {
    return world_.waiting().size() > 0 && now_ - last_event_ < patience;
}

void Replay::take_ends() {
    while (!ends_.empty() && ends_.top().at <= now_) {
        const End end = ends_.top();
        ends_.pop();
        if (is_stale(end)) continue;
        end_run(end.job, live_[end.job].is_stopping ? EndCause::preempted : EndCause::exited);
    }
}

void Replay::take_changes() {
    while (const std::optional<Change> change = changes_.take(now_)) {
        if (change->kind == Change::Kind::supply) {
            world_.put_center(change->center, changes_.center(change->center), {});
        } else if (change->kind == Change::Kind::back) {
            for (const NodeOf& node : change->nodes)
                world_.include(change->center, node.pool, node.node);
        } else {
            take_nodes(*change);
        }
    }
}

// All of them first, so that nobody is placed from one to the next.
void Replay::take_nodes(const Change& change) {
    for (const NodeOf& node : change.nodes) world_.exclude(change.center, node.pool, node.node);
    for (const NodeOf& node : change.nodes) clear(change, node);
}

void Replay::clear(const Change& change, const NodeOf& node) {
    const auto on_node = world_.centers().at(change.center).pools.at(node.pool).jobs_on(node.node);
    std::vector<JobId> jobs;
    for (const sched::NodeJob& one : on_node) jobs.push_back(one.job);
    for (const JobId job : jobs) {
        if (world_.find_running(job) == nullptr) {
            world_.unclaim(job);
        } else if (change.kind == Change::Kind::lent) {
            stop(job_of(job));
        } else {
            end_run(job_of(job), EndCause::node_failed);
        }
    }
}

void Replay::take_arrivals() {
    while (arrived_ < arrivals_.size() && live_[arrivals_[arrived_]].arrival <= now_) {
        rank(arrivals_[arrived_]);
        enqueue(arrivals_[arrived_++]);
        last_event_ = now_;
        tally_.take_event();
    }
}

// Once, by what is known when it comes.
void Replay::rank(std::uint32_t job) {
    Live& live = live_[job];
    live.ranked = live.arrival;
    if (foresight_) live.ranked = live.arrival + foresight_->handicap(likeness(job), now_);
}

sched::Likeness Replay::likeness(std::uint32_t job) const {
    const TraceJob& told = trace_.jobs[job];
    sched::Likeness likeness = sched::likeness_of(spec(job));
    likeness.user = told.user;
    likeness.project = told.project;
    likeness.name = told.name;
    return likeness;
}

void Replay::hold_rounds() {
    if (setting_.line != nullptr) {
        serve_line();
    } else {
        while (hold_round()) {}
    }
    book_.trim();
}

void Replay::serve_line() {
    if (line_.empty()) return;
    const sched::LineRunner runner{
        .left =
            [this](JobId id) {
                const Live& live = live_[job_of(id)];
                return live.left - std::max(now_ - live.began, Duration{});
            },
        .start =
            [this](const sched::LineStart& one) {
                begin_run(job_of(one.placement.job), one.placement, one.offer);
            }};
    const std::vector<JobId> stops =
        sched::serve_line(world_, setting_.policy, book_, *setting_.line, line_, runner, now_);
    for (const JobId job : stops) stop(job_of(job));
}

// Whether it left something undone.
bool Replay::hold_round() {
    wake_at_.reset();
    if (world_.waiting().size() == 0 && world_.claims().empty()) return false;
    const sched::Decisions decisions = sched::decide(world_, setting_.policy, book_, now_);
    for (const JobId job : decisions.lapsed) world_.unclaim(job);
    for (const sched::ClassDecision& decided : decisions.classes) start(decided);
    for (const sched::Claim& one : decisions.claims) claim(one);
    wake_at_ = decisions.wake_at;
    if (wake_at_ && *wake_at_ <= now_) wake_at_.reset();
    return decisions.unfinished || !decisions.lapsed.empty();
}

RunReport run(const WorldFile& world, const Trace& trace, const RunSetting& setting) {
    return Replay(world, trace, setting).run();
}

}  // namespace dayu::sim
