// What a job file of Kubernetes or Slurm says that has no counterpart in Dayu. Nothing is dropped silently:
// what would change what the job does, or where it may run, is an error and refuses the submit; what is
// cosmetic, or is kept in another way, is a note that the answer shows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "model/job.h"

namespace dayu::wire {

inline constexpr std::size_t max_unmapped = 500;  // of one file; what follows is one note

enum class Weight : std::uint8_t { note, error };
constexpr auto enum_names(Type<Weight>) { return std::array<std::string_view, 2>{"note", "error"}; }

struct Unmapped {
    Weight weight = Weight::note;
    std::string key;  // as the file writes it: "--mail-user", "spec.template.spec.hostNetwork"
    std::int64_t line = 0;
    std::string value;   // its beginning
    std::string why;     // why it has no counterpart, or what becomes of it
    std::string advice;  // what to write instead; empty: nothing is to be done
};

// A job file in whatever form it came.
struct ReadJob {
    JobFile file;
    std::string format = "Dayu job file";  // or "Kubernetes Job", "Slurm batch script"
    std::vector<Unmapped> unmapped;
};

// Adds to the list, which stays within its limit; the value is shortened and made valid UTF-8.
void add_unmapped(ReadJob& job, Unmapped item);

// The refusal of a job with at least one error among its `unmapped`: names every one of them.
Result<void> check_mapped(const ReadJob& job);

// Which place of the foreign file gave a key of the job file, such as "resources.cpus" its "line 4, --ntasks".
using Origins = std::map<std::string, std::string, std::less<>>;
// An error of validate(), with the place of the foreign file that it is about.
Error with_origin(const Origins& origins, Error error);

// 'it'"'"'s': one word to a POSIX shell, whatever it holds. Plain words stay as they are.
std::string shell_quoted(std::string_view text);

}  // namespace dayu::wire
