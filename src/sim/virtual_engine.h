// A centre's engine, as engine/engine.h asks for one and as the process engine keeps its word: the token is
// claimed on disk before anything runs, a shim stands over each attempt and outlives the agent, exit
// records are durable, and a shim ends its attempt by itself when contact was lost for too long.
//
// The object is the centre's disk and its shims; agents come and go over it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "sim/machine.h"
#include "sim/program.h"
#include "sim/random.h"
#include "sim/timeline.h"
#include "sim/witness.h"

namespace dayu::sim {

struct VirtualEngineOptions {
    std::string center;
    bool fences_itself = true;
    bool forgets_claims = false;  // broken on purpose: claims are in the agent's memory only
};

class VirtualEngine final : public engine::Engine {
   public:
    VirtualEngine(Timeline& timeline, Machine& machine, Witness& witness, Random random,
                  const VirtualEngineOptions& options);

    EngineFacts facts() const override;
    Result<void> start(const StartOrder& order) override;
    Result<void> stop(const StopOrder& order) override;
    Result<std::vector<Observation>> observe() override;
    void acknowledge(const Token& token, Time to) override;
    Result<void> settle(const Token& token) override;
    LogChunk read_log(const LogRequest& request) override;
    void renew_contact(Duration ago) override;

    // Faults. A new agent knows only what is on disk; a machine that goes down takes its shims along; a
    // killed shim takes its job along.
    void agent_restarted();
    void machine_down();
    void kill_one_shim();
    void machine_replaced() { claims_.clear(); }
    // True when the agent dies between the claim and the start of the shim.
    void on_claim(std::function<bool()> agent_dies) { agent_dies_ = std::move(agent_dies); }

    std::size_t shims() const { return shims_.size(); }
    std::size_t unsettled() const;

   private:
    struct Claim {
        Time claimed;
        std::uint64_t boot = 0;
        std::int64_t cpus = 0;
        std::optional<Time> started;
        Instant began;
        std::vector<UsageWindow> windows;
        Time acknowledged;  // in the agent's memory
        std::optional<Ending> ending;
        bool settled = false;
    };
    struct Shim {
        std::uint64_t number = 0;  // tells one from a later one
        StartOrder order;
        Program program;
        std::optional<Time> started;  // the job runs
        Instant began;
        std::optional<StopOrder> stop;
        std::optional<Fate> stopping;
        Instant ends_at;  // the job, as it stands
        std::optional<Ending> unwritten;
    };

    void spawn(const StartOrder& order);
    void tend(const Token& token, std::uint64_t number);
    void tend_at(const Token& token, const Shim& shim, Instant when);
    void begin(Shim& shim);
    void look_for_reasons_to_stop(Shim& shim, Instant now);
    void begin_stop(Shim& shim, Fate fate, Instant now, Duration grace);
    void finish(Shim& shim, Instant now);
    void close_windows(Claim& claim, Instant now, bool last);
    Instant fence_at(const Shim& shim) const;
    void look_at(const Token& token, Claim& claim);
    bool has_trouble() { return random_.chance(machine_.trouble_per_mille); }
    Instant now() const { return machine_.clock.instant(); }

    Timeline& timeline_;
    Machine& machine_;
    Witness& witness_;
    Random random_;
    VirtualEngineOptions options_;
    std::function<bool()> agent_dies_;

    std::map<Token, Claim> claims_;  // on disk
    std::map<Token, Shim> shims_;    // alive
    std::uint64_t last_shim_ = 0;
    struct Contact {
        std::uint64_t boot = 0;
        Instant at;
    };
    Contact contact_;  // on disk
};

}  // namespace dayu::sim
