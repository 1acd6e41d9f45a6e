// What an attempt says of its steps: lines of a file in its run directory, whose path is its variable DAYU_STEPS. A line is how many
// seconds one step took; of several columns, with commas, the last counts; what is no number is passed over.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/attempt.h"

namespace dayu::engine {

// Of each attempt its own: attempts may go on in one directory.
std::string steps_file(const std::string& run_directory, const Token& token);

// Nothing where it wrote no step. Of a long file the last MiB counts; a link is not followed.
std::optional<StepSummary> read_steps(const std::string& path);

// Of the file's text. The first tenth, up to ten steps, is warming up.
std::optional<StepSummary> summary_of_steps(std::string_view text);

}  // namespace dayu::engine
