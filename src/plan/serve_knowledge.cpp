#include "plan/serve_knowledge.h"

#include <algorithm>

namespace dayu::plan {
namespace {

Estimate estimate_of(const ServeBasis& basis, double seconds, double residual) {
    switch (basis.grade) {
        case Grade::end_to_end: break;
        case Grade::kernels: residual = std::max(residual, least_kernel_residual); break;
        case Grade::specification: residual = std::max(residual, least_unmeasured_residual); break;
    }
    return within(seconds, residual);
}

}  // namespace

Estimate ServeBasis::tpot(double seconds, bool is_split) const {
    return estimate_of(
        *this, seconds,
        is_split ? calibration->split_tpot_residual_90 : calibration->tpot_residual_90);
}

Estimate ServeBasis::ttft(double seconds, bool is_split) const {
    return estimate_of(
        *this, seconds,
        is_split ? calibration->split_ttft_residual_90 : calibration->ttft_residual_90);
}

Result<ServeBasis> serve_basis_of(const ServeKnowledge& knowledge, std::string_view chip,
                                  std::string_view engine) {
    const Chip* const known = TRY(knowledge.chips.find(chip));
    const ServeCalibration* const calibration = knowledge.calibrations.find(known->name, engine);
    if (calibration == nullptr) {
        return not_found("plan_calibration_missing",
                         "data/plan/serve_calibrations.csv has none for chip \"any\" with engine "
                         "\"any\", by which what was never measured is reckoned");
    }
    return ServeBasis{.chip = known,
                      .calibration = calibration,
                      .machine = serve_machine_of(*known, calibration->constants),
                      .grade = calibration->chip == known->name ? Grade::end_to_end : known->grade};
}

}  // namespace dayu::plan
