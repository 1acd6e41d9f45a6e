// Tells hooks what happens: one thread follows the journal and hands each notice to the couriers of the
// hooks that it concerns. A hook that cannot keep up falls back to reading the journal from its own place,
// so that nothing is lost and no queue grows.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "journal/journal.h"
#include "notices/courier.h"
#include "runtime/loop.h"

namespace dayu::notices {

inline constexpr Duration desk_idle = milliseconds(250);  // between two looks without news
inline constexpr Duration desk_pace = milliseconds(50);   // between two looks under load
inline constexpr std::size_t max_entries_a_look = 4096;
inline constexpr std::size_t max_entries_a_step = 512;  // of one hook that catches up
inline constexpr int max_trials = 2;                    // of `dayu hook test` at the same time

// What came of a trial.
struct Trial {
    Sent sent;
    std::int64_t took_ms = 0;
};

class Desk {
   public:
    struct Options {
        std::string folder;  // for the places of hooks
        http::Destinations destinations = http::Destinations::public_only;
        std::string user_agent = "dayu";
    };

    // The loop and the vault must outlive it.
    static Result<std::unique_ptr<Desk>> start(runtime::Loop& loop,
                                               const runtime::SecretVault& vault,
                                               const Options& options);
    ~Desk();
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    // Nothing for a hook that is suspended, or is not there.
    std::optional<Delivery> delivery(const control::ScopedName& name) const;
    std::map<control::ScopedName, Delivery> deliveries() const;

    // The name under which the vault has the address of a new hook: the URL is checked, and a secret made
    // where the kind needs one and none was given. May wait for the resolver.
    struct Sealed {
        std::string name;
        std::string host;
        std::string secret;  // that the receiver must know
    };
    Result<Sealed> seal(const control::ScopedName& name, HookKind kind, Address address) const;

    // Sends a notice of nothing at once and waits for the answer.
    Result<Trial> try_out(const control::ScopedName& name);

   private:
    struct Served {
        std::unique_ptr<Courier> courier;
        control::HookRow row;
        Seq position;       // looked at up to here
        bool live = false;  // told of entries as they come
    };

    Desk(runtime::Loop& loop, const runtime::SecretVault& vault, ProgressFiles progress,
         const Options& options);
    void run();
    bool look();
    void refresh();
    void follow(const journal::RenderedEntry& entry);
    void catch_up(const control::ScopedName& name, Served& served);
    bool hand_over(Served& served, const Scope& scope, const Notice& notice);
    Result<Notice> read_notice(NoticeTopic topic, std::string_view entry) const;
    void suspend(const control::ScopedName& name, const std::string& sealed, HookTrouble trouble);

    runtime::Loop& loop_;
    Office office_;
    Seq head_;

    mutable std::mutex mutex_;  // of served_
    std::map<control::ScopedName, Served> served_;

    std::mutex stop_mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;
    std::atomic<int> trials_ = 0;
    std::thread thread_;
};

}  // namespace dayu::notices
