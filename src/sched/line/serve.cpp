#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "sched/line.h"
#include "sched/line/victims.h"
#include "sched/offer_book.h"
#include "sched/round/memory.h"
#include "sched/round/table.h"

namespace dayu::sched {
namespace {

// A line from the first to the last; a lane that is left drops out.
class Walk {
   public:
    struct Place {
        const Line::ShapeLane* lane = nullptr;
        ShapeOffers* offers = nullptr;
        std::uint32_t next = 0;  // of its jobs
        bool is_full = false;    // no room for its shape: capacity only shrinks in a round
        Line::Turn turn{};       // of the next

        JobId job() const { return turn.job; }
        Duration left() const { return {turn.at.ms}; }  // of its work, where turns go by that
    };
    explicit Walk(std::vector<Place> places) : heap_(std::move(places)) {
        open_ = static_cast<std::size_t>(std::ranges::count(heap_, false, &Place::is_full));
        std::ranges::make_heap(heap_, comes_after);
    }

    bool has_open() const { return open_ > 0; }  // lanes that may have room
    const Place& front() const { return heap_.front(); }
    void mark_full() {
        if (!std::exchange(heap_.front().is_full, true)) --open_;
    }
    void pass() { go_on_by(1); }
    // The first was started, and has left its line: the one behind it stands in its place there.
    void follow_start() { go_on_by(0); }
    void leave_full_lanes() {
        std::erase_if(heap_, [](const Place& place) { return place.is_full; });
        std::ranges::make_heap(heap_, comes_after);
    }

   private:
    void go_on_by(std::uint32_t jobs) {
        std::ranges::pop_heap(heap_, comes_after);
        Place& passed = heap_.back();
        passed.next += jobs;
        if (passed.next < passed.lane->jobs.size()) {
            passed.turn = passed.lane->jobs[passed.next];
            std::ranges::push_heap(heap_, comes_after);
        } else {
            if (!passed.is_full) --open_;
            heap_.pop_back();
        }
    }
    static bool comes_after(const Place& a, const Place& b) { return a.turn > b.turn; }

    std::vector<Place> heap_;  // the first in front
    std::size_t open_ = 0;
};

class LineRound {
   public:
    using InLine = Walk::Place;

    LineRound(World& world, const Policy& policy, OfferBook& book, const LineRule& rule,
              const LineRunner& runner, Time now)
        : world_(world),
          policy_(policy),
          book_(book),
          rule_(rule),
          runner_(runner),
          now_(now),
          memory_(book.memory()),
          plans_(memory_.plans.begin(world)) {}
    ~LineRound() {
        for (const auto& [pool, node] : promised_) view_of(pool).put_back(node);
        memory_.plans.take_back();
    }
    LineRound(const LineRound&) = delete;
    LineRound& operator=(const LineRound&) = delete;

    // Reservations keep nodes from those alone who could start without them: with the last of these the round is over.
    std::vector<JobId> run(const Line& line) {
        Walk walk(lanes_of(line));
        while (walk.has_open()) {
            const InLine one = walk.front();
            if (one.is_full && has_reserved_all()) {
                walk.leave_full_lanes();
                continue;
            }
            if (place(one)) {
                walk.follow_start();
                continue;
            }
            if (!oust(one)) {
                if (!rule_.backfills()) break;
                walk.mark_full();
                if (!has_reserved_all()) reserve(one);
            }
            walk.pass();
        }
        return std::move(stops_);
    }

   private:
    // Where others pass one that does not fit, all are asked for room at once.
    std::vector<Walk::Place> lanes_of(const Line& line) {
        std::vector<Walk::Place> places;
        places.reserve(line.not_empty().size());
        for (const std::uint32_t number : line.not_empty()) {
            const Line::ShapeLane& lane = line.lane(number);
            ShapeOffers& offers = book_.of(world_, policy_, lane.shape);
            places.push_back(
                {.lane = &lane,
                 .offers = &offers,
                 .is_full = rule_.backfills() && !anything_starts(offers, plans_, {}, now_),
                 .turn = lane.jobs.front()});
        }
        return places;
    }
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
        const ShapeOffers& offers = *one.offers;
        for (const Offer& offer : offers.offers) {  // the best first
            const JobSpec& spec = spec_of(offers, offer);
            PoolPlan& plan = plans_[offer.pool];
            const Stay stay = stay_of(offer, spec);
            if (!may_take(offer, spec) || !plan.starts_now(stay, now_)) continue;
            auto nodes = plan.choose_nodes(policy_, stay, now_);
            if (!nodes) continue;
            start(one, offer, *std::move(nodes));
            return true;
        }
        return false;
    }

    void start(const InLine& one, const Offer& offer, std::vector<NodeShare> nodes) {
        const LineStart started{
            .placement = {.job = one.job(),
                          .candidate = 0,
                          .nodes = std::move(nodes),
                          .price_at_most = offer.at_most.price},
            .offer =
                offer_row({.world = world_, .plans = plans_, .offers = *one.offers, .spent = {}},
                          {.offer = &offer, .room = now_, .objective = offer.objective})};
        runner_.start(started);
        const Stay stay = stay_of(offer, spec_of(*one.offers, offer));
        plans_[offer.pool].follow_start(started.placement.nodes, now_ + stay.length);
    }

    // Nodes at the pool where it has room first.
    void reserve(const InLine& one) {
        const ShapeOffers& offers = *one.offers;
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
        const ShapeOffers& offers = *one.offers;
        std::optional<Ousting> best;
        std::uint32_t pool = 0;
        for (const Offer& offer : offers.offers) {
            const JobSpec& spec = spec_of(offers, offer);
            if (!may_take(offer, spec)) continue;
            auto found = find_ousting(world_, plans_[offer.pool], spec, one.left(), runner_.left);
            if (!found || (best && found->victims.size() >= best->victims.size())) continue;
            best = std::move(found);
            pool = offer.pool;
        }
        if (!best) return false;
        for (const JobId victim : best->victims) {
            if (stopped_.insert(victim).second) stops_.push_back(victim);
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
    const LineRunner& runner_;
    const Time now_;
    RoundMemory& memory_;
    std::vector<PoolPlan>& plans_;
    std::size_t reserved_ = 0;
    std::set<JobId> stopped_;
    std::vector<std::pair<std::uint32_t, std::int64_t>> promised_;
    std::vector<JobId> stops_;
};

}  // namespace

std::vector<JobId> serve_line(World& world, const Policy& policy, OfferBook& book,
                              const LineRule& rule, const Line& line, const LineRunner& runner,
                              Time now) {
    return LineRound(world, policy, book, rule, runner, now).run(line);
}

}  // namespace dayu::sched
