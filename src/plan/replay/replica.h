// One replica at work. Whoever drives it tells it how far time has come and what arrives; in between it works through segments:
// one iteration that computes parts of prompts, or many in which sequences decode and nothing else happens. It looks at what has
// arrived where a segment ends, as an engine does between iterations, and a jump ends early where something arrives.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <span>
#include <vector>

#include "plan/replay/prefix_cache.h"
#include "plan/serve_replay.h"

namespace dayu::plan::replay {

// What one pool of replicas is asked to do with a request.
struct Task {
    std::uint32_t request = 0;
    double ready_s = 0;
    double context = 0;     // tokens whose keys and values must be here before the next token
    double answer = 0;      // tokens to give
    bool has_keys = false;  // keys and values came with it, computed elsewhere
    bool is_again = false;  // it was preempted
    std::span<const std::uint64_t> blocks;
};

class Replica {
   public:
    Replica(const ReplicaPool& pool, const EngineSetting& setting, Replay& result)
        : pool_(pool), setting_(setting), result_(result) {}

    bool could_hold(const Task& task) const;
    // Up to and with everything that happens at `until_s`.
    void advance(double until_s);
    // At task.ready_s, which advance() has been called with.
    void add(const Task& task);

    // Nothing happens before.
    double next_s() const;
    std::size_t load() const { return waiting_.size() + prefilling_.size() + running_.size(); }
    std::size_t cached_blocks(const Task& task) const { return cache_.match(task.blocks); }

   private:
    // Admitted, its prompt not computed to the end.
    struct Prefill {
        Task task;
        double done = 0;
        double chunk = 0;  // of this iteration
    };
    struct Sequence {
        Task task;
        double context = 0;        // tokens that it looked at in its first iteration
        std::uint64_t since = 0;   // iterations that were over then
        std::uint64_t ends = 0;    // and when it ends
        std::uint64_t number = 0;  // in the order of admission
    };
    struct Segment {
        double begin_s = 0;
        double first_s = 0;   // of the first iteration
        double growth_s = 0;  // from one to the next
        std::uint64_t iterations = 0;

        double end_s(std::uint64_t count) const;
        std::uint64_t count_until(double at_s) const;
    };

    void plan();
    bool make_room();
    void preempt_last();
    void admit();
    bool admit_first();
    double iteration_budget() const;
    void share_budget();
    void plan_jump(Segment& segment);
    void finish();
    void finish_prompts();
    void start_decoding(Task task, double context);
    void end(const Task& task);
    double iteration_s(double decode_context) const;
    double answers_of(const Sequence& sequence) const;

    double private_tokens(const Task& task, double context) const;
    double free_tokens() const { return pool_.cache_tokens - held(); }
    double held() const { return private_ + cache_.in_use_tokens(); }

    const ReplicaPool& pool_;
    const EngineSetting& setting_;
    Replay& result_;

    std::deque<Task> waiting_;
    std::deque<Prefill> prefilling_;  // in the order of admission
    std::vector<Sequence> running_;   // a heap, what ends first in front
    PrefixCache cache_;
    Segment segment_;              // without iterations: none is planned
    double now_s_ = 0;             // where the next segment begins
    std::uint64_t iteration_ = 0;  // that are over
    std::uint64_t admitted_ = 0;
    double decode_context_ = 0;  // of all that run
    double prefill_tokens_ = 0;  // of the planned segment
    double prefill_pairs_ = 0;
    double private_ = 0;  // tokens in memory that no other request shares
};

}  // namespace dayu::plan::replay
