// How soon a job that has had `a` of service is likely to be done, learned from jobs that are: the Gittins
// index, the greatest chance of ending a unit of service can buy (Gittins 1979; Aalto, Ayesta and Righter
// 2009). Whoever serves the highest index first has the least mean time in the system, on one server.
//
//     G(a) = max over d of  P(X <= a+d | X > a) / E[min(X - a, d) | X > a]
#pragma once

#include <cstddef>
#include <vector>

namespace dayu::sched::matching {

struct GittinsOptions {
    double first_age_s = 300;       // of the grid of ages, which grows by
    double age_growth = 1.12;       // this factor a point
    std::size_t learns_every = 50;  // finished jobs
};

class GittinsIndex {
   public:
    explicit GittinsIndex(const GittinsOptions& options = {}) : options_(options) {}

    void finished(double service_s);
    // A second; before anything was learned, the less service the higher.
    double at(double service_s) const;

   private:
    void learn();

    const GittinsOptions options_;
    std::vector<double> services_s_;
    std::size_t learned_from_ = 0;
    std::vector<double> index_;  // by point of the grid of ages
};

}  // namespace dayu::sched::matching
