// Requests as a service sees them arrive: read from a published trace, stretched to another rate, or drawn at random where only
// a rate and lengths are known. Two kinds of trace are CSV and read here; the third, Mooncake's, is JSON and read by whoever may
// parse JSON (apps/dayu/serve_trace_file.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::plan {

struct ServeRequest {
    double arrival_s = 0;
    double prompt = 0;  // tokens
    double answer = 0;  // tokens, one at least
    // Of ServeTrace::blocks: the hashes of the prompt's whole blocks, each of which stands for all before it too.
    std::uint32_t first_block = 0;
    std::uint32_t blocks = 0;
};

// Tokens that one hash speaks for, as Mooncake's traces have it.
inline constexpr double tokens_per_block = 512;

struct ServeTrace {
    std::vector<ServeRequest> requests;  // by arrival, the first at 0
    std::vector<std::uint64_t> blocks;

    std::span<const std::uint64_t> blocks_of(const ServeRequest& request) const {
        return std::span(blocks).subspan(request.first_block, request.blocks);
    }
    // Requests a second: those after the first, over the time until the last.
    double rate() const;
};

inline constexpr std::size_t max_serve_requests = 20'000'000;
inline constexpr double max_request_tokens = 1e8;

// Whether the first line is that of Azure's LLM inference trace of 2023 (TIMESTAMP,ContextTokens,GeneratedTokens).
bool is_azure_trace(std::string_view text);
// Requests without a token, of which the trace has a few, are passed over.
Result<ServeTrace> parse_azure_trace(const std::string& path, std::string text);

// Whether the first line names lengths alone (num_prefill_tokens, num_decode_tokens), as Vidur's files do; arrivals are drawn.
bool is_length_table(std::string_view text);

struct Arrivals {
    double rate = 0;         // requests/s
    std::uint64_t seed = 1;  // of the Poisson stream
};
Result<ServeTrace> parse_length_table(const std::string& path, std::string text,
                                      const Arrivals& arrivals);

// `count` requests of equal lengths in a Poisson stream. The same seed gives the same stream everywhere.
struct Lengths {
    double prompt = 0;
    double answer = 0;
};
ServeTrace drawn_trace(std::size_t count, const Lengths& lengths, const Arrivals& arrivals);

// The same requests, all gaps between them longer or shorter by one factor. A trace without a rate stays as it is.
ServeTrace stretched_to(ServeTrace trace, double rate);

// Sorts by arrival, and moves the first to 0.
void put_in_order(ServeTrace& trace);

}  // namespace dayu::plan
