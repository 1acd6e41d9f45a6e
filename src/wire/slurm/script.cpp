#include "wire/slurm/script.h"

#include <algorithm>

#include "wire/slurm/draft.h"
#include "wire/utf8.h"

namespace dayu::wire {
namespace {

std::vector<slurm::Spelling> spellings() {
    std::vector<slurm::Spelling> all;
    for (const slurm::KnownOption& option : slurm::known_options()) {
        all.push_back({option.name, option.letter, option.takes});
    }
    return all;
}

Result<void> check_text(std::string_view text) {
    const auto line_of = [&](std::size_t offset) {
        return "line " + std::to_string(std::ranges::count(text.substr(0, offset), '\n') + 1) +
               ": ";
    };
    if (const std::size_t bad = find_invalid_utf8(text); bad != text.npos) {
        return invalid("not_utf8", line_of(bad) + "not UTF-8; save the script as UTF-8");
    }
    if (const std::size_t zero = text.find('\0'); zero != text.npos) {
        return invalid("script_malformed", line_of(zero) + "a NUL byte; a script is text");
    }
    return {};
}

}  // namespace

Result<ReadJob> read_slurm_script(std::string_view text, const ChipNames& chips) {
    static const std::vector<slurm::Spelling> known = spellings();
    TRY(check_text(text));
    slurm::Draft draft{.job = {}, .chips = chips, .script = text};
    draft.job.format = "Slurm batch script";
    const slurm::Lines lines = TRY(slurm::read_lines(text, known));
    for (const slurm::Option& option : lines.options) {
        const slurm::KnownOption& row = slurm::known_options()[option.known];
        if (row.fate == slurm::Fate::read) {
            draft.asked[row.name] = option;
        } else {
            draft.unmapped(row.fate == slurm::Fate::note ? Weight::note : Weight::error, option,
                           std::string(row.why), std::string(row.advice));
        }
    }
    for (const std::int64_t line : lines.ignored) {
        add_unmapped(draft.job, {Weight::note, "#SBATCH", line, "",
                                 "it stands behind the first command, where Slurm does not read it "
                                 "either",
                                 "move it up"});
    }
    TRY(slurm::resolve_size(draft));
    TRY(slurm::resolve_conditions(draft));
    TRY(slurm::resolve_life(draft));
    slurm::resolve_standing(draft);
    slurm::look_at_commands(draft);
    TRY(slurm::wrap_script(draft));
    const Result<void> sound = validate(draft.job.file);
    if (!sound.ok()) return with_origin(draft.origins, sound.error());
    return std::move(draft.job);
}

}  // namespace dayu::wire
