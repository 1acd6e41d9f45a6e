// All the parts of a virtual world that trouble can befall, in one place: the server's, and a station for
// each agent with its machine, its engines and its link.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sim/machine.h"
#include "sim/referee.h"
#include "sim/virtual_agent.h"
#include "sim/virtual_disk.h"
#include "sim/virtual_engine.h"
#include "sim/virtual_network.h"
#include "sim/virtual_server.h"

namespace dayu::sim {

struct Station {
    Station(Timeline& timeline, const ClockFaults& faults) : machine(timeline, faults) {}

    Machine machine;
    std::vector<std::unique_ptr<VirtualEngine>> engines;
    std::unique_ptr<VirtualAgent> agent;
    std::size_t link = 0;
    std::optional<Instant> machine_back;  // while it is down; true time
    std::optional<Instant> agent_back;
    bool must_be_fenced = false;  // before the machine comes back
    bool was_replaced = false;    // the new one may meet its predecessor's lease
};

struct Stage {
    Timeline timeline;
    std::unique_ptr<Referee> referee;
    std::unique_ptr<VirtualNetwork> network;
    VirtualDisk disk;
    std::unique_ptr<VirtualClock> server_clock;
    std::unique_ptr<VirtualServer> server;
    std::optional<Instant> server_back;
    std::vector<std::unique_ptr<Station>> stations;
};

}  // namespace dayu::sim
