// What of a fleet is short for what is still expected, as prices:
//
//   a model      by how much of it requests will need that may run on few models;
//   a room       for several whole chips on one node, by how likely more such requests will come than there are rooms.
//
// Rooms are counted by kind: so many chips, with few, some or many cores for each. A kind has as many rooms on a node as
// requests of that kind would fit on it, by the mean of their types.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "sched/fleet.h"
#include "sched/packing.h"

namespace dayu::sched {

class Scarcity {
   public:
    explicit Scarcity(const Popularity& popularity);

    // Prices as of now, when so many requests are still expected.
    void reprice(const Fleet& fleet, double expected_requests);

    // What a milli of the model costs, from 0 to 1.
    double model_price(std::int32_t model) const {
        return model_price_[static_cast<std::size_t>(model)];
    }

    // The rooms that a node loses when it goes from one state to the other: the number of a loss, under which its cost is
    // to be had after each repricing. Milli.
    std::uint32_t loss_of_rooms(const NodeState& before, const NodeState& after);
    double cost_of(std::uint32_t loss) const { return loss_cost_[loss]; }

   private:
    static constexpr std::size_t max_kinds = 16;
    using Rooms = std::array<float, max_kinds>;
    struct RoomType {
        PackRequest request;
        double share = 0;  // of its kind
        std::size_t kind = 0;
    };
    struct Kind {
        double share = 0;  // of all requests
        std::int32_t chips = 0;
        double price = 0;  // milli
    };

    Rooms rooms_on(const NodeState& node) const;
    void price_models(const Fleet& fleet, double expected_requests);
    void price_rooms(const Fleet& fleet, double expected_requests);
    double cost(const Rooms& lost) const;

    Popularity restricted_;  // types that may run on some models alone
    double requests_ = 0;    // that were counted
    std::vector<RoomType> room_types_;
    std::vector<Kind> kinds_;
    std::vector<double> model_price_;
    std::map<Rooms, std::uint32_t> losses_;
    std::vector<Rooms> loss_;        // by number; 0 is none
    std::vector<double> loss_cost_;  // by number
};

}  // namespace dayu::sched
