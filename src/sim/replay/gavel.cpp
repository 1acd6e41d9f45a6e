#include "sim/replay/gavel.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/core.h>

#include "base/check.h"
#include "sim/replay/quantile.h"

namespace dayu::sim {
namespace {

using sched::Match;
using sched::MatchingJob;

// Above what any policy worth its name leaves waiting.
constexpr std::size_t max_unfinished_jobs = 10'000;
constexpr double seconds_an_hour = 3600;

// What the replay knows of a job and the policy does not.
struct Hidden {
    double arrival_s = 0;
    double steps_left = 0;
    double present_s = 0;  // in rounds
    double crowd_s = 0;    // the same, times the jobs that were there
    double finish_s = -1;  // before: not finished
};

struct Finished {
    double jct_s = 0;
    double finish_ratio = 0;
};

class Replay {
   public:
    Replay(const Throughputs& throughputs, GavelStream stream,
           const sched::MatchingSetting& setting, sched::MatchingPolicy& policy, GavelWindow window)
        : throughputs_(throughputs),
          stream_(std::move(stream)),
          setting_(setting),
          policy_(policy),
          window_(window),
          coming_(stream_.next()),
          finished_(window.last - window.first) {}

    Result<GavelFigures> run();

   private:
    void admit();
    void run_round(std::span<const Match> matches);
    double run_job(const Match& match);
    double rate_of(const Match& match) const;
    void check_capacity(std::span<const Match> matches) const;
    void settle(double round_s);
    void retire();
    void record(const MatchingJob& job, const Hidden& hidden);
    double equal_part_s(const MatchingJob& job, const Hidden& hidden) const;
    GavelFigures figures();

    const Throughputs& throughputs_;
    GavelStream stream_;
    const sched::MatchingSetting& setting_;
    sched::MatchingPolicy& policy_;
    const GavelWindow window_;

    double now_s_ = 0;
    StreamJob coming_;
    std::uint32_t arrived_ = 0;
    std::vector<MatchingJob> jobs_;   // unfinished, by id
    std::vector<Hidden> hidden_;      // beside jobs_
    std::vector<Finished> finished_;  // by id - window_.first
    double busy_chip_s_ = 0, crowd_s_ = 0;
    GavelFigures figures_;
};

void Replay::admit() {
    for (; coming_.arrival_s <= now_s_; coming_ = stream_.next()) {
        const ThroughputShape& shape = throughputs_.shapes[coming_.shape];
        jobs_.push_back(
            {.id = arrived_++, .shape = coming_.shape, .chips = shape.chips, .rates = shape.alone});
        hidden_.push_back({.arrival_s = coming_.arrival_s, .steps_left = coming_.steps});
    }
}

double Replay::rate_of(const Match& match) const {
    const MatchingJob& job = jobs_[match.job];
    if (match.beside == sched::alone) return job.rates[match.kind];
    return throughputs_.pairs.rate(match.kind, job.shape, jobs_[match.beside].shape);
}

// A policy that gives what is not there is a bug of ours.
void Replay::check_capacity(std::span<const Match> matches) const {
    std::vector<std::uint32_t> used(setting_.chips.size());
    std::vector<bool> is_matched(jobs_.size());
    for (const Match& match : matches) {
        CHECK(!is_matched[match.job] && rate_of(match) > 0);
        is_matched[match.job] = true;
        const bool is_guest = match.beside != sched::alone && match.beside < match.job;
        if (!is_guest) used[match.kind] += jobs_[match.job].chips;
        CHECK(match.beside == sched::alone ||
              (setting_.pairs != nullptr && jobs_[match.beside].chips == jobs_[match.job].chips));
    }
    for (std::size_t kind = 0; kind < used.size(); ++kind)
        CHECK(used[kind] <= setting_.chips[kind]);
}

// How long it runs. A job makes whole steps in a round, or what is left of it; one too slow for a step a
// round makes part of one.
double Replay::run_job(const Match& match) {
    MatchingJob& job = jobs_[match.job];
    Hidden& hidden = hidden_[match.job];
    const double rate = rate_of(match);
    const bool is_switch = job.kind != sched::no_kind && job.kind != match.kind;
    const double lost_s = is_switch ? setting_.switch_cost_s : 0;
    figures_.switches += is_switch ? 1 : 0;

    const double fits = rate * (setting_.round_s - lost_s);
    const double steps = std::min(fits < 1 ? fits : std::floor(fits), hidden.steps_left);
    const double ran_s = lost_s + steps / rate;
    hidden.steps_left -= steps;
    if (hidden.steps_left <= 0) hidden.finish_s = now_s_ + ran_s;
    job.progress += steps;
    job.kind = match.kind;
    job.is_running = true;
    job.ran_s = ran_s;
    return ran_s;
}

void Replay::run_round(std::span<const Match> matches) {
    check_capacity(matches);
    for (MatchingJob& job : jobs_) {
        job.is_running = false;
        job.ran_s = 0;
    }
    double round_s = 0;
    for (const Match& match : matches) {
        const double ran_s = run_job(match);
        round_s = std::max(round_s, ran_s);
        const double part = match.beside == sched::alone ? 1 : 0.5;
        busy_chip_s_ += part * ran_s * jobs_[match.job].chips;
    }
    // Nothing runs: on to the next arrival.
    if (matches.empty()) round_s = coming_.arrival_s - now_s_;
    settle(round_s);
}

void Replay::settle(double round_s) {
    const double crowd = static_cast<double>(jobs_.size());
    for (Hidden& each : hidden_) {
        each.present_s += round_s;
        each.crowd_s += round_s * crowd;
    }
    crowd_s_ += round_s * crowd;
    now_s_ += round_s;
    ++figures_.rounds;
}

void Replay::retire() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
        if (hidden_[i].finish_s >= 0) {
            policy_.finished(jobs_[i]);
            record(jobs_[i], hidden_[i]);
            continue;
        }
        jobs_[kept] = jobs_[i];
        hidden_[kept++] = hidden_[i];
    }
    jobs_.resize(kept);
    hidden_.resize(kept);
}

void Replay::record(const MatchingJob& job, const Hidden& hidden) {
    if (job.id < window_.first || job.id >= window_.last) return;
    ++figures_.completed;
    const double jct_s = hidden.finish_s - hidden.arrival_s;
    finished_[job.id - window_.first] = {jct_s, jct_s / equal_part_s(job, hidden)};
}

// With n jobs there at a time, each has the chips of every kind for an n-th of the time, and one of them
// at a time.
double Replay::equal_part_s(const MatchingJob& job, const Hidden& hidden) const {
    const double crowd = hidden.crowd_s / hidden.present_s;
    double rate = 0, share = 0;
    for (std::size_t kind = 0; kind < setting_.chips.size(); ++kind) {
        const double part = setting_.chips[kind] / (crowd * job.chips);
        rate += part * job.rates[kind];
        share += part;
    }
    return job.progress * std::max(share, 1.0) / rate;
}

GavelFigures Replay::figures() {
    std::vector<double> hours, ratios;
    double unfair = 0;
    for (const Finished& job : finished_) {
        hours.push_back(job.jct_s / seconds_an_hour);
        ratios.push_back(job.finish_ratio);
        unfair += job.finish_ratio > 1 ? 1 : 0;
    }
    double chips = 0;
    for (const std::uint32_t each : setting_.chips) chips += each;
    GavelFigures all = figures_;
    if (!hours.empty()) {
        std::ranges::sort(hours);
        std::ranges::sort(ratios);
        all.jct_p50_h = nearest_rank(hours, 500);
        all.jct_p99_h = nearest_rank(hours, 990);
        all.jct_max_h = hours.back();
        all.finish_ratio_p99 = nearest_rank(ratios, 990);
        all.finish_ratio_max = ratios.back();
    }
    all.jct_mean_h = mean(hours);
    all.finish_ratio_mean = mean(ratios);
    all.unfair_pct = 100 * unfair / static_cast<double>(std::max<std::size_t>(ratios.size(), 1));
    all.makespan_h = now_s_ / seconds_an_hour;
    all.utilisation = busy_chip_s_ / (chips * now_s_);
    all.unfinished_mean = crowd_s_ / now_s_;
    return all;
}

Result<GavelFigures> Replay::run() {
    const std::uint32_t wanted = window_.last - window_.first;
    while (figures_.completed < wanted) {
        admit();
        if (jobs_.size() > max_unfinished_jobs) {
            return exhausted("replay_overloaded",
                             fmt::format("more than {} jobs are unfinished after {:.0f} h: more "
                                         "arrive than the chips can bear; lower the rate",
                                         max_unfinished_jobs, now_s_ / seconds_an_hour));
        }
        run_round(policy_.choose(now_s_, jobs_));
        retire();
    }
    return figures();
}

}  // namespace

Result<GavelFigures> replay_gavel(const Throughputs& throughputs, GavelStream stream,
                                  const sched::MatchingSetting& setting,
                                  sched::MatchingPolicy& policy, GavelWindow window) {
    CHECK(window.first <= window.last);
    return Replay(throughputs, std::move(stream), setting, policy, window).run();
}

}  // namespace dayu::sim
