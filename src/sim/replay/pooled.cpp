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
    std::int64_t next_event() const;
    void end_jobs();
    void take_arrivals();
    void ask_whose_time_came();
    void ask_anew(std::uint32_t job);
    void choose();
    void apply(std::vector<std::uint32_t> chosen);
    void find_nodes(std::vector<std::uint32_t>& chosen);

    OrderingJob as_seen(std::uint32_t job) const;
    Turn turn(std::uint32_t job) const { return {live_[job].standing.key, job}; }
    std::int64_t finish_s(std::uint32_t job) const {
        return live_[job].since_s + live_[job].remaining_s;
    }
    void ask(std::uint32_t job) { live_[job].standing = policy_.standing(as_seen(job), now_s_); }
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
    // When the standing of a job that waits may change; one that no longer holds is passed over.
    std::priority_queue<std::pair<std::int64_t, std::uint32_t>,
                        std::vector<std::pair<std::int64_t, std::uint32_t>>, std::greater<>>
        timers_;
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

std::int64_t Replay::next_event() const {
    std::int64_t next = arrived_ < jobs_.size() ? jobs_[arrived_].arrival_s : never_s;
    for (const std::uint32_t job : running_) {
        next = std::min(next, finish_s(job));
        const std::int64_t until_s = live_[job].standing.until_s;
        if (until_s > now_s_) next = std::min(next, until_s);
    }
    if (!timers_.empty()) next = std::min(next, timers_.top().first);
    return next;
}

void Replay::end_jobs() {
    std::vector<std::uint32_t> learnt;
    std::erase_if(running_, [&](std::uint32_t job) {
        if (finish_s(job) > now_s_) return false;
        settle(job);
        Live& live = live_[job];
        live.is_running = false;
        live.is_done = true;
        if (nodes_) nodes_->leave(job);
        std::ranges::copy(policy_.finished(as_seen(job), now_s_), std::back_inserter(learnt));
        jct_sum_s_ += static_cast<double>(now_s_ - jobs_[job].arrival_s);
        waits_s_.push_back(now_s_ - jobs_[job].arrival_s - jobs_[job].duration_s);
        must_choose_ = true;
        return true;
    });
    for (const std::uint32_t job : learnt) ask_anew(job);
}

void Replay::take_arrivals() {
    while (arrived_ < jobs_.size() && jobs_[arrived_].arrival_s <= now_s_) {
        live_[arrived_].remaining_s = jobs_[arrived_].duration_s;
        policy_.arrived(as_seen(arrived_));
        line_up(arrived_++);
        must_choose_ = true;
    }
}

// Who falls behind others that run has changed nothing, unless someone waits in between.
void Replay::ask_whose_time_came() {
    for (const std::uint32_t job : running_) {
        if (live_[job].standing.until_s > now_s_) continue;
        const Turn before = turn(job);
        settle(job);
        ask(job);
        must_choose_ = must_choose_ || waiting_.is_any_between(before, turn(job));
    }
    while (!timers_.empty() && timers_.top().first <= now_s_) {
        const auto [time_s, job] = timers_.top();
        timers_.pop();
        const Live& live = live_[job];
        if (live.is_running || live.is_done || live.standing.until_s != time_s) continue;
        leave_line(job);
        line_up(job);
        must_choose_ = true;
    }
}

void Replay::ask_anew(std::uint32_t job) {
    if (live_[job].is_done) return;
    if (live_[job].is_running) {
        settle(job);
        ask(job);
    } else {
        leave_line(job);
        line_up(job);
    }
}

// Walks those who run and those who wait as one queue, and takes each that still fits.
void Replay::choose() {
    std::ranges::sort(running_, {}, [&](std::uint32_t job) { return turn(job); });
    std::vector<WaitingLines::Head> heads = waiting_.heads();
    auto running = running_.begin();
    std::vector<std::uint32_t> chosen;
    std::int64_t free = setting_.chips;
    while (free > 0) {
        WaitingLines::Head* first = nullptr;
        for (WaitingLines::Head& head : heads) {
            if (head.next == head.end || (policy_.passes_over() && head.chips > free)) continue;
            if (first == nullptr || *head.next < *first->next) first = &head;
        }
        const bool is_running =
            running != running_.end() && (first == nullptr || turn(*running) < *first->next);
        if (!is_running && first == nullptr) break;
        const std::uint32_t job = is_running ? *running++ : (first->next++)->second;
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
    const std::int64_t until_s = live_[job].standing.until_s;
    if (until_s != never_s && until_s > now_s_) timers_.push({until_s, job});
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
