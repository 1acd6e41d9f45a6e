// Brings trouble to a virtual world for a while, and then heals it. Each world has its own mixture: some
// kinds of trouble only, so that rare combinations come up often in some of them. It is also whoever
// repairs things: what is down is brought back after a time, and the operator fences what is gone.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/random.h"
#include "sim/stage.h"

namespace dayu::sim {

class Faults {
   public:
    Faults(Stage& stage, Random random, Duration trouble_for);

    bool healed() const { return healed_; }

   private:
    struct Kind {
        const char* name;
        void (Faults::*strike)();
    };
    static const std::vector<Kind>& kinds();

    void begin();
    void strike();
    void look_after();
    void look_after(Station& station);
    void include_nodes();
    void fence(Station& station);
    void heal();
    Station& any_station();

    void server_dies();
    void power_fails_at_write();
    void disk_fills();
    void snapshot();
    void link_breaks();
    void weather_turns();
    void agent_dies();
    void agent_dies_in_midst();
    void machine_reboots();
    void machine_is_fenced();
    void shim_is_killed();
    void machine_is_troubled();
    void clock_jumps();
    void prices_change();
    void impostor_speaks();
    void node_is_excluded();

    void machine_goes_down(Station& station, Duration back_after);

    Stage& stage_;
    Random random_;
    Instant end_;
    Duration pause_;  // between strikes, at most
    std::vector<Kind> chosen_;
    bool healed_ = false;
};

}  // namespace dayu::sim
