// What `dayu plan serve` is asked: its options, and the question that they make.
#pragma once

#include <string>
#include <vector>

#include "dayu/verb.h"
#include "plan/serve_knowledge.h"
#include "plan/serve_price.h"
#include "plan/serve_search.h"
#include "plan/serve_trace.h"

namespace dayu::app {

struct ServeOptions {
    std::string model;
    std::string rate = "0";
    std::string prompt = "0";
    std::string answer = "0";
    std::string ttft_ms = "0";
    std::string tpot_ms = "0";
    std::string quantile = "0.9";
    std::string trace;
    std::vector<std::string> chips;
    std::vector<std::string> centers;
    std::string hours;
    std::int64_t count = 0;
    std::string framework = "vllm";
    std::vector<std::string> formats;
    std::string cache = "bf16";
    std::string found = "0";
    std::string accepted = "1";
    std::string draft = "0.2";
    bool may_split = false;
    std::vector<std::string> prices;
    std::string carbon = "0";
    std::string pue = "1.25";
    std::int64_t top = 0;  // 0: 10 of one place, 1 of several
    std::int64_t seed = 1;
    bool shows_launch = false;
    std::string plot;
    std::string tables;
};

std::vector<Option> serve_option_list(ServeOptions& options);

// Chips of one kind that stand in one place, on its terms.
struct ServePlace {
    std::string center;  // empty: none in particular
    std::string pool;
    plan::ServeBasis basis;
    double chips = 0;  // 0: as many as it takes
    plan::ServeTerms terms;
};

struct ServeQuestion {
    plan::ServeJob job;
    plan::ServeSearch search;
    plan::ServeTrace trace;  // without requests: drawn when it is known how long they take
    std::vector<ServePlace> places;
    bool asks_for_formats = false;  // else bf16, and fp8 where the chip has it
    std::uint32_t top = 10;
    std::uint64_t seed = 1;
};

Result<ServeQuestion> serve_question(const ServeOptions& options, const Globals& globals,
                                     const plan::ServeKnowledge& knowledge);

}  // namespace dayu::app
