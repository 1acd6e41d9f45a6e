// Brings the notices of one hook to its receiver, in order, on a thread of its own: whoever is slow
// delays nobody else. What fails is tried again, and known by its id when it comes twice.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "control/state.h"
#include "http/client.h"
#include "notices/channel.h"
#include "notices/pace.h"
#include "notices/progress.h"
#include "runtime/secret_vault.h"

namespace dayu::notices {

inline constexpr std::size_t max_waiting =
    1000;  // notices of a hook; the others stay in the journal
inline constexpr Duration send_timeout = seconds(15);
inline constexpr std::size_t max_answer_bytes = 64 * 1024;
inline constexpr int max_refusals = 5;  // of one message; then it is given up
inline constexpr Duration suspend_after = seconds(24 * 3600);  // without one delivery
inline constexpr std::int64_t least_failures_to_suspend = 10;

// The one name under which the vault keeps the address of a hook; no secret of a job is called so.
std::string vault_name(const std::string& hook);

// What couriers need of the server.
struct Office {
    const runtime::SecretVault& vault;
    ProgressFiles progress;
    http::Destinations destinations = http::Destinations::public_only;
    std::string user_agent;
    std::function<void(const control::ScopedName&, const std::string& sealed, HookTrouble)> suspend;
};

// One POST of one message.
struct Sent {
    Judgement judgement;
    int status = 0;  // 0: no answer
};
Sent send(http::Client& client, const std::string& path, const Channel& channel,
          const Address& address, std::span<const Notice> notices, NoticeLanguage language);

// How it goes; since the server has started.
struct Delivery {
    std::size_t waiting = 0;
    std::int64_t delivered = 0;  // notices
    std::int64_t given_up = 0;
    std::int64_t failures = 0;      // in a row
    std::int64_t failed_tries = 0;  // in all
    Time oldest_waiting;            // when it happened; 0: nothing waits
    Time failing_since;             // 0: it is not
    Time last_delivered;
    Time next_try;  // 0: at once, or nothing waits
    std::string last_error;
};

class Courier {
   public:
    // `newest` is the journal's last entry: a place past it is that of a journal which was restored since.
    Courier(Office& office, control::ScopedName name, const control::HookRow& row, Seq newest);
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    Seq told_before() const { return told_before_; }  // where it went on: nothing up to it is left
    bool has_room() const;
    void take(Notice notice);
    // Every entry up to this one was looked at, and what concerns the hook was taken.
    void reached(Seq seq);
    Delivery delivery() const;

   private:
    void run();
    std::vector<Notice> wait_for_notices();
    Sent try_to_send(std::span<const Notice> notices);
    void settle(std::size_t count, const Sent& sent);
    void note_delivered(std::size_t count);
    Duration note_failure(std::size_t count, const Judgement& judgement);
    bool wants_suspension(const Judgement& judgement) const;
    void drop_front(std::size_t count);
    void write_progress();

    Office& office_;
    const control::ScopedName name_;
    const Hook hook_;
    const std::string sealed_;
    const Channel& channel_;
    const Limits limits_;
    Seq told_before_;

    // Of its own thread.
    std::unique_ptr<http::Client> client_;
    std::string path_;
    Address address_;
    MinuteWindow window_;
    int refusals_ = 0;  // of the message in hand
    std::optional<Progress> written_;
    Instant written_at_;

    mutable std::mutex mutex_;
    std::condition_variable woken_;
    std::deque<Notice> waiting_;
    Seq reached_;
    Instant not_before_;
    Delivery delivery_;
    bool stopping_ = false;
    http::Client* in_use_ = nullptr;  // to interrupt
    std::thread thread_;
};

}  // namespace dayu::notices
