// Drawn sequences of requests, played on a node to see what it would take of them (outlook.h).
//
// A node tells the offers of a sequence apart by few cases: which of the amounts of CPU that are asked for it still has, and
// how many chips are free or, where none is, which of the parts that are asked for still fit on one. For each case a set of
// bits says which offers of each sequence fit. So a sequence is played from one offer that is taken to the next, and those
// in between, most of them on a node that is nearly full, cost nothing.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sched/packing.h"

namespace dayu::sched {

// A type of request, and how often it is offered beside the others.
struct OfferedRequest {
    PackRequest request;
    double weight = 0;
};

class OfferSequences {
   public:
    static constexpr std::size_t most_offers = 128;
    struct Size {
        std::size_t sequences = 0;
        std::size_t offers = 0;  // in each, at most `most_offers`
    };

    // Each type is drawn as often as its weight says, to the whole number; only the order is left to chance.
    OfferSequences(std::span<const OfferedRequest> offers, Size size);

    struct Range {
        std::size_t first = 0;
        std::size_t end = 0;
    };
    // What is idle of the node's chips after a sequence, when it takes each offer that fits, on the tightest chip: the sum
    // over these sequences, in milli. The chips of the state are in the order of what they have left.
    std::int64_t idle_after(const NodeState& node, Range sequences) const;

   private:
    struct Draw {
        std::int64_t cpu_milli = 0;
        std::int16_t chips = 0;
        std::int16_t chip_milli = 0;
        // Parts of several chips at once are taken to be whole ones.
        bool is_part() const { return chips == 1 && chip_milli < whole_chip; }
    };
    struct Board;
    // A bit for each offer of a sequence.
    using Set = std::array<std::uint64_t, most_offers / 64>;

    void shuffle();
    void tell_cases_apart();
    void mark_cpu_cases();
    std::int32_t play(std::size_t sequence, Board board) const;
    std::size_t cpu_case(std::int64_t cpu_milli) const;
    std::size_t chips_case(const Board& board) const;

    Size size_;
    std::vector<Draw> draws_;              // one sequence behind the other
    std::vector<std::int64_t> cpu_asked_;  // ascending; in case c the first c are left
    std::vector<std::uint16_t>
        case_from_;  // by the CPU that is left, shifted: the case at the mark below
    int case_shift_ = 0;
    std::vector<std::uint16_t> part_case_;  // by what the chip with the most has left
    std::vector<Set> fits_cpu_;             // [sequence][case]
    std::vector<Set>
        fits_chips_;  // [sequence][case]: none free, and part_case_; behind those, free chips
    std::size_t cpu_cases_ = 0;
    std::size_t chips_cases_ = 0;
};

}  // namespace dayu::sched
