// A whole Dayu in one thread and out of one seed: a server, agents with their machines and engines, clients,
// and trouble between and within them. The same seed is the same run, to the byte.
//
// run() lets it live until the trouble is over and every job has ended, or a rule was broken.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/faults.h"
#include "sim/stage.h"
#include "sim/virtual_client.h"

namespace dayu::sim {

// What a part of this world does wrong on purpose, to see that it is found out.
enum class Sabotage { none, disk_answers_before_sync, engine_forgets_claims, keys_are_dropped };

struct WorldOptions {
    std::uint64_t seed = 1;
    Sabotage sabotage = Sabotage::none;
    bool takes_notes = false;
};

struct Outcome {
    std::string complaint;                        // empty: all rules held
    std::vector<std::string> notes;               // the last ones, if they were taken
    std::map<std::string, std::uint64_t> counts;  // what happened, how often
    std::size_t happenings = 0;
};

class World {
   public:
    explicit World(const WorldOptions& options);
    ~World();

    Outcome run();

   private:
    void build_server(Sabotage sabotage);
    void build_stations(Sabotage sabotage);
    void build_clients();
    void check(const runtime::Core& core);
    bool is_done() const;
    std::string what_is_left() const;

    Random random_;
    Stage stage_;
    std::vector<std::unique_ptr<VirtualClient>> clients_;
    std::unique_ptr<Faults> faults_;
    Random checks_;
};

// Runs the world of a seed; where a rule is broken, once more with notes.
Outcome run_world(std::uint64_t seed, Sabotage sabotage = Sabotage::none);

}  // namespace dayu::sim
