// The logs of all nodes of a gang as one: whole lines, each behind the number of the node that wrote it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dayu/log_reader.h"
#include "dayu/verb.h"

namespace dayu::app {

inline constexpr std::int64_t max_log_nodes = 32;  // each is a reader that its agent is asked for

// Puts "3 | " before the lines of node 3. A line waits until it is whole, so that two nodes never write
// into one; at the end, and past a size that no line has, it goes out as it is.
class NodeLines {
   public:
    NodeLines(std::int64_t node, std::int64_t nodes, bool colors);

    std::string take(std::string_view bytes);  // the lines that are whole now
    std::string rest();

   private:
    const std::string prefix_;
    std::string open_;  // a line without its end
};

// What is there now, node by node; or while following all at once, as it comes. Where the log of one node
// cannot be read, that is remarked, the others are printed, and the error is the first one's.
Result<void> print_gang_log(const Globals& globals, const LogOptions& options, std::int64_t id,
                            std::int64_t nodes);

}  // namespace dayu::app
