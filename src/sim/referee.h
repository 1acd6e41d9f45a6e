// The independent model that judges a virtual world. It knows what was promised to clients, what is
// durable in the journal and what really happened at the engines, and holds these against each other and
// against the server's State. Its rules are the promises of DESIGN sections 4 and 5.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/command.h"
#include "control/event.h"
#include "journal/store.h"
#include "runtime/core.h"
#include "sim/timeline.h"
#include "sim/virtual_disk.h"
#include "sim/witness.h"

namespace dayu::sim {

class Referee final : public Witness {
   public:
    static constexpr std::size_t kept_notes = 120;

    Referee(const Timeline& timeline, bool takes_notes)
        : timeline_(timeline), takes_notes_(takes_notes) {}

    const std::string& complaint() const { return complaint_; }  // empty: all is well
    const std::deque<std::string>& notes() const { return notes_; }
    // How often what happened: a world in which nothing happens proves nothing.
    const std::map<std::string, std::uint64_t>& counts() const { return counts_; }
    void count(const std::string& what) { ++counts_[what]; }

    // What the world consists of.
    void expect_job(const JobFile& file);
    void expect_center(const Center& center);

    // What clients and the operator saw or did.
    void acknowledged(const std::string& name, JobId job);
    void asked(JobId job, control::JobAction action);  // of all tasks, when it is an array
    void asked_to_exclude(const std::string& center) { asked_to_exclude_.insert(center); }
    void asked_to_fence(const std::string& center) { asked_to_fence_.insert(center); }

    // What is on disk for good.
    void durable(const journal::Transaction& transaction);
    bool is_over(JobId job) const;
    bool all_over() const;
    std::string unfinished() const;  // for people

    // Holds the server's State against all of the above.
    void check_state(const runtime::Core& core);
    void check_replay(const runtime::Core& core, const VirtualDisk& disk, VirtualDisk::Reads reads);

    void claimed(const StartOrder& order) override;
    void began(const std::string& center, const StartOrder& order) override;
    void gives_up(const Token& token) override;
    void over(const Token& token, Fate fate, const Ending& ending) override;
    void blocked(const Token& token) override;
    void in_contact(const std::string& center, Instant sent) override;
    void complain(std::string what) override;
    void note(const std::string& who, const std::string& what) override;
    bool takes_notes() const override { return takes_notes_; }

   private:
    struct Expected {
        JobFile file;
        JobId accepted;      // on disk; of an array the first
        JobId acknowledged;  // to the client
        std::int64_t live_attempts = 0;

        std::uint64_t tasks() const {
            return file.conditions.array.indices.empty() ? 1 : file.conditions.array.indices.size();
        }
        bool has_task(JobId job) const {
            return accepted && job >= accepted && job.value < accepted.value + tasks();
        }
    };
    struct Job {
        std::string name;
        std::int64_t attempts = 0;
        bool has_live_attempt = false;
        bool ended = false;
        bool is_held = false;
        bool is_stopping = false;  // a stop after which it does not come back is on record
        EndCause last_cause = EndCause::exited;
        std::int64_t last_code = 0;
    };
    struct Attempt {
        AttemptKey key;
        std::string center;
        bool ended = false;  // on disk
        std::int64_t metered_cpu_ms = 0;
        Time metered_to;
        // The truth:
        bool blocked = false;
        bool has_begun = false;
        bool runs = false;
        std::optional<Fate> fate;
        Ending ending;
        StartOrder order;
    };
    struct Fold;
    using NodeKey = std::tuple<std::string, std::string, std::int64_t>;  // centre, pool, node

    bool was_asked(JobId job, control::JobAction action) const;
    bool has_deadline(JobId job) const;
    bool may_be_stopped(JobId job, EndCause cause) const;
    bool is_task_over(JobId job) const;
    void check_exclusion(const control::NodeExcluded& event);
    void occupy(const std::string& center, const StartOrder& order, std::int64_t sign);
    void check_end(const Token& token, const Attempt& attempt, const control::AttemptEnded& event);
    void check_capacity(const control::State& state);
    const Pool* find_pool(const std::string& center, const std::string& pool) const;
    Attempt* placed(const Token& token, const char* what);

    const Timeline& timeline_;
    bool takes_notes_;
    std::string complaint_;
    std::deque<std::string> notes_;
    std::map<std::string, std::uint64_t> counts_;

    std::map<std::string, Expected> expected_;  // by name
    std::map<std::string, Center> centers_;
    std::set<std::pair<JobId, control::JobAction>> asked_;  // by the id that was named
    std::set<std::string> asked_to_fence_;
    std::set<std::string> asked_to_exclude_;
    std::map<std::string, Instant> contact_;  // true time

    std::string cluster_;
    Seq last_seq_;
    std::map<CenterId, std::string> center_names_;
    std::map<JobId, Job> jobs_;
    std::size_t live_jobs_ = 0;
    std::map<Token, Attempt> attempts_;
    std::map<JobId, Token> running_;  // in truth
    std::map<NodeKey, NodeShare> used_;
    std::set<NodeKey> excluded_;  // on disk
    std::set<JobId> preempted_;   // once at least
};

}  // namespace dayu::sim
