#include "runtime/content_sweeper.h"

#include <chrono>

#include "base/log.h"

namespace dayu::runtime {
namespace {

constexpr std::chrono::hours sweep_every{1};

}  // namespace

ContentOwner sender_of(const control::JobRow& job) {
    return {.scope = {.tenant = job.scope.tenant}, .actor = job.owner};
}

ContentStore::InUse contents_in_use(const control::State& state) {
    ContentStore::InUse in_use;
    for (const auto& [id, row] : state.workdirs.rows()) {
        in_use.emplace(sender_of(state.jobs.at(id)), row.manifest);
    }
    return in_use;
}

ContentSweeper::ContentSweeper(Loop& loop, ContentStore& store)
    : loop_(loop), store_(store), thread_([this](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          while (!stop.stop_requested()) {
              sweep();
              wakes_.wait_for(lock, stop, sweep_every, [] { return false; });
          }
      }) {}

void ContentSweeper::sweep() {
    ContentStore::InUse in_use;
    loop_.read_and_wait([&](const Core& core) { in_use = contents_in_use(core.state()); });
    const auto removed = store_.sweep(in_use, system_clock().now());
    if (!removed) return log_warning("workdirs: nothing is removed: {}", removed.error().message);
    if (*removed > 0) log_info("workdirs: {} contents that no job uses are gone", *removed);
}

}  // namespace dayu::runtime
