// The ways in which one job may run, by chip. What a variant leaves out is as the job has it; `{}` is the
// job as it stands.
#include <utility>

#include "wire/job_file/draft.h"

namespace dayu::wire::job_file {
namespace {

struct Variant {
    Needs needs;
    VariantBody body;
    Draft& draft;
};

Result<void> read_chips(const YamlNode& node, Variant& variant) {
    return read_accelerators(node, variant.needs);
}

Result<void> read_cpus_of(const YamlNode& node, Variant& variant) {
    return read_cpus(node, variant.needs);
}

Result<void> read_memory_of(const YamlNode& node, Variant& variant) {
    return read_memory(node, variant.needs);
}

Result<void> read_image_of(const YamlNode& node, Variant& variant) {
    return read_image(node, variant.draft);
}

Result<void> read_run(const YamlNode& node, Variant& variant) {
    variant.body.run = TRY(read_text(node));
    return {};
}

Result<void> read_setup(const YamlNode& node, Variant& variant) {
    variant.body.setup = TRY(read_text(node));
    return {};
}

Result<void> read_env(const YamlNode& node, Variant& variant) {
    return read_variables(node, variant.body.env);
}

constexpr YamlKey<Variant> variant_keys[] = {
    {"accelerators", read_chips},
    {"cpus", read_cpus_of},
    {"memory", read_memory_of},
    {"image", read_image_of},
    {"run", read_run},
    {"setup", read_setup},
    {"env", read_env},
};

}  // namespace

Result<void> read_variants(const YamlNode& node, Draft& draft) {
    TRY(expect_list(node));
    for (const YamlNode& item : node.children) {
        Variant variant{.needs = {.resources = draft.spec().resources, .chips = draft.chips},
                        .body = {},
                        .draft = draft};
        TRY(read_map(item, variant_keys, variant));
        draft.spec().variants.push_back(std::move(variant.needs.resources));
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
