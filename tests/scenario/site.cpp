#include "tests/scenario/site.h"

#include <algorithm>

namespace dayu::scenario {
namespace {

constexpr std::int64_t term_signal = 15;

class Obey {
   public:
    Obey(Site& site, Time now) : site_(site), now_(now) {}

    void start(const StartOrder& order) {
        const std::string attempt = order.token.text;
        if (!site_.claimed.insert(order.token).second) {
            tell("ignores a start of " + attempt + ": its token is claimed");
            return;
        }
        Held& held = site_.held[order.token];
        held.latest = {.token = order.token, .at = now_};
        if (site_.fails_starts) {
            site_.end(order.token, {.cause = EndCause::start_failed}, now_);
            tell("fails to start " + attempt);
            return;
        }
        held.latest.state =
            site_.queues_starts ? AttemptState::queued_remote : AttemptState::running;
        if (!site_.queues_starts) held.started = now_;
        tell("starts " + attempt +
             (order.resume_from ? " from the checkpoint of " + order.resume_from->text : ""));
    }

    void stop(const StopOrder& order) {
        tell("is told to stop " + order.token.text + " with " + order.signal + " and " +
             to_string(order.grace) + " of grace");
        const auto held = site_.held.find(order.token);
        if (held == site_.held.end()) {
            site_.claimed.insert(order.token);
            site_.held[order.token].latest.token = order.token;
            site_.end(order.token, {.cause = order.cause}, now_);
        } else if (site_.ignores_stops) {
            site_.stopping.insert(order.token);
        } else if (!held->second.latest.ending) {
            site_.end(order.token, {.cause = order.cause, .signal = term_signal}, now_);
        }
    }

    void inquire(const Token& token) {
        tell("is asked for " + token.text);
        site_.claimed.insert(token);
        site_.held[token].latest.token = token;
        site_.end(token, {.cause = EndCause::node_failed}, now_);
    }

    void settle(const Token& token) {
        tell("forgets " + token.text);
        site_.held.erase(token);
        site_.stopping.erase(token);
    }

    std::vector<std::string> take_told() { return std::move(told_); }

   private:
    void tell(const std::string& what) { told_.push_back(site_.center.name + " " + what); }

    Site& site_;
    Time now_;
    std::vector<std::string> told_;
};

}  // namespace

SyncRequest Site::request() const {
    SyncRequest request;
    request.agent = "agent-" + center.name;
    request.installation = "installation-" + center.name;
    request.centers = {center};
    request.stopping.assign(stopping.begin(), stopping.end());
    for (const auto& [token, one] : held) {
        request.holding.push_back(token);
        request.observations.push_back(one.latest);
    }
    return request;
}

std::vector<std::string> Site::obey(const SyncReply& reply, Time now) {
    Obey obey(*this, now);
    for (const Token& token : reply.settled) obey.settle(token);
    for (const StopOrder& order : reply.stops) obey.stop(order);
    for (const Token& token : reply.inquiries) obey.inquire(token);
    for (const StartOrder& order : reply.starts) obey.start(order);
    return obey.take_told();
}

void Site::acknowledge(const SyncRequest& told) {
    for (const Observation& seen : told.observations) {
        const auto one = held.find(seen.token);
        if (one == held.end() || seen.windows.empty()) continue;
        std::erase_if(one->second.latest.windows, [&](const UsageWindow& window) {
            return window.to <= seen.windows.back().to;
        });
    }
}

void Site::end(const Token& token, Ending ending, Time now) {
    Held& one = held.at(token);
    ending.started = one.started;
    ending.ended = now;
    one.latest.state = AttemptState::ended;
    one.latest.at = now;
    one.latest.ending = ending;
    stopping.erase(token);
}

}  // namespace dayu::scenario
