// Least is left first, without knowing how long anything takes: what a job's siblings did tells how long it may be.
//
// A young job, which has had little, comes before all others, by what it has had: most jobs are short, and end
// there. Of the others, the length is guessed. Alone, a job is taken to need as much again as it has had, which is
// what attained service says. But jobs of one project and size that came together are often one experiment, and
// take about equally long. So a sibling that has run further counts, too: with its length if it has ended, and with
// a multiple of what it has had if it has not, for then this one is probably long as well, and had better wait until
// the sibling has shown how long. Thus siblings run one after the other, where least attained service lets them
// take turns until all end late.
//
// Nobody starves: who has waited for as long as the setting says goes before all who have not, in order of arrival.
// So nobody waits longer than that and, from then on, than in a queue where the first to come is the first served.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "sched/ordering/policies.h"

namespace dayu::sched {
namespace {

// Chosen on the Philly trace with its batches of jobs moved by up to two days at random.
constexpr double young_chip_s = 4 * 3600;
constexpr double own_growth = 2;         // a job is taken to need so many times what it has had,
constexpr double sibling_growth = 8;     // and a sibling that has had more, so many times that
constexpr double least_left = 0.3;       // of what a job has had
constexpr double together_s = 6 * 3600;  // a sibling that came so far apart counts 1/e
constexpr std::size_t neighbours = 10;   // siblings that came before are asked, and as many after
constexpr double chips_exponent = 1.2;   // a gang needs all its chips at once, and frees many
constexpr double keeps_running = 0.7;    // who runs is taken to have so much less left

// Ages at which a job is asked for anew.
constexpr double first_age_s = 30;
constexpr double age_growth = 1.2;

// Keys are not negative but those of jobs that have waited for too long, who come before all.
constexpr double before_all = -1e15;

class Siblings : public OrderingPolicy {
   public:
    explicit Siblings(std::int64_t longest_wait_s) : longest_wait_s_(longest_wait_s) {
        double age_s = first_age_s;
        for (double& each : ages_s_) each = std::exchange(age_s, age_s * age_growth);
    }

    void arrived(const OrderingJob& job) override {
        const auto chips = static_cast<std::uint64_t>(job.chips);
        Family& family = families_[{job.project, std::bit_width(chips - 1)}];
        jobs_.push_back({.arrival_s = job.arrival_s, .family = &family, .at = family.size()});
        family.push_back(job.place);
    }

    LineStanding standing(const OrderingJob& job, std::int64_t now_s) override {
        jobs_[job.place].ran_s = job.ran_s;
        const std::int64_t waited_s = now_s - job.arrival_s - job.ran_s;
        if (waited_s >= longest_wait_s_)
            return {.key = before_all + static_cast<double>(job.arrival_s)};
        if (!job.is_running)
            return {.key = key(job), .until_s = now_s + longest_wait_s_ - waited_s};
        const auto next_age = std::ranges::upper_bound(ages_s_, static_cast<double>(job.ran_s));
        if (next_age == ages_s_.end()) return {.key = key(job)};
        return {.key = key(job),
                .until_s = now_s + static_cast<std::int64_t>(std::ceil(*next_age)) - job.ran_s};
    }

    std::vector<std::uint32_t> finished(const OrderingJob& job, std::int64_t /*now_s*/) override {
        jobs_[job.place].ran_s = job.ran_s;
        jobs_[job.place].has_ended = true;
        std::vector<std::uint32_t> learnt;
        if (is_young(job)) return learnt;  // those who ask are older
        for (const std::uint32_t sibling : siblings(job.place)) {
            if (!jobs_[sibling].has_ended) learnt.push_back(sibling);
        }
        return learnt;
    }

   private:
    using Family = std::vector<std::uint32_t>;  // places, in order of arrival
    struct Seen {
        std::int64_t arrival_s = 0;
        std::int64_t ran_s = 0;  // when it was last asked for
        bool has_ended = false;
        const Family* family = nullptr;
        std::size_t at = 0;  // where it stands in its family
    };

    static bool is_young(const OrderingJob& job) {
        return static_cast<double>(job.chips * job.ran_s) < young_chip_s;
    }

    // Those who came next before and after it, and itself.
    std::span<const std::uint32_t> siblings(std::uint32_t place) const {
        const Seen& job = jobs_[place];
        const std::size_t first = job.at - std::min(job.at, neighbours);
        const std::size_t end = std::min(job.at + neighbours + 1, job.family->size());
        return std::span(*job.family).subspan(first, end - first);
    }

    double key(const OrderingJob& job) const {
        const auto chips = static_cast<double>(job.chips);
        if (is_young(job)) {
            const auto next_age = std::ranges::upper_bound(ages_s_, static_cast<double>(job.ran_s));
            return next_age == ages_s_.begin() ? 0 : chips * *std::prev(next_age);
        }
        const double left_s = guess_left_s(job) * (job.is_running ? keeps_running : 1);
        return young_chip_s + std::pow(chips, chips_exponent) * left_s;
    }

    // The mean of logarithms: lengths differ by factors.
    double guess_left_s(const OrderingJob& job) const {
        const auto had_s = static_cast<double>(job.ran_s);
        double sum = std::log(own_growth * had_s);
        double weights = 1;
        for (const std::uint32_t place : siblings(job.place)) {
            const Seen& sibling = jobs_[place];
            if (sibling.ran_s <= job.ran_s) continue;
            const auto apart_s = static_cast<double>(std::abs(sibling.arrival_s - job.arrival_s));
            const double weight = std::exp(-apart_s / together_s);
            const auto ran_s = static_cast<double>(sibling.ran_s);
            sum += weight * std::log(sibling.has_ended ? ran_s : sibling_growth * ran_s);
            weights += weight;
        }
        return std::max(std::exp(sum / weights) - had_s, least_left * had_s);
    }

    const std::int64_t longest_wait_s_;
    std::array<double, 84> ages_s_{};
    std::vector<Seen> jobs_;  // by place
    std::map<std::pair<std::uint32_t, int>, Family>
        families_;  // by project, and power of two of chips
};

}  // namespace

std::unique_ptr<OrderingPolicy> siblings_ordering(const OrderingSetting& setting) {
    return std::make_unique<Siblings>(setting.longest_wait_s);
}

}  // namespace dayu::sched
