#include "wire/job_file.h"

#include <algorithm>
#include <optional>

#include "wire/job_file/draft.h"

namespace dayu::wire {

using namespace job_file;

namespace {

constexpr std::string_view default_name = "job";

// --- checkpoint and retry

Result<void> read_checkpoint_path(const YamlNode& node, Draft& draft) {
    draft.spec().checkpoint.path = TRY(read_text(node));
    return {};
}

Result<void> read_signal(const YamlNode& node, Draft& draft) {
    const std::string name = TRY(read_text(node));
    draft.spec().checkpoint.signal = name.starts_with("SIG") ? name.substr(3) : name;
    return {};
}

Result<void> read_grace(const YamlNode& node, Draft& draft) {
    draft.spec().checkpoint.grace = TRY(read_duration(node));
    return {};
}

constexpr Key checkpoint_keys[] = {
    {"path", read_checkpoint_path},
    {"signal", read_signal},
    {"grace_s", read_grace},
};

Result<void> read_checkpoint(const YamlNode& node, Draft& draft) {
    if (node.kind == YamlNode::Kind::scalar) return read_checkpoint_path(node, draft);
    return read_map(node, checkpoint_keys, draft);
}

Result<void> read_retry_max(const YamlNode& node, Draft& draft) {
    draft.spec().retry.max = TRY(read_whole(node));
    return {};
}

Result<void> read_on_exit(const YamlNode& node, Draft& draft) {
    std::vector<std::int64_t>& codes = draft.spec().retry.on_exit;
    if (node.kind == YamlNode::Kind::list) {
        for (const YamlNode& item : node.children) codes.push_back(TRY(read_whole(item)));
    } else {
        codes.push_back(TRY(read_whole(node)));
    }
    return {};
}

Result<void> read_backoff(const YamlNode& node, Draft& draft) {
    draft.spec().retry.backoff = TRY(read_duration(node));
    return {};
}

constexpr Key retry_keys[] = {
    {"max", read_retry_max},
    {"on_exit", read_on_exit},
    {"backoff", read_backoff},
};

Result<void> read_retry(const YamlNode& node, Draft& draft) {
    if (node.kind == YamlNode::Kind::scalar) return read_retry_max(node, draft);
    return read_map(node, retry_keys, draft);
}

// --- placement

Result<void> read_wait_weight(const YamlNode& node, Draft& draft) {
    draft.spec().placement.weights.wait_per_chip_hour = TRY(read_money(node));
    return {};
}

Result<void> read_carbon_weight(const YamlNode& node, Draft& draft) {
    draft.spec().placement.weights.carbon_per_kg = TRY(read_money(node));
    return {};
}

constexpr Key weight_keys[] = {
    {"wait_yuan_per_chip_hour", read_wait_weight},
    {"carbon_yuan_per_kg", read_carbon_weight},
};

Result<void> read_prefer(const YamlNode& node, Draft& draft) {
    if (node.kind == YamlNode::Kind::map) return read_map(node, weight_keys, draft);
    const std::string word = TRY(read_text(node));
    const auto at = std::ranges::find(draft.prefer, word, &PreferWord::word);
    if (at == draft.prefer.end()) {
        std::vector<std::string_view> known;
        for (const PreferWord& row : draft.prefer) known.push_back(row.word);
        return word_unknown(node, known);
    }
    draft.spec().placement.weights = at->weights;
    return {};
}

Result<void> read_move_after(const YamlNode& node, Draft& draft) {
    draft.spec().placement.move_after = TRY(read_duration(node));
    return {};
}

constexpr Key contact_keys[] = {{"move_after", read_move_after}};

Result<void> read_on_contact_lost(const YamlNode& node, Draft& draft) {
    if (node.kind == YamlNode::Kind::map) return read_map(node, contact_keys, draft);
    const std::string word = TRY(read_text(node));
    if (word != "wait") {
        return yaml_error(node, "value_unknown",
                          "\"" + word + "\" is neither \"wait\" nor {move_after: 30m}");
    }
    draft.spec().placement.move_after.reset();
    return {};
}

Result<void> read_regions(const YamlNode& node, Draft& draft) {
    draft.spec().placement.regions = TRY(read_texts(node));
    return {};
}

Result<void> read_tiers(const YamlNode& node, Draft& draft) {
    std::vector<Tier>& tiers = draft.spec().placement.tiers;
    if (node.kind != YamlNode::Kind::list) {
        tiers.push_back(TRY(read_enum<Tier>(node)));
        return {};
    }
    for (const YamlNode& item : node.children) {
        const Tier tier = TRY(read_enum<Tier>(item));
        if (std::ranges::find(tiers, tier) == tiers.end()) tiers.push_back(tier);
    }
    return {};
}

Result<void> read_security_level(const YamlNode& node, Draft& draft) {
    draft.spec().placement.security_level = TRY(read_whole(node));
    return {};
}

Result<void> read_data_class(const YamlNode& node, Draft& draft) {
    draft.spec().placement.data_class = TRY(read_enum<DataClass>(node));
    return {};
}

Result<void> read_max_price(const YamlNode& node, Draft& draft) {
    draft.spec().placement.max_price = TRY(read_money(node));
    return {};
}

constexpr Key placement_keys[] = {
    {"prefer", read_prefer},
    {"on_contact_lost", read_on_contact_lost},
    {"regions", read_regions},
    {"tiers", read_tiers},
    {"security_level", read_security_level},
    {"data_class", read_data_class},
    {"max_price", read_max_price},
};

Result<void> read_placement(const YamlNode& node, Draft& draft) {
    return read_map(node, placement_keys, draft);
}

// --- the job itself

Result<void> read_name(const YamlNode& node, Draft& draft) {
    draft.file.name = TRY(read_text(node));
    return {};
}

Result<void> read_kind(const YamlNode& node, Draft& draft) {
    draft.spec().kind = TRY(read_enum<JobKind>(node));
    return {};
}

Result<void> read_nodes(const YamlNode& node, Draft& draft) {
    draft.nodes = &node;
    draft.spec().nodes = TRY(read_whole(node));
    return {};
}

Result<void> read_setup(const YamlNode& node, Draft& draft) {
    if (node.kind == YamlNode::Kind::null) return {};
    draft.file.body.setup = TRY(read_text(node));
    return {};
}

// Read when all else is known: a variant is the job but for what it says itself.
Result<void> note_variants(const YamlNode& node, Draft& draft) {
    draft.variants = &node;
    return {};
}

Result<void> read_workdir(const YamlNode& node, Draft& draft) {
    if (node.kind == YamlNode::Kind::null) return {};
    std::string folder = TRY(read_text(node));
    if (!folder.empty()) draft.file.workdir = std::move(folder);
    return {};
}

Result<void> read_secrets(const YamlNode& node, Draft& draft) {
    draft.spec().secrets = TRY(read_texts(node));
    return {};
}

Result<void> read_run(const YamlNode& node, Draft& draft) {
    if (node.kind == YamlNode::Kind::null) return {};  // as if it were missing
    draft.file.body.run = TRY(read_text(node));
    return {};
}

Result<void> read_env(const YamlNode& node, Draft& draft) {
    return read_variables(node, draft.file.body.env);
}

Result<void> read_time_limit(const YamlNode& node, Draft& draft) {
    draft.time_limit = &node;
    draft.spec().time_limit = TRY(read_duration(node));
    return {};
}

Result<void> read_runtime(const YamlNode& node, Draft& draft) {
    draft.spec().runtime = TRY(read_duration(node));
    return {};
}

Result<void> note_model(const YamlNode& node, Draft& draft) {
    draft.model = &node;
    return {};
}

Result<void> note_tokens(const YamlNode& node, Draft& draft) {
    draft.tokens = &node;
    return {};
}

Result<void> note_slo(const YamlNode& node, Draft& draft) {
    draft.slo = &node;
    return {};
}

// --- whose turn it is, and who pays

Result<void> read_priority(const YamlNode& node, Draft& draft) {
    draft.file.conditions.priority = TRY(read_enum<Priority>(node));
    return {};
}

Result<void> read_preemptible(const YamlNode& node, Draft& draft) {
    draft.spec().preemptible = TRY(read_flag(node));
    return {};
}

Result<void> read_project(const YamlNode& node, Draft& draft) {
    draft.file.project = TRY(read_text(node));
    return {};
}

constexpr Key billing_keys[] = {
    {"project", read_project},
    {"vouchers", comes_later},
};

Result<void> read_billing(const YamlNode& node, Draft& draft) {
    return read_map(node, billing_keys, draft);
}

constexpr Key job_keys[] = {
    {"name", read_name},
    {"kind", read_kind},
    {"nodes", read_nodes},
    {"resources", read_resources},
    {"run", read_run},
    {"env", read_env},
    {"checkpoint", read_checkpoint},
    {"retry", read_retry},
    {"time_limit", read_time_limit},
    {"runtime", read_runtime},
    {"model", note_model},
    {"tokens", note_tokens},
    {"slo", note_slo},
    {"placement", read_placement},
    {"hold", read_hold},
    {"begin", read_begin},
    {"deadline", read_deadline},
    {"array", read_array},
    {"depends_on", read_depends_on},
    {"setup", read_setup},
    {"image", read_image},
    {"variants", note_variants},
    {"workdir", read_workdir},
    {"secrets", read_secrets},
    {"data", read_data},
    {"priority", read_priority},
    {"preemptible", read_preemptible},
    {"billing", read_billing},
};

}  // namespace

std::string workdir_named_in(std::string_view text) {
    const bool is_script = text.starts_with("#!") || text.size() > max_job_file_bytes;
    const Result<YamlNode> root = is_script ? YamlNode{} : parse_yaml(text);
    const YamlNode* node = root ? root->find("workdir") : nullptr;
    if (node == nullptr || root->find("apiVersion") != nullptr) return {};
    return node->kind == YamlNode::Kind::scalar ? node->text : "";
}

Result<JobFile> parse_job_file(std::string_view text, const ChipNames& chips,
                               const PreferWords& prefer) {
    if (text.size() > max_job_file_bytes) {
        return exhausted("job_file_too_large",
                         "the job file has " + std::to_string(text.size()) + " bytes; at most " +
                             std::to_string(max_job_file_bytes) + " are taken");
    }
    const YamlNode root = TRY(parse_yaml(text));
    if (root.kind == YamlNode::Kind::null) {
        return invalid("job_file_empty", "the job file is empty; it needs at least `run: COMMAND`");
    }
    Draft draft{.file = {}, .chips = chips, .prefer = prefer};
    draft.file.name = default_name;
    TRY(read_map(root, job_keys, draft));
    if (draft.variants != nullptr) TRY(read_variants(*draft.variants, draft));
    TRY(read_work(draft));
    const Result<void> sound = validate(draft.file);
    if (!sound.ok()) return with_line(root, sound.error());
    return std::move(draft.file);
}

}  // namespace dayu::wire
