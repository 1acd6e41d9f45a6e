// Jobs that wait, one line for each size, in order of (key, place). Walked together they are one queue, in
// which a size that no longer fits is passed over at once, however many of it wait.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace dayu::sim {

// Smaller goes first.
using Turn = std::pair<double, std::uint32_t>;  // key, place

class WaitingLines {
   public:
    void add(std::int64_t chips, Turn turn) { lines_[chips].insert(turn); }
    void remove(std::int64_t chips, Turn turn) { lines_[chips].erase(turn); }

    // Whether anyone of at most that many chips waits whose turn lies between the two.
    bool is_any_between(Turn from, Turn to) const {
        for (const auto& [chips, line] : lines_) {
            const auto next = line.lower_bound(from);
            if (next != line.end() && *next < to) return true;
        }
        return false;
    }

    struct Head {
        std::int64_t chips = 0;
        std::set<Turn>::const_iterator next, end;
    };
    std::vector<Head> heads() const {
        std::vector<Head> heads;
        for (const auto& [chips, line] : lines_) {
            if (!line.empty()) heads.push_back({chips, line.begin(), line.end()});
        }
        return heads;
    }

   private:
    std::map<std::int64_t, std::set<Turn>> lines_;
};

}  // namespace dayu::sim
