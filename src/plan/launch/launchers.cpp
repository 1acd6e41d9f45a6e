#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/csv.h"
#include "plan/csv_row.h"
#include "plan/launch.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 4> columns{"chip", "training", "serving", "devices"};
enum Column : std::size_t { chip_at, training_at, serving_at, devices_at };

constexpr CsvWords<TrainLauncher, 2> train_words{
    {{"megatron-lm", TrainLauncher::megatron_lm}, {"mindspeed-llm", TrainLauncher::mindspeed_llm}}};
constexpr CsvWords<ServeLauncher, 3> serve_words{{{"vllm", ServeLauncher::vllm},
                                                  {"sglang", ServeLauncher::sglang},
                                                  {"mindie", ServeLauncher::mindie}}};

std::vector<ServeLauncher> serving_of(CsvRow& row) {
    std::vector<ServeLauncher> launchers;
    for (const std::string& word : row.list(serving_at)) {
        const auto known = std::ranges::find(serve_words, std::string_view(word),
                                             &std::pair<std::string_view, ServeLauncher>::first);
        if (known == serve_words.end()) {
            row.refuse(serving_at, "vllm, sglang or mindie, with bars between them");
        } else {
            launchers.push_back(known->second);
        }
    }
    return launchers;
}

// What a shell would take for more than a word goes between quotes.
std::string shell_word(const std::string& word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (word.starts_with('$') || word.find_first_not_of(plain) == std::string::npos) return word;
    return "'" + word + "'";
}

}  // namespace

Result<Launchers> Launchers::parse(std::string path, std::string text) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_data_invalid"}, std::move(text), columns));
    Launchers launchers;
    launchers.rows_ = TRY(rows_of(table, [](CsvRow& row) {
        return Row{.chip = row.text(chip_at),
                   .training = row.word(training_at, train_words),
                   .serving = serving_of(row),
                   .devices = row.text(devices_at)};
    }));
    return launchers;
}

Result<const Launchers::Row*> Launchers::find(std::string_view chip) const {
    const auto found =
        std::ranges::find_if(rows_, [&](const Row& row) { return is_same_word(row.chip, chip); });
    if (found != rows_.end()) return &*found;
    return not_found("plan_launcher_unknown",
                     fmt::format("data/plan/launchers.csv names no framework for chip {}; add one "
                                 "whose flags are those of its users",
                                 chip));
}

Result<TrainLauncher> Launchers::for_training(std::string_view chip) const {
    return TRY(find(chip))->training;
}

Result<ServeLauncher> Launchers::for_serving(std::string_view chip,
                                             std::string_view framework) const {
    const std::vector<ServeLauncher>& known = TRY(find(chip))->serving;
    const auto asked = std::ranges::find(serve_words, framework,
                                         &std::pair<std::string_view, ServeLauncher>::first);
    const bool has =
        asked != serve_words.end() && std::ranges::find(known, asked->second) != known.end();
    return has ? asked->second : known.front();
}

Result<std::string> Launchers::devices_of(std::string_view chip) const {
    return TRY(find(chip))->devices;
}

std::vector<std::string> Launchers::chips() const {
    std::vector<std::string> names;
    for (const Row& row : rows_) names.push_back(row.chip);
    return names;
}

std::string shell_line(const Launch& launch) {
    std::string line;
    for (const auto& [name, value] : launch.environment)
        line += fmt::format("{}={} ", name, shell_word(value));
    for (const std::string& word : launch.command) {
        if (&word != &launch.command.front()) line += ' ';
        line += shell_word(word);
    }
    return line;
}

}  // namespace dayu::plan
