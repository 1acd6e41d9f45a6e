#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <queue>

#include <fmt/core.h>

#include "sim/philly.h"
#include "sim/replay/nodes.h"
#include "sim/replay/quantile.h"
#include "sim/replay/waiting_lines.h"

namespace dayu::sim {
namespace {

using sched::LineStanding;
using sched::never_s;
using sched::OrderingJob;

struct Live {
    std::int64_t remaining_s = 0;  // of work, with what stops have added, as of `since_s`
    std::int64_t ran_s = 0;        // as of `since_s`
    std::int64_t since_s = 0;      // it runs, or waits, since then
    LineStanding standing;
    std::int64_t timer_s = never_s;  // when something happens to it by itself, as told to `timers_`
    bool is_running = false;
    bool is_done = false;
    bool is_chosen = false;
};

class Replay {
   public:
    Replay(const std::vector<PooledJob>& jobs, const PooledSetting& setting,
           sched::OrderingPolicy& policy)
        : jobs_(jobs), setting_(setting), policy_(policy), live_(jobs.size()) {
        if (setting.chips_a_node > 0)
            nodes_.emplace(setting.chips, setting.chips_a_node, jobs.size());
    }

    PooledReport run();

   private:
    std::int64_t next_event();
    void take_timers();
    void end_jobs();
    void end(std::uint32_t job, std::vector<std::uint32_t>& learnt);
    void take_arrivals();
    void ask_whose_time_came();
    void ask_who_runs(std::uint32_t job);
    void ask_anew(std::uint32_t job);
    void choose();
    void apply(std::vector<std::uint32_t> chosen);
    void find_nodes(std::vector<std::uint32_t>& chosen);

    OrderingJob as_seen(std::uint32_t job) const;
    Turn turn(std::uint32_t job) const { return {live_[job].standing.key, job}; }
    std::int64_t finish_s(std::uint32_t job) const {
        return live_[job].since_s + live_[job].remaining_s;
    }
    bool glides(std::uint32_t job) const { return live_[job].standing.until_s <= now_s_; }
    void ask(std::uint32_t job);
    void set_timer(std::uint32_t job);
    void settle(std::uint32_t job);
    void line_up(std::uint32_t job);
    void leave_line(std::uint32_t job) { waiting_.remove(jobs_[job].chips, turn(job)); }
    void start(std::uint32_t job);
    void stop(std::uint32_t job);

    const std::vector<PooledJob>& jobs_;
    const PooledSetting setting_;
    sched::OrderingPolicy& policy_;

    std::vector<Live> live_;
    std::vector<std::uint32_t> running_;
    WaitingLines waiting_;
    // When jobs end, or their standings may change. A time that is no longer its job's is passed over.
    using Timer = std::pair<std::int64_t, std::uint32_t>;
    std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
    std::vector<std::uint32_t> due_;  // whose time is now
    bool any_glides_ = false;
    std::optional<Nodes> nodes_;
    std::uint32_t arrived_ = 0;
    std::int64_t now_s_ = 0;
    bool must_choose_ = false;

    std::vector<std::int64_t> waits_s_;
    double jct_sum_s_ = 0;
    PooledReport report_;
};

PooledReport Replay::run() {
    waits_s_.reserve(jobs_.size());
    for (now_s_ = next_event(); now_s_ != never_s; now_s_ = next_event()) {
        take_timers();
        end_jobs();
        take_arrivals();
        ask_whose_time_came();
        if (must_choose_) choose();
        must_choose_ = false;
    }
    if (waits_s_.empty()) return report_;
    report_.jct_mean_s = jct_sum_s_ / static_cast<double>(jobs_.size());
    std::ranges::sort(waits_s_);
    report_.wait_p999_s = nearest_rank(waits_s_, 999);
    return report_;
}

std::int64_t Replay::next_event() {
    while (!timers_.empty() && live_[timers_.top().second].timer_s != timers_.top().first)
        timers_.pop();
    return std::min(arrived_ < jobs_.size() ? jobs_[arrived_].arrival_s : never_s,
                    timers_.empty() ? never_s : timers_.top().first);
}

void Replay::take_timers() {
    due_.clear();
    for (; !timers_.empty() && timers_.top().first <= now_s_; timers_.pop()) {
        const auto [time_s, job] = timers_.top();
        if (live_[job].timer_s != time_s) continue;
        live_[job].timer_s = never_s;
        due_.push_back(job);
    }
}

void Replay::end_jobs() {
    std::vector<std::uint32_t> learnt;
    for (const std::uint32_t job : due_) {
        if (live_[job].is_running && finish_s(job) <= now_s_) end(job, learnt);
    }
    if (!must_choose_) return;
    const auto is_done = [&](std::uint32_t job) { return live_[job].is_done; };
    std::erase_if(due_, is_done);
    std::erase_if(running_, is_done);
    for (const std::uint32_t job : learnt) {
        if (!live_[job].is_done) ask_anew(job);
    }
}

void Replay::end(std::uint32_t job, std::vector<std::uint32_t>& learnt) {
    settle(job);
    live_[job].is_running = false;
    live_[job].is_done = true;
    if (nodes_) nodes_->leave(job);
    std::ranges::copy(policy_.finished(as_seen(job), now_s_), std::back_inserter(learnt));
    jct_sum_s_ += static_cast<double>(now_s_ - jobs_[job].arrival_s);
    waits_s_.push_back(now_s_ - jobs_[job].arrival_s - jobs_[job].duration_s);
    must_choose_ = true;
}

void Replay::take_arrivals() {
    while (arrived_ < jobs_.size() && jobs_[arrived_].arrival_s <= now_s_) {
        live_[arrived_].remaining_s = jobs_[arrived_].duration_s;
        policy_.arrived(as_seen(arrived_));
        line_up(arrived_++);
        must_choose_ = true;
    }
}

void Replay::ask_whose_time_came() {
    for (const std::uint32_t job : due_) {
        if (live_[job].is_running) {
            ask_who_runs(job);
        } else {
            ask_anew(job);
            must_choose_ = true;
        }
    }
    if (!any_glides_) return;
    for (const std::uint32_t job : running_) {
        if (glides(job)) ask_who_runs(job);
    }
}

// Who falls behind others that run has changed nothing, unless someone waits in between.
void Replay::ask_who_runs(std::uint32_t job) {
    const Turn before = turn(job);
    ask_anew(job);
    must_choose_ = must_choose_ || waiting_.is_any_between(before, turn(job));
}

void Replay::ask_anew(std::uint32_t job) {
    if (live_[job].is_running) {
        settle(job);
        ask(job);
    } else {
        leave_line(job);
        line_up(job);
    }
}

void Replay::ask(std::uint32_t job) {
    live_[job].standing = policy_.standing(as_seen(job), now_s_);
    any_glides_ = any_glides_ || glides(job);
    set_timer(job);
}

void Replay::set_timer(std::uint32_t job) {
    Live& live = live_[job];
    std::int64_t next_s = glides(job) ? never_s : live.standing.until_s;
    if (live.is_running) next_s = std::min(next_s, finish_s(job));
    if (next_s == live.timer_s) return;
    live.timer_s = next_s;
    if (next_s != never_s) timers_.push({next_s, job});
}

// Walks those who run and those who wait as one queue, and takes each that still fits.
void Replay::choose() {
    std::vector<Turn> turns;
    turns.reserve(running_.size());
    for (const std::uint32_t job : running_) turns.push_back(turn(job));
    std::ranges::sort(turns);
    std::vector<WaitingLines::Head> heads = waiting_.heads();
    auto running = turns.begin();
    std::vector<std::uint32_t> chosen;
    std::int64_t free = setting_.chips;
    while (free > 0) {
        WaitingLines::Head* first = nullptr;
        for (WaitingLines::Head& head : heads) {
            if (head.next == head.end || (policy_.passes_over() && head.chips > free)) continue;
            if (first == nullptr || *head.next < *first->next) first = &head;
        }
        const bool is_running =
            running != turns.end() && (first == nullptr || *running < *first->next);
        if (!is_running && first == nullptr) break;
        const std::uint32_t job = is_running ? (running++)->second : (first->next++)->second;
        if (jobs_[job].chips <= free) {
            free -= jobs_[job].chips;
            chosen.push_back(job);
        } else if (!policy_.passes_over()) {
            break;
        }
    }
    apply(std::move(chosen));
}

void Replay::apply(std::vector<std::uint32_t> chosen) {
    for (const std::uint32_t job : chosen) live_[job].is_chosen = true;
    for (const std::uint32_t job : running_) {
        if (!live_[job].is_chosen) stop(job);
    }
    for (const std::uint32_t job : chosen) live_[job].is_chosen = false;
    if (nodes_) find_nodes(chosen);
    for (const std::uint32_t job : chosen) {
        if (!live_[job].is_running) start(job);
    }
    running_ = std::move(chosen);
}

// Who finds none of those chosen is left out.
void Replay::find_nodes(std::vector<std::uint32_t>& chosen) {
    std::vector<Nodes::Sized> sized;
    for (const std::uint32_t job : chosen) sized.push_back({job, jobs_[job].chips});
    const Nodes::Outcome outcome = nodes_->place(sized);
    for (const std::uint32_t job : outcome.moved) {
        settle(job);
        live_[job].remaining_s += setting_.preempt_cost_s;
        set_timer(job);
        ++report_.moves;
    }
    for (const std::uint32_t job : outcome.left_out) {
        if (live_[job].is_running) stop(job);
        std::erase(chosen, job);
    }
}

OrderingJob Replay::as_seen(std::uint32_t job) const {
    const Live& live = live_[job];
    return {.place = job,
            .project = jobs_[job].project,
            .chips = jobs_[job].chips,
            .arrival_s = jobs_[job].arrival_s,
            .ran_s = live.ran_s,
            .is_running = live.is_running,
            .remaining_s = policy_.is_oracle() ? live.remaining_s : 0};
}

// Brings what it ran up to now.
void Replay::settle(std::uint32_t job) {
    Live& live = live_[job];
    if (live.is_running) {
        live.ran_s += now_s_ - live.since_s;
        live.remaining_s -= now_s_ - live.since_s;
    }
    live.since_s = now_s_;
}

void Replay::line_up(std::uint32_t job) {
    ask(job);
    waiting_.add(jobs_[job].chips, turn(job));
}

void Replay::start(std::uint32_t job) {
    leave_line(job);
    live_[job].since_s = now_s_;
    live_[job].is_running = true;
    ask(job);
}

void Replay::stop(std::uint32_t job) {
    settle(job);
    Live& live = live_[job];
    live.is_running = false;
    live.remaining_s += setting_.preempt_cost_s;
    ++report_.preemptions;
    if (nodes_) nodes_->leave(job);
    line_up(job);
}

}  // namespace

Result<PooledReport> replay_pooled(const std::vector<PooledJob>& jobs, const PooledSetting& setting,
                                   sched::OrderingPolicy& policy) {
    for (const PooledJob& job : jobs) {
        if (job.chips > setting.chips) {
            return invalid("job_never_fits",
                           fmt::format("a job asks for {} GPUs, and the pool has {}; give it more",
                                       job.chips, setting.chips));
        }
    }
    return Replay(jobs, setting, policy).run();
}

}  // namespace dayu::sim
