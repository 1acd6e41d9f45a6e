// Removes contents that no live job refers to and that were not used for long: now and then, beside all
// else. What is lost to a crash in between is done by the next one.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "runtime/content_store.h"
#include "runtime/loop.h"

namespace dayu::runtime {

class ContentSweeper {
   public:
    // Both must outlive it.
    ContentSweeper(Loop& loop, ContentStore& store);

   private:
    void sweep();

    Loop& loop_;
    ContentStore& store_;
    std::mutex mutex_;
    std::condition_variable_any wakes_;
    std::jthread thread_;  // last: it ends before the rest goes
};

// Who sent what the job takes along. Tokens are of their tenant's first project, whatever project their jobs are of.
ContentOwner sender_of(const control::JobRow& job);
// The manifests of live jobs.
ContentStore::InUse contents_in_use(const control::State& state);

}  // namespace dayu::runtime
