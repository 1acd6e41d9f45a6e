// Means and quantiles of measured or predicted values.
#pragma once

#include <vector>

namespace dayu::plan {

// Of one value or more.
double mean_of(const std::vector<double>& values);
// The smallest value that so large a part does not exceed (nearest rank), of one value or more; puts them in another order.
double quantile_of(std::vector<double>& values, double part);

}  // namespace dayu::plan
