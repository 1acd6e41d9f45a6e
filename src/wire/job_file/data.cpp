// What the job reads, and what of its run directory is kept.
#include "wire/job_file/draft.h"

namespace dayu::wire::job_file {
namespace {

Result<void> read_dataset(const YamlNode& node, DataInput& input) {
    input.dataset = TRY(read_text(node));
    return {};
}

Result<void> read_bytes(const YamlNode& node, DataInput& input) {
    input.bytes = TRY(read_whole(node));
    return {};
}

constexpr YamlKey<DataInput> input_keys[] = {
    {"dataset", read_dataset},
    {"bytes", read_bytes},
};

Result<void> add_input(const YamlNode& node, Draft& draft) {
    DataInput& input = draft.spec().inputs.emplace_back();
    if (node.kind == YamlNode::Kind::scalar) return read_dataset(node, input);
    TRY(read_map(node, input_keys, input));
    if (!input.dataset.empty()) return {};
    return yaml_error(node, "value_missing", "names no dataset; write {dataset: tang300}");
}

Result<void> read_inputs(const YamlNode& node, Draft& draft) {
    if (node.kind != YamlNode::Kind::list) return add_input(node, draft);
    for (const YamlNode& item : node.children) TRY(add_input(item, draft));
    return {};
}

Result<void> read_outputs(const YamlNode& node, Draft& draft) {
    draft.file.body.outputs = TRY(read_texts(node));
    return {};
}

constexpr Key data_keys[] = {
    {"inputs", read_inputs},
    {"outputs", read_outputs},
};

}  // namespace

Result<void> read_data(const YamlNode& node, Draft& draft) {
    return read_map(node, data_keys, draft);
}

}  // namespace dayu::wire::job_file
