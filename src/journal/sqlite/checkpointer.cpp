#include "journal/sqlite/checkpointer.h"

#include <utility>

#include "base/log.h"

namespace dayu::journal::sqlite {
namespace {

// As much as is there when it begins, whatever else goes on.
constexpr const char* checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";
// And waits, but not for long, until nobody reads in the log any more, so that the next commit begins it anew. Who holds a long
// reading, as a backup does, lets it grow.
constexpr const char* settings = "PRAGMA busy_timeout=20";
constexpr const char* last_checkpoint = "PRAGMA wal_checkpoint(RESTART)";

}  // namespace

Checkpointer::Checkpointer(Connection connection, std::mutex& writing)
    : connection_(std::move(connection)), writing_(writing), thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    woken_.notify_one();
    thread_.join();
}

void Checkpointer::note_log(std::int64_t pages) {
    {
        const std::lock_guard lock(mutex_);
        if (pages < pages_) due_at_ = longest_log;  // it began anew
        pages_ = pages;
        if (pages_ < due_at_) return;
    }
    woken_.notify_one();
}

void Checkpointer::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        woken_.wait(lock, [this] { return pages_ >= due_at_ || stopped_; });
        if (stopped_) return;
        lock.unlock();
        const Result<void> done = bring_over();
        if (!done) log_warning("the log of journal.db grows: {}", done.error().message);
        lock.lock();
        due_at_ = pages_ + longest_log;  // or sooner, when it begins anew
    }
}

// The log begins anew only when all of it is in journal.db. So the bulk goes beside the commits, then what they appended
// meanwhile, and the little that is left while none of them runs.
Result<void> Checkpointer::bring_over() {
    TRY(connection_.execute(settings));
    TRY(connection_.execute(checkpoint));
    TRY(connection_.execute(checkpoint));
    const std::lock_guard lock(writing_);
    return connection_.execute(last_checkpoint);
}

}  // namespace dayu::journal::sqlite
