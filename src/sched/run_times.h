// How long jobs will run, learned online from those that ended: what similar jobs did, and what was asked for. The answer
// is a distribution, of which any quantile may be asked, so that whoever plans can be as careful as it must.
//
// Likeness has steps: jobs of the same user with the same name, size, kind and requested time; of the same user and
// name; of the same user and requested time; of the user; of the project; all. A step knows how often jobs ended in each
// bin of run time (four bins an octave), the more recent ones more. Where it has seen few, it leans on the step above it:
//
//     P_s(bin) = (n_s(bin) + k P_above(bin)) / (n_s + k)
//
// which is the mean of a Dirichlet distribution around the step above: what has never been seen costs nothing but
// precision. Above all stands a flat one, over the logarithm of the time. Jobs that still run count too, by what is known of
// them: each is spread over the bins behind what it has run so far, as P_s itself is there. Without them short jobs would
// be seen first, and long ones too late. No prediction passes the requested time: jobs are
// stopped there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>

#include "base/time.h"

namespace dayu::sched {

// What is known of a job before it runs. Names are numbered by the caller; 0 is unknown, and tells nothing.
struct Likeness {
    std::uint32_t user = 0;
    std::uint32_t project = 0;
    std::uint32_t name = 0;
    std::uint32_t kind = 0;  // of its chips
    std::int64_t size = 0;   // thousandths of chips, or CPUs, over all nodes
    Duration requested;      // its time limit
};

struct RunTimeParameters {
    // Each job that ends takes so much from the weight of those before it in its step: about the last 30 count.
    float keeps = 0.97F;
    // So many jobs of a step weigh as much as all that the steps above it know.
    float leans_on_above = 2;
    // Steps above which no new ones are begun, 0.5 KiB each: what is then new is known by its wider steps.
    std::size_t most_groups = 100'000;
};

class RunTimes {
   public:
    explicit RunTimes(const RunTimeParameters& parameters = {}) : parameters_(parameters) {}

    void start(const Likeness& job, Time at);
    // Of a run that started then, as start() was told.
    void end(const Likeness& job, Time started, Time ended);
    // It was stopped by others: how long it would have run is not known.
    void forget(const Likeness& job, Time started);

    // So long that a share of `quantile` of jobs like it is over by then, and never beyond the requested time.
    Duration predict(const Likeness& job, double quantile, Time now) const;

    std::size_t groups() const { return groups_.size(); }

   private:
    // From a second to 2^26 s, two years; what is shorter or longer is in the first or the last.
    static constexpr std::size_t bins = 26 * 4;
    using Shares = std::array<float, bins>;
    struct Group {
        Shares count{};
        float sum = 0;
        std::multiset<Time> running;  // since when
    };
    static constexpr std::size_t steps = 6;

    static std::array<std::uint64_t, steps> keys_of(const Likeness& job);
    static std::size_t bin_of(Duration time);
    static Duration end_of(std::size_t bin);
    static void add_running(const Group& group, float weight, Time now, Shares& shares);
    Group* find(std::uint64_t key);
    Shares shares_of(const Likeness& job, Time now) const;

    RunTimeParameters parameters_;
    std::unordered_map<std::uint64_t, Group> groups_;
};

}  // namespace dayu::sched
