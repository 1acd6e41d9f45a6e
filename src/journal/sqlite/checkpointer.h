// Brings what commits have appended to the write-ahead log into journal.db, beside them: inside a commit, as SQLite does it by
// itself, all that waits for that commit waits for the disk twice.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "journal/sqlite/connection.h"

namespace dayu::journal::sqlite {

// Pages of 4 KiB: rarely enough that many small transactions share the work, and soon enough that a restart reads it in a moment.
inline constexpr std::int64_t longest_log = 8'192;

class Checkpointer {
   public:
    // Works through a connection of its own. `writing` is held by whoever writes; both must outlive it.
    Checkpointer(Connection connection, std::mutex& writing);
    ~Checkpointer();  // after the work at hand

    // After each commit: how long the log is by now. Any thread.
    void note_log(std::int64_t pages);

   private:
    void run();
    Result<void> bring_over();

    Connection connection_;
    std::mutex& writing_;
    std::mutex mutex_;
    std::condition_variable woken_;
    std::int64_t pages_ = 0;
    std::int64_t due_at_ = longest_log;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace dayu::journal::sqlite
