#include "sched/optimise/rounding.h"

#include <algorithm>
#include <optional>

namespace dayu::sched {
namespace {

// What CLP's tolerance may take from a whole number.
constexpr double nearly_whole = 1e-6;

class Rounding {
   public:
    Rounding(const Market& market, const std::vector<Way>& ways);

    void take_whole_jobs();
    void take_by_regret();
    std::vector<std::int64_t> starts() && { return std::move(starts_); }

   private:
    struct Choice {
        std::size_t way = 0;
        __int128 regret = 0;
        std::int64_t wanted_milli = 1;
    };
    struct ClassWays {
        std::size_t begin = 0, end = 0;
        std::int64_t jobs_left = 0;
        std::optional<Choice> choice;  // none: nothing that fits
    };

    std::int64_t most(const Way& way) const {
        return std::min(classes_[way.job_class].jobs_left, free_[way.pool] / way.wanted_milli);
    }
    void take(std::size_t way, std::int64_t jobs);
    std::optional<Choice> choose(const ClassWays& one) const;
    static bool is_keener(const Choice& a, const Choice& b) {
        return a.regret * b.wanted_milli > b.regret * a.wanted_milli;
    }

    const std::vector<Way>& ways_;
    std::vector<ClassWays> classes_;
    std::vector<std::int64_t> free_;
    std::vector<std::int64_t> starts_;
    std::vector<std::vector<std::size_t>> wanted_by_;  // the classes of each pool
};

Rounding::Rounding(const Market& market, const std::vector<Way>& ways)
    : ways_(ways),
      classes_(market.classes.size()),
      starts_(ways.size()),
      wanted_by_(market.pools.size()) {
    for (const MarketPool& pool : market.pools) free_.push_back(pool.free_milli);
    for (std::size_t i = 0; i < classes_.size(); ++i)
        classes_[i].jobs_left = market.classes[i].jobs;
    for (std::size_t way = 0; way < ways.size(); ++way) {
        ClassWays& one = classes_[ways[way].job_class];
        if (one.end == 0) one.begin = way;
        one.end = way + 1;
        std::vector<std::size_t>& of_pool = wanted_by_[ways[way].pool];
        if (of_pool.empty() || of_pool.back() != ways[way].job_class)
            of_pool.push_back(ways[way].job_class);
    }
}

void Rounding::take(std::size_t way, std::int64_t jobs) {
    starts_[way] += jobs;
    classes_[ways_[way].job_class].jobs_left -= jobs;
    free_[ways_[way].pool] -= jobs * ways_[way].wanted_milli;
}

void Rounding::take_whole_jobs() {
    for (std::size_t way = 0; way < ways_.size(); ++way) {
        const auto whole = static_cast<std::int64_t>(ways_[way].fraction + nearly_whole);
        take(way, std::min(whole, most(ways_[way])));
    }
}

// The best by gain; not to start at all is always the next best, and costs nothing.
std::optional<Rounding::Choice> Rounding::choose(const ClassWays& one) const {
    std::optional<std::size_t> best;
    __int128 second = 0;
    for (std::size_t way = one.begin; way < one.end; ++way) {
        if (most(ways_[way]) == 0) continue;
        if (!best || ways_[way].gain > ways_[*best].gain) {
            if (best) second = std::max(second, ways_[*best].gain);
            best = way;
        } else {
            second = std::max(second, ways_[way].gain);
        }
    }
    if (!best) return std::nullopt;
    return Choice{.way = *best,
                  .regret = ways_[*best].gain - second,
                  .wanted_milli = ways_[*best].wanted_milli};
}

void Rounding::take_by_regret() {
    for (ClassWays& one : classes_) one.choice = choose(one);
    while (true) {
        const ClassWays* keenest = nullptr;
        for (const ClassWays& one : classes_) {
            if (!one.choice) continue;
            if (keenest == nullptr || is_keener(*one.choice, *keenest->choice)) keenest = &one;
        }
        if (keenest == nullptr) return;
        const std::size_t way = keenest->choice->way;
        take(way, most(ways_[way]));
        for (const std::size_t other : wanted_by_[ways_[way].pool])
            classes_[other].choice = choose(classes_[other]);
    }
}

}  // namespace

std::vector<std::int64_t> round_to_jobs(const Market& market, const std::vector<Way>& ways) {
    Rounding rounding(market, ways);
    rounding.take_whole_jobs();
    rounding.take_by_regret();
    return std::move(rounding).starts();
}

}  // namespace dayu::sched
