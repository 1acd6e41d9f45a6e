#include "dayu/serve_trace_file.h"

#include <algorithm>
#include <string_view>

#include <fmt/core.h>

#include "dayu/small_file.h"
#include "dayu/traces.h"
#include "wire/json.h"

namespace dayu::app {
namespace {

constexpr std::size_t max_trace_bytes = std::size_t{1} << 30;
constexpr double s_per_ms = 1e-3;
constexpr std::int64_t most_ms = 10'000'000'000'000;  // milliseconds since 1970 are arrivals, too
constexpr auto most_tokens = static_cast<std::int64_t>(plan::max_request_tokens);

// Where an object stands, for errors.
struct Line {
    const std::string& path;
    std::size_t number = 0;

    Error bad(std::string_view what) const {
        return invalid("serve_trace_invalid", fmt::format("{}:{}: {}", path, number, what));
    }
};

// A member that is a whole number of a range.
struct Range {
    std::int64_t least = 0;
    std::int64_t most = 0;
};
Result<double> count_in(const wire::Json& json, std::string_view key, Range range,
                        const Line& line) {
    const wire::Json* const member = json.find(key);
    const std::int64_t* const value = member != nullptr ? member->as_int() : nullptr;
    if (value != nullptr && *value >= range.least && *value <= range.most)
        return static_cast<double>(*value);
    return line.bad(fmt::format("{} is {}; expected a whole number from {} to {}", key,
                                member != nullptr ? wire::to_text(*member) : "missing", range.least,
                                range.most));
}

// The hashes of whole blocks; what is left of the prompt is nobody else's.
Result<void> take_hashes(const wire::Json& json, plan::ServeRequest& request,
                         std::vector<std::uint64_t>& blocks, const Line& line) {
    request.first_block = static_cast<std::uint32_t>(blocks.size());
    const wire::Json* const member = json.find("hash_ids");
    if (member == nullptr) return {};
    const wire::Json::Array* const hashes = member->as_array();
    if (hashes == nullptr) return line.bad("hash_ids is no list; expected whole numbers");
    const auto whole = static_cast<std::size_t>(request.prompt / plan::tokens_per_block);
    for (const wire::Json& hash : *hashes) {
        if (request.blocks == whole) break;
        const std::int64_t* const value = hash.as_int();
        if (value == nullptr)
            return line.bad(
                fmt::format("hash_ids has {}; expected whole numbers", wire::to_text(hash)));
        blocks.push_back(static_cast<std::uint64_t>(*value));
        ++request.blocks;
    }
    return {};
}

Result<void> take_line(std::string_view text, const Line& line, plan::ServeTrace& trace) {
    const Result<wire::Json> json = wire::parse_json(text);
    if (!json) return line.bad(json.error().message);
    plan::ServeRequest request;
    request.arrival_s = TRY(count_in(*json, "timestamp", {0, most_ms}, line)) * s_per_ms;
    request.prompt = TRY(count_in(*json, "input_length", {1, most_tokens}, line));
    request.answer = TRY(count_in(*json, "output_length", {0, most_tokens}, line));
    if (request.answer == 0) return {};  // nothing was answered
    TRY(take_hashes(*json, request, trace.blocks, line));
    trace.requests.push_back(request);
    return {};
}

Result<plan::ServeTrace> parse_mooncake_trace(const std::string& path, std::string_view text) {
    plan::ServeTrace trace;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (one.find_first_not_of(" \t\r") != std::string_view::npos)
            TRY(take_line(one, {path, line}, trace));
    }
    if (trace.requests.empty())
        return Line{path, 1}.bad("no request has an answer; expected one at least");
    plan::put_in_order(trace);
    return trace;
}

}  // namespace

Result<plan::ServeTrace> read_serve_trace(const std::string& file, const plan::Arrivals& arrivals) {
    std::string text = TRY(read_small_file(find_trace(file), max_trace_bytes));
    if (text.starts_with('{')) return parse_mooncake_trace(file, text);
    if (plan::is_azure_trace(text)) return plan::parse_azure_trace(file, std::move(text));
    if (plan::is_length_table(text))
        return plan::parse_length_table(file, std::move(text), arrivals);
    return invalid(
        "serve_trace_invalid",
        fmt::format("{}:1: the first line is \"{}\"; expected TIMESTAMP,ContextTokens,"
                    "GeneratedTokens (Azure), num_prefill_tokens,num_decode_tokens (Vidur), or a "
                    "JSON object with timestamp, input_length and output_length (Mooncake)",
                    file,
                    std::string_view(text).substr(0, std::min(text.find('\n'), std::size_t{80}))));
}

}  // namespace dayu::app
