// Commands as a hostile day would bring them: repeats, clashes, tokens of the past, the future and other
// clusters, agents that claim what is not theirs, centres that shrink, clocks that jump.
#pragma once

#include <random>
#include <vector>

#include "control/command.h"
#include "control/state.h"

namespace dayu::property {

class RandomCommands {
   public:
    explicit RandomCommands(std::uint64_t seed) : random_(seed) {}

    // In [0, n): the same on every platform.
    std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
    }
    bool chance(std::int64_t percent) { return below(100) < percent; }

    control::Command next(const control::State& state, Time now);
    SyncRequest sync(const control::State& state, Time now);
    static control::DeclareChips chips();

   private:
    control::SubmitJob submit(const control::State& state);
    Conditions conditions(const control::State& state);
    JobSpec spec();
    control::Command hooks();
    control::SetQueue queue(const std::string& path);
    control::Command division(const control::State& state, Time now);
    Center center(std::int64_t index);
    Token token(const control::State& state);
    Observation observation(const control::State& state, Time now);
    Ending ending(Time now);
    AttemptKey key(const control::State& state);

    std::mt19937_64 random_;
};

}  // namespace dayu::property
