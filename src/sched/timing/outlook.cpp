#include "sched/timing/outlook.h"

#include <algorithm>
#include <utility>

namespace dayu::sched {
namespace {

constexpr std::int64_t slots_an_hour = 4;
constexpr double no_rounding = 1 - 1e-12;  // what is less by rounding alone is not less

std::int64_t slot_of(const IntensitySeries& series) {
    return std::max<std::int64_t>(series.steps_an_hour() / slots_an_hour, 1);
}

// The part of the jobs that still run after so many slots of work.
std::vector<double> alive_after(const std::vector<std::int64_t>& lengths, std::int64_t slot) {
    std::vector<double> alive;
    const auto all = static_cast<double>(lengths.size());
    for (std::int64_t work = 0; work < lengths.back(); work += slot) {
        const auto longer = std::ranges::upper_bound(lengths, work);
        alive.push_back(static_cast<double>(lengths.end() - longer) / all);
    }
    return alive;
}

}  // namespace

std::vector<StartOutlook> best_starts(const OutlookQuestion& question,
                                      const std::vector<double>& prices) {
    const std::int64_t slot = slot_of(question.series);
    std::vector<double> carbon;  // expected, of a start so many slots later
    for (std::int64_t wait = 0; wait <= question.longest_wait; wait += slot) {
        const std::int64_t start = question.arrival + wait;
        double sum = 0;
        for (const std::int64_t length : question.lengths)
            sum += question.series.sum(start, start + length);
        carbon.push_back(sum / static_cast<double>(question.lengths.size()));
    }
    std::vector<StartOutlook> answers;
    for (const double price : prices) {
        std::int64_t best = 0;
        double least = carbon[0];
        for (std::size_t later = 1; later < carbon.size(); ++later) {
            const std::int64_t wait = static_cast<std::int64_t>(later) * slot;
            const double cost = carbon[later] + price * static_cast<double>(wait);
            if (cost < least * no_rounding) {
                best = wait;
                least = cost;
            }
        }
        StartOutlook& answer = answers.emplace_back();
        if (best > 0) answer.pauses = {{question.arrival, question.arrival + best}};
        answer.wait = static_cast<double>(best);
    }
    return answers;
}

namespace {

// Backwards over (waited, worked): what is still to come costs least if the job pauses there, or if it runs.
class PausePlanner {
   public:
    explicit PausePlanner(const OutlookQuestion& question)
        : arrival_(question.arrival),
          slot_(slot_of(question.series)),
          alive_(alive_after(question.lengths, slot_)),
          waits_(static_cast<std::size_t>(question.longest_wait / slot_)),
          pauses_((waits_ + 1) * alive_.size()) {
        for (std::size_t at = 0; at < alive_.size() + waits_; ++at)
            carbon_.push_back(question.series.sum(step_of(at), step_of(at + 1)));
    }

    StartOutlook plan(double price) {
        decide(price);
        return follow();
    }

   private:
    std::int64_t step_of(std::size_t slots) const {
        return arrival_ + static_cast<std::int64_t>(slots) * slot_;
    }

    void decide(double price) {
        const std::size_t works = alive_.size();
        const double wait_cost = price * static_cast<double>(slot_);
        std::vector<double> cost(works + 1), after_wait(works + 1);
        for (std::size_t waited = waits_ + 1; waited-- > 0;) {
            std::swap(cost, after_wait);
            cost[works] = 0;
            for (std::size_t worked = works; worked-- > 0;) {
                const double runs = alive_[worked] * carbon_[waited + worked] + cost[worked + 1];
                const double waits = alive_[worked] * wait_cost + after_wait[worked];
                const bool pauses = waited < waits_ && waits < runs * no_rounding;
                pauses_[waited * works + worked] = pauses;
                cost[worked] = pauses ? waits : runs;
            }
        }
    }

    // The one way that a job goes for as long as it lasts.
    StartOutlook follow() const {
        StartOutlook outlook;
        for (std::size_t waited = 0, worked = 0; worked < alive_.size();) {
            if (!pauses_[waited * alive_.size() + worked]) {
                ++worked;
                continue;
            }
            const std::int64_t from = step_of(waited + worked);
            if (outlook.pauses.empty() || outlook.pauses.back().to != from)
                outlook.pauses.push_back({from, from});
            outlook.pauses.back().to += slot_;
            outlook.wait += alive_[worked] * static_cast<double>(slot_);
            ++waited;
        }
        return outlook;
    }

    const std::int64_t arrival_;
    const std::int64_t slot_;
    const std::vector<double> alive_;
    const std::size_t waits_;
    std::vector<char> pauses_;    // by waited and worked; char: a bit is slower
    std::vector<double> carbon_;  // of each slot from the arrival
};

}  // namespace

std::vector<StartOutlook> best_pauses(const OutlookQuestion& question,
                                      const std::vector<double>& prices) {
    PausePlanner planner(question);
    std::vector<StartOutlook> answers;
    for (const double price : prices) answers.push_back(planner.plan(price));
    return answers;
}

}  // namespace dayu::sched
