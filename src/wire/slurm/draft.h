// A batch script between its options and the job that they make.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/job_file.h"
#include "wire/slurm/lines.h"
#include "wire/unmapped.h"

namespace dayu::wire::slurm {

// What becomes of an option: read by resolve.cpp, or unmapped with this weight.
enum class Fate : std::uint8_t { read, note, error };

struct KnownOption {
    std::string_view name;
    char letter;
    Takes takes;
    Fate fate = Fate::read;
    std::string_view why{};
    std::string_view advice{};
};
std::span<const KnownOption> known_options();

struct Draft {
    ReadJob job;
    const ChipNames& chips;
    std::string_view script;
    Origins origins{};
    std::map<std::string_view, Option> asked{};  // by name; the last one of a kind
    std::map<std::string, std::string> env{};    // SLURM_*, as far as they are known now
    std::string folder{};                        // --chdir

    const Option* find(std::string_view name) const {
        const auto at = asked.find(name);
        return at == asked.end() ? nullptr : &at->second;
    }
    // The job's key `path` has its value from this option.
    void came_from(std::string path, const Option& option) {
        origins[std::move(path)] = "line " + std::to_string(option.line) + ", " + option.written;
    }
    void unmapped(Weight weight, const Option& option, std::string why, std::string advice = {}) {
        add_unmapped(job, {weight, option.written, option.line, option.value, std::move(why),
                           std::move(advice)});
    }
};

// Each reads what it is named after out of `asked`.
Result<void> resolve_size(Draft& draft);        // nodes, tasks, CPUs, chips, memory
Result<void> resolve_conditions(Draft& draft);  // array, dependency, begin, deadline, hold
Result<void> resolve_life(Draft& draft);        // name, time, signal, environment, folder
void resolve_standing(Draft& draft);            // account, priority, nice, qos, requeue

// What the script calls that is not there, or means something else.
void look_at_commands(Draft& draft);
// The script as the job's `run`, with what it finds around it.
Result<void> wrap_script(Draft& draft);

// The first line's interpreter and its argument, which may be empty.
struct Interpreter {
    std::string path;
    std::string argument;
    bool is_shell() const;
};
Interpreter interpreter_of(std::string_view script);

}  // namespace dayu::wire::slurm
