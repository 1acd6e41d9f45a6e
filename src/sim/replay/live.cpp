#include <algorithm>
#include <chrono>
#include <optional>
#include <queue>
#include <utility>

#include "control/charge.h"
#include "sched/decide.h"
#include "sched/offer_book.h"
#include "sim/random.h"
#include "sim/replay/shapes.h"
#include "sim/replay/tally.h"
#include "sim/run.h"

namespace dayu::sim {
namespace {

// Where the clock stands at the first arrival. What waits is ranked by time alone, so that any will do.
constexpr Time beginning{1'800'000'000'000};
// What queues have used comes to the World so often, and with each end. Live it comes with each window of metering.
constexpr Duration metering = seconds(3600);

struct Live {
    Time arrival;
    ShapeId shape;
    Duration left;                     // of its work, when it starts next
    Time placed, metered_to, stopped;  // of the run that it is in; stopped: asked to
    Money price;                       // of it, energy and carbon too: for the whole time limit
    std::int64_t energy_mwh = 0;
    std::int64_t carbon_mg = 0;
    std::uint32_t place = 0;  // among those that run
    std::uint32_t ends = 0;   // that were foreseen for it: the last counts
    bool is_stopping = false;
};

struct End {
    Time at;
    std::uint32_t job = 0;
    std::uint32_t number = 0;

    auto operator<=>(const End&) const = default;
};

struct Used {
    Money amount;
    Time at;
};

class Replay {
   public:
    Replay(const WorldFile& world, const Trace& trace, const RunSetting& setting);

    RunReport run();

   private:
    void build_supply();
    void take_in_jobs();
    void move_arrivals();
    std::optional<Time> next_event() const;
    void take_ends();
    void take_arrivals();
    void hold_rounds();
    bool hold_round();

    void start(const sched::ClassDecision& decided);
    void begin_run(std::uint32_t job, const sched::Placement& placement, const Candidate& offer);
    void claim(const sched::Claim& claim);
    void stop(std::uint32_t job);
    void foresee_end(std::uint32_t job, Time at);
    void end_run(std::uint32_t job);
    void wait_again(std::uint32_t job);

    void meter(std::uint32_t job);
    void meter_all();
    sched::QueuedJob as_queued(std::uint32_t job) const;
    sched::RunningJob as_running(std::uint32_t job, Time from) const;
    const JobSpec& spec(std::uint32_t job) const { return shapes_.spec(live_[job].shape); }
    const std::string& queue_of(std::uint32_t job) const {
        return queues_[trace_.jobs[job].project];
    }
    static JobId id_of(std::uint32_t job) { return {std::uint64_t{job} + 1}; }
    static std::uint32_t job_of(JobId id) { return static_cast<std::uint32_t>(id.value - 1); }

    const WorldFile& file_;
    const Trace& trace_;
    const RunSetting& setting_;
    Shapes shapes_;
    sched::World world_;
    sched::OfferBook book_;

    std::vector<std::string> queues_;      // by project
    std::vector<Used> used_;               // likewise
    std::vector<Live> live_;               // by job of the trace
    std::vector<std::uint32_t> arrivals_;  // in their order
    std::size_t arrived_ = 0;
    std::vector<std::uint32_t> running_;  // in no order
    std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
    std::optional<Time> wake_at_;
    Time now_ = beginning;
    Time next_metering_ = beginning + metering;

    Tally tally_;
};

Replay::Replay(const WorldFile& world, const Trace& trace, const RunSetting& setting)
    : file_(world),
      trace_(trace),
      setting_(setting),
      shapes_(world),
      tally_(world, trace, beginning) {
    for (const std::string& project : trace.projects) queues_.push_back(trace_queue(project));
    used_.resize(queues_.size(), {.amount = {}, .at = beginning});
    build_supply();
    take_in_jobs();
    move_arrivals();
    for (const std::uint32_t job : arrivals_) tally_.expect(spec(job), live_[job].arrival);
}

void Replay::build_supply() {
    for (const Chip& chip : file_.chips) world_.put_chip(chip);
    std::uint32_t center_id = 0;
    for (const Center& center : file_.centers) world_.put_center({++center_id}, center, {});
    for (const Queue& queue : file_.queues) world_.put_queue(queue);
}

void Replay::take_in_jobs() {
    live_.resize(trace_.jobs.size());
    for (std::uint32_t job = 0; job < live_.size(); ++job) {
        const TraceJob& asked = trace_.jobs[job];
        const std::optional<ShapeId> shape = shapes_.of(asked);
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

RunReport Replay::run() {
    const auto began = std::chrono::steady_clock::now();
    while (const std::optional<Time> next = next_event()) {
        now_ = *next;
        if (now_ >= next_metering_) tally_.look_at(world_, now_);
        take_ends();
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

std::optional<Time> Replay::next_event() const {
    std::optional<Time> next = wake_at_;
    const auto consider = [&](Time at) { next = next ? std::min(*next, at) : at; };
    if (arrived_ < arrivals_.size()) consider(live_[arrivals_[arrived_]].arrival);
    if (!ends_.empty()) consider(ends_.top().at);
    return next;
}

void Replay::take_ends() {
    while (!ends_.empty() && ends_.top().at <= now_) {
        const End end = ends_.top();
        ends_.pop();
        if (live_[end.job].ends == end.number) end_run(end.job);
    }
}

void Replay::take_arrivals() {
    while (arrived_ < arrivals_.size() && live_[arrivals_[arrived_]].arrival <= now_) {
        world_.enqueue(as_queued(arrivals_[arrived_++]));
        tally_.take_event();
    }
}

void Replay::hold_rounds() {
    while (hold_round()) {}
    book_.trim();
}

// Whether it left something undone.
bool Replay::hold_round() {
    const sched::Decisions decisions = sched::decide(world_, setting_.policy, book_, now_);
    for (const JobId job : decisions.lapsed) world_.unclaim(job);
    for (const sched::ClassDecision& decided : decisions.classes) start(decided);
    for (const sched::Claim& one : decisions.claims) claim(one);
    wake_at_ = decisions.wake_at;
    if (wake_at_ && *wake_at_ <= now_) wake_at_.reset();
    return decisions.unfinished || !decisions.lapsed.empty();
}

void Replay::start(const sched::ClassDecision& decided) {
    for (const sched::Placement& placement : decided.placements)
        begin_run(job_of(placement.job), placement, decided.table.candidates[placement.candidate]);
}

void Replay::begin_run(std::uint32_t job, const sched::Placement& placement,
                       const Candidate& offer) {
    Live& live = live_[job];
    live.placed = live.metered_to = now_;
    live.price = placement.price_at_most;
    live.energy_mwh = offer.energy_mwh;
    live.carbon_mg = offer.carbon_mg;
    tally_.move_data(live.arrival, offer.bytes_moved);
    live.is_stopping = false;
    live.place = static_cast<std::uint32_t>(running_.size());
    running_.push_back(job);
    sched::RunningJob running = as_running(job, now_);
    running.center = offer.center;
    running.pool = offer.pool;
    running.nodes = placement.nodes;
    running.preemptible = spec(job).preemptible;
    running.placed = now_;
    running.grace = spec(job).checkpoint.grace;
    world_.dequeue(placement.job);
    world_.unclaim(placement.job);
    world_.occupy(running);
    foresee_end(job, now_ + live.left);
    tally_.take_event();
}

void Replay::claim(const sched::Claim& claim) {
    sched::RunningJob place = as_running(job_of(claim.job), claim.until);
    place.center = claim.center;
    place.pool = claim.pool;
    place.nodes = claim.nodes;
    world_.claim({.place = std::move(place), .variant = claim.variant, .until = claim.until});
    for (const JobId victim : claim.victims) stop(job_of(victim));
}

// Whoever ends by itself within the grace has done its work.
void Replay::stop(std::uint32_t job) {
    world_.stop(id_of(job));
    Live& live = live_[job];
    if (live.is_stopping || live.placed + live.left <= now_ + file_.jobs.grace) return;
    live.is_stopping = true;
    live.stopped = now_;
    foresee_end(job, now_ + file_.jobs.grace);
}

void Replay::foresee_end(std::uint32_t job, Time at) {
    ends_.push({.at = at, .job = job, .number = ++live_[job].ends});
}

void Replay::end_run(std::uint32_t job) {
    Live& live = live_[job];
    world_.vacate(id_of(job));
    running_[live.place] = running_.back();
    live_[running_[live.place]].place = live.place;
    running_.pop_back();
    meter(job);
    tally_.end_run(live.arrival,
                   {.spec = spec(job),
                    .from = live.placed,
                    .to = now_,
                    .cause = live.is_stopping ? EndCause::preempted : EndCause::exited,
                    .price = live.price,
                    .energy_mwh = live.energy_mwh,
                    .carbon_mg = live.carbon_mg});
    tally_.take_event();
    if (live.is_stopping) {
        wait_again(job);
    } else {
        tally_.finish(trace_.jobs[job], spec(job), live.arrival, now_);
    }
}

// What was done after the request to stop is lost; a checkpoint never leaves more to do than starting over.
void Replay::wait_again(std::uint32_t job) {
    Live& live = live_[job];
    const Duration whole = seconds(trace_.jobs[job].duration_s) + file_.jobs.preempt_cost;
    const Duration rest = live.left - (live.stopped - live.placed) + file_.jobs.preempt_cost;
    live.left = file_.jobs.checkpoints ? std::min(rest, whole) : whole;
    tally_.preempt(live.arrival);
    world_.enqueue(as_queued(job));
}

void Replay::meter(std::uint32_t job) {
    Live& live = live_[job];
    const Duration ran = now_ - live.metered_to;
    live.metered_to = now_;
    if (live.price == Money{} || ran.ms == 0) return;
    Used& used = used_[trace_.jobs[job].project];
    used.amount =
        control::used_with(used.amount, now_ - used.at, live.price, ran, spec(job).time_limit);
    used.at = now_;
    world_.put_usage(queue_of(job), used.amount, used.at);
}

void Replay::meter_all() {
    for (const std::uint32_t job : running_) meter(job);
    next_metering_ = now_ + metering;
}

sched::QueuedJob Replay::as_queued(std::uint32_t job) const {
    return {.job = id_of(job),
            .shape = live_[job].shape,
            .queue = queue_of(job),
            .submitted = live_[job].arrival};
}

sched::RunningJob Replay::as_running(std::uint32_t job, Time from) const {
    sched::RunningJob running;
    running.job = id_of(job);
    running.until = from + spec(job).time_limit;
    running.queue = queue_of(job);
    return running;
}

}  // namespace

RunReport run(const WorldFile& world, const Trace& trace, const RunSetting& setting) {
    return Replay(world, trace, setting).run();
}

}  // namespace dayu::sim
