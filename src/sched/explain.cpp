// Why a job waits, told from the same table that a round would weigh for it: nothing here is guessed.
#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

#include <fmt/core.h>

#include "sched/decide.h"
#include "sched/round/offers.h"

namespace dayu::sched {
namespace {

// Jobs ahead are counted up to this; explain says "or more" then.
constexpr std::int64_t max_ahead = 10'000;
// A hint must bring the start forward by at least this to be worth a line.
constexpr Duration worthwhile = seconds(60);

bool is_offer(const Candidate& candidate) { return !candidate.refusal; }

const Candidate* best_offer(const CandidateTable& table) {
    return !table.candidates.empty() && is_offer(table.candidates.front())
               ? &table.candidates.front()
               : nullptr;
}

std::int64_t count_centers(const CandidateTable& table, std::string_view code) {
    std::set<CenterId> centers;
    for (const Candidate& candidate : table.candidates) {
        if (code.empty() || (candidate.refusal && candidate.refusal->code == code)) {
            centers.insert(candidate.center);
        }
    }
    return std::ssize(centers);
}

// "4/8 centers: ChipNotHere, 1/8 centers: RegionNotAllowed", the commonest first.
std::string count_refusals(const CandidateTable& table) {
    std::set<std::string> codes;
    for (const Candidate& candidate : table.candidates) {
        if (candidate.refusal) codes.insert(candidate.refusal->code);
    }
    std::vector<std::pair<std::int64_t, std::string>> counts;
    for (const std::string& code : codes) counts.emplace_back(-count_centers(table, code), code);
    std::ranges::sort(counts);
    const std::int64_t all = count_centers(table, "");
    std::string text;
    for (const auto& [count, code] : counts) {
        text += fmt::format("{}{}/{} centers: {}", text.empty() ? "" : ", ", -count, all, code);
    }
    return text;
}

// Of several refusals the one that is nearest to running gives the reason.
Reason nearest_reason(const CandidateTable& table) {
    if (table.candidates.empty())
        return Reason::waiting_for_capacity;  // for a first centre to join
    for (const Reason reason : {Reason::waiting_for_capacity, Reason::budget_exhausted,
                                Reason::policy_forbidden, Reason::misconfigured}) {
        const bool is_there =
            std::ranges::any_of(table.candidates, [&](const Candidate& candidate) {
                return candidate.refusal && candidate.refusal->tier == reason;
            });
        if (is_there) return reason;
    }
    return Reason::never_fits;
}

// Of those that want the same place, in all queues: by rank, as if they were one.
std::int64_t count_ahead(const World& world, const Candidate& place, JobId job) {
    const Center& center = world.centers().at(place.center).center;
    const Pool& pool = world.centers().at(place.center).pools.at(place.pool).pool();
    const Rank rank = world.waiting().rank_of(job);
    const auto classes = world.waiting().classes();
    std::int64_t ahead = 0;
    for (std::uint32_t i = 0; i < classes.size() && ahead < max_ahead; ++i) {
        if (classes[i].waiting == 0) continue;
        const bool wants_it =
            std::ranges::any_of(variants_of(world.spec_of(classes[i].shape)), [&](const JobSpec& spec) {
                return !first_broken({center, pool, find_chip(world, spec), spec});
            });
        if (wants_it) ahead += static_cast<std::int64_t>(world.waiting().count_before({i}, rank));
    }
    return std::min(ahead, max_ahead);
}

// "now", "in 4 min": as exact as an estimate by time limits deserves.
std::string in_words(Duration until_start) {
    const std::int64_t minutes = (until_start.ms + 59'999) / 60'000;
    if (until_start.ms <= 0) return "now";
    if (minutes < 120) return fmt::format("in {} min", minutes);
    if (minutes < 48 * 60) return fmt::format("in {} h", (minutes + 59) / 60);
    return fmt::format("in {} days", (minutes + 1439) / 1440);
}

// What would start the job sooner: each hint lifts one rule and weighs anew.
class Hints {
   public:
    Hints(const World& world, const Policy& policy, const JobSpec& spec, const QueuedJob& job,
          Time now, std::optional<Time> start)
        : world_(world), policy_(policy), spec_(spec), job_(job), now_(now), start_(start) {}

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
            if (!is_offer(candidate)) break;
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
            if (is_offer(candidate) && (!least || candidate.price < *least))
                least = candidate.price;
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

std::string tell_waiting(const Explanation& explanation, const Candidate& best, Time now) {
    const std::string place = best.center_name + "/" + best.pool;
    if (explanation.reason == Reason::begin_time) {
        return fmt::format("held back until {}; then {} is its best place",
                           to_string(*explanation.start), place);
    }
    if (explanation.reason == Reason::pending_evaluation) {
        return fmt::format("fits {} now: the next round places it", place);
    }
    const std::string ahead = explanation.ahead == max_ahead ? fmt::format("{} or more", max_ahead)
                                                             : fmt::format("{}", explanation.ahead);
    if (best.start <= now) return fmt::format("waits for {}, {} ahead", place, ahead);
    return fmt::format("waits for {}, {} ahead; room {} by the time limits of what runs there",
                       place, ahead, in_words(best.start - now));
}

}  // namespace

Explanation explain(const World& world, const Policy& policy, JobId job, Time now) {
    Explanation explanation;
    const std::optional<QueuedJob> queued = world.find_queued(job);
    if (!queued) {
        explanation.reason = Reason::none;
        explanation.text = "does not wait: it is not in the queue";
        return explanation;
    }
    const JobSpec& spec = world.spec_of(queued->shape);
    explanation.table = weigh(world, policy, spec, now, queued->spent);
    explanation.table.shape = queued->shape;

    const Candidate* best = best_offer(explanation.table);
    if (best == nullptr) {
        explanation.reason = nearest_reason(explanation.table);
        explanation.can_ever_run = explanation.reason == Reason::waiting_for_capacity;
        const std::string counts = count_refusals(explanation.table);
        explanation.text =
            fmt::format("{}: {}", explanation.can_ever_run ? "waits" : "can never run",
                        counts.empty() ? "no centre has joined" : counts);
    } else {
        explanation.start = std::max(best->start, queued->not_before);
        explanation.ahead = count_ahead(world, *best, job);
        const bool is_free = best->start <= now && explanation.ahead == 0;
        explanation.reason = queued->not_before > now ? Reason::begin_time
                             : is_free                ? Reason::pending_evaluation
                                                      : Reason::waiting_for_capacity;
        explanation.text = tell_waiting(explanation, *best, now);
    }
    if (explanation.reason != Reason::begin_time) {
        explanation.hints = Hints(world, policy, spec, *queued, now, explanation.start).all();
    }
    return explanation;
}

}  // namespace dayu::sched
