#include "wire/json_line.h"

#include <algorithm>
#include <utility>

#include "wire/walk_json.h"

namespace dayu::wire {
namespace {

// Any refusal does: nobody reads it.
Error not_taken() { return invalid("json_line", ""); }

class TreeBuilder final : public JsonListener {
   public:
    YamlNode take() { return std::move(root_); }

    Result<void> on_null() override { return put({.kind = YamlNode::Kind::null}); }
    Result<void> on_bool(bool value) override { return on_number(value ? "true" : "false"); }
    Result<void> on_number(std::string_view literal) override {
        return put({.kind = YamlNode::Kind::scalar, .text = std::string(literal)});
    }
    Result<void> on_string(std::string value) override {
        return put({.kind = YamlNode::Kind::scalar, .text = std::move(value), .quoted = true});
    }
    Result<void> on_key(std::string key) override {
        const bool taken = key.size() <= max_yaml_key_bytes && ++nodes_ <= max_yaml_nodes &&
                           open_.back()->find(key) == nullptr;
        key_ = std::move(key);
        return taken ? Result<void>{} : not_taken();
    }
    Result<void> on_array_begin() override { return open({.kind = YamlNode::Kind::list}); }
    Result<void> on_object_begin() override { return open({.kind = YamlNode::Kind::map}); }
    Result<void> on_end() override {
        open_.pop_back();
        return {};
    }

   private:
    Result<void> put(YamlNode node) { return TRY(place(std::move(node))), Result<void>{}; }

    Result<void> open(YamlNode node) {
        if (open_.size() >= max_yaml_depth) return not_taken();
        open_.push_back(TRY(place(std::move(node))));
        return {};
    }

    // Where the node came to lie. A parent's children move only while none of them is open.
    Result<YamlNode*> place(YamlNode node) {
        if (++nodes_ > max_yaml_nodes) return not_taken();
        if (open_.empty()) {
            root_ = std::move(node);
            return &root_;
        }
        YamlNode& parent = *open_.back();
        if (parent.kind == YamlNode::Kind::list) {
            node.path = parent.path + "[" + std::to_string(parent.children.size()) + "]";
        } else {
            node.path = parent.path.empty() ? key_ : parent.path + "." + key_;
            node.key = std::move(key_);
        }
        return &parent.children.emplace_back(std::move(node));
    }

    YamlNode root_;
    std::vector<YamlNode*> open_;
    std::string key_;  // that waits for its value
    std::size_t nodes_ = 0;
};

}  // namespace

std::optional<YamlNode> parse_json_line(std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    if (!text.starts_with('{') || text.find_first_of("\r\n") != std::string_view::npos) return {};
    TreeBuilder builder;
    if (!walk_json(text, builder)) return {};
    return builder.take();
}

}  // namespace dayu::wire
