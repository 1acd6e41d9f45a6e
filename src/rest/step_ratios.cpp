// GET /v1/step-ratios: what attempts of planned jobs measured, beside what was forecast for them.
#include "control/step_ratios.h"

#include <cmath>
#include <utility>

#include "rest/answer.h"
#include "rest/job_json.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

using wire::Json;

Json factor_json(double factor) { return milli_json(std::llround(factor * 1000)); }

Json ratios_json(const StepRatios& ratios) {
    const StepCorrection correction = correction_of(ratios);
    return Json::Object{{"work", ratios.work},
                        {"chip", ratios.chip},
                        {"framework", ratios.framework},
                        {"attempts", ratios.attempts},
                        {"factor", factor_json(correction.factor)},
                        {"factor_low", factor_json(correction.low)},
                        {"factor_high", factor_json(correction.high)},
                        {"sum_ppm", ratios.sum_ppm},
                        {"squares_ppm", ratios.squares_ppm},
                        {"version", ratios.version}};
}

}  // namespace

Result<http::Response> list_step_ratios(Context& context, const Call&) {
    std::vector<StepRatios> all;
    context.loop.read_and_wait(
        [&](const runtime::Core& core) { all = control::step_ratios(core.state()); });
    Json::Array rows;
    for (const StepRatios& one : all) rows.push_back(ratios_json(one));
    return answer(Json::Object{{"ratios", std::move(rows)}});
}

}  // namespace dayu::rest
