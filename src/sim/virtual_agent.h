// An agent in a virtual world: the real step() over the real Sites, driven as agent/driver.h drives them,
// but by the timeline. Its messages are real JSON. It can die between any two of its outputs.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/sites.h"
#include "agent/step.h"
#include "sim/machine.h"
#include "sim/timeline.h"
#include "sim/virtual_engine.h"
#include "sim/witness.h"

namespace dayu::sim {

class VirtualAgent {
   public:
    using Answer = std::function<void(const Result<std::string>& reply)>;
    // One request to the server over whatever network there is; its answer may come never, or twice.
    using Call = std::function<void(const std::string& request, const Answer& answer)>;

    VirtualAgent(Timeline& timeline, Machine& machine, Witness& witness, std::string name,
                 std::string installation, Call call);

    void add_center(const Center& center, VirtualEngine& engine);

    void start();
    void crash();
    bool is_up() const { return process_ != nullptr; }

    void die_after(std::int64_t outputs) { outputs_to_live_ = outputs; }
    // The machine was replaced: what a new one knows.
    void reinstall(std::string installation);
    const std::string& installation() const { return installation_; }
    const std::string& name() const { return name_; }
    std::vector<Center>& centers() { return centers_; }

   private:
    struct Process {
        explicit Process(std::vector<agent::Site> all) : sites(std::move(all)) {}
        agent::State state;
        agent::Sites sites;
        std::deque<agent::Input> next;
        bool must_observe = true;
        Instant observe_at;
        Duration observe_every;
        std::map<std::uint64_t, Instant> sent;  // number -> true time
        std::uint64_t last_answered = 0;
        std::uint64_t wakes = 0;
    };

    void wake();
    void arm();
    void observe();
    void take(agent::Input input);
    bool lives_on();
    void send(const SyncRequest& request);
    void note_sync(const SyncRequest& request);
    void note_reply(std::uint64_t number, const SyncReply& reply);
    void answered(std::uint64_t number, const Result<std::string>& reply);

    void perform(const agent::SendSync& output) { send(output.request); }
    void perform(const agent::AbandonSync&) {}  // its answer is passed over by its number
    void perform(const agent::RenewContact& output);
    void perform(const agent::StageAttempt& output) {  // contents are not pretended
        process_->next.push_back(agent::Staged{.token = output.order.token});
    }
    void perform(const agent::AbandonStaging&) {}
    template <class Output>
    void perform(const Output& output);

    Timeline& timeline_;
    Machine& machine_;
    Witness& witness_;
    std::string name_;
    Call call_;
    std::vector<Center> centers_;
    std::vector<VirtualEngine*> engines_;

    std::string installation_;       // on disk
    std::uint64_t incarnation_ = 0;  // on disk
    std::unique_ptr<Process> process_;
    std::optional<std::int64_t> outputs_to_live_;
};

}  // namespace dayu::sim
