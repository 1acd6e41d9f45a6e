// GET /v1/jobs/{id}/explain: why a job waits, runs where it runs, or how it ended. Nothing is guessed:
// a waiting job is weighed as the scheduler would do it now, a placed one shows the table that its
// placement points at.
#include <algorithm>
#include <string>
#include <utility>

#include "control/waiting.h"
#include "rest/answer.h"
#include "rest/job_json.h"
#include "rest/job_reads.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

using wire::Json;

std::string signed_yuan(Money money) {
    std::string text = to_string(money);
    text.resize(text.size() - 4);  // two decimals are enough for a sentence
    return (money.micro_yuan < 0 ? "" : "+") + text;
}

std::string place_of(const Candidate& candidate) {
    return candidate.center_name + "/" + candidate.pool;
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// "the best of 3 offers by its objective; next jiading/a100 +24.00 yuan; 1 pool was refused".
std::string why_chosen(const CandidateTable& table, std::size_t chosen) {
    const auto is_offer = [](const Candidate& candidate) { return !candidate.refusal; };
    const auto offers = static_cast<std::size_t>(std::ranges::count_if(table.candidates, is_offer));
    const std::size_t refused = table.candidates.size() - offers;
    const Candidate& taken = table.candidates[chosen];
    const Candidate* next = nullptr;
    for (std::size_t i = 0; i < table.candidates.size(); ++i) {
        const Candidate& other = table.candidates[i];
        if (i == chosen || other.refusal) continue;
        if (!next || other.objective < next->objective) next = &other;
    }
    std::string text =
        next ? "the best of " + counted(offers, "offer") + " by its objective" : "the only offer";
    if (next && next->objective < taken.objective) {
        text = "the best of the offers that had room";
    }
    if (next) {
        const Money apart{next->objective.micro_yuan - taken.objective.micro_yuan};
        text += "; next " + place_of(*next) + " " + signed_yuan(apart) + " yuan";
    }
    if (refused > 0) text += "; " + counted(refused, "pool") + " refused";
    return text;
}

// What the answer is made of, whatever the job's state.
struct Story {
    sched::Explanation why;
    Json chosen;
    std::string why_there;  // of a placed job: why this offer and not another
};

Result<Story> story_of_placed(Context& context, const journal::JobSummary& job,
                              const journal::AttemptSummary& latest, const LiveJob& live) {
    Story story{.why = {.reason = Reason::none}, .chosen = latest.candidate, .why_there = {}};
    story.why.table = TRY(read_table(context, latest.table));
    const auto chosen = static_cast<std::size_t>(latest.candidate);
    if (chosen >= story.why.table.candidates.size()) {
        return internal("table_missing", "the placement points past the end of its table");
    }
    const std::string place = latest.center_name + "/" + latest.pool;
    std::string& text = story.why.text;
    if (is_terminal(job.state)) {
        text = "It ended " + std::string(to_string(job.state)) + " with exit " +
               std::to_string(job.code) + ":" + std::to_string(job.signal) + " at " + place +
               ", attempt " + std::to_string(latest.attempt.number) + ", which was ";
    } else {
        text = "It is at " + place + " (attempt " + std::to_string(latest.attempt.number) + ", " +
               std::string(to_string(latest.state)) + "), ";
    }
    story.why_there = why_chosen(story.why.table, chosen);
    text += story.why_there + ".";
    if (live.contact_lost) {
        text += " There is no contact to " + latest.center_name +
                " at present; the attempt goes on there.";
    }
    return story;
}

Story story_of_ended_unplaced(const journal::JobSummary& job) {
    Story story{.why = {.reason = Reason::none}, .chosen = {}, .why_there = {}};
    story.why.text = "It ended " + std::string(to_string(job.state)) + " before it was placed" +
                     (job.detail.empty() ? "." : ": " + job.detail + ".");
    return story;
}

Json queues_json(const std::vector<sched::QueueAhead>& queues) {
    Json::Array all;
    for (const sched::QueueAhead& one : queues)
        all.push_back(Json::Object{{"queue", one.queue}, {"jobs", one.jobs}});
    return all;
}

Json refusals_json(const CandidateTable& table) {
    Json::Array all;
    for (const RefusalCount& one : table.refusals) {
        all.push_back(Json::Object{{"code", one.code},
                                   {"tier", to_string(one.tier)},
                                   {"centers", one.centers},
                                   {"pools", one.pools}});
    }
    return all;
}

// What the scheduler does not know of: it may well come to a start that its deadline forbids.
void hint_at_deadline(const control::JobRow& job, const JobSpec& spec,
                      sched::Explanation& explanation) {
    if (job.deadline.ms == 0 || !explanation.start) return;
    const Time end = *explanation.start + spec.time_limit;
    if (end > job.deadline) {
        explanation.hints.push_back("may run its whole time limit if its deadline is " +
                                    to_string(end) + " or later");
    }
}

// Where the policy ranks jobs by how long they will run.
void tell_rank(const control::JobRow& job, sched::Explanation& explanation) {
    if (job.handicap.ms == 0 || explanation.reason != Reason::waiting_for_capacity) return;
    const Duration minutes = seconds((job.handicap.ms + 59'999) / 60'000 * 60);
    explanation.text += "; it is ranked as if it had come " + to_string(minutes) +
                        " later, for so long jobs like it may take";
}

Json explanation_json(const journal::JobSummary& job, const LiveJob& live, const Story& story,
                      const std::vector<journal::AttemptSummary>& attempts) {
    const sched::Explanation& why = story.why;
    const Json all = job_json(job, live);
    return Json::Object{{"id", job.job.value},
                        {"name", job.name},
                        {"state", *all.find("state")},
                        {"phase", *all.find("phase")},
                        {"contact_lost", live.contact_lost},
                        {"reason", to_string(why.reason)},
                        {"can_ever_run", why.can_ever_run},
                        {"text", why.text},
                        {"why_there", story.why_there},
                        {"ahead", why.ahead},
                        {"queues_ahead", queues_json(why.queues_ahead)},
                        {"start", time_json(why.start.value_or(Time()))},
                        {"basis", why.basis},
                        {"hints", list_json(why.hints)},
                        {"refusals", refusals_json(why.table)},
                        {"centers", why.table.centers},
                        {"policy", why.table.policy},
                        {"at", time_json(why.table.at)},
                        {"candidates", candidates_json(why.table)},
                        {"chosen", story.chosen},
                        {"attempts", attempts_json(attempts)}};
}

}  // namespace

Result<http::Response> explain_job(Context& context, const Call& call) {
    const JobId id = TRY(job_in_path(call.request));
    const journal::JobSummary before = TRY(find_job(context, id));
    LiveJob live;
    std::optional<sched::Explanation> waiting;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        live = live_job(core.state(), id, before.shape);
        const control::JobRow* row = core.state().jobs.find(id);
        if (row == nullptr || live.phase) return;
        if (auto other = control::why_not_queued(core.state(), id)) {
            waiting = sched::Explanation{.reason = other->reason, .text = std::move(other->text)};
            return;
        }
        waiting =
            sched::explain(core.world(), core.policy(), core.advice(), id, system_clock().now());
        tell_rank(*row, *waiting);
        hint_at_deadline(*row, core.state().shapes.at(row->shape), *waiting);
    });
    // What the loop has said is on disk: read after it, the store is at least as far.
    const journal::JobSummary job = TRY(find_job(context, id));
    const auto attempts = TRY(context.loop.journal().store().attempts(id));
    Story story;
    if (waiting) {
        story = {.why = std::move(*waiting), .chosen = {}, .why_there = {}};
        story.chosen = best_offer_json(story.why.table);
    } else if (attempts.empty()) {
        story = story_of_ended_unplaced(job);
    } else {
        story = TRY(story_of_placed(context, job, attempts.back(), live));
    }
    return answer(explanation_json(job, live, story, attempts));
}

}  // namespace dayu::rest
