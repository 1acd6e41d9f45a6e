// The control thread and its queue. HTTP threads parse and check, then hand in a request with a
// callback; this thread takes what has queued up, commits it as one group, and answers. All callbacks
// run on this thread and must not block.
//
// Long polls of agents and readers of logs wait here too: they are answered by what a commit brings.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "journal/retention.h"
#include "runtime/core.h"
#include "runtime/secret_vault.h"
#include "runtime/watch.h"

namespace dayu::runtime {

inline constexpr std::size_t max_queued = 65'536;  // then: exhausted, try again
inline constexpr std::size_t max_batch = 8'192;    // requests in one group commit
inline constexpr std::size_t max_log_chunk_bytes = 256 * 1024;
inline constexpr Duration max_sync_wait = seconds(20);
inline constexpr Duration log_timeout = seconds(15);

struct LogQuery {
    JobId job;
    std::int64_t attempt = 0;  // 0: the latest
    std::int64_t node = 0;
    std::int64_t offset = 0;  // negative: that many bytes before the end
    std::int64_t limit = max_log_chunk_bytes;
};

class Loop {
   public:
    struct Options {
        CoreOptions core;
        std::uint64_t snapshot_every = 200'000;  // entries
        // The backup that the journal was just restored from: on record before anything else happens.
        std::optional<control::NoteRestore> restored = {};
        journal::Retention retention = {};
        Duration tend_every = seconds(10);
        const SecretVault* secrets = nullptr;  // must outlive the loop; none: there are no secrets
    };
    using OnAnswer = std::function<void(Result<Answer>)>;
    using OnAnswers = std::function<void(std::vector<Result<Answer>>)>;
    using OnSync = std::function<void(Result<SyncReply>)>;
    using OnLog = std::function<void(Result<LogChunk>)>;
    using Read = std::function<void(const Core&)>;

    // The journal must outlive the loop.
    static Result<std::unique_ptr<Loop>> start(journal::Journal& journal,
                                               const sched::Policy& policy, const Options& options,
                                               Clock& clock);
    ~Loop();  // answers what is queued with `unavailable` and joins

    void submit(Request request, OnAnswer answer);
    void submit_all(std::vector<Request> requests, OnAnswers answers);  // in one transaction
    void sync(SyncRequest request, control::Actor actor, OnSync answer);
    void read_log(const LogQuery& query, OnLog answer);

    // Runs on the control thread between two batches: at most 1 ms, copies out what it needs.
    void read(Read read);
    // The same, waiting for it. Not for the control thread itself.
    void read_and_wait(Read read);

    // For the rounds that follow (sched/advice.h). Lost when the queue is full: the next comes soon.
    void advise(sched::Advice advice);

    WatchHub& watch();
    journal::Journal& journal();
    const SecretVault* secrets() const;
    LoopFigures figures() const;
    // False while the last append failed (a full disk): nothing is accepted until one succeeds.
    bool writable() const;

   private:
    struct Inside;
    explicit Loop(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

}  // namespace dayu::runtime
