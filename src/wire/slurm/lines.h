// The #SBATCH lines of a script, to options: where a line ends, what a word is, and what getopt_long makes
// of "-n4", "--ntasks=4", "--ntasks 4" and "--ntas=4".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::wire::slurm {

enum class Takes : std::uint8_t { nothing, maybe, value };

struct Spelling {
    std::string_view name;  // without its dashes
    char letter = 0;        // 0: none
    Takes takes = Takes::value;
};

struct Option {
    std::size_t known = 0;  // its place among the spellings
    std::string written;    // "--ntasks" or "-n"
    std::string value;      // empty: none was given
    std::int64_t line = 0;
};

struct Lines {
    std::vector<Option> options;
    std::vector<std::int64_t> ignored;  // lines of #SBATCH behind the first command
};

Result<Lines> read_lines(std::string_view script, const std::vector<Spelling>& known);

}  // namespace dayu::wire::slurm
