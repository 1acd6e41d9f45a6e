#include "sched/line.h"

namespace dayu::sched {

void Line::join(ShapeId shape, const Turn& turn) {
    if (!places_.contains(shape)) {
        places_[shape] = static_cast<std::uint32_t>(lanes_.size());
        lanes_.push_back({.shape = shape, .jobs = {}});
    }
    const std::uint32_t number = *places_.find(shape);
    ShapeLane& lane = lanes_[number];
    if (lane.jobs.empty()) {
        lane.place = static_cast<std::uint32_t>(not_empty_.size());
        not_empty_.push_back(number);
    }
    lane.jobs.insert(turn);
}

void Line::leave(ShapeId shape, const Turn& turn) {
    const std::uint32_t* const number = places_.find(shape);
    if (number == nullptr) return;
    ShapeLane& lane = lanes_[*number];
    lane.jobs.erase(turn);
    if (!lane.jobs.empty()) return;
    not_empty_[lane.place] = not_empty_.back();
    lanes_[not_empty_[lane.place]].place = lane.place;
    not_empty_.pop_back();
}

}  // namespace dayu::sched
