// When the job may start: arrays, dependencies, begin, deadline and hold.
#include "wire/slurm/draft.h"

namespace dayu::wire::slurm {

Result<void> resolve_conditions(Draft& draft) {
    constexpr std::string_view later[] = {"array", "dependency", "begin", "deadline", "hold"};
    for (const std::string_view name : later) {
        const Option* option = draft.find(name);
        if (option == nullptr) continue;
        draft.unmapped(Weight::error, *option, "this capability comes later",
                       "leave it out for now");
    }
    return {};
}

}  // namespace dayu::wire::slurm
