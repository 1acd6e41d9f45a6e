#include "sim/replay/pack.h"

#include <algorithm>
#include <cmath>
#include <queue>

#include "sched/fragmentation.h"
#include "sched/packing_bound.h"

namespace dayu::sim {
namespace {

// Several times what half of the pods of the published lists stay (540 s): most of those present at the end have then
// taken the place of another.
constexpr double leaving_window_s = 3600;

// The curve as it grows: the mean of what falls on each whole percent.
class Curve {
   public:
    void add(std::size_t percent, double value) {
        if (percent >= sums_.size()) {
            sums_.resize(percent + 1);
            counts_.resize(percent + 1);
        }
        sums_[percent] += value;
        ++counts_[percent];
    }
    std::vector<double> means() const {
        std::vector<double> means;
        double last = 0;
        for (std::size_t percent = 0; percent < sums_.size(); ++percent) {
            if (counts_[percent] > 0)
                last = std::nearbyint(100 * sums_[percent] / counts_[percent]) / 100;
            means.push_back(last);
        }
        return means;
    }

   private:
    std::vector<double> sums_;
    std::vector<int> counts_;
};

class Replay {
   public:
    Replay(const PackSetup& setup, sched::PackingPolicy& policy)
        : setup_(setup),
          policy_(policy),
          fleet_(setup.nodes, policy.tells_chips_apart()),
          fragmentation_(setup.popularity) {
        for (const sched::FleetNode& node : setup.nodes)
            fragmented_ += fragmentation_.of(node.state);
        for (const PackArrival& arrival : setup.arrivals) seen_.push_back(arrival.request);
        policy.expect(setup.told.value_or(sched::Popularity{}));
    }

    PackCurves run() {
        for (std::size_t i = 0; i < setup_.arrivals.size(); ++i) {
            leave_until(setup_.arrivals[i].at_s);
            learn(i + 1);
            arrive(i);
            measure();
        }
        curves_.allocation_pct = allocation_.means();
        curves_.frag_ratio_pct = frag_ratio_.means();
        return curves_;
    }

   private:
    struct Leaving {
        double at_s = 0;
        std::size_t arrival = 0;
        std::optional<sched::Packed> packed;  // nothing: it was lost
        bool operator>(const Leaving& other) const { return at_s > other.at_s; }
    };

    // What has arrived tells of what will: each time when it has doubled.
    void learn(std::size_t arrived) {
        if (setup_.told || (arrived & (arrived - 1)) != 0) return;
        policy_.expect(sched::popularity_of(std::span(seen_).first(arrived)));
    }

    void arrive(std::size_t at) {
        const PackArrival& arrival = setup_.arrivals[at];
        arrived_milli_ += arrival.request.total_milli();
        const auto packed = fleet_.pack(arrival.request, arrived_milli_, policy_);
        packed ? ++curves_.packed : ++curves_.lost;
        if (packed) account(*packed, arrival.request, +1);
        if (arrival.until_s != PackArrival::never)
            leaving_.push({.at_s = arrival.until_s, .arrival = at, .packed = packed});
    }

    void leave_until(double now_s) {
        while (!leaving_.empty() && leaving_.top().at_s <= now_s) {
            const Leaving leaving = leaving_.top();
            leaving_.pop();
            const sched::PackRequest& request = setup_.arrivals[leaving.arrival].request;
            arrived_milli_ -= request.total_milli();
            if (!leaving.packed) continue;
            account(*leaving.packed, request, -1);
            fleet_.release(request, *leaving.packed);
        }
    }

    // A request is on its node: it came to be there (+1), or is about to leave (-1).
    void account(const sched::Packed& packed, const sched::PackRequest& request, int sign) {
        const sched::NodeState& with = fleet_.nodes()[packed.node].state;
        sched::NodeState without = with;
        without.cpu_milli += request.cpu_milli;
        for (std::size_t chip = 0; chip < without.left.size(); ++chip) {
            if (((packed.chips >> chip) & 1) != 0)
                without.left[chip] =
                    static_cast<std::int16_t>(without.left[chip] + request.chip_milli);
        }
        fragmented_ += sign * (fragmentation_.of(with) - fragmentation_.of(without));
        allocated_milli_ += sign * request.total_milli();
    }

    void measure() {
        const auto all = static_cast<double>(fleet_.capacity_milli());
        const auto percent = static_cast<std::size_t>(
            std::nearbyint(100 * static_cast<double>(arrived_milli_) / all));
        const double allocated = 100 * static_cast<double>(allocated_milli_) / all;
        allocation_.add(percent, std::nearbyint(100 * allocated) / 100);
        const std::int64_t idle = fleet_.capacity_milli() - allocated_milli_;
        if (idle > 0) frag_ratio_.add(percent, 100 * fragmented_ / static_cast<double>(idle));
    }

    const PackSetup& setup_;
    sched::PackingPolicy& policy_;
    sched::Fleet fleet_;
    sched::Fragmentation fragmentation_;
    std::vector<sched::PackRequest> seen_;  // all arrivals; the first of them are known
    std::priority_queue<Leaving, std::vector<Leaving>, std::greater<>> leaving_;
    std::int64_t arrived_milli_ = 0;  // asked for, and not given back
    std::int64_t allocated_milli_ = 0;
    double fragmented_ = 0;  // milli, over all nodes
    Curve allocation_, frag_ratio_;
    PackCurves curves_;
};

void draw_out(std::vector<PackArrival>& arrivals, std::int64_t milli, Random& random) {
    while (milli > 0) {
        const std::size_t out = random.index(arrivals.size());
        milli -= arrivals[out].request.total_milli();
        arrivals.erase(arrivals.begin() + static_cast<std::ptrdiff_t>(out));
    }
}

}  // namespace

std::vector<PackArrival> arrivals_that_stay(std::span<const PackPod> pods,
                                            std::int64_t demand_milli, Random& random) {
    std::vector<PackArrival> arrivals;
    std::int64_t sum = 0;
    for (const PackPod& pod : pods) {
        arrivals.push_back({.request = pod.request});
        sum += pod.request.total_milli();
    }
    random.shuffle(arrivals);
    if (sum > demand_milli) {
        draw_out(arrivals, sum - demand_milli, random);
        return arrivals;
    }
    // As published, the draw that ends it is judged by one of its chips alone.
    for (;;) {
        const sched::PackRequest& drawn = pods[random.index(pods.size())].request;
        if (sum + drawn.chip_milli > demand_milli) return arrivals;
        sum += drawn.total_milli();
        arrivals.push_back({.request = drawn});
    }
}

std::vector<PackArrival> arrivals_that_leave(std::span<const PackPod> pods,
                                             std::int64_t demand_milli, Random& random) {
    double present = 0;  // at the end, of one drawn: milli
    for (const PackPod& pod : pods) {
        present += static_cast<double>(pod.request.total_milli()) *
                   std::min(pod.stays_s, leaving_window_s) / leaving_window_s;
    }
    present /= static_cast<double>(pods.size());
    const double count = static_cast<double>(demand_milli) / present;
    std::vector<PackArrival> arrivals;
    for (double i = 0; i < count; ++i) {
        const PackPod& pod = pods[random.index(pods.size())];
        const double at_s = leaving_window_s * i / count;
        arrivals.push_back({.request = pod.request, .at_s = at_s, .until_s = at_s + pod.stays_s});
    }
    return arrivals;
}

Result<double> bound_of_allocation_pct(std::span<const sched::FleetNode> nodes,
                                       std::span<const PackArrival> arrivals) {
    std::vector<sched::BoundClass> classes;
    std::int64_t capacity_milli = 0;
    for (const sched::FleetNode& node : nodes) {
        capacity_milli += node.state.left.sum();
        const auto at = std::ranges::find(classes, node, &sched::BoundClass::node);
        if (at == classes.end()) {
            classes.push_back({.node = node, .nodes = 1});
        } else {
            ++at->nodes;
        }
    }
    // Equal requests are one demand; which is which is told by all they ask for.
    std::vector<sched::BoundDemand> demand;
    std::int64_t arrived_milli = 0;
    for (const PackArrival& arrival : arrivals) {
        arrived_milli += arrival.request.total_milli();
        if (arrived_milli > capacity_milli) break;
        if (arrival.request.chips == 0) continue;  // nobody must place it
        const auto at = std::ranges::find(demand, arrival.request, &sched::BoundDemand::request);
        if (at == demand.end()) {
            demand.push_back({.request = arrival.request, .count = 1});
        } else {
            ++at->count;
        }
    }
    const double most_milli = TRY(sched::most_packed_milli(demand, classes));
    return 100 * most_milli / static_cast<double>(capacity_milli);
}

PackCurves replay_pack(const PackSetup& setup, sched::PackingPolicy& policy) {
    return Replay(setup, policy).run();
}

}  // namespace dayu::sim
