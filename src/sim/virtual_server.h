// A server in a virtual world: the real core over the real journal, moved on as the loop (runtime/loop.h)
// moves it, but by the timeline. Its power can fail in the midst of a commit; what was not answered by
// then never is.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "model/job.h"
#include "runtime/core.h"
#include "sim/random.h"
#include "sim/timeline.h"
#include "sim/virtual_clock.h"
#include "sim/virtual_disk.h"
#include "sim/witness.h"

namespace dayu::sim {

class VirtualServer {
   public:
    using OnText = std::function<void(const Result<std::string>&)>;
    using OnAnswer = std::function<void(const Result<runtime::Answer>&)>;
    // After each turn, with everything at rest.
    using OnTurn = std::function<void(const runtime::Core&)>;

    struct Options {
        const sched::Policy* policy = nullptr;
        std::vector<Chip> chips;
        bool drops_idempotency_keys = false;  // broken on purpose
    };

    VirtualServer(Timeline& timeline, VirtualDisk& disk, VirtualClock& clock, Witness& witness,
                  Random random, Options options);
    ~VirtualServer();

    void start();
    void crash();
    bool is_up() const { return process_ != nullptr; }
    const runtime::Core* core() const;

    // What arrives; nothing is answered by a server that is down.
    void sync(const std::string& request, OnText answer);
    void submit(const std::string& job_file, const std::string& key, OnAnswer answer);
    void ask(control::Command command, OnAnswer answer);  // of a user or an operator
    void make_snapshot();

    void on_turn(OnTurn on_turn) { on_turn_ = std::move(on_turn); }

   private:
    struct Process;
    struct Item;

    void receive(Item item);
    void arm(Duration delay);
    void turn();
    void found();
    bool commit(std::deque<Item>& items);
    void answer(Item& item, const Result<runtime::Answer>& committed);

    Timeline& timeline_;
    VirtualDisk& disk_;
    VirtualClock& clock_;
    Witness& witness_;
    Random random_;
    Options options_;
    OnTurn on_turn_;
    std::unique_ptr<Process> process_;
    std::uint64_t turns_ = 0;  // asked for so far, over all processes
};

}  // namespace dayu::sim
