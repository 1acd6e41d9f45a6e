#include "runtime/loop.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>

#include "base/log.h"
#include "runtime/attempt_place.h"
#include "runtime/sync_desk.h"

namespace dayu::runtime {
namespace {

constexpr Duration pause_after_failure = milliseconds(500);
constexpr std::uint64_t most_logs_a_ms = 1000;  // asked for, so that numbers differ over a restart

Error stopping() { return unavailable("server_stopping", "the server is stopping; try again"); }

Error queue_full() {
    return exhausted("queue_full",
                     std::to_string(max_queued) + " requests are queued already; try again");
}

// Requests that came in together, and who waits for their answers.
struct Submission {
    std::vector<Request> requests;
    Loop::OnAnswers answer;
};

struct Sync {
    SyncRequest request;
    control::Actor actor;
    Loop::OnSync answer;
};

struct LogAsked {
    LogQuery query;
    Loop::OnLog answer;
};

using Item = std::variant<Submission, Sync, LogAsked, Loop::Read, sched::Advice>;

}  // namespace

struct Loop::Inside {
    journal::Journal& journal;
    Clock& clock;
    Options options;
    std::unique_ptr<Core> core;
    WatchHub hub;
    LogRelay logs;
    std::unique_ptr<SyncDesk> desk;

    std::mutex mutex;
    std::condition_variable woken;
    std::deque<Item> queue;
    bool stopped = false;
    LoopFigures figures;  // `queued` is the queue's own
    std::atomic<bool> writable = true;

    std::uint64_t snapshot_at = 0;  // entries before the next one
    journal::Caretaker caretaker;
    Instant tend_at;
    std::future<void> aside;  // a snapshot or the caretaker: one of them at a time
    std::thread thread;

    Inside(journal::Journal& journal_, Clock& clock_, const Options& options_)
        : journal(journal_),
          clock(clock_),
          options(options_),
          logs(static_cast<std::uint64_t>(clock_.now().ms) * most_logs_a_ms),
          caretaker(journal_, options_.retention),
          tend_at(clock_.instant()) {}

    // True when there was room.
    bool push(Item& item) {
        {
            const std::lock_guard lock(mutex);
            if (stopped || queue.size() >= max_queued) return false;
            queue.push_back(std::move(item));
        }
        woken.notify_one();
        return true;
    }

    std::deque<Item> take(Instant next_tick) {
        std::unique_lock lock(mutex);
        const auto wait =
            std::chrono::milliseconds(std::max<std::int64_t>(0, (next_tick - clock.instant()).ms));
        woken.wait_for(lock, wait, [&] { return stopped || !queue.empty(); });
        std::deque<Item> taken;
        std::size_t requests = 0;
        while (!queue.empty() && requests < max_batch) {
            const auto* submission = std::get_if<Submission>(&queue.front());
            requests += submission == nullptr ? 1 : submission->requests.size();
            taken.push_back(std::move(queue.front()));
            queue.pop_front();
        }
        return taken;
    }

    void run() {
        Instant next_tick = clock.instant();
        while (!is_stopped()) {
            std::deque<Item> items = take(next_tick);
            commit(items);
            answer_rest(items);
            const auto ticked = core->tick();
            next_tick = ticked ? *ticked : clock.instant() + pause_after_failure;
            writable = core->writable();
            desk->serve(core->take_touched(), clock.instant());
            logs.expire(clock.instant());
            snapshot_if_due();
            tend_if_due();
        }
        close();
    }

    bool is_stopped() {
        const std::lock_guard lock(mutex);
        return stopped;
    }

    // All that writes, as one group.
    void commit(std::deque<Item>& items) {
        std::vector<Request> batch;
        for (Item& item : items) {
            if (auto* submission = std::get_if<Submission>(&item)) {
                std::ranges::move(submission->requests, std::back_inserter(batch));
            } else if (auto* sync = std::get_if<Sync>(&item)) {
                if (const auto admitted = core->admit_sync(sync->request); !admitted) {
                    sync->answer(admitted.error());
                    sync->answer = nullptr;
                    continue;
                }
                logs.deliver(sync->request.log_chunks);
                batch.push_back({.command = control::SyncAgent{.request = sync->request},
                                 .actor = sync->actor,
                                 .bodies = {}});
            }
        }
        if (batch.empty()) return;
        answer(items, core->commit(batch));
    }

    void answer(std::deque<Item>& items, std::vector<Result<Answer>> answers) {
        auto next = answers.begin();
        for (Item& item : items) {
            if (auto* submission = std::get_if<Submission>(&item)) {
                const auto count = static_cast<std::ptrdiff_t>(submission->requests.size());
                submission->answer(
                    {std::make_move_iterator(next), std::make_move_iterator(next + count)});
                next += count;
            } else if (auto* sync = std::get_if<Sync>(&item); sync != nullptr && sync->answer) {
                const Result<Answer>& committed = *next++;
                if (!committed) {
                    sync->answer(committed.error());
                    continue;
                }
                const Duration wait = std::min(sync->request.wait, max_sync_wait);
                desk->park(std::move(sync->request), clock.instant() + wait,
                           std::move(sync->answer));
            }
        }
    }

    void answer_rest(std::deque<Item>& items) {
        for (Item& item : items) {
            if (auto* asked = std::get_if<LogAsked>(&item))
                ask_log(asked->query, std::move(asked->answer));
            if (auto* read = std::get_if<Read>(&item)) (*read)(*core);
            if (auto* advice = std::get_if<sched::Advice>(&item)) core->advise(std::move(*advice));
        }
    }

    void ask_log(const LogQuery& query, OnLog answer) {
        const auto place = find_attempt(*core, query.job, query.attempt, "this log");
        if (!place) return answer(place.error());
        logs.ask(place->installation,
                 {.id = 0,
                  .token = place->token,
                  .node = query.node,
                  .offset = query.offset,
                  .limit = std::clamp<std::int64_t>(query.limit, 1, max_log_chunk_bytes)},
                 clock.instant() + log_timeout, std::move(answer));
    }

    // The fold runs beside the loop, on what is on disk: the live State is never touched.
    void snapshot_if_due() {
        const std::uint64_t reached = core->state().header.last_seq.value;
        if (reached < snapshot_at || is_busy_aside()) return;
        snapshot_at = reached + options.snapshot_every;
        aside = std::async(std::launch::async, [this] {
            const Instant begin = clock.instant();
            const auto made = journal.make_snapshot();
            note_snapshot(made, clock.instant() - begin);
            if (!made) log_warning("no snapshot was made: {}", made.error().message);
        });
    }

    bool is_busy_aside() const {
        return aside.valid() &&
               aside.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
    }

    void tend_if_due() {
        if (!options.retention.is_set() || clock.instant() < tend_at || is_busy_aside()) return;
        tend_at = clock.instant() + options.tend_every;
        aside = std::async(std::launch::async, [this] {
            const auto done = caretaker.tend(clock.now(), [this] { return is_stopped(); });
            if (!done) {
                log_warning("what is old stays where it is: {}", done.error().message);
            } else if (done->archived + done->bodies + done->jobs > 0) {
                log_info("archived {} entries, erased the bodies of {} ended jobs, forgot {}",
                         done->archived, done->bodies, done->jobs);
            }
        });
    }

    void note_snapshot(const Result<Seq>& made, Duration took) {
        const std::lock_guard lock(mutex);
        ++(made ? figures.snapshots : figures.failed_snapshots);
        if (!made) return;
        figures.snapshot = *made;
        figures.snapshot_ms = took.ms;
    }

    void close() {
        std::deque<Item> left;
        {
            const std::lock_guard lock(mutex);
            left.swap(queue);
        }
        for (Item& item : left) {
            if (auto* submission = std::get_if<Submission>(&item)) {
                submission->answer(
                    std::vector<Result<Answer>>(submission->requests.size(), stopping()));
            } else if (auto* sync = std::get_if<Sync>(&item)) {
                sync->answer(stopping());
            } else if (auto* asked = std::get_if<LogAsked>(&item)) {
                asked->answer(stopping());
            } else if (auto* read = std::get_if<Read>(&item)) {
                (*read)(*core);
            }
        }
        desk->close();
        logs.close();
    }
};

Loop::Loop(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Result<std::unique_ptr<Loop>> Loop::start(journal::Journal& journal, const sched::Policy& policy,
                                          const Options& options, Clock& clock) {
    auto inside = std::make_unique<Inside>(journal, clock, options);
    inside->core = TRY(Core::open(journal, policy, options.core, clock));
    if (options.restored) {
        TRY(inside->core->commit_one({.command = *options.restored,
                                      .actor = {.name = "system", .scope = {}},
                                      .bodies = {}}));
    }
    inside->desk = std::make_unique<SyncDesk>(*inside->core, inside->logs, options.secrets);
    inside->hub.start_after(inside->core->state().header.last_seq);
    // Counted from the last one, not from this start: a server that is started often makes one too.
    inside->snapshot_at = inside->core->recovered_from().value + options.snapshot_every;
    inside->core->on_publish([hub = &inside->hub](std::span<const journal::RenderedEntry> entries) {
        hub->publish(entries);
    });
    inside->thread = std::thread([raw = inside.get()] { raw->run(); });
    return std::unique_ptr<Loop>(new Loop(std::move(inside)));
}

Loop::~Loop() {
    {
        const std::lock_guard lock(inside_->mutex);
        inside_->stopped = true;
    }
    inside_->woken.notify_all();
    inside_->thread.join();
}

void Loop::submit(Request request, OnAnswer answer) {
    std::vector<Request> requests;
    requests.push_back(std::move(request));
    submit_all(std::move(requests),
               [answer = std::move(answer)](std::vector<Result<Answer>> answers) {
                   answer(std::move(answers.front()));
               });
}

void Loop::submit_all(std::vector<Request> requests, OnAnswers answers) {
    const std::size_t count = requests.size();
    Item item = Submission{std::move(requests), std::move(answers)};
    if (inside_->push(item)) return;
    std::get<Submission>(item).answer(std::vector<Result<Answer>>(count, queue_full()));
}

void Loop::sync(SyncRequest request, control::Actor actor, OnSync answer) {
    Item item = Sync{std::move(request), std::move(actor), std::move(answer)};
    if (!inside_->push(item)) std::get<Sync>(item).answer(queue_full());
}

void Loop::read_log(const LogQuery& query, OnLog answer) {
    Item item = LogAsked{query, std::move(answer)};
    if (!inside_->push(item)) std::get<LogAsked>(item).answer(queue_full());
}

void Loop::read(Read read) {
    Item item = std::move(read);
    // Reads are small and answer someone who waits: they wait for room instead of failing.
    while (!inside_->push(item)) {
        if (inside_->is_stopped()) return std::get<Read>(item)(*inside_->core);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void Loop::read_and_wait(Read read) {
    std::promise<void> done;
    this->read([&](const Core& core) {
        read(core);
        done.set_value();
    });
    done.get_future().wait();
}

void Loop::advise(sched::Advice advice) {
    Item item = std::move(advice);
    inside_->push(item);
}

WatchHub& Loop::watch() { return inside_->hub; }
journal::Journal& Loop::journal() { return inside_->journal; }
const SecretVault* Loop::secrets() const { return inside_->options.secrets; }
LoopFigures Loop::figures() const {
    const std::lock_guard lock(inside_->mutex);
    LoopFigures figures = inside_->figures;
    figures.queued = inside_->queue.size();
    return figures;
}
bool Loop::writable() const { return inside_->writable; }

}  // namespace dayu::runtime
