#include "sim/virtual_server.h"

#include <algorithm>
#include <utility>

#include "base/sha256.h"
#include "journal/body.h"
#include "runtime/log_relay.h"
#include "runtime/sync_desk.h"
#include "wire/json_fields.h"

namespace dayu::sim {
namespace {

constexpr Duration longest_wait_for_a_batch = milliseconds(4);
constexpr Duration pause_after_failure = milliseconds(500);
constexpr Duration max_sync_wait = seconds(30);
constexpr std::size_t digest_digits = 32;

control::Actor agent_actor(const std::string& name) {
    return {.name = "agent:" + name, .scope = {}};
}
control::Actor user_actor() { return {.name = "token:user", .scope = {}}; }

std::string digest(std::string_view text) { return to_hex(sha256(text)).substr(0, digest_digits); }

}  // namespace

struct VirtualServer::Item {
    std::optional<SyncRequest> sync;
    OnText on_sync;
    runtime::Request request;
    OnAnswer on_answer;
};

struct VirtualServer::Process {
    explicit Process(std::unique_ptr<journal::Store> store) : journal(std::move(store)) {}

    journal::Journal journal;
    std::unique_ptr<runtime::Core> core;
    runtime::LogRelay logs{0};
    std::unique_ptr<runtime::SyncDesk> desk;
    journal::BodyVault bodies;
    std::deque<Item> inbox;
    bool is_founded = false;
    Instant due;                // of the turn that is asked for
    std::uint64_t next_turn{};  // its number
};

VirtualServer::VirtualServer(Timeline& timeline, VirtualDisk& disk, VirtualClock& clock,
                             Witness& witness, Random random, Options options)
    : timeline_(timeline),
      disk_(disk),
      clock_(clock),
      witness_(witness),
      random_(random),
      options_(std::move(options)) {}

VirtualServer::~VirtualServer() = default;

const runtime::Core* VirtualServer::core() const {
    return is_up() ? process_->core.get() : nullptr;
}

void VirtualServer::start() {
    clock_.reboot();
    auto process = std::make_unique<Process>(disk_.open());
    auto core = runtime::Core::open(process->journal, *options_.policy, {}, clock_);
    if (!core) return witness_.complain("the server cannot start: " + core.error().message);
    process->core = *std::move(core);
    process->desk = std::make_unique<runtime::SyncDesk>(*process->core, process->logs, nullptr);
    process_ = std::move(process);
    witness_.note("server", "starts");
    arm({});
}

void VirtualServer::crash() {
    if (!is_up()) return;
    witness_.note("server", "dies");
    process_.reset();
    disk_.crash();
}

// The next turn comes after `delay` at the latest.
void VirtualServer::arm(Duration delay) {
    const Instant due = timeline_.now() + std::max(delay, milliseconds(0));
    if (process_->next_turn != 0 && process_->due <= due) return;
    process_->due = due;
    process_->next_turn = ++turns_;
    timeline_.after(due - timeline_.now(), [this, number = turns_] {
        if (is_up() && process_->next_turn == number) turn();
    });
}

void VirtualServer::receive(Item item) {
    if (!is_up()) return;
    process_->inbox.push_back(std::move(item));
    arm(random_.between(milliseconds(0), longest_wait_for_a_batch));
}

// One pass of Loop::run().
void VirtualServer::turn() {
    process_->next_turn = 0;
    found();
    std::deque<Item> items = std::exchange(process_->inbox, {});
    if (disk_.has_no_power() || !commit(items)) return crash();
    const auto ticked = process_->core->tick();
    if (disk_.has_no_power()) return crash();
    process_->desk->serve(process_->core->take_touched(), clock_.instant());
    if (on_turn_) on_turn_(*process_->core);
    const Duration wait = ticked ? *ticked - clock_.instant() : pause_after_failure;
    arm(clock_.true_span(wait) + milliseconds(1));
}

// What `dayu server` does when it starts.
void VirtualServer::found() {
    if (process_->is_founded) return;
    runtime::Core& core = *process_->core;
    if (core.state().header.cluster.empty()) {
        if (!core.commit_one({.command = control::Found{.cluster = random_.hex(16)},
                              .actor = {.name = "system", .scope = {}},
                              .bodies = {}})) {
            return;
        }
    }
    process_->is_founded = core.commit_one({.command = control::DeclareChips{options_.chips},
                                            .actor = {.name = "system", .scope = {}},
                                            .bodies = {}})
                               .ok();
}

// False when the power failed meanwhile.
bool VirtualServer::commit(std::deque<Item>& items) {
    std::vector<runtime::Request> batch;
    std::vector<Item*> waiting;
    for (Item& item : items) {
        if (!process_->is_founded) {
            const Error error = unavailable("not_ready", "the server is not ready yet");
            item.sync ? item.on_sync(error) : item.on_answer(error);
            continue;
        }
        if (item.sync) {
            if (const auto admitted = process_->core->admit_sync(*item.sync); !admitted) {
                item.on_sync(admitted.error());
                continue;
            }
        }
        batch.push_back(std::move(item.request));
        waiting.push_back(&item);
    }
    if (batch.empty()) return true;
    const auto answers = process_->core->commit(batch);
    if (disk_.has_no_power()) return false;
    for (std::size_t i = 0; i < waiting.size(); ++i) answer(*waiting[i], answers[i]);
    return true;
}

void VirtualServer::answer(Item& item, const Result<runtime::Answer>& committed) {
    if (!item.sync) return item.on_answer(committed);
    if (!committed) return item.on_sync(committed.error());
    const Instant deadline = clock_.instant() + std::min(item.sync->wait, max_sync_wait);
    process_->desk->park(*std::move(item.sync), deadline,
                         [reply = std::move(item.on_sync)](const Result<SyncReply>& made) {
                             if (!made) return reply(made.error());
                             std::string text;
                             wire::write_json(text, *made);
                             reply(text);
                         });
    arm(clock_.true_span(deadline - clock_.instant()) + milliseconds(1));
}

void VirtualServer::sync(const std::string& text, OnText answer) {
    SyncRequest request;
    const Result<wire::Json> json = wire::parse_json(text);
    if (!json || !wire::from_json(*json, request, {.ignore_unknown_keys = true})) {
        return witness_.complain("the server cannot read the request " + text);
    }
    Item item{.sync = request, .on_sync = std::move(answer), .request = {}, .on_answer = {}};
    item.request.actor = agent_actor(request.agent);
    item.request.command = control::SyncAgent{.request = std::move(request)};
    receive(std::move(item));
}

void VirtualServer::submit(const std::string& job_file, const std::string& key, OnAnswer answer) {
    if (!is_up()) return;
    JobFile file;
    const Result<wire::Json> json = wire::parse_json(job_file);
    if (!json || !wire::from_json(*json, file) || !validate(file)) {
        return witness_.complain("the server cannot read the job file " + job_file);
    }
    std::string body;
    wire::write_json(body, file.body);
    Item item{.sync = {}, .on_sync = {}, .request = {}, .on_answer = std::move(answer)};
    item.request.actor = user_actor();
    item.request.bodies.push_back(
        process_->bodies.intern(item.request.actor.scope, std::move(body), random_.hex(32)));
    item.request.command =
        control::SubmitJob{.name = file.name,
                           .spec = file.spec,
                           .body = item.request.bodies.front().ref,
                           .idempotency_key = options_.drops_idempotency_keys ? "" : digest(key),
                           .request = digest(job_file),
                           .conditions = file.conditions,
                           .ended = {}};
    receive(std::move(item));
}

void VirtualServer::ask(control::Command command, OnAnswer answer) {
    receive({.sync = {},
             .on_sync = {},
             .request = {.command = std::move(command), .actor = user_actor(), .bodies = {}},
             .on_answer = std::move(answer)});
}

void VirtualServer::make_snapshot() {
    if (!is_up()) return;
    const auto made = process_->journal.make_snapshot();
    if (disk_.has_no_power()) crash();
}

}  // namespace dayu::sim
