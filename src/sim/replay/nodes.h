// Which nodes the jobs of a pool take, after it has been chosen who runs. Where there is room, a job that starts
// takes the node that it fills best, and nobody moves. Where room is there but scattered, all are placed anew, the
// largest parts first: a running job stays if larger ones left it its place, others go where they push out
// the fewest chips. A gang takes whole nodes, and one part of a node for the rest.
//
// As sizes are mostly powers of two, whatever fits by number fits on nodes too; what does not is left out.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dayu::sim {

class Nodes {
   public:
    Nodes(std::int64_t chips, std::int64_t chips_a_node, std::size_t jobs);

    struct Sized {
        std::uint32_t job = 0;
        std::int64_t chips = 0;
    };
    struct Outcome {
        std::vector<std::uint32_t> moved;     // they ran elsewhere before
        std::vector<std::uint32_t> left_out;  // found no room, and have no place now
    };

    // Every one of these jobs, and no other, has a place afterwards, but for those left out. Who is not among
    // them must have left.
    Outcome place(std::span<const Sized> jobs);
    void leave(std::uint32_t job);

   private:
    struct Part {
        std::uint32_t node = 0;
        std::int64_t chips = 0;
    };
    // A job's part that needs room, and where it was.
    struct Need {
        std::uint32_t job = 0;
        std::int64_t chips = 0;
        std::int64_t before = -1;  // node
    };

    bool fill_gaps(std::span<const Sized> starting);
    Outcome place_anew(std::span<const Sized> jobs);
    std::vector<Need> parts_of(std::span<const Sized> jobs) const;
    std::int64_t best_node(std::int64_t chips) const;  // -1: none has room
    void take(std::uint32_t job, std::int64_t node, std::int64_t chips);

    std::int64_t chips_a_node_;
    std::vector<std::int64_t> free_;  // of each node
    std::vector<std::int64_t>
        claimed_;  // by those who were there and have not been placed anew yet
    std::vector<std::vector<Part>> places_;  // of each job; empty: it has none
};

}  // namespace dayu::sim
