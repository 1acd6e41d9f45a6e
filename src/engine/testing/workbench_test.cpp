#include "engine/testing/workbench.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "engine/process/processes.h"

namespace dayu::engine {
namespace {

constexpr std::chrono::seconds patience{60};

}  // namespace

std::string shim_path() {
    if (const char* given = ::getenv("DAYU_SHIM")) return given;
    if (const char* bin = ::getenv("DAYU_BIN")) return std::string(bin) + "/dayu-shim";
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    return (self.parent_path().parent_path() / "bin/dayu-shim").string();
}

bool wait_for(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

bool is_gone(const Token& token) {
    return processes_with_environment("DAYU_FENCING_TOKEN=" + token.text).empty();
}

Workbench::Workbench() {
    CHECK(::chmod(root_.path().c_str(), 0711) == 0);  // the jobs' user goes through it
    cluster_ = "test" + root_.path().substr(root_.path().rfind('-') + 1);
    open();
}

Workbench::~Workbench() {
    if (!engine) open();
    const auto held = engine->observe();
    for (const Observation& seen : held.value()) {
        if (!seen.ending) {
            (void)engine->stop({.token = seen.token, .cause = {}, .signal = "KILL", .grace = {}});
        }
    }
    for (const Observation& seen : held.value()) wait_end(seen.token);
    close();
    for (const char* controller : {"memory", "pids", "cpu", "cpuacct", "freezer"}) {
        ::rmdir((std::string("/sys/fs/cgroup/") + controller + "/dayu").c_str());  // if empty
    }
}

Settings Workbench::settings() const {
    return {{"work_root", work_root()}, {"shim", shim_path()}, {"window", "1s"}};
}

void Workbench::open() {
    close();
    auto made = find_engine("process").value()(settings());
    if (!made.ok()) fprintf(stderr, "%s\n", made.error().message.c_str());
    engine = std::move(made).value();
}

void Workbench::close() { engine.reset(); }

StartOrder Workbench::order(const std::string& run) {
    StartOrder order;
    order.attempt = {.job = JobId{++jobs_}, .number = 1};
    order.token.text = cluster_ + "-" + std::to_string(jobs_) + "-1";
    order.center = "zhongwei";
    order.pool = "cpu";
    order.job_name = "a test";
    order.spec.resources.memory_mib = 256;
    order.spec.checkpoint.grace = seconds(5);
    order.spec.time_limit = seconds(60);
    order.body.run = run;
    return order;
}

StartOrder Workbench::next_attempt_of(const StartOrder& earlier) const {
    StartOrder order = earlier;
    order.resume_from = earlier.token;
    order.attempt.number = earlier.attempt.number + 1;
    order.token.text = earlier.token.text.substr(0, earlier.token.text.rfind('-') + 1) +
                       std::to_string(order.attempt.number);
    return order;
}

Observation Workbench::look(const Token& token) {
    const auto seen = engine->observe();
    for (const Observation& observation : seen.value()) {
        if (observation.token == token) return observation;
    }
    return {};
}

Ending Workbench::wait_end(const Token& token) {
    Ending ending{.code = -1, .detail = "it did not end in time"};
    wait_for([&] {
        const Observation seen = look(token);
        if (seen.ending) ending = *seen.ending;
        return seen.ending.has_value();
    });
    return ending;
}

Ending Workbench::run(const StartOrder& order) {
    const Result<void> started = engine->start(order);
    if (!started.ok()) return {.code = -1, .detail = started.error().message};
    return wait_end(order.token);
}

bool Workbench::wait_output(const Token& token, const std::string& text) {
    return wait_for([&] { return log(token).find(text) != std::string::npos; });
}

std::string Workbench::log(const Token& token, int rank) const {
    for (const char* place : {"/attempts/", "/settled/"}) {
        const auto text =
            read_file(work_root() + place + token.text + "/log." + std::to_string(rank));
        if (text.ok()) return text.value();
    }
    return "";
}

std::int64_t Workbench::shim_of(const Token& token) const {
    const auto shim = read_record<ShimIdentity>(files(token).lock());
    return shim ? shim->pid : 0;
}

}  // namespace dayu::engine
