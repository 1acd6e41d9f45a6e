#include "runtime/core.h"

#include <algorithm>
#include <chrono>

#include "control/feed.h"
#include "journal/entry.h"
#include "sched/decide.h"

namespace dayu::runtime {
namespace {

// How often silence is looked for, and the longest that tick() lets its caller sleep.
constexpr Duration tick_interval = seconds(1);
constexpr std::size_t most_deadlines_a_tick = 4096;
// Of a round, whose decisions are one commit: requests wait behind both.
constexpr sched::Work work_of_a_round{.placements = 256};
// After a round and its commit requests have as much time before the next, at most this.
constexpr Duration longest_rest = milliseconds(20);

using Moment = std::chrono::steady_clock::time_point;

Moment begin_of_work() { return std::chrono::steady_clock::now(); }
double seconds_since(Moment begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

control::Actor system_actor() { return {.name = "system", .scope = {}}; }
control::Actor scheduler_actor() { return {.name = "scheduler", .scope = {}}; }

Answer answer_of(const control::State& state, const control::Command& command,
                 const std::vector<control::RecordedEvent>& recorded) {
    Answer answer{.seq = state.header.last_seq};
    const auto* submit = std::get_if<control::SubmitJob>(&command);
    if (submit == nullptr) return answer;
    answer.repeated = recorded.empty();
    answer.tasks = static_cast<std::int64_t>(submit->conditions.array.indices.size());
    // Of an array the first task, which stands for all of them.
    const std::uint64_t others =
        answer.tasks > 1 ? static_cast<std::uint64_t>(answer.tasks) - 1 : 0;
    answer.job = answer.repeated ? *control::stored_answer(state, submit->idempotency_key)
                                 : JobId{state.header.last_job.value - others};
    return answer;
}

}  // namespace

Core::Core(journal::Journal& journal, const sched::Policy& policy, const CoreOptions& options,
           Clock& clock)
    : journal_(journal),
      policy_(policy),
      options_(options),
      clock_(clock),
      foresight_(policy.order()) {}

Result<std::unique_ptr<Core>> Core::open(journal::Journal& journal, const sched::Policy& policy,
                                         const CoreOptions& options, Clock& clock) {
    journal::Recovered recovered = TRY(journal.recover());
    std::unique_ptr<Core> core(new Core(journal, policy, options, clock));
    core->recovered_from_ = recovered.snapshot;
    core->state_ = std::move(recovered.state);
    core->world_ = control::build_world(core->state_);
    if (core->foresight_) TRY(core->foresight_->recall(journal.store(), core->state_));
    // Every lease counts as just renewed: silence is measured from here.
    for (const auto& [id, row] : core->state_.centers.rows()) core->heard_[id] = clock.instant();
    return core;
}

std::vector<Result<Answer>> Core::commit(std::span<Request> batch) {
    const Time now = clock_.now();
    std::vector<Result<Answer>> answers;
    std::vector<control::RecordedEvent> recorded;
    std::vector<journal::Body> bodies;
    answers.reserve(batch.size());
    state_.begin();
    for (Request& request : batch) {
        rank(request, now);
        auto events = control::handle(state_, request.command, request.actor, now);
        if (events && request.only_if) {
            const auto met = request.only_if(state_);
            if (!met) events = met.error();
        }
        if (!events) {
            answers.emplace_back(events.error());
            continue;
        }
        auto made = control::record(state_, std::move(events).value(), request.actor, now,
                                    options_.node_rule);
        answers.emplace_back(answer_of(state_, request.command, made));
        if (made.empty()) continue;
        std::ranges::move(request.bodies, std::back_inserter(bodies));
        std::ranges::move(made, std::back_inserter(recorded));
    }
    if (recorded.empty()) {
        state_.commit();
        return answers;
    }
    const Moment begin = begin_of_work();
    const auto appended = journal_.append(recorded, std::move(bodies), state_);
    writable_ = appended.ok();
    if (!appended) {
        ++figures_.failed_appends;
        // Refusals too: they may rest on what was just undone.
        state_.rollback();
        return std::vector<Result<Answer>>(batch.size(), appended.error());
    }
    figures_.append_seconds.add(seconds_since(begin));
    figures_.commit_entries.add(static_cast<double>(recorded.size()));
    state_.commit();
    for (const control::RecordedEvent& event : recorded) {
        note_failed_start(event.event);
        control::feed(world_, state_, event);
        if (foresight_) foresight_->follow(event, state_);
        note_touched(event.event);
        count(event.event);
    }
    changed_ = true;
    if (publish_) publish_(*appended);
    return answers;
}

// Once, by what is known when it comes.
void Core::rank(Request& request, Time now) const {
    auto* submit = std::get_if<control::SubmitJob>(&request.command);
    if (submit != nullptr && foresight_)
        submit->handicap = foresight_->handicap(*submit, request.actor, now);
}

void Core::note_touched(const control::Event& event) {
    // Whoever holds the lease now has just been heard, whenever its predecessor was.
    if (const auto* granted = std::get_if<control::LeaseGranted>(&event))
        heard_[granted->center] = clock_.instant();
    if (const auto* placed = std::get_if<control::JobPlaced>(&event))
        touched_.insert(placed->center);
    if (const auto* stop = std::get_if<control::StopRequested>(&event)) {
        const control::AttemptRow* attempt = state_.attempts.find(stop->attempt.job);
        if (attempt != nullptr) touched_.insert(attempt->center);
    }
}

// Before the World has let go of it: State already has.
void Core::note_failed_start(const control::Event& event) {
    const auto* ended = std::get_if<control::AttemptEnded>(&event);
    if (ended == nullptr || ended->ending.cause != EndCause::start_failed) return;
    if (const sched::RunningJob* running = world_.find_running(ended->attempt.job))
        health_.count_failed_start(running->center, clock_.instant());
}

void Core::count(const control::Event& event) {
    ++figures_.entries[journal::type_of(event)];
    if (const auto* job = std::get_if<control::JobEnded>(&event)) ++figures_.jobs_ended[job->state];
    if (const auto* attempt = std::get_if<control::AttemptEnded>(&event)) {
        ++figures_.attempts_ended[attempt->ending.cause];
        figures_.billed.micro_yuan += attempt->cost.micro_yuan;
        figures_.energy_mwh += attempt->energy_mwh;
        figures_.carbon_mg += attempt->carbon_mg;
    }
}

Result<Answer> Core::commit_one(Request request) {
    return std::move(commit(std::span(&request, 1)).front());
}

Result<void> Core::admit_sync(const SyncRequest& request) {
    const std::pair position{request.incarnation, request.number};
    const auto newest = newest_.find(request.installation);
    if (newest != newest_.end() && position <= newest->second) {
        return conflict("sync_stale",
                        "a later request of agent \"" + request.agent + "\" was heard already");
    }
    newest_[request.installation] = position;
    for (const Center& center : request.centers) {
        const auto id = control::find_center(state_, center.name);
        if (!id) continue;
        const control::CenterRow& row = state_.centers.at(*id);
        if (row.installation != request.installation) continue;
        heard_[*id] = clock_.instant();
        health_.hear(*id, request.health);
    }
    return {};
}

SyncReply Core::reply_to(const SyncRequest& request) {
    // A centre that has just joined is heard for the first time.
    for (const Center& center : request.centers) {
        const auto id = control::find_center(state_, center.name);
        if (id && state_.centers.at(*id).installation == request.installation) {
            heard_.try_emplace(*id, clock_.instant());
            if (health_.told_of(*id) == nullptr) health_.hear(*id, request.health);
        }
    }
    SyncReply reply = control::sync_reply(state_, request);
    reply.lease = options_.lease;
    return reply;
}

Result<void> Core::expire_deadlines() {
    std::vector<Request> requests;
    for (const auto& [deadline, nothing] : state_.deadlines.rows()) {
        if (deadline.at > clock_.now() || requests.size() == most_deadlines_a_tick) break;
        requests.push_back(
            {.command = control::ExpireJob{.job = deadline.job}, .actor = system_actor()});
    }
    for (const auto& answer : commit(requests)) TRY(answer);
    return {};
}

Result<void> Core::report_silence() {
    std::vector<Request> requests;
    for (const auto& [id, row] : state_.centers.rows()) {
        const Duration silent =
            clock_.instant() - heard_.try_emplace(id, clock_.instant()).first->second;
        if (row.contact_lost) {
            TRY(move_silent_attempts(id, silent));
        } else if (silent > options_.lease + options_.silence_margin) {
            requests.push_back(
                {.command = control::ReportSilence{.center = id}, .actor = system_actor()});
        }
    }
    for (const auto& answer : commit(requests)) TRY(answer);
    return {};
}

Result<void> Core::judge_outages() {
    std::vector<Request> requests;
    for (const auto& [id, row] : state_.centers.rows()) {
        if (!control::is_outage_due(row, clock_.now())) continue;
        requests.push_back(
            {.command = control::JudgeOutage{.center = id}, .actor = system_actor()});
    }
    for (const auto& answer : commit(requests)) TRY(answer);
    return {};
}

Result<void> Core::move_silent_attempts(CenterId center, Duration silent) {
    std::vector<Request> requests;
    const auto& places = state_.attempts_at.rows();
    for (auto at = places.lower_bound({.center = center, .job = {}});
         at != places.end() && at->first.center == center; ++at) {
        const JobId job = at->first.job;
        const JobSpec& spec = state_.shapes.at(state_.jobs.at(job).shape);
        const auto& after = spec.placement.move_after;
        if (!after) continue;
        // An attempt may begin as late as its agent's lease ends.
        const Duration fenced_after = std::max(*after, options_.lease) + spec.checkpoint.grace;
        if (silent < fenced_after + options_.move_margin) continue;
        const AttemptKey key{.job = job, .number = state_.attempts.at(job).number};
        requests.push_back(
            {.command = control::MoveAttempt{.attempt = key}, .actor = system_actor()});
    }
    for (const auto& answer : commit(requests)) TRY(answer);
    return {};
}

Result<void> Core::run_round() {
    const Time now = clock_.now();
    const Instant began = clock_.instant();
    const Moment begin = begin_of_work();
    sched::Decisions decisions =
        sched::decide(world_, policy_, book_, advice_, now, work_of_a_round);
    figures_.round_seconds.add(seconds_since(begin));
    figures_.advised_starts += static_cast<std::uint64_t>(decisions.advised);
    figures_.stale_starts += static_cast<std::uint64_t>(decisions.stale);
    const bool goes_on = decisions.unfinished || !decisions.lapsed.empty();
    wake_at_ = decisions.wake_at;
    changed_ = true;  // a round whose decisions cannot be written comes again
    std::vector<Request> requests;
    for (control::Command& command : control::commands_of(std::move(decisions), state_, now))
        requests.push_back({.command = std::move(command), .actor = scheduler_actor()});
    const std::size_t live = state_.jobs.size();
    if (!requests.empty()) {
        for (const auto& answer : commit(requests)) TRY(answer);
    }
    // What was placed changed the World, but nothing that could place more. What ended instead left its place to others.
    changed_ = goes_on || state_.jobs.size() < live;
    const Instant ended = clock_.instant();
    rests_until_ = ended + std::min(ended - began, longest_rest);
    return {};
}

void Core::advise(sched::Advice advice) {
    advice_ = std::move(advice);
    changed_ = changed_ || !advice_.starts.empty();
}

Result<Instant> Core::tick() {
    TRY(expire_deadlines());
    TRY(report_silence());
    TRY(judge_outages());
    const auto is_due = [&] { return changed_ || (wake_at_ && clock_.now() >= *wake_at_); };
    if (is_due() && clock_.instant() >= rests_until_) TRY(run_round());
    if (is_due()) return std::max(clock_.instant(), rests_until_);
    Instant next = clock_.instant() + tick_interval;
    if (wake_at_) next = std::min(next, clock_.instant() + (*wake_at_ - clock_.now()));
    return next;
}

}  // namespace dayu::runtime
