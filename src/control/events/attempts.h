// The life of an attempt: where its job was placed and why, what it used, and its end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "base/time.h"
#include "model/attempt.h"
#include "model/ids.h"
#include "model/job.h"
#include "model/offer.h"

namespace dayu::control {

// One table per class and round; the placements that follow point at its sequence number.
struct CandidatesWeighed {
    static constexpr std::string_view type = "candidates_weighed";
    CandidateTable table;
    static constexpr auto fields() { return field_list(Field{"table", &CandidatesWeighed::table}); }
};

// The intent: from here on the job has a live attempt. No engine is called before this is on disk.
// `price_at_most` is what a hold of the ledger will cover; it and what follows are for the whole time
// limit, and what is billed and accounted is the share of it that ran.
struct JobPlaced {
    static constexpr std::string_view type = "job_placed";
    AttemptKey attempt;
    Seq table;
    std::int64_t candidate = 0;  // index in the table
    CenterId center;
    std::string pool;
    VariantIndex variant{};  // which of the job's was placed
    std::vector<NodeShare> nodes;
    Money price_at_most;
    std::int64_t energy_mwh_at_most = 0;
    std::int64_t carbon_mg_at_most = 0;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &JobPlaced::attempt}, Field{"table", &JobPlaced::table},
                          Field{"candidate", &JobPlaced::candidate},
                          Field{"center", &JobPlaced::center}, Field{"pool", &JobPlaced::pool},
                          Field{"variant", &JobPlaced::variant}, Field{"nodes", &JobPlaced::nodes},
                          Field{"price_at_most", &JobPlaced::price_at_most},
                          Field{"energy_mwh_at_most", &JobPlaced::energy_mwh_at_most},
                          Field{"carbon_mg_at_most", &JobPlaced::carbon_mg_at_most});
    }
};

// From now on the agent of the attempt's centre may be given the values of these secrets, for it alone.
struct SecretsGranted {
    static constexpr std::string_view type = "secrets_granted";
    AttemptKey attempt;
    CenterId center;
    std::vector<std::string> names;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &SecretsGranted::attempt},
                          Field{"center", &SecretsGranted::center},
                          Field{"names", &SecretsGranted::names});
    }
};

// The engine reported a step forward; `observed` is its own time.
struct AttemptAdvanced {
    static constexpr std::string_view type = "attempt_advanced";
    AttemptKey attempt;
    AttemptState state = AttemptState::planned;
    Time observed;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &AttemptAdvanced::attempt},
                          Field{"state", &AttemptAdvanced::state},
                          Field{"observed", &AttemptAdvanced::observed});
    }
};

struct UsageMetered {
    static constexpr std::string_view type = "usage_metered";
    AttemptKey attempt;
    UsageWindow window;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &UsageMetered::attempt},
                          Field{"window", &UsageMetered::window});
    }
};

// The platform wants the attempt to end; it is live until its end is reported.
struct StopRequested {
    static constexpr std::string_view type = "stop_requested";
    AttemptKey attempt;
    EndCause cause = EndCause::cancelled;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &StopRequested::attempt},
                          Field{"cause", &StopRequested::cause});
    }
};

// The attempt is over, whatever anyone reports later. `cost` is what it is billed: nothing when the
// platform or the centre ended it.
struct AttemptEnded {
    static constexpr std::string_view type = "attempt_ended";
    AttemptKey attempt;
    Ending ending;
    Money cost;
    std::int64_t energy_mwh = 0;
    std::int64_t carbon_mg = 0;
    // Of a planned job that said enough of its steps: the logarithm of measured over forecast, in millionths.
    std::optional<std::int64_t> step_ratio_ppm{};
    static constexpr auto fields() {
        return field_list(
            Field{"attempt", &AttemptEnded::attempt}, Field{"ending", &AttemptEnded::ending},
            Field{"cost", &AttemptEnded::cost}, Field{"energy_mwh", &AttemptEnded::energy_mwh},
            Field{"carbon_mg", &AttemptEnded::carbon_mg},
            Field{"step_ratio_ppm", &AttemptEnded::step_ratio_ppm});
    }
};

}  // namespace dayu::control
