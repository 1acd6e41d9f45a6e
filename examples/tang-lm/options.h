// What the program was asked to do: defaults, then the environment, then flags.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "poem.h"
#include "trainer.h"

namespace tang {

inline constexpr std::uint64_t kSplitSeed = 300;  // fixed: all runs hold out the same poems

struct Options {
    std::string corpus = "/usr/share/games/fortunes/tang300";
    std::filesystem::path checkpoint = "ckpt";
    std::filesystem::path out = ".";
    double checkpoint_every_s = 10;
    double seconds = 0;  // of training at most, over all runs; 0: no limit
    TrainOptions train;
    PoemOptions poem;
    bool wants_help = false;
};

struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

Options parse_options(int argc, const char* const* argv);
std::string usage();

}  // namespace tang
