#include "sched/timing/outlook.h"

#include <utility>

namespace dayu::sched {
namespace {

constexpr double no_rounding = 1 - 1e-12;  // what is less by rounding alone is not less
constexpr std::int64_t hours_looked_at = 100;
constexpr double hardly_anybody = 1e-4;

// What may come, slot by slot.
struct Ahead {
    std::vector<double>
        alive;  // at the start of each slot of work, as a part of those who are there now
    std::vector<double> works;   // expected part of each slot of work
    std::vector<double> carbon;  // of each slot from now, of one who runs
    std::size_t waits = 0;       // slots that it may wait
};

Ahead look_ahead(const OutlookQuestion& question) {
    Ahead ahead;
    const std::int64_t slot = question.slot;
    const double there = question.lengths.after(question.worked);
    const std::int64_t end = question.worked + hours_looked_at * question.series.steps_an_hour();
    for (std::int64_t worked = question.worked; worked < end; worked += slot) {
        const double alive = question.lengths.after(worked);
        if (alive <= there * hardly_anybody) break;
        ahead.alive.push_back(alive / there);
        ahead.works.push_back(question.lengths.work_between(worked, worked + slot) / there /
                              static_cast<double>(slot));
    }
    ahead.waits = static_cast<std::size_t>(question.longest_wait / slot);
    std::int64_t step = question.now;
    for (std::size_t at = 0; at < ahead.alive.size() + ahead.waits; ++at, step += slot)
        ahead.carbon.push_back(question.series.sum(step, step + slot));
    return ahead;
}

std::vector<Outlook> best_starts(const OutlookQuestion& question,
                                 const std::vector<double>& prices) {
    const Ahead ahead = look_ahead(question);
    std::vector<double> carbon;  // expected, of a start so many slots later
    for (std::size_t later = 0; later <= ahead.waits; ++later) {
        double sum = 0;
        for (std::size_t at = 0; at < ahead.works.size(); ++at)
            sum += ahead.works[at] * ahead.carbon[later + at];
        carbon.push_back(sum);
    }
    std::vector<Outlook> answers;
    for (const double price : prices) {
        std::int64_t best = 0;
        double least = carbon[0];
        for (std::size_t later = 1; later < carbon.size(); ++later) {
            const std::int64_t wait = static_cast<std::int64_t>(later) * question.slot;
            const double cost = carbon[later] + price * static_cast<double>(wait);
            if (cost < least * no_rounding) {
                best = wait;
                least = cost;
            }
        }
        Outlook& answer = answers.emplace_back();
        if (best > 0) answer.pauses = {{question.now, question.now + best}};
        answer.wait = static_cast<double>(best);
    }
    return answers;
}

// Backwards over (waited, worked): what is still to come costs least if the job pauses there, or if
// it runs.
class PausePlanner {
   public:
    explicit PausePlanner(const OutlookQuestion& question)
        : now_(question.now),
          slot_(question.slot),
          ahead_(look_ahead(question)),
          pauses_((ahead_.waits + 1) * ahead_.alive.size()) {}

    Outlook plan(double price) {
        decide(price);
        return follow();
    }

   private:
    void decide(double price) {
        const std::size_t works = ahead_.alive.size();
        const double wait_cost = price * static_cast<double>(slot_);
        std::vector<double> cost(works + 1), after_wait(works + 1);
        for (std::size_t waited = ahead_.waits + 1; waited-- > 0;) {
            std::swap(cost, after_wait);
            cost[works] = 0;
            for (std::size_t worked = works; worked-- > 0;) {
                const double runs =
                    ahead_.works[worked] * ahead_.carbon[waited + worked] + cost[worked + 1];
                const double waits = ahead_.alive[worked] * wait_cost + after_wait[worked];
                const bool pauses = waited < ahead_.waits && waits < runs * no_rounding;
                pauses_[waited * works + worked] = pauses;
                cost[worked] = pauses ? waits : runs;
            }
        }
    }

    // The one way that a job goes for as long as it lasts.
    Outlook follow() const {
        Outlook outlook;
        const std::size_t works = ahead_.alive.size();
        for (std::size_t waited = 0, worked = 0; worked < works;) {
            if (!pauses_[waited * works + worked]) {
                ++worked;
                continue;
            }
            const std::int64_t from = now_ + static_cast<std::int64_t>(waited + worked) * slot_;
            if (outlook.pauses.empty() || outlook.pauses.back().to != from)
                outlook.pauses.push_back({from, from});
            outlook.pauses.back().to += slot_;
            outlook.wait += ahead_.alive[worked] * static_cast<double>(slot_);
            ++waited;
        }
        return outlook;
    }

    const std::int64_t now_;
    const std::int64_t slot_;
    const Ahead ahead_;
    std::vector<char> pauses_;  // by waited and worked; char: a bit is slower
};

}  // namespace

std::vector<Outlook> best_plans(const OutlookQuestion& question,
                                const std::vector<double>& prices) {
    if (!question.may_pause) return best_starts(question, prices);
    PausePlanner planner(question);
    std::vector<Outlook> answers;
    for (const double price : prices) answers.push_back(planner.plan(price));
    return answers;
}

}  // namespace dayu::sched
