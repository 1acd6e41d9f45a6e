#include "wire/chip_file.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <string>

#include "wire/yaml_into.h"

namespace dayu::wire {
namespace {

constexpr std::int64_t mib_per_gib = 1024;
constexpr std::int64_t max_memory_gib = 65'536;
constexpr std::string_view confidence_marks[] = {"A", "B", "C", "E", "M"};

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

Result<void> read_aliases(const YamlNode& node, Chip& chip) {
    chip.aliases = TRY(read_texts(node));
    return {};
}

Result<void> read_memory(const YamlNode& node, Chip& chip) {
    const std::int64_t gib = TRY(read_whole(node));
    if (gib < 1 || gib > max_memory_gib) {
        return yaml_error(node, "value_out_of_range",
                          "1 to " + std::to_string(max_memory_gib) + " GiB are taken");
    }
    chip.memory_mib = gib * mib_per_gib;
    return {};
}

Result<void> read_power(const YamlNode& node, Chip& chip) {
    chip.power_w = TRY(read_whole(node));
    if (chip.power_w < 0) return yaml_error(node, "value_out_of_range", "power is not negative");
    return {};
}

Result<void> read_fp16(const YamlNode& node, Chip& chip) {
    chip.fp16_gflops = TRY(read_decimal(node, 3));
    if (chip.fp16_gflops < 0)
        return yaml_error(node, "value_out_of_range", "a rate is not negative");
    return {};
}

Result<void> read_confidence(const YamlNode& node, Chip& chip) {
    chip.confidence = TRY(read_text(node));
    const auto at = std::ranges::find(confidence_marks, chip.confidence);
    if (at == std::end(confidence_marks)) return word_unknown(node, confidence_marks);
    return {};
}

// Why a figure is doubtful: for those who read the file.
Result<void> skip_note(const YamlNode& node, Chip&) {
    TRY(read_text(node));
    return {};
}

constexpr YamlKey<Chip> chip_keys[] = {
    {"name", text_into<Chip, &Chip::name>},
    {"vendor", text_into<Chip, &Chip::vendor>},
    {"aliases", read_aliases},
    {"memory_gib", read_memory},
    {"power_w", read_power},
    {"fp16_tflops", read_fp16},
    {"source", text_into<Chip, &Chip::source>},
    {"confidence", read_confidence},
    {"note", skip_note},
};

Result<Chip> read_chip(const YamlNode& node) {
    Chip chip;
    TRY(read_map(node, chip_keys, chip));
    const bool whole = !chip.name.empty() && !chip.vendor.empty() && chip.memory_mib > 0 &&
                       !chip.source.empty() && !chip.confidence.empty();
    if (!whole) {
        return yaml_error(node, "key_missing",
                          "a chip needs name, vendor, memory_gib, source and confidence");
    }
    return chip;
}

struct File {
    std::vector<Chip> chips;
    std::map<std::string, std::string> owners;  // lowered name or alias -> chip
};

Result<void> claim(const YamlNode& node, File& file, const std::string& word, const Chip& chip) {
    const auto [at, fresh] = file.owners.emplace(lowered(word), chip.name);
    if (fresh || at->second == chip.name) return {};
    return yaml_error(node, "chip_ambiguous",
                      "\"" + word + "\" stands for " + at->second + " and for " + chip.name);
}

Result<void> read_all_chips(const YamlNode& node, File& file) {
    TRY(expect_list(node));
    for (const YamlNode& item : node.children) {
        const Chip chip = TRY(read_chip(item));
        if (file.owners.contains(lowered(chip.name))) {
            return yaml_error(item, "chip_ambiguous", "\"" + chip.name + "\" stands twice");
        }
        TRY(claim(item, file, chip.name, chip));
        for (const std::string& alias : chip.aliases) TRY(claim(item, file, alias, chip));
        file.chips.push_back(chip);
    }
    return {};
}

constexpr YamlKey<File> file_keys[] = {{"chips", read_all_chips}};

}  // namespace

Result<std::vector<Chip>> parse_chip_file(std::string_view text) {
    File file;
    TRY(read_map(TRY(parse_yaml(text)), file_keys, file));
    return std::move(file.chips);
}

Result<std::vector<Chip>> read_chips(const YamlNode& node) {
    File file;
    TRY(read_all_chips(node, file));
    return std::move(file.chips);
}

ChipNames chip_names(const std::vector<Chip>& chips) {
    const auto index = std::make_shared<std::map<std::string, const Chip*>>();
    for (const Chip& chip : chips) {
        index->emplace(lowered(chip.name), &chip);
        for (const std::string& alias : chip.aliases) index->emplace(lowered(alias), &chip);
    }
    return {.find = [index](std::string_view name) -> const Chip* {
                const auto at = index->find(lowered(name));
                return at == index->end() ? nullptr : at->second;
            },
            .all =
                [&chips] {
                    std::vector<std::string> names;
                    for (const Chip& chip : chips) {
                        names.push_back(chip.name);
                        names.insert(names.end(), chip.aliases.begin(), chip.aliases.end());
                    }
                    return names;
                }};
}

}  // namespace dayu::wire
