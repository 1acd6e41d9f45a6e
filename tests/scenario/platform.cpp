#include "tests/scenario/platform.h"

#include "sched/decide.h"
#include "tests/scenario/state_text.h"

namespace dayu::scenario {
namespace {

constexpr Time start{1'772'323'200'000};  // 2026-03-01T00:00:00Z
constexpr int max_rounds = 1000;          // of one `round`, before it counts as endless

}  // namespace

Platform::Platform() : policy_(*sched::find_policy("least-cost")), now_(start) {
    (void)commit(control::Found{.cluster = "00000000000000c1"}, system_actor);
}

Result<std::size_t> Platform::commit(const control::Command& command, const control::Actor& actor) {
    control::Events events = TRY(control::handle(state_, command, actor, now_));
    const auto recorded = control::record(state_, std::move(events), actor, now_);
    for (const control::RecordedEvent& event : recorded) {
        control::feed(world_, state_, event);
        recorded_.push_back(event);
    }
    expect(world_ == control::build_world(state_),
           "the World that was fed is not the one of State");
    for (const control::RecordedEvent& event : recorded) {
        if (listener_) listener_(event);
    }
    return recorded.size();
}

void Platform::round() {
    for (int i = 0; i < max_rounds; ++i) {
        sched::Decisions decisions = sched::decide(world_, policy_, book_, now_);
        const bool goes_on = decisions.unfinished || !decisions.lapsed.empty();
        for (const control::Command& command :
             control::commands_of(std::move(decisions), state_, now_)) {
            (void)commit(command, {.name = "scheduler", .scope = {}});
        }
        if (!goes_on) return;
    }
    expect(false, "a round never finished");
}

void Platform::restart() {
    control::State replayed;
    for (const control::RecordedEvent& event : recorded_) control::apply(replayed, event);
    const std::string gap = difference(state_text(state_), state_text(replayed));
    expect(gap.empty(), "replay is not what was live:\n" + gap);
    state_ = std::move(replayed);
    world_ = control::build_world(state_);
    book_ = {};
}

control::NoteRestore Platform::restore() {
    recorded_.resize(backup_.entries);
    state_ = {};
    for (const control::RecordedEvent& event : recorded_) control::apply(state_, event);
    world_ = control::build_world(state_);
    book_ = {};
    return {.backup = state_.header.last_seq, .hash = {}, .made = backup_.made};
}

void Platform::expect(bool holds, std::string_view what) {
    if (!holds && broken_.empty()) broken_ = what;
}

}  // namespace dayu::scenario
