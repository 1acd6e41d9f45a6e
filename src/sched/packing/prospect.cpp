// Where it costs least of what may still come. A placement costs
//
//   what will be idle in the end because of it, on that node (outlook.h);
//   what its chips would be worth to requests that may run on that model and few others (scarcity.h);
//   what is lost of room for requests that take several whole chips on one node (scarcity.h).
//
// It is told what typically comes, and believes it as long as arrivals do not speak against it (belief.h). It takes it that
// about as much will come as the fleet has chips; after that the last two are nothing. The cost is cut to whole milli, and
// ties go to the first node.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "sched/fleet.h"
#include "sched/packing/belief.h"
#include "sched/packing/memo.h"
#include "sched/packing/outlook.h"
#include "sched/packing/policies.h"
#include "sched/packing/scarcity.h"

namespace dayu::sched {
namespace {

// One set for all fleets and mixes of requests.
struct Parameters {
    // Enough offers to fill any node; enough sequences for a look that the order of one says little.
    NodeOutlook::Size outlook{.glance = 8, .look = 64, .offers = 100};
    // Milli by which a glance may be wrong: what is dearer than the best by more is not looked at.
    double glance_error = 40;
    // Of the price of a model: the request would often have taken what a restricted one does without.
    double model_weight = 0.5;
    // Prices are renewed after so many requests.
    int requests_a_price = 25;
    // Requests without chips find their CPU beside chips that are taken as long as CPU is plenty, and take it from idle chips
    // when it is scarce: shares of all CPU asked for by the time when the chips are.
    double cpu_plenty = 0.82;
    double cpu_scarce = 0.90;
};

class Prospect : public PackingPolicy {
    using Care = NodeOutlook::Care;

   public:
    std::string_view name() const override { return "prospect"; }

    void expect(const Popularity& popularity) override {
        belief_ = Belief(popularity);
        begin_anew();
    }

    void consider(const Fleet& fleet, const PackRequest& request,
                  std::int64_t arrived_milli) override {
        if (belief_.arrived(request)) begin_anew();
        if (!outlook_) outlook_.emplace(offers(fleet), parameters_.outlook);
        if (until_price_-- == 0) {
            until_price_ = parameters_.requests_a_price - 1;
            scarcity_.reprice(fleet, expected_requests(fleet, arrived_milli));
        }
        costs_.turn_to(request);
        best_ = std::numeric_limits<double>::infinity();
    }

    PackScore score(StateId id, const NodeState& node, const PackRequest& request) override {
        Costs& costs = costs_.of(
            id, [&] { return Costs{.glance = cost_of(node, request, Care::glance), .look = {}}; });
        const double glance = milli_of(costs.glance, node, request);
        if (glance > best_ + parameters_.glance_error) return score_of(glance, costs.glance.chip);
        if (!costs.look) costs.look = cost_of(node, request, Care::look);
        const double look = milli_of(*costs.look, node, request);
        best_ = std::min(best_, look);
        return score_of(look, costs.look->chip);
    }

   private:
    // Of a request on a node, but for prices.
    struct Cost {
        float idle = 0;           // milli more in the end
        std::uint32_t rooms = 0;  // a loss as Scarcity numbers them
        std::uint16_t chip = 0;
    };
    struct Costs {
        Cost glance;
        std::optional<Cost> look;
    };
    // Of a request, by the popularity.
    struct Mean {
        double chip_milli = 0;
        double cpu_milli = 0;
    };

    // What was worked out was for another popularity.
    void begin_anew() {
        const Popularity& popularity = belief_.popularity();
        mean_ = {};
        double requests = 0;
        for (const RequestType& type : popularity) requests += static_cast<double>(type.count);
        for (const RequestType& type : popularity) {
            const double share = static_cast<double>(type.count) / requests;
            mean_.chip_milli += share * static_cast<double>(type.request.total_milli());
            mean_.cpu_milli += share * static_cast<double>(type.request.cpu_milli);
        }
        scarcity_ = Scarcity(popularity);
        outlook_.reset();
        costs_.clear();
        until_price_ = 0;
    }

    double expected_requests(const Fleet& fleet, std::int64_t arrived_milli) const {
        if (mean_.chip_milli <= 0) return 0;
        const auto missing = static_cast<double>(fleet.capacity_milli() - arrived_milli);
        return std::max(0.0, missing / mean_.chip_milli);
    }

    // What is offered to the nodes of each model.
    std::vector<std::vector<OfferedRequest>> offers(const Fleet& fleet) const {
        std::vector<std::vector<OfferedRequest>> offers(max_chip_models);
        const double without_chips = weight_without_chips(fleet);
        for (std::size_t model = 0; model < offers.size(); ++model) {
            for (const RequestType& type : belief_.popularity()) {
                const bool takes_chips = type.request.chips > 0;
                if (takes_chips && ((type.request.models >> model) & 1) == 0) continue;
                const auto count = static_cast<double>(type.count);
                const double weight = takes_chips ? count : count * without_chips;
                if (weight > 0) offers[model].push_back({type.request, weight});
            }
        }
        return offers;
    }

    double weight_without_chips(const Fleet& fleet) const {
        const double cpu_asked = expected_requests(fleet, 0) * mean_.cpu_milli;
        const double share = cpu_asked / static_cast<double>(fleet.capacity_cpu_milli());
        return std::clamp(
            (share - parameters_.cpu_plenty) / (parameters_.cpu_scarce - parameters_.cpu_plenty),
            0.0, 1.0);
    }

    static PackScore score_of(double milli, std::size_t chip) {
        return {.score = -static_cast<std::int64_t>(std::floor(milli)), .chip = chip};
    }

    double milli_of(const Cost& cost, const NodeState& node, const PackRequest& request) const {
        const double price = parameters_.model_weight * scarcity_.model_price(node.model) *
                             static_cast<double>(request.total_milli());
        return cost.idle + price + scarcity_.cost_of(cost.rooms);
    }

    Cost cost_of(const NodeState& node, const PackRequest& request, Care care) {
        const bool takes_part = request.chips == 1 && request.chip_milli < whole_chip;
        const double idle_before = outlook_->idle_in_the_end(node, care);
        Cost best;
        double least = std::numeric_limits<double>::infinity();
        std::int16_t tried = -1;
        for (std::size_t chip = 0; chip < std::max<std::size_t>(node.left.size(), 1); ++chip) {
            if (takes_part && (node.left[chip] < request.chip_milli || node.left[chip] == tried))
                continue;
            NodeState then = after(node, request, chip);
            std::ranges::sort(then.left);
            const double idle = outlook_->idle_in_the_end(then, care) - idle_before +
                                static_cast<double>(request.total_milli());
            if (idle < least) {
                least = idle;
                best = {.idle = static_cast<float>(idle),
                        .rooms = scarcity_.loss_of_rooms(node, then),
                        .chip = static_cast<std::uint16_t>(chip)};
            }
            if (!takes_part) break;
            tried = node.left[chip];
        }
        return best;
    }

    const Parameters parameters_;
    Belief belief_{{}};
    Mean mean_;
    Scarcity scarcity_{{}};
    std::optional<NodeOutlook> outlook_;  // nothing: to be drawn anew
    Memo<Costs> costs_;
    double best_ =
        0;  // milli, of the states that were looked at for the request under consideration
    int until_price_ = 0;
};

}  // namespace

std::unique_ptr<PackingPolicy> prospect() { return std::make_unique<Prospect>(); }

}  // namespace dayu::sched
