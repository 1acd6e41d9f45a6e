#include "model/dataset.h"

#include <limits>

#include "model/check_fields.h"

namespace dayu {
namespace {

constexpr std::int64_t max_centers = 1'000;

}  // namespace

Result<void> validate(const Dataset& dataset) {
    TRY(check_name("name", dataset.name));
    TRY(check_range("bytes", dataset.bytes,
                    {.min = 0, .max = std::numeric_limits<std::int64_t>::max()}));
    TRY(check_range("centers", std::ssize(dataset.centers), {.min = 0, .max = max_centers}));
    for (const std::string& center : dataset.centers) TRY(check_name("centers", center));
    return {};
}

}  // namespace dayu
