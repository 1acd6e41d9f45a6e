#include "sim/virtual_agent.h"

#include <algorithm>
#include <utility>

#include "wire/json_fields.h"

namespace dayu::sim {
namespace {

constexpr Duration observe_often = milliseconds(200);
constexpr Duration observe_seldom = milliseconds(1600);
constexpr Duration answer_patience = seconds(25);  // past the wait that was asked for

std::string names(const auto& items, const auto& token_of) {
    std::string text;
    for (const auto& item : items) text += " " + token_of(item).text;
    return text;
}

}  // namespace

VirtualAgent::VirtualAgent(Timeline& timeline, Machine& machine, Witness& witness, std::string name,
                           std::string installation, Call call)
    : timeline_(timeline),
      machine_(machine),
      witness_(witness),
      name_(std::move(name)),
      call_(std::move(call)),
      installation_(std::move(installation)) {}

void VirtualAgent::add_center(const Center& center, VirtualEngine& engine) {
    centers_.push_back(center);
    engines_.push_back(&engine);
    engine.on_claim([this] { return !lives_on(); });
}

void VirtualAgent::start() {
    std::vector<agent::Site> sites;
    for (std::size_t i = 0; i < centers_.size(); ++i) {
        engines_[i]->agent_restarted();
        sites.push_back({.center = centers_[i].name, .engine = engines_[i]});
    }
    process_ = std::make_unique<Process>(std::move(sites));
    process_->state.identity = {.agent = name_,
                                .installation = installation_,
                                .incarnation = ++incarnation_,
                                .centers = centers_};
    process_->observe_every = observe_often;
    witness_.note(name_, "starts");
    wake();
}

void VirtualAgent::crash() {
    if (!is_up()) return;
    witness_.note(name_, "dies");
    process_.reset();
    outputs_to_live_.reset();
}

void VirtualAgent::reinstall(std::string installation) {
    installation_ = std::move(installation);
    incarnation_ = 0;
}

// As Driver::run(): a look at the engines, or a tick.
void VirtualAgent::wake() {
    const bool observes = process_->must_observe || !process_->state.holding.empty();
    if (observes && machine_.clock.instant() >= process_->observe_at) {
        observe();
    } else {
        take(agent::Tick{});
    }
    arm();
}

void VirtualAgent::arm() {
    if (!lives_on()) return crash();
    const Instant now = machine_.clock.instant();
    Instant next = agent::next_tick(process_->state, now);
    const bool observes = process_->must_observe || !process_->state.holding.empty();
    if (observes) next = std::min(next, process_->observe_at);
    const Duration span = machine_.clock.true_span(next - now) + milliseconds(1);
    const std::uint64_t number = ++process_->wakes;
    timeline_.after(std::max(span, milliseconds(1)), [this, number, incarnation = incarnation_] {
        if (is_up() && incarnation_ == incarnation && process_->wakes == number) wake();
    });
}

void VirtualAgent::observe() {
    agent::Look look = process_->sites.observe();
    const Duration slower{process_->observe_every.ms * 2};
    process_->observe_every = look.changed ? observe_often : std::min(slower, observe_seldom);
    process_->observe_at = machine_.clock.instant() + process_->observe_every;
    if (!look.all) return;
    process_->must_observe = false;
    take(*std::move(look.all));
}

void VirtualAgent::take(agent::Input input) {
    process_->next.push_back(std::move(input));
    while (!process_->next.empty()) {
        const agent::Input now = std::move(process_->next.front());
        process_->next.pop_front();
        for (const agent::Output& output :
             agent::step(process_->state, now, machine_.clock.instant())) {
            if (!lives_on()) return;
            if (outputs_to_live_) --*outputs_to_live_;
            std::visit([&](const auto& what) { perform(what); }, output);
        }
    }
}

bool VirtualAgent::lives_on() { return !outputs_to_live_ || *outputs_to_live_ > 0; }

template <class Output>
void VirtualAgent::perform(const Output& output) {
    constexpr bool changes = std::is_same_v<Output, agent::StartAttempt> ||
                             std::is_same_v<Output, agent::StopAttempt> ||
                             std::is_same_v<Output, agent::FindOrClaim>;
    auto input = process_->sites.perform(output);
    const bool failed = input && std::is_same_v<Output, agent::SettleAttempt>;
    if (changes || failed) {
        process_->must_observe = true;
        process_->observe_every = observe_often;
        process_->observe_at = machine_.clock.instant();
    }
    if (input) process_->next.push_back(*std::move(input));
}

void VirtualAgent::perform(const agent::RenewContact& output) {
    for (const Center& center : centers_)
        witness_.in_contact(center.name, process_->sent[process_->last_answered]);
    process_->sites.perform(output);
}

void VirtualAgent::send(const SyncRequest& request) {
    process_->sent[request.number] = timeline_.now();
    std::string text;
    wire::write_json(text, request);
    note_sync(request);
    const auto answer = [this, number = request.number, incarnation = incarnation_,
                         installation = installation_](const Result<std::string>& reply) {
        if (!is_up() || incarnation_ != incarnation || installation_ != installation) return;
        answered(number, reply);
    };
    timeline_.after(machine_.clock.true_span(request.wait + answer_patience), [answer] {
        answer(unavailable("no_answer", "the request ran into its time limit"));
    });
    call_(text, answer);
}

void VirtualAgent::note_sync(const SyncRequest& request) {
    if (!witness_.takes_notes() || request.observations.empty()) return;
    witness_.note(name_, "sends #" + std::to_string(request.number) + " with" +
                             names(request.observations, std::mem_fn(&Observation::token)));
}

void VirtualAgent::note_reply(std::uint64_t number, const SyncReply& reply) {
    if (!witness_.takes_notes()) return;
    const std::string orders =
        names(reply.starts, [](const auto& start) { return Token{"start " + start.token.text}; }) +
        names(reply.stops, [](const auto& stop) { return Token{"stop " + stop.token.text}; }) +
        names(reply.settled, [](const auto& token) { return Token{"settle " + token.text}; }) +
        names(reply.inquiries, [](const auto& token) { return Token{"find " + token.text}; });
    if (!orders.empty()) witness_.note(name_, "is told #" + std::to_string(number) + orders);
}

void VirtualAgent::answered(std::uint64_t number, const Result<std::string>& reply) {
    if (!reply) {
        take(agent::SyncFailed{.number = number});
        return arm();
    }
    SyncReply read;
    const Result<wire::Json> json = wire::parse_json(*reply);
    if (!json || !wire::from_json(*json, read, {.ignore_unknown_keys = true})) {
        return witness_.complain("the agent cannot read the answer " + *reply);
    }
    note_reply(number, read);
    process_->last_answered = number;
    take(agent::Replied{.number = number, .reply = std::move(read)});
    arm();
}

}  // namespace dayu::sim
