#include "rest/entity_tag.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

constexpr std::size_t digest_digits = 16;  // of each half of a tag
constexpr std::size_t max_tags = 64;
constexpr std::string_view no_state = "none";
constexpr std::string_view gzip_suffix = "-gzip";  // of the same answer in other bytes

std::string digest(std::string_view text) { return to_hex(sha256(text)).substr(0, digest_digits); }

template <class... Rows>
Version version_of(const Rows*... rows) {
    std::string text;
    const auto add = [&](const auto* row) {
        if (row != nullptr) wire::write_json(text, *row);
        text += '\n';
    };
    (add(rows), ...);
    return digest(text);
}

struct Tag {
    std::string_view written;  // W/"x", "x" or *
    std::string_view opaque;   // x, without -gzip
    bool weak = false;
    bool any = false;
};

Result<std::vector<Tag>> read_tags(std::string_view header, std::string_view text) {
    std::vector<Tag> tags;
    while (!(text = http::trimmed(text)).empty()) {
        Tag tag;
        if (text.starts_with('*')) {
            tag = {.written = text.substr(0, 1), .opaque = {}, .weak = false, .any = true};
        } else {
            tag.weak = text.starts_with("W/");
            const std::size_t begin = tag.weak ? 3 : 1;
            const std::size_t end = text.find('"', begin);
            if (text.substr(begin - 1, 1) != "\"" || end == std::string_view::npos ||
                tags.size() == max_tags) {
                return invalid("parameter_invalid",
                               std::string(header) +
                                   ": takes entity tags as \"x\", or *; here is " +
                                   std::string(text.substr(0, 40)));
            }
            tag.written = text.substr(0, end + 1);
            tag.opaque = text.substr(begin, end - begin);
            if (tag.opaque.ends_with(gzip_suffix)) tag.opaque.remove_suffix(gzip_suffix.size());
        }
        tags.push_back(tag);
        text.remove_prefix(tag.written.size());
        text = http::trimmed(text);
        if (text.starts_with(',')) text.remove_prefix(1);
    }
    return tags;
}

Error failed(std::string message) { return conflict("precondition_failed", std::move(message)); }

}  // namespace

Version version_of_job(const control::State& state, JobId job) {
    const control::JobRow* row = state.jobs.find(job);
    return row == nullptr ? Version() : version_of(row, state.attempts.find(job));
}

Version version_of_array(const control::State& state, JobId array) {
    const control::ArrayRow* row = state.arrays.find(array);
    if (row == nullptr) return {};
    std::string text;
    const auto add = [&text](auto... numbers) {
        ((text += std::to_string(numbers), text += ' '), ...);
    };
    for (std::int64_t i = 0; i < row->tasks; ++i) {  // ten thousand at most: no JSON here
        const JobId task{array.value + static_cast<std::uint64_t>(i)};
        const control::JobRow* job = state.jobs.find(task);
        if (job == nullptr) continue;  // it has ended
        add(i, static_cast<int>(job->state), job->attempts, job->awaits_slot ? 1 : 0);
        if (const control::AttemptRow* attempt = state.attempts.find(task))
            add(static_cast<int>(attempt->state), attempt->stopping ? 1 : 0);
        text += '\n';
    }
    return digest(text);
}

Version version_of_center(const control::State& state, const std::string& name) {
    const auto id = control::find_center(state, name);
    if (!id) return {};
    std::string text;
    wire::write_json(text, state.centers.at(*id));
    for (const auto& [key, row] : state.nodes.rows()) {  // few: those that failed, or are excluded
        if (key.center != *id) continue;
        wire::write_json(text, key);
        wire::write_json(text, row);
    }
    return digest(text);
}

Version version_of_queue(const control::State& state, const std::string& path) {
    const Queue* row = state.queues.find(path);
    return row == nullptr ? Version() : version_of(row);
}

Version version_of_dataset(const control::State& state, const std::string& name) {
    const Dataset* row = state.datasets.find(name);
    return row == nullptr ? Version() : version_of(row);
}

Version version_of_secret(const control::State& state, const Scope& scope,
                          const std::string& name) {
    const control::SecretRow* row = state.secrets.find({.scope = scope, .name = name});
    return row == nullptr ? Version() : version_of(row);
}

http::Response tagged(const http::Request& request, http::Response response,
                      const Version& version) {
    if (response.status != 200) return response;
    const std::string opaque =
        (version.empty() ? std::string(no_state) : version) + "-" + digest(response.body);
    std::string tag = "\"" + opaque + "\"";
    if (const auto header = request.header("If-None-Match")) {
        const auto tags = read_tags("If-None-Match", *header);
        for (const Tag& each : tags ? *tags : std::vector<Tag>()) {
            if (!each.any && each.opaque != opaque) continue;
            if (!each.any) tag = each.written.substr(each.weak ? 2 : 0);  // packed, or not
            return {.status = 304, .body = {}, .content_type = {}, .headers = {{"ETag", tag}}};
        }
    }
    response.headers.push_back({"ETag", std::move(tag)});
    return response;
}

Result<runtime::Precondition> precondition(
    const http::Request& request, std::function<Version(const control::State&)> version_now) {
    const auto match = request.header("If-Match");
    const auto none_match = request.header("If-None-Match");
    if (!match && !none_match) return runtime::Precondition();
    std::vector<Version> wanted;
    bool any = !match;
    for (const Tag& tag : TRY(read_tags("If-Match", match.value_or("")))) {
        any |= tag.any;
        if (!tag.weak) wanted.emplace_back(tag.opaque.substr(0, tag.opaque.find('-')));
    }
    bool must_be_new = false;
    for (const Tag& tag : TRY(read_tags("If-None-Match", none_match.value_or(""))))
        must_be_new |= tag.any;
    return runtime::Precondition(
        [wanted, any, must_be_new, has_match = match.has_value(),
         version_now = std::move(version_now)](const control::State& state) -> Result<void> {
            const Version now = version_now(state);
            if (must_be_new && !now.empty())
                return failed("If-None-Match: there is one already; nothing was changed");
            if (has_match && now.empty())
                return failed("If-Match: there is none yet; nothing was changed");
            if (any || std::ranges::find(wanted, now) != wanted.end()) return {};
            return failed(
                "If-Match: it is another now than when it was read, and was not changed; "
                "read it again");
        });
}

}  // namespace dayu::rest
