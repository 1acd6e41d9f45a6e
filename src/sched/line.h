// All that wait in one line, over all pools: the scheduling rules that people compare with, in the World and with the places
// of decide(). They know nothing of queues, guarantees or reservations that quotas need; live jobs are served by decide().
//
//   fifo     in the order of arrival, and nobody passes one that does not fit
//   easy     the same, with a reservation for the first that does not fit; others start beside it if they do not delay it by
//            the time limits (EASY backfilling: Lifka, "The ANL/IBM SP Scheduling System", JSSPP 1995). easy-2 to easy-8 keep
//            so many reservations
//   sjf      the shortest first, and nobody passes one that does not fit; an oracle
//   srtf     the one with the least left first; who has more left is stopped for it, whether it agreed to that or not; an
//            oracle
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id_map.h"
#include "base/result.h"
#include "base/time.h"
#include "sched/decide.h"
#include "sched/lane.h"

namespace dayu::sched {

struct LineRule {
    std::string name;
    bool by_what_is_left = false;  // else by arrival
    std::size_t reservations = 0;
    bool stops_others = false;

    bool backfills() const { return reservations > 0; }
};

std::span<const std::string_view> line_rule_names();
// policy_unknown, with all that there are.
Result<LineRule> find_line_rule(std::string_view name);

// Who waits, in order of their turns. Those of one shape stand in a lane of their own: where the first of them finds no room,
// none does, and however many they are they cost a round no more than one.
class Line {
   public:
    // By `at`: when the job came, or what is left of its work, as the line's rule has it.
    using Turn = Rank;
    struct ShapeLane {
        ShapeId shape;
        Lane jobs;
        std::uint32_t place = 0;  // among those that are not empty
    };

    void join(ShapeId shape, const Turn& turn);
    void leave(ShapeId shape, const Turn& turn);  // which is there
    bool empty() const { return not_empty_.empty(); }
    // Places of the lanes that are not empty, in no order.
    std::span<const std::uint32_t> not_empty() const { return not_empty_; }
    const ShapeLane& lane(std::uint32_t place) const { return lanes_[place]; }

   private:
    std::vector<ShapeLane> lanes_;  // one that has become empty waits for its next job
    IdMap<ShapeId, std::uint32_t> places_;
    std::vector<std::uint32_t> not_empty_;
};

struct LineStart {
    Placement placement;
    Candidate offer;
};

// Who runs the jobs, as the line asks and tells it.
struct LineRunner {
    std::function<Duration(JobId)> left;  // of a running job, for oracles
    // When this returns the World knows, and the job has left the line.
    std::function<void(const LineStart&)> start;
};

// Starts whom the rule serves now. The answer are those to be asked to stop; whom they stand in the way of waits for their
// end. But for what was started the World is as before afterwards.
std::vector<JobId> serve_line(World& world, const Policy& policy, OfferBook& book,
                              const LineRule& rule, const Line& line, const LineRunner& runner,
                              Time now);

}  // namespace dayu::sched
