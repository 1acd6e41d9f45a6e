#include "sim/faults.h"

#include <algorithm>

#include "wire/json_fields.h"

namespace dayu::sim {
namespace {

constexpr Duration look_every = seconds(1);
constexpr Duration longest_jump = seconds(15 * 60);
constexpr std::int64_t nodes_looked_at_per_mille = 10;  // each second, while there is trouble

}  // namespace

const std::vector<Faults::Kind>& Faults::kinds() {
    static const std::vector<Kind> all{
        {"the server dies", &Faults::server_dies},
        {"the power fails at a write", &Faults::power_fails_at_write},
        {"the server's disk fills", &Faults::disk_fills},
        {"a snapshot", &Faults::snapshot},
        {"a link breaks", &Faults::link_breaks},
        {"the weather turns", &Faults::weather_turns},
        {"an agent dies", &Faults::agent_dies},
        {"an agent will die in the midst", &Faults::agent_dies_in_midst},
        {"a machine reboots", &Faults::machine_reboots},
        {"a machine is fenced", &Faults::machine_is_fenced},
        {"a shim is killed", &Faults::shim_is_killed},
        {"a machine is troubled", &Faults::machine_is_troubled},
        {"a clock jumps", &Faults::clock_jumps},
        {"prices change", &Faults::prices_change},
        {"an impostor speaks", &Faults::impostor_speaks},
        {"an operator excludes a node", &Faults::node_is_excluded},
    };
    return all;
}

Faults::Faults(Stage& stage, Random random, Duration trouble_for)
    : stage_(stage), random_(random), end_(stage.timeline.now() + trouble_for) {
    const std::int64_t share = random_.between(100, 900);
    for (const Kind& kind : kinds()) {
        if (random_.chance(share)) chosen_.push_back(kind);
    }
    pause_ = random_.between(seconds(2), seconds(40));
    stage_.timeline.after({}, [this] { begin(); });
    stage_.timeline.after(look_every, [this] { look_after(); });
}

void Faults::begin() {
    stage_.timeline.after(random_.between(milliseconds(10), pause_), [this] { strike(); });
}

void Faults::strike() {
    if (stage_.timeline.now() >= end_) return heal();
    if (!chosen_.empty()) {
        const Kind& kind = chosen_[random_.index(chosen_.size())];
        stage_.referee->note("faults", kind.name);
        stage_.referee->count(kind.name);
        (this->*kind.strike)();
    }
    begin();
}

Station& Faults::any_station() { return *stage_.stations[random_.index(stage_.stations.size())]; }

// What is down comes back when its time has come.
void Faults::look_after() {
    stage_.timeline.after(look_every, [this] { look_after(); });
    const Instant now = stage_.timeline.now();
    if (!stage_.server->is_up()) {
        if (!stage_.server_back)
            stage_.server_back = now + random_.skewed(milliseconds(100), seconds(200));
        if (healed_ || now >= *stage_.server_back) {
            stage_.server_back.reset();
            stage_.server->start();
        }
    }
    for (const auto& station : stage_.stations) look_after(*station);
    if (healed_ || random_.chance(nodes_looked_at_per_mille)) include_nodes();
}

// An operator has looked at what is excluded.
void Faults::include_nodes() {
    const runtime::Core* core = stage_.server->core();
    if (core == nullptr) return;
    for (const auto& [key, row] : core->state().nodes.rows()) {
        if (!row.excluded) continue;
        stage_.server->ask(
            control::IncludeNode{.center = core->state().centers.at(key.center).center.name,
                                 .node = key.pool + "/" + std::to_string(key.node),
                                 .reason = "mended"},
            [](const auto&) {});
    }
}

void Faults::look_after(Station& station) {
    const Instant now = stage_.timeline.now();
    if (!station.machine.is_up) {
        if (station.must_be_fenced) return fence(station);
        if (!healed_ && now < *station.machine_back) return;
        station.machine.is_up = true;
        station.agent_back = now;
    }
    if (!station.agent->is_up()) {
        if (!station.agent_back)
            station.agent_back = now + random_.skewed(milliseconds(100), seconds(120));
        if (!healed_ && now < *station.agent_back) return;
        station.agent_back.reset();
        station.agent->start();
        return;
    }
    // The operator sees that the new machine is refused, and knows that the old one is gone.
    if (!station.was_replaced || stage_.server->core() == nullptr) return;
    for (const auto& [id, row] : stage_.server->core()->state().centers.rows()) {
        const auto& centers = station.agent->centers();
        const bool is_here =
            std::ranges::find(centers, row.center.name, &Center::name) != centers.end();
        const bool is_held =
            !row.installation.empty() && row.installation != station.agent->installation();
        if (!is_here || !is_held) continue;
        stage_.referee->asked_to_fence(row.center.name);
        stage_.server->ask(control::FenceCenter{.center = row.center.name, .reason = "gone"},
                           [](const auto&) {});
    }
}

// By an operator who has seen that nothing runs there, at the server's own console.
void Faults::fence(Station& station) {
    const auto left = std::make_shared<std::size_t>(station.agent->centers().size());
    for (const Center& center : station.agent->centers()) {
        stage_.referee->asked_to_fence(center.name);
        stage_.server->ask(control::FenceCenter{.center = center.name, .reason = "gone"},
                           [&station, left](const Result<runtime::Answer>& answer) {
                               const bool done =
                                   answer.ok() || answer.error().kind == ErrorKind::not_found;
                               if (done && --*left == 0) station.must_be_fenced = false;
                           });
    }
}

void Faults::heal() {
    stage_.referee->note("faults", "all is healed");
    healed_ = true;
    stage_.disk.set_full(false);
    stage_.network->set_weather({});
    for (std::size_t link = 0; link < stage_.network->links(); ++link) stage_.network->mend(link);
    stage_.server_clock->set_offset({});
    for (const auto& station : stage_.stations) {
        station->machine.disk_full = false;
        station->machine.trouble_per_mille = 0;
        station->machine.clock.set_offset({});
    }
}

void Faults::server_dies() { stage_.server->crash(); }

void Faults::power_fails_at_write() {
    stage_.disk.cut_power_at_next_write(random_.chance(500) ? PowerCut::before_sync
                                                            : PowerCut::after_sync);
}

void Faults::disk_fills() {
    stage_.disk.set_full(true);
    stage_.timeline.after(random_.skewed(milliseconds(100), seconds(90)),
                          [this] { stage_.disk.set_full(false); });
}

void Faults::snapshot() { stage_.server->make_snapshot(); }

void Faults::link_breaks() {
    const std::size_t link = random_.index(stage_.network->links());
    const std::int64_t which = random_.between(1, 3);
    if ((which & 1) != 0) stage_.network->cut(link, Way::to_server);
    if ((which & 2) != 0) stage_.network->cut(link, Way::from_server);
    const Duration lasts = random_.chance(500) ? random_.between(seconds(30), seconds(300))
                                               : random_.skewed(milliseconds(200), seconds(30));
    stage_.timeline.after(lasts, [this, link] { stage_.network->mend(link); });
}

void Faults::weather_turns() {
    stage_.network->set_weather(
        {.lost_per_mille = random_.chance(500) ? random_.between(0, 300) : 0,
         .doubled_per_mille = random_.chance(500) ? random_.between(0, 300) : 0,
         .late_per_mille = random_.chance(500) ? random_.between(0, 300) : 0,
         .usual = random_.between(milliseconds(2), milliseconds(500)),
         .latest = random_.between(seconds(1), seconds(90))});
}

void Faults::agent_dies() { any_station().agent->crash(); }

void Faults::agent_dies_in_midst() { any_station().agent->die_after(random_.between(0, 12)); }

void Faults::machine_goes_down(Station& station, Duration back_after) {
    if (!station.machine.is_up) return;
    station.agent->crash();
    for (const auto& engine : station.engines) engine->machine_down();
    station.machine.is_up = false;
    ++station.machine.boot;
    station.machine.clock.reboot();
    station.machine_back = stage_.timeline.now() + back_after;
}

void Faults::machine_reboots() {
    machine_goes_down(any_station(), random_.skewed(seconds(1), seconds(200)));
}

// The operator gives it up. Some are gone for good, disk and all, and another takes their place and name.
void Faults::machine_is_fenced() {
    Station& station = any_station();
    if (!station.machine.is_up) return;
    machine_goes_down(station, random_.skewed(seconds(1), seconds(100)));
    station.must_be_fenced = true;
    if (random_.chance(500)) return;
    for (const auto& engine : station.engines) engine->machine_replaced();
    station.agent->reinstall(random_.hex(32));
    station.was_replaced = true;
}

void Faults::shim_is_killed() {
    const Station& station = any_station();
    station.engines[random_.index(station.engines.size())]->kill_one_shim();
}

void Faults::machine_is_troubled() {
    Station& station = any_station();
    if (random_.chance(400)) station.machine.disk_full = true;
    if (random_.chance(700)) station.machine.trouble_per_mille = random_.between(10, 1000);
    stage_.timeline.after(random_.skewed(seconds(1), seconds(90)), [&station] {
        station.machine.disk_full = false;
        station.machine.trouble_per_mille = 0;
    });
}

void Faults::clock_jumps() {
    const Duration offset = random_.between(Duration{-longest_jump.ms}, longest_jump);
    if (random_.chance(400)) return stage_.server_clock->set_offset(offset);
    any_station().machine.clock.set_offset(offset);
}

// An agent reads its configuration when it starts: what it declares may differ from then on.
void Faults::prices_change() {
    for (Center& center : any_station().agent->centers())
        center.pools.front().price_per_cpu_hour.micro_yuan = random_.between(1, 9) * 100'000;
}

void Faults::node_is_excluded() {
    const Center& center = any_station().agent->centers().front();
    stage_.referee->asked_to_exclude(center.name);
    stage_.server->ask(
        control::ExcludeNode{.center = center.name, .node = "0", .reason = "is looked at"},
        [](const auto&) {});
}

// Another agent declares a centre whose lease is held, or reports an end of what runs under it.
void Faults::impostor_speaks() {
    const runtime::Core* core = stage_.server->core();
    const Station& station = any_station();
    if (core == nullptr || station.must_be_fenced || station.was_replaced) return;
    const control::State& state = core->state();
    SyncRequest request{.agent = "impostor", .installation = random_.hex(32), .number = 1};
    const auto& live = state.attempts.rows();
    if (random_.chance(500) && !live.empty()) {
        Observation end{
            .token = make_token(state.header.cluster, {.job = live.begin()->first,
                                                       .number = live.begin()->second.number}),
            .state = AttemptState::ended,
            .ending = Ending{.code = 99}};
        request.observations.push_back(std::move(end));
    } else {
        const Center& center = station.agent->centers().front();
        const auto id = control::find_center(state, center.name);
        if (!id || state.centers.at(*id).installation.empty()) return;
        request.centers.push_back(center);
    }
    std::string text;
    wire::write_json(text, request);
    stage_.server->sync(text, [this, is_claim = !request.centers.empty()](const auto& reply) {
        if (is_claim && reply.ok())
            stage_.referee->complain("an impostor was taken for the agent of a centre");
    });
}

}  // namespace dayu::sim
