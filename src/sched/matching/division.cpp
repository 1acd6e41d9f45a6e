#include "sched/matching/division.h"

#include <algorithm>
#include <limits>

namespace dayu::sched::matching {
namespace {

constexpr int most_passes = 10;      // over all pairs of kinds; two or three are usual
constexpr double least_gain = 1e-9;  // below, it is rounding
constexpr double impossible = -std::numeric_limits<double>::infinity();

}  // namespace

// The largest first, each where it is worth most among the kinds with room.
void Division::place_new(std::span<Divided> jobs) {
    std::vector<std::uint32_t> free = chips_;
    std::vector<Divided*> homeless;
    for (Divided& job : jobs) {
        if (job.kind != no_kind && free[job.kind] >= job.chips) {
            free[job.kind] -= job.chips;
        } else {
            job.kind = no_kind;
            homeless.push_back(&job);
        }
    }
    std::ranges::sort(homeless, [](const Divided* a, const Divided* b) {
        return a->chips != b->chips ? a->chips > b->chips : a < b;  // of one span
    });
    for (Divided* const job : homeless) {
        for (std::size_t kind = 0; kind < free.size(); ++kind) {
            if (free[kind] < job->chips || !job->can_run[kind]) continue;
            if (job->kind == no_kind || job->worth[kind] > job->worth[job->kind]) job->kind = kind;
        }
        if (job->kind != no_kind) free[job->kind] -= job->chips;
    }
}

// best_[k * width + u]: the most that the first k jobs can be worth above all being on `other`, if u chips of
// `one` are used.
bool Division::divide_anew(std::span<Divided> jobs, std::size_t one, std::size_t other) {
    both_.clear();
    std::uint32_t asked = 0;
    double now = 0;
    for (Divided& job : jobs) {
        if (job.kind != one && job.kind != other) continue;
        both_.push_back(&job);
        asked += job.chips;
        if (job.kind == one) now += job.worth[one] - job.worth[other];
    }
    const std::size_t width = chips_[one] + 1;
    best_.assign((both_.size() + 1) * width, impossible);
    best_[0] = 0;
    const auto as_one = [&](std::size_t k, std::size_t used) {
        const Divided& job = *both_[k];
        if (!job.can_run[one] || used < job.chips) return impossible;
        return best_[k * width + used - job.chips] + job.worth[one] - job.worth[other];
    };
    const auto as_other = [&](std::size_t k, std::size_t used) {
        return both_[k]->can_run[other] ? best_[k * width + used] : impossible;
    };
    for (std::size_t k = 0; k < both_.size(); ++k)
        for (std::size_t used = 0; used < width; ++used)
            best_[(k + 1) * width + used] = std::max(as_one(k, used), as_other(k, used));

    const auto last = best_.end() - static_cast<std::ptrdiff_t>(width);
    const std::uint32_t least = asked - std::min(asked, chips_[other]);
    const auto most = std::max_element(last + least, best_.end());
    if (*most <= now + least_gain) return false;
    auto used = static_cast<std::size_t>(most - last);
    for (std::size_t k = both_.size(); k-- > 0;) {
        const bool is_one = as_one(k, used) > as_other(k, used);
        both_[k]->kind = is_one ? one : other;
        if (is_one) used -= both_[k]->chips;
    }
    return true;
}

void Division::divide(std::span<Divided> jobs) {
    place_new(jobs);
    bool is_better = true;
    for (int pass = 0; is_better && pass < most_passes; ++pass) {
        is_better = false;
        for (std::size_t one = 0; one < chips_.size(); ++one)
            for (std::size_t other = one + 1; other < chips_.size(); ++other)
                is_better |= divide_anew(jobs, one, other);
    }
}

}  // namespace dayu::sched::matching
