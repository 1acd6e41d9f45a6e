// Command lines as they are put together: a flag, or a flag with its number.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "plan/launch.h"

namespace dayu::plan::launch {

class Words {
   public:
    explicit Words(Launch& launch) : launch_(launch) {}

    void add(std::string word) { launch_.command.push_back(std::move(word)); }
    void add(std::string flag, std::string value) {
        add(std::move(flag));
        add(std::move(value));
    }
    void add(std::string flag, double count) {
        add(std::move(flag), std::to_string(static_cast<std::int64_t>(count)));
    }
    // Degrees of parallelism that are one stay unsaid.
    void add_degree(std::string flag, double degree) {
        if (degree > 1) add(std::move(flag), degree);
    }
    void set(std::string name, std::string value) {
        launch_.environment.emplace_back(std::move(name), std::move(value));
    }

   private:
    Launch& launch_;
};

// A node that is not full counts whole.
inline double nodes_of(double chips, double chips_per_node) {
    return std::ceil(chips / chips_per_node);
}

}  // namespace dayu::plan::launch
