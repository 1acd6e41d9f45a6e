#include "agent/driver.h"

#include <algorithm>
#include <utility>

namespace dayu::agent {
namespace {

constexpr Duration observe_often = milliseconds(20);
constexpr Duration observe_seldom = milliseconds(200);
constexpr Duration longest_sleep = seconds(5);

}  // namespace

Driver::Driver(Identity identity, std::vector<Site> sites, const http::ClientOptions& server,
               Clock& clock, Stager* stager, Probe probe)
    : clock_(clock),
      stager_(stager),
      sites_(std::move(sites)),
      observe_every_(observe_often),
      sync_(server, std::move(probe)) {
    state_.identity = std::move(identity);
    if (stager_ != nullptr) stager_->on_news([this] { sync_.wake(); });
}

Driver::~Driver() {
    if (stager_ != nullptr) stager_->on_news(nullptr);
}

void Driver::run() {
    while (!stopping_) {
        if (observes() && clock_.instant() >= observe_at_) {
            observe();
        } else {
            take(Tick{});
        }
        const Duration sleep = wake_at() - clock_.instant();
        const Duration timeout = std::clamp(sleep, milliseconds(0), longest_sleep);
        for (const Input& input : sync_.wait(timeout)) take(input);
        if (stager_ == nullptr) continue;
        for (const Input& input : stager_->take_news()) take(input);
    }
}

void Driver::stop() {
    stopping_ = true;
    sync_.wake();
}

// One input and all that follows from it at once.
void Driver::take(const Input& input) {
    next_.push_back(input);
    while (!next_.empty()) {
        const Input now = std::move(next_.front());
        next_.pop_front();
        for (const Output& output : step(state_, now, clock_.instant())) {
            std::visit([&](const auto& what) { perform(what); }, output);
        }
    }
}

bool Driver::observes() const { return must_observe_ || !state_.holding.empty(); }

Instant Driver::wake_at() const {
    const Instant tick = next_tick(state_, clock_.instant());
    return observes() ? std::min(tick, observe_at_) : tick;
}

void Driver::observe_soon() {
    must_observe_ = true;
    observe_every_ = observe_often;
    observe_at_ = clock_.instant();
}

void Driver::observe() {
    Look look = sites_.observe();
    observe_every_ =
        look.changed ? observe_often : std::min(Duration{observe_every_.ms * 2}, observe_seldom);
    observe_at_ = clock_.instant() + observe_every_;
    if (!look.all) return;
    must_observe_ = false;
    take(*std::move(look.all));
}

void Driver::perform(const SendSync& output) { sync_.send(output.request); }

void Driver::perform(const AbandonSync&) { sync_.abandon(); }

void Driver::perform(const StartAttempt& output) { perform_and_look(output); }

void Driver::perform(const StopAttempt& output) { perform_and_look(output); }

void Driver::perform(const FindOrClaim& output) { perform_and_look(output); }

void Driver::perform(const SettleAttempt& output) {
    auto failed = sites_.perform(output);
    if (!failed) return;
    observe_soon();  // nothing may be held any more, and it still has to be settled
    next_.push_back(*std::move(failed));
}

void Driver::perform(const StageAttempt& output) {
    const Token& token = output.order.token;
    if (stager_ == nullptr) {
        next_.push_back(StagingFailed{.token = token, .why = "this agent keeps no workdirs"});
        return;
    }
    next_.push_back(StagingBegan{.token = token, .at = clock_.now()});
    stager_->begin(output.order);
}

void Driver::perform(const AbandonStaging& output) {
    if (stager_ != nullptr) stager_->abandon(output.token);
}

}  // namespace dayu::agent
