#include "sched/answer/hints.h"

#include <functional>
#include <set>

#include <fmt/core.h>

#include "sched/decide.h"
#include "sched/round/offers.h"

namespace dayu::sched {
namespace {

// A hint must bring the start forward by at least this to be worth a line.
constexpr Duration worthwhile = seconds(60);

class Hints {
   public:
    explicit Hints(const HintsFor& what)
        : world_(what.world),
          policy_(what.policy),
          spec_(what.spec),
          job_(what.job),
          now_(what.now),
          start_(what.start) {}

    std::vector<std::string> all() {
        if (start_ && *start_ <= now_) return {};
        regions();
        tiers();
        other_chips();
        price();
        return std::move(hints_);
    }

   private:
    using Describe = std::function<std::string(const Candidate&)>;

    // Adds a hint when the changed spec has an offer that starts earlier.
    void try_spec(const JobSpec& changed, const Describe& describe) {
        const CandidateTable table = weigh(world_, policy_, changed, now_, job_.spent);
        const Candidate* first = nullptr;
        for (const Candidate& candidate : table.candidates) {
            if (!!candidate.refusal) break;
            if (first == nullptr || candidate.start < first->start) first = &candidate;
        }
        if (first == nullptr || (start_ && first->start + worthwhile > *start_)) return;
        hints_.push_back(
            fmt::format("starts {} if {}", in_words(first->start - now_), describe(*first)));
    }

    void regions() {
        if (spec_.placement.regions.empty()) return;
        JobSpec changed = spec_;
        changed.placement.regions.clear();
        try_spec(changed, [&](const Candidate& offer) {
            return fmt::format("region {} is allowed", center_of(offer).region);
        });
    }

    void tiers() {
        if (spec_.placement.tiers.empty()) return;
        JobSpec changed = spec_;
        changed.placement.tiers.clear();
        try_spec(changed, [&](const Candidate& offer) {
            return fmt::format("tier {} is allowed", to_string(center_of(offer).tier));
        });
    }

    void other_chips() {
        if (spec_.resources.chip.empty()) return;
        std::set<std::string> others;
        for (const auto& [id, center] : world_.centers()) {
            for (const auto& [name, pool] : center.pools) others.insert(pool.pool().chip);
        }
        others.erase("");
        others.erase(spec_.resources.chip);
        for (const Resources& variant : spec_.variants) others.erase(variant.chip);
        for (const std::string& chip : others) {
            JobSpec changed = spec_of(spec_, {});
            changed.resources.chip = chip;
            try_spec(changed, [&](const Candidate&) { return chip + " is allowed"; });
        }
    }

    // Names the price of the cheapest pool that max_price alone refuses, or the time that it would buy.
    void price() {
        if (!spec_.placement.max_price) return;
        JobSpec changed = spec_;
        changed.placement.max_price.reset();
        const CandidateTable table = weigh(world_, policy_, changed, now_);
        std::optional<Money> least;
        for (const Candidate& candidate : table.candidates) {
            if (!candidate.refusal && (!least || candidate.price < *least)) least = candidate.price;
        }
        const Money left{spec_.placement.max_price->micro_yuan - job_.spent.micro_yuan};
        if (!least || *least <= left) return;
        const Result<Money> needed = add(*least, job_.spent);
        if (needed.ok()) hints_.push_back(fmt::format("fits if max_price is {}", yuan(*needed)));
        if (left <= Money{}) return;
        // Whole minutes, rounded down, so that the shorter limit really fits.
        const __int128 affordable_ms =
            static_cast<__int128>(spec_.time_limit.ms) * left.micro_yuan / least->micro_yuan;
        const auto minutes = static_cast<std::int64_t>(affordable_ms / 60'000);
        if (minutes == 0) return;
        hints_.push_back(fmt::format("fits if time_limit is {}", to_string(seconds(minutes * 60))));
    }

    const Center& center_of(const Candidate& offer) const {
        return world_.centers().at(offer.center).center;
    }

    const World& world_;
    const Policy& policy_;
    const JobSpec& spec_;
    const QueuedJob& job_;
    const Time now_;
    const std::optional<Time> start_;
    std::vector<std::string> hints_;
};

}  // namespace

std::vector<std::string> hints(const HintsFor& what) { return Hints(what).all(); }

std::string in_words(Duration until_start) {
    const std::int64_t minutes = (until_start.ms + 59'999) / 60'000;
    if (until_start.ms <= 0) return "now";
    if (minutes < 120) return fmt::format("in {} min", minutes);
    if (minutes < 48 * 60) return fmt::format("in {} h", (minutes + 59) / 60);
    return fmt::format("in {} days", (minutes + 1439) / 1440);
}

}  // namespace dayu::sched
