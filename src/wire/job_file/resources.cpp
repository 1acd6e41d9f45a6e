// What a node of the job needs: the keys of `resources`, which each variant may say anew.
#include <algorithm>

#include "base/nearest.h"
#include "wire/job_file/draft.h"

namespace dayu::wire::job_file {
namespace {

constexpr std::int64_t mib_per_gib = 1024;

// "8" or "8+": at least that many, of which the job gets the least.
YamlNode without_plus(YamlNode node) {
    if (node.text.ends_with('+')) node.text.pop_back();
    return node;
}

Error chip_unknown(const YamlNode& node, std::string_view name, const ChipNames& chips) {
    const std::vector<std::string> all = chips.all();
    const std::vector<std::string_view> known(all.begin(), all.end());
    const std::string_view near = nearest(name, known);
    std::string text = "unknown chip \"" + std::string(name.substr(0, max_yaml_key_bytes)) + "\"";
    text += near.empty() ? "; `dayu chips` lists the known ones"
                         : "; did you mean \"" + std::string(near) + "\"?";
    return yaml_error(node, "chip_unknown", std::move(text));
}

// "NAME", "NAME:COUNT", "NAME:4+" or "NAME:0.5". Aliases hold colons of their own ("gres/npu:910b").
Result<void> read_chip_text(const YamlNode& node, Needs& needs) {
    Resources& resources = needs.resources;
    const std::string text = TRY(read_text(node));
    resources.chips_milli = text.empty() ? 0 : 1000;
    if (text.empty()) return {};
    const Chip* chip = needs.chips.find(text);
    if (chip == nullptr) {
        const std::size_t colon = text.rfind(':');
        const std::string name = text.substr(0, colon);
        chip = needs.chips.find(name);
        if (chip == nullptr) return chip_unknown(node, name, needs.chips);
        YamlNode count = node;
        count.text = text.substr(colon + 1);
        resources.chips_milli = TRY(read_decimal(without_plus(count), 3));
        if (resources.chips_milli <= 0) {
            return yaml_error(node, "value_out_of_range",
                              "\"" + text + "\" asks for no chip; leave it out for none");
        }
    }
    resources.chip = chip->name;
    return {};
}

}  // namespace

// As a text, or as a map with one entry: {A100-80GB: 8}.
Result<void> read_accelerators(const YamlNode& node, Needs& needs) {
    if (node.kind == YamlNode::Kind::null) return {};
    if (node.kind != YamlNode::Kind::map) return read_chip_text(node, needs);
    if (node.children.size() != 1) {
        return yaml_error(node, "value_malformed", "names one chip, as \"A100-80GB:8\"");
    }
    YamlNode one = node.children.front();
    one.text = one.key + ":" + TRY(read_text(one));
    return read_chip_text(one, needs);
}

Result<void> read_cpus(const YamlNode& node, Needs& needs) {
    needs.resources.cpus = TRY(read_whole(without_plus(node)));
    return {};
}

// GiB, with decimals or not; "64GiB" and "512MiB" say the unit.
Result<void> read_memory(const YamlNode& node, Needs& needs) {
    YamlNode amount = without_plus(node);
    std::int64_t& memory_mib = needs.resources.memory_mib;
    if (amount.text.ends_with("MiB")) {
        amount.text.resize(amount.text.size() - 3);
        memory_mib = TRY(read_whole(amount));
        return {};
    }
    if (amount.text.ends_with("GiB")) amount.text.resize(amount.text.size() - 3);
    const std::int64_t milli_gib = TRY(read_decimal(amount, 3));
    constexpr std::int64_t most = std::int64_t{1} << 50;  // what validate() refuses anyway
    memory_mib = std::clamp(milli_gib, -most, most) * mib_per_gib / 1000;
    return {};
}

namespace {

constexpr YamlKey<Needs> resource_keys[] = {
    {"accelerators", read_accelerators},
    {"cpus", read_cpus},
    {"memory", read_memory},
};

}  // namespace

Result<void> read_resources(const YamlNode& node, Draft& draft) {
    Needs needs{.resources = draft.spec().resources, .chips = draft.chips};
    TRY(read_map(node, resource_keys, needs));
    draft.accelerators = node.find("accelerators");
    draft.spec().resources = std::move(needs.resources);
    return {};
}

}  // namespace dayu::wire::job_file
