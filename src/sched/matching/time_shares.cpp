#include "sched/matching/time_shares.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace dayu::sched::matching {
namespace {

constexpr double least_s_between_shares = 1920;

}  // namespace

TimeShares::TimeShares(const MatchingSetting& setting, const TimeSharesOptions& options)
    : setting_(setting), options_(options), lots_(setting.seed), kinds_(setting.chips.size()) {
    std::iota(kinds_.begin(), kinds_.end(), std::size_t{0});
}

void TimeShares::credit(const MatchingJob& job) {
    if (job.is_running) accounts_[job.id].ran_s[job.kind] += job.ran_s;
}

void TimeShares::finished(const MatchingJob& job) {
    accounts_.erase(job.id);
    has_changed_ = true;
}

void TimeShares::take_note(std::span<const MatchingJob> jobs) {
    for (const MatchingJob& job : jobs) {
        has_changed_ |= accounts_.try_emplace(job.id).second;
        credit(job);
    }
}

void TimeShares::compute_shares(double now_s, std::span<const MatchingJob> jobs) {
    const double elapsed_s = now_s - std::max(computed_s_, 0.0);
    const std::vector<Shares> shares = options_.rule(jobs, setting_.chips);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        Account& account = accounts_[jobs[i].id];
        for (const std::size_t kind : kinds_)
            account.deficit_s[kind] += account.share[kind] * elapsed_s - account.ran_s[kind];
        account.ran_s = {};
        account.share = shares[i];
        account.has_share = true;
    }
    computed_s_ = now_s;
    has_changed_ = false;
}

// The further behind its share, the earlier. Half a round is counted as run from the start, so that a new
// share does not come before all others.
std::vector<TimeShares::Candidate> TimeShares::ranking(std::size_t kind,
                                                       std::span<const MatchingJob> jobs) const {
    std::vector<Candidate> ranked;
    for (std::uint32_t i = 0; i < jobs.size(); ++i) {
        const Account& account = accounts_.at(jobs[i].id);
        const double share = account.share[kind];
        const double priority = share / (account.ran_s[kind] + setting_.round_s / 2);
        if (jobs[i].rates[kind] <= 0) continue;
        if (options_.serves_share_holders_only && priority <= 0) continue;
        ranked.push_back({i, priority, account.deficit_s[kind], share});
    }
    std::ranges::sort(ranked, [](const Candidate& a, const Candidate& b) {
        return std::tie(b.priority, b.deficit_s, b.share, a.job) <
               std::tie(a.priority, a.deficit_s, a.share, b.job);
    });
    return ranked;
}

std::vector<Match> TimeShares::choose(double now_s, std::span<const MatchingJob> jobs) {
    take_note(jobs);
    if (has_changed_ && (computed_s_ < 0 || now_s - computed_s_ >= least_s_between_shares))
        compute_shares(now_s, jobs);
    if (options_.shuffles_kinds) std::ranges::shuffle(kinds_, lots_);
    std::vector<bool> is_taken(jobs.size());
    std::vector<Match> matches;
    for (const std::size_t kind : kinds_) {
        std::uint32_t free = setting_.chips[kind];
        for (const Candidate& each : ranking(kind, jobs)) {
            if (free == 0) break;
            const MatchingJob& job = jobs[each.job];
            if (is_taken[each.job] || job.chips > free) continue;
            is_taken[each.job] = true;
            free -= job.chips;
            if (accounts_.at(job.id).has_share) matches.push_back({.job = each.job, .kind = kind});
        }
    }
    return matches;
}

}  // namespace dayu::sched::matching
