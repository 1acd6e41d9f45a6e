// What `dayu plan serve` shows of the ways to serve that it found.
#pragma once

#include <string>
#include <vector>

#include "dayu/plan_serve_question.h"
#include "dayu/verb.h"
#include "plan/serve_confirm.h"

namespace dayu::app {

// One way to serve in one place, with its quantiles replayed.
struct ServeAnswer {
    const ServePlace* place = nullptr;
    plan::ConfirmedOffer confirmed;
    plan::ServePrice price;
    std::string launch;         // of a replica, where it was asked for
    std::string decode_launch;  // of one that decodes, where those are others
    bool is_pareto = false;     // no other is both cheaper and faster
};

// A place where nothing serves the question, and why.
struct PassedPlace {
    const ServePlace* place = nullptr;
    std::string reason;
};

struct ServeReport {
    std::vector<ServeAnswer> answers;  // the cheapest first
    std::vector<PassedPlace> passed;
};

void print_serve_report(const Globals& globals, const ServeQuestion& question,
                        const ServeReport& report);

}  // namespace dayu::app
