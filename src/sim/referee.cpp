#include "sim/referee.h"

#include <algorithm>

#include <fmt/core.h>

#include "control/feed.h"
#include "journal/entry.h"
#include "journal/journal.h"
#include "journal/snapshot.h"

namespace dayu::sim {

void Referee::complain(std::string what) {
    if (!complaint_.empty()) return;
    complaint_ = fmt::format("at {} ms: {}", timeline_.now().ms, what);
    note("referee", complaint_);
}

void Referee::note(const std::string& who, const std::string& what) {
    if (!takes_notes_) return;
    notes_.push_back(fmt::format("{:>9} {:<8} {}", timeline_.now().ms, who, what));
    if (notes_.size() > kept_notes) notes_.pop_front();
}

void Referee::expect_job(const JobFile& file) {
    expected_[file.name] = {.file = file, .accepted = {}, .acknowledged = {}};
}

void Referee::asked(JobId job, control::JobAction action) { asked_.emplace(job, action); }

// Clients name the first task of an array, and mean all.
bool Referee::was_asked(JobId job, control::JobAction action) const {
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return false;
    return asked_.contains({expected_.at(found->second.name).accepted, action});
}

bool Referee::has_deadline(JobId job) const {
    const auto found = jobs_.find(job);
    return found != jobs_.end() &&
           expected_.at(found->second.name).file.conditions.deadline.is_set();
}

bool Referee::may_be_stopped(JobId job, EndCause cause) const {
    switch (cause) {
        case EndCause::cancelled: return was_asked(job, control::JobAction::cancel);
        case EndCause::requeued: return was_asked(job, control::JobAction::requeue);
        case EndCause::deadline: return has_deadline(job);
        case EndCause::preempted: return preempted_.contains(job);
        default: return false;
    }
}

void Referee::expect_center(const Center& center) { centers_[center.name] = center; }

void Referee::acknowledged(const std::string& name, JobId job) {
    note("client", fmt::format("{} is acknowledged as {}", name, job.value));
    Expected& expected = expected_.at(name);
    if (expected.acknowledged) count("acknowledged again");
    if (expected.acknowledged && expected.acknowledged != job) {
        complain(fmt::format("{} was acknowledged as job {} and then as job {}", name,
                             expected.acknowledged.value, job.value));
    }
    expected.acknowledged = job;
}

bool Referee::is_task_over(JobId job) const {
    const auto found = jobs_.find(job);
    return found != jobs_.end() && found->second.ended;
}

bool Referee::is_over(JobId job) const {
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return false;
    const std::uint64_t tasks = expected_.at(found->second.name).tasks();
    for (std::uint64_t i = 0; i < tasks; ++i) {
        if (!is_task_over({job.value + i})) return false;
    }
    return true;
}

bool Referee::all_over() const {
    return std::ranges::all_of(expected_, [&](const auto& entry) {
        return entry.second.acknowledged && is_over(entry.second.acknowledged);
    });
}

std::string Referee::unfinished() const {
    std::string text;
    for (const auto& [name, expected] : expected_) {
        if (!expected.acknowledged) {
            text += " " + name + " was never accepted;";
        } else if (!is_over(expected.acknowledged)) {
            text += fmt::format(" {} (job {}) has not ended;", name, expected.acknowledged.value);
        }
    }
    return text;
}

void Referee::check_state(const runtime::Core& core) {
    const control::State& state = core.state();
    for (const auto& [name, expected] : expected_) {
        const JobId first = expected.acknowledged;
        for (std::uint64_t i = 0; first && i < expected.tasks(); ++i) {
            const JobId job{first.value + i};
            if (state.jobs.contains(job) || is_task_over(job)) continue;
            return complain(
                fmt::format("{} was acknowledged as job {}, and is lost", name, job.value));
        }
    }
    if (state.header.last_seq != last_seq_) {
        return complain(fmt::format("the server is at entry {}, the disk at {}",
                                    state.header.last_seq.value, last_seq_.value));
    }
    if (state.jobs.size() != live_jobs_) {
        return complain(fmt::format("the server has {} live jobs, the journal {}",
                                    state.jobs.size(), live_jobs_));
    }
    check_capacity(state);
    if (!(control::build_world(state) == core.world()))
        complain("the World built anew is not the World that was fed");
}

const Pool* Referee::find_pool(const std::string& center, const std::string& name) const {
    const auto found = centers_.find(center);
    if (found == centers_.end()) return nullptr;
    const auto pool = std::ranges::find(found->second.pools, name, &Pool::name);
    return pool == found->second.pools.end() ? nullptr : &*pool;
}

void Referee::check_capacity(const control::State& state) {
    std::map<NodeKey, std::int64_t> cpus;
    for (const auto& [job, attempt] : state.attempts.rows()) {
        const std::string& center = state.centers.at(attempt.center).center.name;
        const Pool* pool = find_pool(center, attempt.pool);
        if (pool == nullptr) return complain("an attempt stands on no pool");
        for (const NodeShare& share : attempt.nodes) {
            std::int64_t& used = cpus[{center, attempt.pool, share.node}];
            used += share.cpus;
            if (used > pool->cpus_per_node || share.node >= pool->nodes) {
                return complain(fmt::format("node {} of {}/{} holds more than it has", share.node,
                                            center, attempt.pool));
            }
        }
    }
}

void Referee::check_replay(const runtime::Core& core, const VirtualDisk& disk,
                           VirtualDisk::Reads reads) {
    journal::Journal journal(disk.open_reader(reads));
    const auto recovered = journal.recover();
    if (!recovered) return complain("the journal cannot be read: " + recovered.error().message);
    if (journal::digest_of(recovered->state) != journal::digest_of(core.state()))
        complain("the State that was replayed is not the State that lives");
    if (recovered->snapshot) count("replayed from a snapshot");
    if (recovered->state.attempts_at.size() != core.state().attempts_at.size() ||
        recovered->state.shape_index.size() != core.state().shape_index.size()) {
        complain("the indexes made anew are not those that live");
    }
}

Referee::Attempt* Referee::placed(const Token& token, const char* what) {
    const auto found = attempts_.find(token);
    if (found != attempts_.end()) return &found->second;
    complain(fmt::format("{} {}, and its placement is not on disk", token.text, what));
    return nullptr;
}

void Referee::claimed(const StartOrder& order) {
    note("engine", "claims " + order.token.text);
    const Attempt* attempt = placed(order.token, "was claimed");
    if (attempt == nullptr) return;
    const auto expected = expected_.find(order.job_name);
    if (expected == expected_.end() || expected->second.file.body.run != order.body.run ||
        expected->second.file.spec != order.spec) {
        complain(fmt::format("{} is not what {} asked for", order.token.text, order.job_name));
    }
    if (attempt->center != order.center)
        complain(fmt::format("{} is started at {}", order.token.text, order.center));
}

void Referee::began(const std::string& center, const StartOrder& order) {
    note("engine", order.token.text + " runs at " + center);
    Attempt* attempt = placed(order.token, "began");
    if (attempt == nullptr) return;
    const std::string& token = order.token.text;
    if (attempt->has_begun) complain(token + " began twice");
    if (attempt->blocked)
        complain(token + " began after its engine had declared that it never will");
    if (attempt->ended) complain(token + " began after its end was on record");
    const auto [other, first] = running_.emplace(order.attempt.job, order.token);
    if (!first) complain(fmt::format("{} began while {} runs", token, other->second.text));
    attempt->has_begun = attempt->runs = true;
    attempt->order = order;
    occupy(center, order, 1);
}

void Referee::occupy(const std::string& center, const StartOrder& order, std::int64_t sign) {
    const Pool* pool = find_pool(center, order.pool);
    if (pool == nullptr) return complain(order.token.text + " runs on no pool");
    for (const NodeShare& share : order.nodes) {
        NodeShare& used = used_[{center, order.pool, share.node}];
        used.cpus += sign * share.cpus;
        used.memory_mib += sign * share.memory_mib;
        used.chips_milli += sign * share.chips_milli;
        if (used.cpus > pool->cpus_per_node || used.memory_mib > pool->memory_mib_per_node ||
            used.chips_milli > pool->chips_per_node * 1000) {
            complain(fmt::format("{} began on a node that is full", order.token.text));
        }
    }
}

void Referee::over(const Token& token, Fate fate, const Ending& ending) {
    note("engine", fmt::format("{} is over, fate {}", token.text, static_cast<int>(fate)));
    Attempt* attempt = placed(token, "was over");
    if (attempt == nullptr) return;
    attempt->fate = fate;  // twice, where it exited and the record of that was lost
    if (!attempt->runs) return;
    attempt->runs = false;
    attempt->ending = ending;
    const JobId job = attempt->key.job;
    if (const auto running = running_.find(job);
        running != running_.end() && running->second == token)
        running_.erase(running);
    occupy(attempt->center, attempt->order, -1);
    const bool was_asked_for = may_be_stopped(job, EndCause::cancelled) ||
                               may_be_stopped(job, EndCause::requeued) ||
                               preempted_.contains(job) || has_deadline(job);
    if (fate == Fate::stopped && !was_asked_for)
        complain(token.text + " was stopped, and nobody had asked for it");
}

void Referee::gives_up(const Token& token) {
    const Attempt* attempt = placed(token, "gave up");
    if (attempt == nullptr) return;
    const auto& after = attempt->order.spec.placement.move_after;
    const Duration silent = timeline_.now() - contact_[attempt->center];
    if (!after || silent.ms < after->ms * 99 / 100)
        complain(token.text + " ends itself for lost contact, and contact was not lost");
}

void Referee::blocked(const Token& token) {
    note("engine", "blocks " + token.text);
    if (Attempt* attempt = placed(token, "was blocked")) attempt->blocked = true;
}

void Referee::in_contact(const std::string& center, Instant sent) {
    Instant& contact = contact_[center];
    contact = std::max(contact, sent);
}

}  // namespace dayu::sim
