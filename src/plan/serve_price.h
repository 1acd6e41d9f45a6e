// What serving costs: money by the chips that stand there, energy by what they do. A chip that computes prompts draws most of its
// power, one that decodes less than half (Splitwise, arXiv 2311.18677), and one that waits little; prices, carbon and PUE are
// means over the hours of the terms.
#pragma once

#include "plan/serve_search.h"
#include "plan/terms.h"

namespace dayu::plan {

struct ServeTerms {
    Terms terms{HourTerms{}};
    // Of the chip's published power.
    double prompt_power_part = 0.7;
    double answer_power_part = 0.43;
    double idle_power_part = 0.15;
    double host_part = 0.2;  // of a node's power, beside its chips
};

// Of the job at its rate. Tokens are those of prompts and answers, unless answers are named.
struct ServePrice {
    double yuan_per_h = 0;
    double yuan_per_million_tokens = 0;
    double yuan_per_million_answer_tokens = 0;
    double joule_per_token = 0;
    double carbon_kg_per_million_tokens = 0;
};

ServePrice price_of(const ServeJob& job, const ServeOffer& offer, const ServeMachine& machine,
                    const ServeTerms& terms);

}  // namespace dayu::plan
