#include <algorithm>
#include <set>
#include <tuple>

#include "base/check.h"
#include "sched/line.h"
#include "sched/line/victims.h"
#include "sched/offer_book.h"
#include "sched/round/table.h"

namespace dayu::sched {
namespace {

// A line from the first to the last; a lane that is left drops out.
class Walk {
   public:
    struct InLine {
        JobId job;
        ShapeId shape;
        Duration left;         // of its work, where turns go by that
        bool is_full = false;  // for its shape
    };
    explicit Walk(const Line& line) {
        for (const auto& [shape, lane] : line.lanes())
            heap_.push_back({.shape = shape, .next = lane.begin(), .end = lane.end()});
        std::ranges::make_heap(heap_, comes_after);
    }

    bool is_over() const { return heap_.empty(); }
    InLine front() const {
        const Place& first = heap_.front();
        return {.job = first.next->job,
                .shape = first.shape,
                .left = {first.next->key},
                .is_full = first.is_full};
    }
    void mark_full() { heap_.front().is_full = true; }
    void pass() {
        std::ranges::pop_heap(heap_, comes_after);
        if (++heap_.back().next == heap_.back().end) {
            heap_.pop_back();
        } else {
            std::ranges::push_heap(heap_, comes_after);
        }
    }
    void leave_lane() {
        std::ranges::pop_heap(heap_, comes_after);
        heap_.pop_back();
    }

   private:
    struct Place {
        ShapeId shape;
        Line::Lane::const_iterator next, end;
        bool is_full = false;  // capacity only shrinks in a round
    };
    static bool comes_after(const Place& a, const Place& b) { return *a.next > *b.next; }

    std::vector<Place> heap_;  // the first in front
};

class LineRound {
   public:
    using InLine = Walk::InLine;

    LineRound(World& world, const Policy& policy, OfferBook& book, const LineRule& rule,
              const std::function<Duration(JobId)>& left, Time now)
        : world_(world),
          policy_(policy),
          book_(book),
          rule_(rule),
          left_(left),
          now_(now),
          plans_(plan_pools(world)) {}
    ~LineRound() {
        for (const auto& [pool, node] : promised_) view_of(pool).put_back(node);
    }
    LineRound(const LineRound&) = delete;
    LineRound& operator=(const LineRound&) = delete;

    LineDecisions run(const Line& line) {
        for (Walk walk(line); !walk.is_over();) {
            const InLine one = walk.front();
            if (one.is_full && has_reserved_all()) {
                walk.leave_lane();
                continue;
            }
            if (!place(one) && !oust(one)) {
                if (!rule_.backfills()) break;
                walk.mark_full();
                if (!has_reserved_all()) reserve(one);
            }
            walk.pass();
        }
        return std::move(decisions_);
    }

   private:
    bool has_reserved_all() const { return reserved_ >= rule_.reservations; }
    const JobSpec& spec_of(const ShapeOffers& offers, const Offer& offer) const {
        return offers.choices.specs[offer.choice];
    }
    PoolView& view_of(std::uint32_t pool) {
        return *world_.try_out(plans_[pool].center().id, plans_[pool].pool().name);
    }
    bool may_take(const Offer& offer, const JobSpec& spec) const {
        return is_open(plans_[offer.pool], spec) && is_affordable(offer, spec, {});
    }

    bool place(const InLine& one) {
        if (one.is_full) return false;
        const ShapeOffers& offers = book_.of(world_, policy_, one.shape);
        for (const Offer& offer : offers.offers) {  // the best first
            const JobSpec& spec = spec_of(offers, offer);
            PoolPlan& plan = plans_[offer.pool];
            const Stay stay = stay_of(offer, spec);
            if (!may_take(offer, spec) || !plan.starts_now(stay, now_)) continue;
            auto nodes = plan.choose_nodes(policy_, stay, now_);
            if (!nodes) continue;
            record(one, offers, offer, *nodes);
            plan.place(one.job, *std::move(nodes), now_ + stay.length);
            return true;
        }
        return false;
    }

    void record(const InLine& one, const ShapeOffers& offers, const Offer& offer,
                const std::vector<NodeShare>& nodes) {
        ClassDecision decision;
        decision.table.shape = one.shape;
        decision.table.policy = rule_.name;
        decision.table.at = now_;
        decision.table.candidates.push_back(
            offer_row({.world = world_, .plans = plans_, .offers = offers, .spent = {}},
                      {.offer = &offer, .room = now_, .objective = offer.objective}));
        decision.placements.push_back(
            {.job = one.job, .candidate = 0, .nodes = nodes, .price_at_most = offer.at_most.price});
        decisions_.starts.push_back(std::move(decision));
    }

    // Nodes at the pool where it has room first.
    void reserve(const InLine& one) {
        const ShapeOffers& offers = book_.of(world_, policy_, one.shape);
        const Offer* best = nullptr;
        Time at;
        for (const Offer& offer : offers.offers) {
            const JobSpec& spec = spec_of(offers, offer);
            if (!may_take(offer, spec)) continue;
            const bool is_only = offers.offers.size() == 1;
            const Time start =
                is_only ? now_ : plans_[offer.pool].earliest_start(stay_of(offer, spec), now_);
            if (best != nullptr && start >= at) continue;
            best = &offer;
            at = start;
        }
        if (best == nullptr) return;
        plans_[best->pool].plan(stay_of(*best, spec_of(offers, *best)), now_);
        ++reserved_;
    }

    // Stops those in the pool where the fewest have to go, and keeps their nodes for this one until they have.
    bool oust(const InLine& one) {
        if (!rule_.stops_others) return false;
        const ShapeOffers& offers = book_.of(world_, policy_, one.shape);
        std::optional<Ousting> best;
        std::uint32_t pool = 0;
        for (const Offer& offer : offers.offers) {
            const JobSpec& spec = spec_of(offers, offer);
            if (!may_take(offer, spec)) continue;
            auto found = find_ousting(world_, plans_[offer.pool], spec, one.left, left_);
            if (!found || (best && found->victims.size() >= best->victims.size())) continue;
            best = std::move(found);
            pool = offer.pool;
        }
        if (!best) return false;
        for (const JobId victim : best->victims) {
            if (stopped_.insert(victim).second) decisions_.stops.push_back(victim);
        }
        for (const std::int64_t node : best->nodes) {
            view_of(pool).set_aside(node);
            promised_.emplace_back(pool, node);
        }
        return true;
    }

    World& world_;
    const Policy& policy_;
    OfferBook& book_;
    const LineRule& rule_;
    const std::function<Duration(JobId)>& left_;
    const Time now_;
    std::vector<PoolPlan> plans_;
    std::size_t reserved_ = 0;
    std::set<JobId> stopped_;
    std::vector<std::pair<std::uint32_t, std::int64_t>> promised_;
    LineDecisions decisions_;
};

}  // namespace

LineDecisions serve_line(World& world, const Policy& policy, OfferBook& book, const LineRule& rule,
                         const Line& line, const std::function<Duration(JobId)>& left, Time now) {
    return LineRound(world, policy, book, rule, left, now).run(line);
}

}  // namespace dayu::sched
