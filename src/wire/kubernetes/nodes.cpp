// Which nodes a pod may lie on. A node's label says something to Dayu only where its value is a chip that the
// registry knows; all others are words of one cluster.
#include <algorithm>

#include "wire/kubernetes/draft.h"

namespace dayu::wire::kubernetes {
namespace {

constexpr std::string_view old_words = "the labels of nodes are words of one cluster";
constexpr std::string_view instead =
    "say where the job may run by `placement` of a job file, or leave it out";

// What every node of every centre is, and needs no answer.
bool goes_without_saying(const YamlNode& label) {
    return (label.key == "kubernetes.io/os" && label.text == "linux") ||
           label.key == "kubernetes.io/arch" || label.key == "nvidia.com/gpu.present";
}

void take_label(const YamlNode& at, const std::string& value, Draft& draft) {
    if (draft.chips.find(value) != nullptr) {
        draft.node_values.emplace_back(at, value);
    } else {
        draft.unmapped(Weight::error, at, std::string(old_words), std::string(instead));
    }
}

// {key, operator, values} with In and one value is a label; all else is more than a label.
Result<void> take_expression(const YamlNode& node, Draft& draft) {
    TRY(expect_map(node));
    const YamlNode* key = node.find("key");
    const YamlNode* how = node.find("operator");
    const YamlNode* values = node.find("values");
    const bool one = key != nullptr && how != nullptr && how->text == "In" && values != nullptr &&
                     values->children.size() == 1;
    if (!one) {
        draft.unmapped(Weight::error, node, std::string(old_words), std::string(instead));
        return {};
    }
    YamlNode label = node;
    label.key = key->text;
    label.kind = YamlNode::Kind::scalar;
    label.text = values->children.front().text;
    if (goes_without_saying(label)) {
        draft.unmapped(Weight::note, label, "centres differ in chips, not in this");
    } else {
        take_label(label, label.text, draft);
    }
    return {};
}

Result<void> take_terms(const YamlNode& required, Draft& draft) {
    const YamlNode* terms = required.find("nodeSelectorTerms");
    if (terms == nullptr || terms->children.size() != 1) {
        draft.unmapped(Weight::error, required, "one of several kinds of nodes comes later",
                       "leave one term");
        return {};
    }
    for (const YamlNode& key : terms->children.front().children) {
        if (key.key != "matchExpressions") {
            draft.unmapped(Weight::error, key, std::string(old_words), std::string(instead));
            continue;
        }
        TRY(expect_list(key));
        for (const YamlNode& expression : key.children) TRY(take_expression(expression, draft));
    }
    return {};
}

}  // namespace

Result<void> read_node_selector(const YamlNode& node, Draft& draft) {
    TRY(expect_map(node));
    for (const YamlNode& label : node.children) {
        const std::string value = TRY(read_text(label));
        if (goes_without_saying(label)) {
            draft.unmapped(Weight::note, label, "centres differ in chips, not in this");
        } else {
            take_label(label, value, draft);
        }
    }
    return {};
}

Result<void> read_affinity(const YamlNode& node, Draft& draft) {
    TRY(expect_map(node));
    for (const YamlNode& kind : node.children) {
        TRY(expect_map(kind));
        for (const YamlNode& rule : kind.children) {
            const bool required = rule.key.starts_with("required");
            if (required && kind.key == "nodeAffinity") {
                TRY(take_terms(rule, draft));
            } else {
                draft.unmapped(required ? Weight::error : Weight::note, rule,
                               "Dayu places by cost, time and carbon over all pools",
                               required ? std::string(instead) : "");
            }
        }
    }
    return {};
}

}  // namespace dayu::wire::kubernetes
