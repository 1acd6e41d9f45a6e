#include "sim/replay/tally.h"

#include <algorithm>
#include <utility>

#include <boost/sort/spreadsort/float_sort.hpp>

#include "control/charge.h"
#include "sim/replay/quantile.h"

namespace dayu::sim {
namespace {

constexpr double bytes_per_gib = 1024.0 * 1024 * 1024;
constexpr double mwh_per_kwh = 1e6;  // milliwatt-hours
constexpr double rounding = 1e-9;    // of a ratio that should be 1

double seconds_of(Duration duration) { return static_cast<double>(duration.ms) / 1000; }

double weight_of(const WorldFile& world, const std::string& queue) {
    const auto at = std::ranges::find(world.queues, queue, &Queue::path);
    return static_cast<double>(at == world.queues.end() ? Queue{}.weight_milli : at->weight_milli);
}

}  // namespace

Tally::Tally(const WorldFile& world, const Trace& trace, Time beginning)
    : world_(world),
      trace_(trace),
      counted_from_(beginning + world.warm_up),
      looked_at_(counted_from_),
      last_end_(beginning) {
    for (const Center& center : world.centers) {
        for (const Pool& pool : center.pools) {
            chips_ += pool.nodes * pool.chips_per_node;
            cpus_ += pool.nodes * pool.cpus_per_node;
            memory_mib_ += pool.nodes * pool.memory_mib_per_node;
        }
    }
}

void Tally::refuse(Time arrival) {
    if (!counts(arrival)) return;
    ++report_.jobs;
    ++report_.refused;
}

void Tally::expect_of(const JobSpec& spec, std::int64_t jobs) {
    for (const JobSpec& one : variants_of(spec)) idle_.expect(one, jobs);
}

void Tally::expect(Time arrival) {
    if (!counts(arrival)) return;
    ++report_.jobs;
    first_arrival_ = has_arrival_ ? std::min(first_arrival_, arrival) : arrival;
    has_arrival_ = true;
}

void Tally::move_data(Time arrival, std::int64_t bytes) {
    if (counts(arrival)) bytes_moved_ += static_cast<double>(bytes);
}

void Tally::end_run(Time arrival, const EndedRun& run) {
    last_end_ = std::max(last_end_, run.to);
    const Resources& needs = run.spec.resources;
    const Time from = std::max(run.placed, counted_from_);
    if (from < run.to) {
        const double node_s = seconds_of(run.to - from) * static_cast<double>(run.spec.nodes);
        chip_s_ += node_s * static_cast<double>(needs.chips_milli) / 1000;
        cpu_s_ += node_s * static_cast<double>(needs.cpus);
    }
    if (!counts(arrival)) return;
    const control::RanShare share = control::ran_share(run.to - run.from, run.spec.time_limit);
    if (control::is_billed(run.cause)) cost_micro_yuan_ += share.of(run.price.micro_yuan);
    const auto energy_mwh = static_cast<double>(share.of(run.energy_mwh));
    energy_mwh_ += energy_mwh;
    carbon_mg_ += run.grid_mg_per_kwh ? energy_mwh * *run.grid_mg_per_kwh / mwh_per_kwh
                                      : static_cast<double>(share.of(run.carbon_mg));
}

void Tally::preempt(Time arrival) {
    if (counts(arrival)) ++report_.preemptions;
}

void Tally::lose(Time arrival) {
    if (counts(arrival)) ++report_.lost_runs;
}

void Tally::give_up(Time arrival) {
    if (counts(arrival)) ++report_.given_up;
}

void Tally::finish(const TraceJob& job, const JobSpec& spec, Time arrival, Time now) {
    if (!counts(arrival)) return;
    const Duration jct = now - arrival;
    finished_.push_back({.arrival_s = seconds_of(arrival - counted_from_),
                         .jct_s = seconds_of(jct),
                         .duration_s = static_cast<double>(job.duration_s),
                         .part = dominant_part(spec),
                         .has_chips = spec.resources.chips_milli > 0,
                         .project = job.project});
    const std::optional<Duration>& slack = world_.jobs.deadline_slack;
    const bool is_late = (job.deadline_s > 0 && jct > seconds(job.deadline_s)) ||
                         (slack && jct - seconds(job.duration_s) > *slack);
    if (is_late) ++report_.deadline_misses;
    report_.makespan_s = seconds_of(now - first_arrival_);
    ++report_.completed;
}

// Of the world's chips, CPUs and memory, the largest part that a job takes of one of them.
double Tally::dominant_part(const JobSpec& spec) const {
    const Resources& needs = spec.resources;
    const auto part = [&](std::int64_t each, std::int64_t all) {
        if (all == 0) return 0.0;
        return static_cast<double>(each) * static_cast<double>(spec.nodes) /
               static_cast<double>(all);
    };
    return std::max({part(needs.chips_milli, chips_ * 1000), part(needs.cpus, cpus_),
                     part(needs.memory_mib, memory_mib_)});
}

void Tally::look_at(const sched::World& world, Time now) {
    if (now <= looked_at_) return;
    idle_.sample(world, seconds_of(now - looked_at_));
    looked_at_ = now;
}

RunReport Tally::report() && {
    report_.cost_yuan = static_cast<double>(cost_micro_yuan_) / micro_yuan_per_yuan;
    report_.energy_kwh = energy_mwh_ / 1e6;
    report_.carbon_kg = carbon_mg_ / 1e6;
    report_.data_moved_gib = bytes_moved_ / bytes_per_gib;
    report_.fragmentation = idle_.fragmentation();
    if (!finished_.empty()) {
        sum_up_times();
        sum_up_fairness();
        sum_up_use();
    }
    return std::move(report_);
}

void Tally::sum_up_times() {
    std::vector<double> jcts_s, waits_s, slowdowns;
    for (std::vector<double>* values : {&jcts_s, &waits_s, &slowdowns})
        values->reserve(finished_.size());
    for (const Finished& job : finished_) {
        jcts_s.push_back(job.jct_s);
        waits_s.push_back(job.jct_s - job.duration_s);
        slowdowns.push_back(bounded_slowdown(job));
    }
    for (std::vector<double>* values : {&jcts_s, &waits_s, &slowdowns})
        boost::sort::spreadsort::float_sort(values->begin(), values->end());
    report_.jct_mean_s = mean(jcts_s);
    report_.jct_p50_s = nearest_rank(jcts_s, 500);
    report_.jct_p90_s = nearest_rank(jcts_s, 900);
    report_.jct_p99_s = nearest_rank(jcts_s, 990);
    report_.wait_mean_s = mean(waits_s);
    report_.wait_p50_s = nearest_rank(waits_s, 500);
    report_.wait_p90_s = nearest_rank(waits_s, 900);
    report_.wait_p99_s = nearest_rank(waits_s, 990);
    report_.wait_p999_s = nearest_rank(waits_s, 999);
    report_.slowdown_mean = mean(slowdowns);
    report_.slowdown_p50 = nearest_rank(slowdowns, 500);
    report_.slowdown_p90 = nearest_rank(slowdowns, 900);
    report_.slowdown_p99 = nearest_rank(slowdowns, 990);
    for (std::size_t percent = 0; percent <= 100; ++percent)
        report_.wait_percentiles_s.push_back(nearest_rank(waits_s, percent * 10));
}

void Tally::sum_up_fairness() {
    // Projects of which no job has finished have no part.
    std::vector<double> weights(trace_.projects.size(), 0);
    std::vector<double> slowdowns(weights.size(), 0);
    std::vector<double> jobs(weights.size(), 0);
    for (const Finished& job : finished_) {
        if (jobs[job.project] == 0)
            weights[job.project] = weight_of(world_, trace_queue(trace_.projects[job.project]));
        jobs[job.project] += 1;
        slowdowns[job.project] += bounded_slowdown(job);
    }
    std::vector<double> means;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (jobs[i] > 0) means.push_back(slowdowns[i] / jobs[i]);
    }
    report_.jain_index = jain_index(means);
    std::vector<double> ratios = finish_time_ratios(finished_, weights);
    boost::sort::spreadsort::float_sort(ratios.begin(), ratios.end());
    report_.finish_ratio_mean = mean(ratios);
    report_.finish_ratio_p99 = nearest_rank(ratios, 990);
    report_.finish_ratio_worst = ratios.back();
    const auto above = std::ranges::upper_bound(ratios, 1 + rounding);
    report_.unfair_pct =
        100 * static_cast<double>(ratios.end() - above) / static_cast<double>(ratios.size());
}

void Tally::sum_up_use() {
    const Time from = world_.warm_up.ms > 0 ? counted_from_ : first_arrival_;
    const double span_s = seconds_of(last_end_ - from);
    const double taken_s = chip_s_ > 0 ? chip_s_ : cpu_s_;
    const auto capacity = static_cast<double>(chip_s_ > 0 ? chips_ : cpus_);
    if (span_s > 0 && capacity > 0) report_.utilisation = taken_s / (capacity * span_s);
}

}  // namespace dayu::sim
