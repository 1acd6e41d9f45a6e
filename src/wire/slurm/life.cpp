// The job's name, its end, its environment and its folder.
#include <algorithm>
#include <charconv>

#include "wire/slurm/draft.h"
#include "wire/slurm/values.h"

namespace dayu::wire::slurm {
namespace {

constexpr std::int64_t usual_signal_s = 60;  // what Slurm takes where no time is given
constexpr std::string_view default_name = "sbatch";

std::string_view signal_name(std::string_view text) {
    struct Row {
        std::string_view name, number;
    };
    constexpr Row rows[] = {{"HUP", "1"},   {"INT", "2"},   {"QUIT", "3"},
                            {"USR1", "10"}, {"USR2", "12"}, {"TERM", "15"}};
    if (text.starts_with("SIG")) text.remove_prefix(3);
    for (const Row& row : rows) {
        if (text == row.number) return row.name;
    }
    return text;
}

Result<void> resolve_time(Draft& draft) {
    const Option* option = draft.find("time");
    JobSpec& spec = draft.job.file.spec;
    if (option == nullptr) {
        add_unmapped(draft.job,
                     {.weight = Weight::note,
                      .key = "--time",
                      .line = 1,
                      .value = "",
                      .why = "the script has no time limit, and gets that of a job file: " +
                             to_string(spec.time_limit),
                      .advice = "say it, as --time=2:00:00; a shorter job is cheaper to place"});
        return {};
    }
    constexpr std::string_view endless[] = {"0", "-1", "UNLIMITED", "INFINITE"};
    if (std::ranges::find(endless, option->value) != std::end(endless)) {
        draft.unmapped(Weight::error, *option, "no job runs without an end here",
                       "say a time, of at most a year");
        return {};
    }
    spec.time_limit = TRY(read_time(*option));
    draft.came_from("time_limit", *option);
    return {};
}

// "[R:][B:]USR1[@300]". Slurm's signal comes before the time limit, Dayu's at it, and then the grace runs: so
// the limit goes down by the grace, and the job ends when it would have ended.
Result<void> resolve_signal(Draft& draft) {
    const Option* option = draft.find("signal");
    if (option == nullptr) return {};
    std::string_view text = option->value;
    const bool shell_alone = text.find("B:") < text.find('@');
    text.remove_prefix(text.rfind(':') == std::string_view::npos ? 0 : text.rfind(':') + 1);
    const std::size_t at = text.find('@');
    std::int64_t before_s = usual_signal_s;
    if (at != std::string_view::npos) {
        const std::string_view digits = text.substr(at + 1);
        const char* const end = digits.data() + digits.size();
        const auto [stopped, status] = std::from_chars(digits.data(), end, before_s);
        if (status != std::errc() || stopped != end || before_s < 0) {
            return option_error(*option, "value_malformed",
                                "\"" + option->value.substr(0, 80) +
                                    "\" is not a signal such as USR1@300 or B:TERM@60");
        }
    }
    JobSpec& spec = draft.job.file.spec;
    spec.checkpoint.signal = signal_name(text.substr(0, at));
    spec.checkpoint.grace = seconds(std::min<std::int64_t>(before_s, 1'000'000));
    if (draft.find("time") != nullptr && spec.time_limit > spec.checkpoint.grace) {
        spec.time_limit = spec.time_limit - spec.checkpoint.grace;
    }
    draft.came_from("checkpoint", *option);
    draft.unmapped(
        Weight::note, *option,
        shell_alone ? "the signal goes to every process of the job, not to the script alone"
                    : "the signal goes to every process of the job, to the script too",
        "let those that do not know it ignore it, as by `trap '' USR1` around their start");
    return {};
}

// "ALL", "NONE", and NAME=VALUE or NAME, between commas that no quotation marks hide.
Result<void> resolve_export(Draft& draft) {
    const Option* option = draft.find("export");
    if (option == nullptr) return {};
    std::vector<std::string> items(1);
    char quote = 0;
    for (const char c : option->value) {
        if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else if (c == ',' && quote == 0) {
            items.emplace_back();
        } else {
            items.back() += c;
        }
    }
    for (const std::string& item : items) {
        if (item == "NONE" || item == "NIL" || item.empty()) continue;
        const std::size_t equals = item.find('=');
        const std::string name = item.substr(0, equals);
        if (equals != std::string::npos) {
            draft.job.file.body.env[name] = item.substr(equals + 1);
            draft.came_from("env." + name, *option);
        } else if (item == "ALL") {
            draft.unmapped(Weight::note, *option,
                           "a job gets nothing of the environment that it is submitted from",
                           "name what it needs, as --export=NAME=VALUE");
        } else {
            draft.unmapped(Weight::error, *option,
                           "the value of " + name + " where the job is submitted is not known",
                           "write --export=" + name + "=VALUE");
        }
    }
    return {};
}

void resolve_folder(Draft& draft) {
    const Option* option = draft.find("chdir");
    if (option == nullptr) return;
    draft.folder = option->value;
    if (draft.folder.starts_with('/')) {
        draft.unmapped(Weight::note, *option,
                       "the folder has to be there at the centre; the job ends at once where it is "
                       "not");
    }
}

}  // namespace

Result<void> resolve_life(Draft& draft) {
    draft.job.file.name = default_name;
    if (const Option* option = draft.find("job-name")) {
        draft.job.file.name = option->value;
        draft.came_from("name", *option);
    }
    TRY(resolve_time(draft));
    TRY(resolve_signal(draft));
    TRY(resolve_export(draft));
    resolve_folder(draft);
    const Option* input = draft.find("input");
    if (input != nullptr && input->value != "/dev/null") {
        draft.unmapped(Weight::error, *input, "a job's standard input is empty",
                       "read the file in the script");
    }
    const auto remember = [&](std::string_view name, const std::string& as) {
        if (const Option* option = draft.find(name)) draft.env[as] = option->value;
    };
    draft.env["SLURM_JOB_NAME"] = draft.job.file.name;
    remember("account", "SLURM_JOB_ACCOUNT");
    remember("qos", "SLURM_JOB_QOS");
    return {};
}

}  // namespace dayu::wire::slurm
