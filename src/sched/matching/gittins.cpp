#include "sched/matching/gittins.h"

#include <algorithm>
#include <cmath>

namespace dayu::sched::matching {

void GittinsIndex::finished(double service_s) {
    services_s_.push_back(service_s);
    if (services_s_.size() >= learned_from_ + options_.learns_every) learn();
}

// One pass back over the grid would not do: the best d of an age is not that of the next.
void GittinsIndex::learn() {
    std::vector<double> sorted = services_s_;
    std::ranges::sort(sorted);
    std::vector<double> ages{0};
    for (double age = options_.first_age_s; age < sorted.back(); age *= options_.age_growth)
        ages.push_back(age);
    ages.push_back(sorted.back());
    std::vector<double> left(ages.size()),
        done_s(ages.size());  // beyond an age; sum of those up to it
    std::size_t next = 0;
    double sum = 0;
    for (std::size_t i = 0; i < ages.size(); ++i) {
        for (; next < sorted.size() && sorted[next] <= ages[i]; ++next) sum += sorted[next];
        left[i] = static_cast<double>(sorted.size() - next);
        done_s[i] = sum;
    }
    index_.assign(ages.size(), 0);
    for (std::size_t i = 0; i + 1 < ages.size(); ++i) {
        for (std::size_t j = i + 1; j < ages.size(); ++j) {
            const double ends = left[i] - left[j];
            const double spent_s =
                done_s[j] - done_s[i] - ends * ages[i] + left[j] * (ages[j] - ages[i]);
            if (spent_s > 0) index_[i] = std::max(index_[i], ends / spent_s);
        }
    }
    learned_from_ = services_s_.size();
}

double GittinsIndex::at(double service_s) const {
    if (index_.empty()) return 1 / std::max(service_s, options_.first_age_s);
    const double point = service_s < options_.first_age_s
                             ? 0
                             : 1 + std::floor(std::log(service_s / options_.first_age_s) /
                                              std::log(options_.age_growth));
    // Older than any that finished: as the oldest of them.
    const std::size_t last = index_.size() >= 2 ? index_.size() - 2 : 0;
    return index_[std::min(static_cast<std::size_t>(point), last)];
}

}  // namespace dayu::sched::matching
