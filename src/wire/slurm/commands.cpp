// Looks through a script for commands of Slurm and of module systems, which a centre may lack. It sees what
// begins a command on a line of its own or behind ; | & ( and the words of the shell: enough to warn, and no
// more is done with it.
#include <algorithm>
#include <set>

#include "wire/slurm/draft.h"

namespace dayu::wire::slurm {
namespace {

struct KnownCommand {
    std::string_view name;
    Weight weight;
    std::string_view why;
    std::string_view advice;
};

constexpr std::string_view not_there = "the command is there only where the centre has Slurm";
constexpr std::string_view makes_jobs = "it would make or end jobs of Slurm, not of Dayu";
constexpr KnownCommand commands[] = {
    {"sbatch", Weight::error, makes_jobs, "submit the next job by `dayu submit`"},
    {"salloc", Weight::error, makes_jobs, "ask for all that is needed at the top"},
    {"scancel", Weight::error, makes_jobs, "end the script by exit"},
    {"sbcast", Weight::error, not_there, "copy the file by cp"},
    {"sattach", Weight::error, not_there, "leave it out"},
    {"scontrol", Weight::note, not_there, "a job finds its nodes in SLURM_JOB_NODELIST"},
    {"squeue", Weight::note, not_there, "see `dayu ps`"},
    {"sacct", Weight::note, not_there, "see `dayu report`"},
    {"sstat", Weight::note, not_there, "see `dayu describe`"},
    {"sinfo", Weight::note, not_there, "see `dayu centers`"},
    {"sprio", Weight::note, not_there, "see `dayu explain`"},
    {"module", Weight::note, "environment modules are there only where the centre has them",
     "name the programs by their paths where it has not"},
    {"ml", Weight::note, "environment modules are there only where the centre has them",
     "name the programs by their paths where it has not"},
    {"singularity", Weight::note, "it is there only where the centre has it", ""},
    {"apptainer", Weight::note, "it is there only where the centre has it", ""},
};

bool passes_on(std::string_view word) {
    constexpr std::string_view words[] = {"if",   "then", "else", "elif",    "while", "until",
                                          "do",   "!",    "{",    "time",    "exec",  "nohup",
                                          "sudo", "env",  "eval", "command", "nice",  "timeout"};
    return std::ranges::find(words, word) != std::end(words) || word.find('=') != word.npos;
}

// Calls visit(word) for each word that begins a command.
template <class Visit>
void for_each_command(std::string_view line, Visit&& visit) {
    bool begins = true;
    for (std::size_t at = 0; at < line.size();) {
        constexpr std::string_view separators = ";|&(`";
        const char c = line[at];
        if (c == '#' && begins) return;
        if (c == ' ' || c == '\t') {
            ++at;
        } else if (separators.find(c) != separators.npos) {
            begins = true;
            ++at;
        } else {
            const std::size_t end = std::min(line.find_first_of(" \t;|&(`)", at), line.size());
            const std::string_view word = line.substr(at, std::max(end - at, std::size_t{1}));
            if (begins && !passes_on(word)) {
                visit(word);
                begins = false;
            }
            at += word.size();
        }
    }
}

}  // namespace

void look_at_commands(Draft& draft) {
    if (!interpreter_of(draft.script).is_shell()) return;
    std::set<std::string_view> seen;
    std::int64_t number = 0;
    for (std::size_t begin = 0; begin < draft.script.size();) {
        const std::size_t end = std::min(draft.script.find('\n', begin), draft.script.size());
        const std::string_view line = draft.script.substr(begin, end - begin);
        begin = end + 1;
        ++number;
        for_each_command(line, [&](std::string_view word) {
            word = word.substr(word.rfind('/') == word.npos ? 0 : word.rfind('/') + 1);
            const auto at = std::ranges::find(commands, word, &KnownCommand::name);
            if (at == std::end(commands) || !seen.insert(at->name).second) return;
            add_unmapped(draft.job, {at->weight, std::string(word), number, std::string(line),
                                     std::string(at->why), std::string(at->advice)});
        });
    }
}

}  // namespace dayu::wire::slurm
