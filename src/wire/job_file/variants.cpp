// The ways in which one job may run, by chip. What a variant leaves out is as the job has it; `{}` is the
// job as it stands.
#include <utility>

#include "wire/job_file/draft.h"

namespace dayu::wire::job_file {
namespace {

struct OneVariant {
    Needs needs;
    Variant own;  // all but the resources
    VariantBody body;
    Draft& draft;
};

Result<void> read_chips(const YamlNode& node, OneVariant& variant) {
    return read_accelerators(node, variant.needs);
}

Result<void> read_cpus_of(const YamlNode& node, OneVariant& variant) {
    return read_cpus(node, variant.needs);
}

Result<void> read_memory_of(const YamlNode& node, OneVariant& variant) {
    return read_memory(node, variant.needs);
}

Result<void> read_nodes(const YamlNode& node, OneVariant& variant) {
    variant.own.nodes = TRY(read_whole(node));
    return {};
}

Result<void> read_time_limit(const YamlNode& node, OneVariant& variant) {
    variant.own.time_limit = TRY(read_duration(node));
    return {};
}

Result<void> read_runtime(const YamlNode& node, OneVariant& variant) {
    variant.own.runtime = TRY(read_duration(node));
    return {};
}

Result<void> read_image_of(const YamlNode& node, OneVariant& variant) {
    return read_image(node, variant.draft);
}

Result<void> read_run(const YamlNode& node, OneVariant& variant) {
    variant.body.run = TRY(read_text(node));
    return {};
}

Result<void> read_setup(const YamlNode& node, OneVariant& variant) {
    variant.body.setup = TRY(read_text(node));
    return {};
}

Result<void> read_env(const YamlNode& node, OneVariant& variant) {
    return read_variables(node, variant.body.env);
}

constexpr YamlKey<OneVariant> variant_keys[] = {
    {"accelerators", read_chips},    {"cpus", read_cpus_of},
    {"memory", read_memory_of},      {"nodes", read_nodes},
    {"time_limit", read_time_limit}, {"runtime", read_runtime},
    {"image", read_image_of},        {"run", read_run},
    {"setup", read_setup},           {"env", read_env},
};

}  // namespace

Result<void> read_variants(const YamlNode& node, Draft& draft) {
    TRY(expect_list(node));
    for (const YamlNode& item : node.children) {
        OneVariant variant{.needs = {.resources = draft.spec().resources, .chips = draft.chips},
                           .own = {},
                           .body = {},
                           .draft = draft};
        TRY(read_map(item, variant_keys, variant));
        static_cast<Resources&>(variant.own) = std::move(variant.needs.resources);
        draft.spec().variants.push_back(std::move(variant.own));
        draft.file.body.variants.push_back(std::move(variant.body));
    }
    return {};
}

Result<void> comes_later(const YamlNode& node, Draft&) {
    return yaml_error(node, "key_comes_later", "this key comes later; leave it out for now");
}

Result<void> read_image(const YamlNode& node, Draft& draft) {
    const bool is_none = node.kind == YamlNode::Kind::null ||
                         (node.kind == YamlNode::Kind::scalar && node.text.empty());
    return is_none ? Result<void>() : comes_later(node, draft);
}

Result<void> read_variables(const YamlNode& node, std::map<std::string, std::string>& env) {
    TRY(expect_map(node));
    for (const YamlNode& entry : node.children) env[entry.key] = TRY(read_text(entry));
    return {};
}

}  // namespace dayu::wire::job_file
