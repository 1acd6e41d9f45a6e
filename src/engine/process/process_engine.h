// Engine `process`: jobs are processes of the machine on which the agent runs. Nothing it remembers is
// only in memory: an engine that is made anew over the same work root adopts what the last one started,
// because each attempt has a shim of its own (engine/shim.h) and a folder that tells its whole life
// (attempt_files.h).
//
// An attempt is dead when no shim holds its lock and it has no exit record. Then the engine, holding
// that lock, kills what may be left and writes the record itself: a shim that comes late finds it, and
// starts nothing.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/engine.h"
#include "engine/process/attempt_store.h"
#include "engine/process/host.h"
#include "engine/process/options.h"
#include "engine/process/outputs.h"

namespace dayu::engine {

Result<std::unique_ptr<Engine>> make_process_engine(const Settings& settings);

class ProcessEngine final : public Engine {
   public:
    static Result<std::unique_ptr<Engine>> open(const ProcessOptions& options);

    EngineFacts facts() const override { return facts_; }
    Result<void> start(const StartOrder& order) override;
    Result<void> stage(const StartOrder& order, WorkdirSource& source) override;
    Result<void> refuse(const Token& token, const std::string& why) override;
    Result<void> stop(const StopOrder& order) override;
    Result<std::vector<Observation>> observe() override;
    void acknowledge(const Token& token, Time to) override;
    Result<void> settle(const Token& token) override;
    LogChunk read_log(const LogRequest& request) override;
    Result<std::unique_ptr<Reached>> reach(const ReachOrder& order) override;
    void renew_contact(Duration ago) override;

   private:
    // One attempt that is not settled, as its folder told it when it was last looked at.
    struct Held {
        Time claimed;
        std::string boot;
        std::string run_directory;
        std::vector<std::string> outputs;
        bool can_move = false;
        std::optional<Time> started;
        std::optional<Ending> ending;
        std::int64_t usage_read = 0;      // bytes
        std::deque<UsageWindow> windows;  // not acknowledged
    };

    ProcessEngine(const ProcessOptions& options, AttemptStore store, JobUser user);

    void adopt();
    Held held_by(const Claim& claim) const;
    Result<void> tell_again(const Token& token);
    Result<void> claim_ended(const Token& token, std::string detail);
    bool is_staged(const StartOrder& order) const;
    void look_at(const Token& token, Held& held);
    bool lists_outputs(const Token& token, const Held& held, Ending& ending);
    std::optional<Ending> declare_dead(const Token& token, const Held& held);
    static Observation describe(const Token& token, const Held& held);
    Result<void> refuse_busy_directory(const std::string& run_directory);
    Result<void> write_contact() const;

    ProcessOptions options_;
    AttemptStore store_;
    JobUser user_;
    std::string unreachable_;  // "" or why no job can start here
    std::string boot_;
    EngineFacts facts_;

    OutputLister output_lister_;

    std::mutex mutex_;  // guards what follows, and all that is done to attempts
    std::map<Token, Held> held_;
    Instant last_contact_;

    std::mutex janitor_mutex_;
    std::condition_variable_any janitor_wakes_;
    std::jthread janitor_;  // last: ends before the rest goes
};

}  // namespace dayu::engine
