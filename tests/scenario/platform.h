// The core alone, under a clock that stands still until it is moved: no threads, no files, no journal but
// a list of what was recorded. After every commit it checks what must always hold: the World that was fed
// equals the one built anew from State.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "control/feed.h"
#include "control/handle.h"
#include "sched/offer_book.h"
#include "sched/policy.h"

namespace dayu::scenario {

class Platform {
   public:
    Platform();

    // One command, as the loop would commit it. Returns how many events it brought about.
    Result<std::size_t> commit(const control::Command& command, const control::Actor& actor);
    void round();
    // Everything in memory is gone; what comes back is what the recorded events say.
    void restart();
    // What happened after back_up() is lost; the command is the first word of the server that goes on from there.
    void back_up() { backup_ = {.entries = recorded_.size(), .made = now_}; }
    control::NoteRestore restore();

    Time now() const { return now_; }
    void move_clock(Duration by) { now_ = now_ + by; }

    const control::State& state() const { return state_; }
    const sched::World& world() const { return world_; }
    const sched::Policy& policy() const { return policy_; }
    const std::vector<control::RecordedEvent>& recorded() const { return recorded_; }

    // Told of each event after it was committed.
    void on_event(std::function<void(const control::RecordedEvent&)> listener) {
        listener_ = std::move(listener);
    }
    // What broke an invariant, in words; empty as long as all is well.
    const std::string& broken() const { return broken_; }

   private:
    void expect(bool holds, std::string_view what);

    const sched::Policy& policy_;
    Time now_;
    control::State state_;
    sched::World world_;
    sched::OfferBook book_;
    std::vector<control::RecordedEvent> recorded_;
    std::function<void(const control::RecordedEvent&)> listener_;
    struct Backup {
        std::size_t entries = 0;
        Time made;
    };
    Backup backup_;
    std::string broken_;
};

inline const control::Actor someone{.name = "token:someone", .scope = {}};
inline const control::Actor system_actor{.name = "system", .scope = {}};

}  // namespace dayu::scenario
