// What a container's resources and command come to.
#include <algorithm>

#include "model/check_fields.h"
#include "wire/kubernetes/draft.h"

namespace dayu::wire::kubernetes {
namespace {

constexpr std::int64_t mib = 1 << 20;

// Resources that count chips of any model: the model stands in a node's label.
constexpr std::string_view any_chip[] = {
    "nvidia.com/gpu",   "nvidia.com/gpu.shared", "amd.com/gpu",       "gpu.intel.com/i915",
    "huawei.com/npu",   "iluvatar.ai/gpu",       "cambricon.com/mlu", "metax-tech.com/gpu",
    "mthreads.com/gpu", "hygon.com/dcu",         "enflame.com/gcu",   "kunlunxin.com/xpu",
};

void take_chip(Draft& draft, const Extended& asked) {
    const bool any = std::ranges::find(any_chip, asked.name) != std::end(any_chip);
    const Chip* chip = draft.chips.find(asked.name);
    if (any && !draft.node_values.empty())
        chip = draft.chips.find(draft.node_values.front().second);
    Resources& resources = draft.spec().resources;
    if (chip == nullptr) {
        draft.unmapped(Weight::error, asked.node,
                       any ? "it does not say which chip, and the chips of many centres differ"
                           : "no chip is known by this name",
                       any ? "name it by a nodeSelector, as nvidia.com/gpu.product: "
                             "NVIDIA-A100-SXM4-80GB"
                           : "`dayu chips` lists the names; leave it out if it is no chip");
    } else if (!resources.chip.empty()) {
        draft.unmapped(Weight::error, asked.node, "a job has chips of one kind alone",
                       "make two jobs of it");
    } else {
        resources.chip = chip->name;
        resources.chips_milli = std::min<std::int64_t>(asked.count, 1'000'000) * 1000;
        draft.came_from("resources.accelerators", asked.node);
    }
}

void check_labels(Draft& draft) {
    for (const auto& [label, value] : draft.node_values) {
        const std::string& asked = draft.spec().resources.chip;
        if (asked.empty()) {
            draft.unmapped(Weight::note, label, "it names a chip, and the job asks for none");
        } else if (draft.chips.find(value)->name != asked) {
            draft.unmapped(Weight::error, label, "it names another chip than the job asks for",
                           "leave one of the two");
        }
    }
}

// A text with $(NAME) as a word of the shell: names that the container defines are expanded, $$ is $, and
// all else stays as it is written.
std::string as_word(std::string_view text, const std::vector<EnvEntry>& env, std::size_t defined) {
    std::string word, plain;
    const auto flush = [&] {
        if (!plain.empty()) word += shell_quoted(plain);
        plain.clear();
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '$' || at + 1 == text.size()) {
            plain += text[at];
            continue;
        }
        if (text[at + 1] == '$') {
            plain += text[at++];
            continue;
        }
        const std::size_t end = text[at + 1] == '(' ? text.find(')', at) : text.npos;
        const std::string_view name =
            end == text.npos ? std::string_view() : text.substr(at + 2, end - at - 2);
        const auto known = std::ranges::find(env.begin(), env.begin() + static_cast<long>(defined),
                                             name, &EnvEntry::name);
        if (end == text.npos || known == env.begin() + static_cast<long>(defined)) {
            plain += text[at];
            continue;
        }
        flush();
        word.append("\"$").append(name).append("\"");
        at = end;
    }
    flush();
    return word.empty() ? "''" : word;
}

// The text itself where nothing in it is expanded.
bool is_literal(std::string_view text) { return text.find('$') == text.npos; }

}  // namespace

Result<void> resolve_resources(Draft& draft) {
    Resources& resources = draft.spec().resources;
    for (const auto& [name, asked] : draft.extended) take_chip(draft, asked);
    check_labels(draft);
    if (draft.cpu_milli) {
        const std::int64_t part = *draft.cpu_milli % 1000 != 0 ? 1 : 0;
        resources.cpus = std::max<std::int64_t>(1, *draft.cpu_milli / 1000 + part);
        if (*draft.cpu_milli % 1000 != 0) {
            add_unmapped(
                draft.job,
                {Weight::note, "resources.requests.cpu", 1, std::to_string(*draft.cpu_milli) + "m",
                 "CPUs are given whole; the job gets " + std::to_string(resources.cpus), ""});
        }
    }
    if (draft.memory_bytes) {
        resources.memory_mib = (*draft.memory_bytes + mib - 1) / mib;
        return {};
    }
    add_unmapped(draft.job, {Weight::note, "resources.requests.memory", 1, "",
                             "the container does not say it, and gets 1 GiB", "say it"});
    return {};
}

// Variables are set in their order, as $(NAME) sees those above it. What holds no $ goes into the job's
// `env`, the rest into the first lines of its script.
Result<void> resolve_command(Draft& draft) {
    if (!draft.has_command) {
        return invalid(
            "command_missing",
            "spec.template.spec.containers[0].command: what the image would start is not "
            "known here; write the command out");
    }
    std::string run;
    for (std::size_t i = 0; i < draft.env.size(); ++i) {
        const EnvEntry& entry = draft.env[i];
        TRY(check_env_name("env." + entry.name, entry.name));
        if (entry.runtime.empty() && is_literal(entry.value)) {
            draft.job.file.body.env[entry.name] = entry.value;
            continue;
        }
        draft.job.file.body.env.erase(entry.name);
        run += "export " + entry.name + "=";
        run += entry.runtime.empty() ? as_word(entry.value, draft.env, i) : entry.runtime;
        run += '\n';
    }
    if (!draft.folder.empty()) run += "cd -- " + shell_quoted(draft.folder) + " || exit 1\n";
    run += "exec";
    for (const auto* words : {&draft.command, &draft.args}) {
        for (const std::string& word : *words) {
            run += " " + as_word(word, draft.env, draft.env.size());
        }
    }
    draft.job.file.body.run = run + "\n";
    return {};
}

}  // namespace dayu::wire::kubernetes
