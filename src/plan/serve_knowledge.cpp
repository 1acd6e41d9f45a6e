#include "plan/serve_knowledge.h"

#include <algorithm>

namespace dayu::plan {
namespace {

// Of split pools that nobody measured with the engine.
constexpr double least_pool_tpot_residual = 0.5;
constexpr double least_pool_ttft_residual = 1.0;

struct Residual {
    double ServeCalibration::* of;
    double least_of_pools;
};
constexpr Residual of_tpot{&ServeCalibration::tpot_residual_90, least_pool_tpot_residual};
constexpr Residual of_ttft{&ServeCalibration::ttft_residual_90, least_pool_ttft_residual};

Estimate estimate_of(const ServeBasis& basis, double seconds, bool is_split, Residual which) {
    double residual = (is_split ? basis.pool_calibration : basis.calibration)->*which.of;
    if (is_split && basis.pool_calibration == basis.calibration)
        residual = std::max(residual, which.least_of_pools);
    switch (basis.grade) {
        case Grade::end_to_end: break;
        case Grade::kernels: residual = std::max(residual, least_kernel_residual); break;
        case Grade::specification: residual = std::max(residual, least_unmeasured_residual); break;
    }
    return within(seconds, residual);
}

}  // namespace

Estimate ServeBasis::tpot(double seconds, bool is_split) const {
    return estimate_of(*this, seconds, is_split, of_tpot);
}

Estimate ServeBasis::ttft(double seconds, bool is_split) const {
    return estimate_of(*this, seconds, is_split, of_ttft);
}

Result<ServeBasis> serve_basis_of(const ServeKnowledge& knowledge, std::string_view chip,
                                  std::string_view engine, std::string_view version) {
    const Chip* const known = TRY(knowledge.chips.find(chip));
    const ServeCalibration* const calibration =
        knowledge.calibrations.find(known->name, engine, version);
    if (calibration == nullptr) {
        return not_found("plan_calibration_missing",
                         "data/plan/serve_calibrations.csv has none for chip \"any\" with engine "
                         "\"any\", by which what was never measured is reckoned");
    }
    const ServeCalibration* const of_pools =
        knowledge.calibrations.find_pools(known->name, engine, version);
    ServeMachine machine = serve_machine_of(*known, calibration->constants);
    machine.pool_constants = of_pools->constants;
    return ServeBasis{.chip = known,
                      .calibration = calibration,
                      .pool_calibration = of_pools,
                      .machine = machine,
                      .grade = calibration->chip == known->name ? Grade::end_to_end : known->grade};
}

}  // namespace dayu::plan
