#include "tests/scenario/runner.h"

#include <algorithm>

namespace dayu::scenario {
namespace {

constexpr int max_exchanges = 50;  // of one site after one statement, before they count as endless

bool is_refusal(const std::string& phrase) { return phrase.starts_with("refused "); }

// "no j1 placed" holds when nothing says "j1 placed".
bool holds(const std::vector<std::string>& actual, const std::string& expected) {
    const bool negated = expected.starts_with("no ");
    const std::string phrase = negated ? expected.substr(3) : expected;
    return negated !=
           std::ranges::any_of(actual, [&](const std::string& one) { return says(one, phrase); });
}

}  // namespace

Runner::Runner() : phrases_(platform_) {
    platform_.on_event([this](const control::RecordedEvent& event) { say(phrases_.of(event)); });
}

std::string Runner::run(const Line& line) {
    said_.clear();
    for (const Statement& statement : line.statements) {
        const Verb verb = find_verb(statement.verb);
        if (verb == nullptr) return "there is no verb \"" + statement.verb + "\"";
        if (const auto done = verb(*this, statement); !done) {
            say({"refused " + done.error().code});
            say(split(done.error().message, ';'));
        }
        settle();
    }
    if (!platform_.broken().empty()) return platform_.broken();
    return check(line);
}

std::string Runner::check(const Line& line) const {
    std::vector<std::string> actual = said_;
    std::ranges::copy(phrases_.standing(), std::back_inserter(actual));
    std::string missing;
    for (const std::string& expected : line.expected) {
        const bool met = expected == "nothing" ? said_.empty() : holds(actual, expected);
        if (!met) missing += "\n  " + expected;
    }
    const bool refused = std::ranges::any_of(said_, is_refusal);
    if (refused && std::ranges::none_of(line.expected, is_refusal)) missing += "\n  (no refusal)";
    if (missing.empty()) return {};
    return "expected" + missing + "\nactual, to paste back:\n" + transcript(line);
}

std::string Runner::transcript(const Line& line) const {
    std::vector<std::string> actual = said_;
    std::ranges::copy(phrases_.standing(), std::back_inserter(actual));
    std::string text = line.left + " => ";
    for (std::size_t i = 0; i < actual.size(); ++i) text += (i == 0 ? "" : "; ") + actual[i];
    return text;
}

void Runner::say(const std::vector<std::string>& lines) {
    std::ranges::copy(lines, std::back_inserter(said_));
}

void Runner::try_commit(const control::Command& command, const control::Actor& actor) {
    const auto done = platform_.commit(command, actor);
    if (done) return;
    say({"refused " + done.error().code});
    say(split(done.error().message, ';'));
}

Result<Site*> Runner::site(const std::string& name) {
    const auto at = sites_.find(name);
    if (at == sites_.end()) return not_found("center_unknown", "no centre \"" + name + "\" here");
    return &at->second;
}

Result<Site*> Runner::holder(AttemptKey key, Token& token) {
    token = make_token(platform_.state().header.cluster, key);
    for (auto& [name, site] : sites_) {
        if (site.held.contains(token)) return &site;
    }
    return not_found("attempt_unknown", "no centre holds " + phrases_.named(token.text));
}

// What the agents that are in contact have to say, and what they are told, until all is said.
void Runner::settle() {
    for (auto& [name, site] : sites_) {
        int exchanges = 0;
        while (site.in_contact && exchange(site)) {
            if (++exchanges == max_exchanges) {
                say({"refused endless_sync"});
                break;
            }
        }
    }
}

bool Runner::exchange(Site& site) {
    const SyncRequest request = site.request();
    const auto events = platform_.commit(control::SyncAgent{request},
                                         {.name = "agent:" + request.agent, .scope = {}});
    if (!events) {
        say({"refused " + events.error().code});
        site.in_contact = false;
        return false;
    }
    if (*events > 0) site.last_news = request;
    site.acknowledge(request);
    site.under_way.push_back(control::sync_reply(platform_.state(), request));
    const std::size_t before = said_.size();
    if (!site.holds_orders) deliver(site, false);
    return *events > 0 || said_.size() > before;
}

void Runner::deliver(Site& site, bool newest_first) {
    std::vector<SyncReply> replies = std::move(site.under_way);
    site.under_way.clear();
    if (newest_first) std::ranges::reverse(replies);
    for (const SyncReply& reply : replies) {
        for (const std::string& told : site.obey(reply, platform_.now()))
            say({phrases_.named(told)});
    }
}

void Runner::advance(Duration by) {
    platform_.move_clock(by);
    move_silent_attempts();
    expire_deadlines();
    judge_outages();
}

void Runner::expire_deadlines() {
    std::vector<JobId> due;
    for (const auto& [deadline, nothing] : platform_.state().deadlines.rows()) {
        if (deadline.at <= platform_.now()) due.push_back(deadline.job);
    }
    for (const JobId job : due) try_commit(control::ExpireJob{job}, system_actor);
}

// What the runtime's timers do, without their margins.
void Runner::judge_outages() {
    std::vector<CenterId> due;
    for (const auto& [id, row] : platform_.state().centers.rows()) {
        if (control::is_outage_due(row, platform_.now())) due.push_back(id);
    }
    for (const CenterId center : due) try_commit(control::JudgeOutage{center}, system_actor);
}

void Runner::move_silent_attempts() {
    std::vector<AttemptKey> due;
    const control::State& state = platform_.state();
    for (const auto& [job, attempt] : state.attempts.rows()) {
        const control::CenterRow& center = state.centers.at(attempt.center);
        const auto after = state.shapes.at(state.jobs.at(job).shape).placement.move_after;
        if (center.contact_lost && after && platform_.now() - center.contact_changed >= *after)
            due.push_back({.job = job, .number = attempt.number});
    }
    std::ranges::sort(due);
    for (const AttemptKey& key : due) try_commit(control::MoveAttempt{key}, system_actor);
}

}  // namespace dayu::scenario
