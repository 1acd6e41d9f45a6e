#include "wire/yaml.h"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "wire/json_as_yaml.h"
#include "wire/json_line.h"
#include "wire/utf8.h"

namespace dayu::wire {
namespace {

std::size_t line_of(const YAML::Mark& mark) {
    return static_cast<std::size_t>(std::max(mark.line, 0)) + 1;
}

// Builds the tree from the parser's events. The first error is kept, and what comes after it ignored.
class TreeBuilder final : public YAML::EventHandler {
   public:
    const std::optional<Error>& error() const { return error_; }
    YamlNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1)
            fail(mark, "yaml_many_documents", "a second document begins; one is taken");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        put(mark, "?", anchor, {.kind = YamlNode::Kind::null});
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        fail(mark, "yaml_alias", "aliases (*name) are not taken; write the value out");
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        put(mark, tag, anchor,
            {.kind = YamlNode::Kind::scalar, .text = value, .quoted = tag == "!"});
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, {.kind = YamlNode::Kind::list});
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, {.kind = YamlNode::Kind::map});
    }
    void OnMapEnd() override { close(); }

   private:
    struct Frame {
        YamlNode* node;
        std::set<std::string> keys;      // of a map, so far
        std::optional<std::string> key;  // that waits for its value
        std::size_t key_line = 0;
    };

    void fail(const YAML::Mark& mark, std::string code, const std::string& text) {
        if (!error_) {
            error_ =
                invalid(std::move(code), "line " + std::to_string(line_of(mark)) + ": " + text);
        }
    }

    void put(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode node) {
        if (accept(mark, tag, anchor)) place(mark, std::move(node));
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
              YamlNode node) {
        if (open_.size() >= max_yaml_depth) {
            fail(mark, "yaml_too_deep",
                 "nested deeper than " + std::to_string(max_yaml_depth) + " levels");
        }
        if (!accept(mark, tag, anchor)) return;
        if (YamlNode* placed = place(mark, std::move(node))) open_.push_back({placed, {}, {}, 0});
    }

    void close() {
        if (!error_) open_.pop_back();
    }

    bool accept(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) fail(mark, "yaml_alias", "anchors (&name) are not taken");
        if (!tag.empty() && tag != "?" && tag != "!")
            fail(mark, "yaml_tag", "tags (" + tag + ") are not taken");
        if (++nodes_ > max_yaml_nodes) {
            fail(mark, "yaml_too_large", "more than " + std::to_string(max_yaml_nodes) + " values");
        }
        return !error_;
    }

    // Where the node came to lie; nothing when it was a key, or an error.
    YamlNode* place(const YAML::Mark& mark, YamlNode node) {
        node.line = line_of(mark);
        if (open_.empty()) {
            root_ = std::move(node);
            return &root_;
        }
        Frame& frame = open_.back();
        YamlNode& parent = *frame.node;
        if (parent.kind == YamlNode::Kind::list) {
            node.path = parent.path + "[" + std::to_string(parent.children.size()) + "]";
        } else if (!frame.key) {
            take_key(mark, frame, node);
            return nullptr;
        } else {
            node.key = *std::exchange(frame.key, std::nullopt);
            node.path = parent.path.empty() ? node.key : parent.path + "." + node.key;
            node.line = frame.key_line;
        }
        return &parent.children.emplace_back(std::move(node));
    }

    void take_key(const YAML::Mark& mark, Frame& frame, const YamlNode& node) {
        if (node.kind != YamlNode::Kind::scalar || node.text.size() > max_yaml_key_bytes) {
            return fail(
                mark, "yaml_malformed",
                "a key is a word of at most " + std::to_string(max_yaml_key_bytes) + " bytes");
        }
        if (!frame.keys.insert(node.text).second) {
            return fail(mark, "yaml_duplicate_key", "the key \"" + node.text + "\" stands twice");
        }
        frame.key = node.text;
        frame.key_line = node.line;
    }

    YamlNode root_;
    std::vector<Frame> open_;
    std::optional<Error> error_;
    std::size_t nodes_ = 0;
    std::size_t documents_ = 0;
};

// Offset of the first control character that YAML does not allow, or npos.
std::size_t find_control(std::string_view text) {
    const auto at = std::ranges::find_if(text, [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') ||
               c == 0x7F;
    });
    return at == text.end() ? std::string_view::npos : static_cast<std::size_t>(at - text.begin());
}

Result<void> check_text(std::string_view text) {
    const auto at = [&](std::size_t offset) {
        const auto line = std::ranges::count(text.substr(0, offset), '\n') + 1;
        return "line " + std::to_string(line) + ", byte " + std::to_string(offset) + ": ";
    };
    if (text.size() > max_yaml_bytes) {
        return exhausted("file_too_large", std::to_string(text.size()) + " bytes; at most " +
                                               std::to_string(max_yaml_bytes) + " are taken");
    }
    const std::size_t bad = find_invalid_utf8(text);
    if (bad != std::string_view::npos)
        return invalid("not_utf8", at(bad) + "not UTF-8; save the file as UTF-8");
    const std::size_t control = find_control(text);
    if (control != std::string_view::npos) {
        return invalid("yaml_malformed",
                       at(control) + "a control character; write it as \"\\x..\" in quotes");
    }
    return {};
}

}  // namespace

Result<YamlNode> parse_yaml(std::string_view text) {
    TRY(check_text(text));
    if (auto tree = parse_json_line(text)) return std::move(*tree);
    TreeBuilder builder;
    try {
        std::istringstream stream(json_as_yaml(text));
        YAML::Parser parser(stream);
        while (!builder.error() && parser.HandleNextDocument(builder)) {}
    } catch (const YAML::Exception& thrown) {
        if (!builder.error()) {
            return invalid("yaml_malformed",
                           "line " + std::to_string(line_of(thrown.mark)) + ": " + thrown.msg);
        }
    } catch (const std::exception& thrown) {
        return invalid("yaml_malformed", std::string("not readable as YAML: ") + thrown.what());
    }
    if (builder.error()) return *builder.error();
    return builder.take();
}

const YamlNode* YamlNode::find(std::string_view child_key) const {
    const auto at = std::ranges::find(children, child_key, &YamlNode::key);
    return kind != Kind::map || at == children.end() ? nullptr : &*at;
}

}  // namespace dayu::wire
