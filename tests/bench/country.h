// A country's worth of compute, made up: centres of unlike chips and sizes, projects of unlike size with queues,
// shapes of jobs, and a stream of jobs. All of it follows from the size and a seed, the same on every machine; the
// shares of each kind stand at the top of country.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/job.h"
#include "model/queue.h"
#include "random.h"

namespace dayu::bench {

struct CountrySize {
    std::int64_t centers = 100;
    std::int64_t nodes = 100'000;
    std::int64_t jobs = 1'000'000;
    std::int64_t shapes = 1'000;
    std::int64_t projects = 2'000;
};

struct CountryJob {
    std::uint32_t shape = 0;    // index into shapes()
    std::uint32_t project = 0;  // index into queue_paths()
    Priority priority = Priority::normal;
    Time submitted;
};

class Country {
   public:
    Country(const CountrySize& size, std::uint64_t seed, Time now);

    const std::vector<Chip>& chips() const { return chips_; }
    const std::vector<Center>& centers() const { return centers_; }
    const std::vector<JobSpec>& shapes() const { return shapes_; }
    const std::vector<std::string>& queue_paths() const { return queue_paths_; }  // of the projects
    const std::vector<Queue>& queues() const { return queues_; }  // those that are described
    std::int64_t chips_milli() const;                             // of all pools

    // The job of that number, from 0. The first size.jobs were submitted evenly over two weeks up to `now`, those
    // after them at `now`.
    CountryJob job(std::uint64_t number) const;

   private:
    void make_centers();
    Center make_center(std::size_t number, std::int64_t nodes);
    std::vector<Pool> make_pools(std::int64_t nodes);
    Pool chip_pool(std::size_t model, std::int64_t nodes);
    void make_shapes();
    JobSpec make_shape();
    void add_wishes(JobSpec& shape);
    bool can_run(const JobSpec& shape) const;
    void make_projects();
    void make_queues();
    void guarantee(Queue& tenant, std::size_t model);

    CountrySize size_;
    std::uint64_t seed_;
    Time now_;
    Draw draw_;
    std::vector<Chip> chips_;
    std::vector<Center> centers_;
    std::vector<JobSpec> shapes_;
    std::vector<std::string> queue_paths_;
    std::vector<Queue> queues_;
    std::vector<std::int64_t> promised_milli_;  // guaranteed so far, by chip model
    Wheel projects_by_jobs_;
    // What the jobs of each project look like: a few shapes, the first of them most often.
    std::vector<std::vector<std::uint32_t>> palettes_;
};

}  // namespace dayu::bench
