// Dayu's own: who is likely to be done soonest runs, and each runs where it has the greatest comparative
// advantage. It knows no run times; it learns from jobs that finished how they are spread.
//
// 1. Jobs are ordered by the chip time they are expected to need still, by their Gittins index (gittins.h),
//    and taken while chips last.
// 2. Those taken are divided among the kinds of chip so that the sum of the logarithms of their speeds, each
//    against that on its best chip, is greatest (division.h). A job that is ten times slower elsewhere so keeps
//    its chip before one that is a little slower, whatever their speeds are in themselves.
// 3. What is left goes to the others, in order.
// 4. Where sharing is allowed, a job that still waits joins the running one beside which both get most done.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "sched/matching/division.h"
#include "sched/matching/gittins.h"
#include "sched/matching/policies.h"

namespace dayu::sched::matching {
namespace {

struct Weights {
    // A gang's advantage counts for chips^e. At 0.5 gangs give way to single jobs, which helps the mean while
    // chips are plenty; at 1 every chip counts alike, which gets most out of them when they are not. Between
    // them e follows the load, the chips that all jobs ask for over all chips: 0.5 up to a load of
    // `plenty`, and from there on more by as much as the load, up to 1.
    double least_exponent = 0.5;
    double plenty = 0.8;
    // Speeds below this part of the best count as this: the logarithm would let one job outweigh all.
    double slowest = 0.02;
    // What staying on its kind is worth, in logarithms of speed: as much as 0.3 % of speed. Less than
    // that is not worth a move even where moves cost nothing.
    double staying = 0.003;
};

class Advantage final : public MatchingPolicy {
   public:
    explicit Advantage(const MatchingSetting& setting)
        : setting_(setting), division_(setting.chips) {}

    std::vector<Match> choose(double now_s, std::span<const MatchingJob> jobs) override;
    void finished(const MatchingJob& job) override { index_.finished(service_s(job)); }

   private:
    double service_s(const MatchingJob& job) const;
    double fastest(const MatchingJob& job) const;
    void rank(std::span<const MatchingJob> jobs);
    void divide_first(std::span<const MatchingJob> jobs);
    void fill(std::span<const MatchingJob> jobs);
    void share(std::span<const MatchingJob> jobs);
    double gain_of_sharing(std::span<const MatchingJob> jobs, std::uint32_t host,
                           std::uint32_t guest) const;
    Divided weighed(const MatchingJob& job, double exponent) const;
    double gang_exponent(std::span<const MatchingJob> jobs, std::uint32_t chips) const;
    std::vector<std::uint32_t> free_chips(std::span<const MatchingJob> jobs) const;

    const MatchingSetting setting_;
    const Weights weights_;
    GittinsIndex index_;
    Division division_;
    // Of this round, by position of the job.
    std::vector<std::uint32_t> order_;
    std::vector<double> done_soon_;  // the index, per unit of the job's progress
    std::vector<std::size_t> kind_;
    std::vector<std::uint32_t> beside_;
};

// Progress is comparable between jobs as time on one kind of chip: the first on which the job runs.
std::size_t reference_kind(const MatchingJob& job) {
    std::size_t kind = 0;
    while (kind + 1 < max_chip_kinds && job.rates[kind] <= 0) ++kind;
    return kind;
}

double Advantage::service_s(const MatchingJob& job) const {
    return job.progress / job.rates[reference_kind(job)];
}

double Advantage::fastest(const MatchingJob& job) const {
    return *std::max_element(job.rates.begin(), job.rates.end());
}

// The expected chip time on the best kind comes first where it is least.
void Advantage::rank(std::span<const MatchingJob> jobs) {
    std::vector<double> needed_s(jobs.size());
    done_soon_.resize(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const MatchingJob& job = jobs[i];
        done_soon_[i] = index_.at(service_s(job)) / job.rates[reference_kind(job)];
        needed_s[i] = job.chips / (done_soon_[i] * fastest(job));
    }
    order_.resize(jobs.size());
    std::iota(order_.begin(), order_.end(), 0u);
    std::ranges::sort(order_, {}, [&](std::uint32_t i) { return std::pair(needed_s[i], i); });
}

double Advantage::gang_exponent(std::span<const MatchingJob> jobs, std::uint32_t chips) const {
    double asked = 0;
    for (const MatchingJob& job : jobs) asked += job.chips;
    const double above = std::max(asked / chips - weights_.plenty, 0.0);
    return std::min(weights_.least_exponent + above, 1.0);
}

Divided Advantage::weighed(const MatchingJob& job, double exponent) const {
    const double weight = std::pow(job.chips, exponent);
    const double best = fastest(job);
    Divided divided{.chips = job.chips};
    for (std::size_t kind = 0; kind < setting_.chips.size(); ++kind) {
        const double speed = std::max(job.rates[kind] / best, weights_.slowest);
        const double stays = job.kind == kind ? weights_.staying : 0;
        divided.worth[kind] = weight * (std::log(speed) + stays);
        divided.can_run[kind] = job.rates[kind] > 0;
    }
    if (job.is_running) divided.kind = job.kind;
    return divided;
}

void Advantage::divide_first(std::span<const MatchingJob> jobs) {
    std::uint32_t left =
        std::accumulate(setting_.chips.begin(), setting_.chips.end(), std::uint32_t{0});
    const double exponent = gang_exponent(jobs, left);
    std::vector<std::uint32_t> taken;
    std::vector<Divided> divided;
    for (const std::uint32_t i : order_) {
        if (jobs[i].chips > left) continue;
        left -= jobs[i].chips;
        taken.push_back(i);
        divided.push_back(weighed(jobs[i], exponent));
    }
    division_.divide(divided);
    for (std::size_t k = 0; k < taken.size(); ++k) kind_[taken[k]] = divided[k].kind;
}

std::vector<std::uint32_t> Advantage::free_chips(std::span<const MatchingJob> jobs) const {
    std::vector<std::uint32_t> free = setting_.chips;
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (kind_[i] != no_kind) free[kind_[i]] -= jobs[i].chips;
    return free;
}

void Advantage::fill(std::span<const MatchingJob> jobs) {
    std::vector<std::uint32_t> free = free_chips(jobs);
    for (const std::uint32_t i : order_) {
        if (kind_[i] != no_kind) continue;
        const MatchingJob& job = jobs[i];
        for (std::size_t kind = 0; kind < free.size(); ++kind) {
            if (free[kind] < job.chips || job.rates[kind] <= 0) continue;
            if (kind_[i] == no_kind || job.rates[kind] > job.rates[kind_[i]]) kind_[i] = kind;
        }
        if (kind_[i] != no_kind) free[kind_[i]] -= job.chips;
    }
}

// How much sooner something is likely to be done, of the two together; negative: the host loses more.
double Advantage::gain_of_sharing(std::span<const MatchingJob> jobs, std::uint32_t host,
                                  std::uint32_t guest) const {
    const std::size_t kind = kind_[host];
    const double of_guest = setting_.pairs->rate(kind, jobs[guest].shape, jobs[host].shape);
    const double of_host = setting_.pairs->rate(kind, jobs[host].shape, jobs[guest].shape);
    if (of_guest <= 0 || of_host <= 0) return 0;
    return done_soon_[guest] * of_guest + done_soon_[host] * (of_host - jobs[host].rates[kind]);
}

void Advantage::share(std::span<const MatchingJob> jobs) {
    const std::vector<std::size_t> hosts_at = kind_;
    for (const std::uint32_t guest : order_) {
        if (kind_[guest] != no_kind) continue;
        std::uint32_t host = alone;
        double most = 0;
        for (std::uint32_t i = 0; i < jobs.size(); ++i) {
            const bool is_host = hosts_at[i] != no_kind && beside_[i] == alone;
            if (!is_host || jobs[i].chips != jobs[guest].chips) continue;
            const double gain = gain_of_sharing(jobs, i, guest);
            if (gain > most) {
                most = gain;
                host = i;
            }
        }
        if (host == alone) continue;
        kind_[guest] = kind_[host];
        beside_[guest] = host;
        beside_[host] = guest;
    }
}

std::vector<Match> Advantage::choose(double, std::span<const MatchingJob> jobs) {
    kind_.assign(jobs.size(), no_kind);
    beside_.assign(jobs.size(), alone);
    rank(jobs);
    divide_first(jobs);
    fill(jobs);
    if (setting_.pairs != nullptr) share(jobs);
    std::vector<Match> matches;
    for (std::uint32_t i = 0; i < jobs.size(); ++i)
        if (kind_[i] != no_kind) matches.push_back({i, kind_[i], beside_[i]});
    return matches;
}

}  // namespace

std::unique_ptr<MatchingPolicy> advantage_matching(const MatchingSetting& setting) {
    return std::make_unique<Advantage>(setting);
}

}  // namespace dayu::sched::matching
