// The scheduler alone at the size of a country (country.h), one phase after the other, and what each took, as JSON:
//
//   build    centres, queues and shapes enter an empty World, then every job waits
//   fill     rounds until nothing more can start; what each decided is taken up
//   refill   as many jobs again as wait in a country of this size
//   changes  again and again one hundredth of the chips becomes free, by jobs that end: the rounds after it
//   small    rounds after nothing, one submit, one end
//   answers  explain for jobs that wait, offers for jobs like those
//
//   world_bench [--centers 100] [--nodes 100000] [--jobs 1000000] [--shapes 1000] [--projects 2000] [--seed 1]
//               [--changes 50] [--questions 1000] [--limit-s 600]
//
// A phase that has not ended after so much processor time stops there, and says so.
#include <cstdlib>
#include <string_view>

#include "base/check.h"
#include "country.h"
#include "fed_world.h"
#include "measure.h"

namespace dayu::bench {
namespace {

constexpr Time start_of_time{1'800'000'000'000};
constexpr Duration time_between_changes = seconds(60);

struct Options {
    CountrySize size;
    std::int64_t seed = 1;
    std::int64_t changes = 50;
    std::int64_t questions = 1000;
    std::int64_t limit_s = 600;
};

// A country under load: jobs come, run and end.
class Load {
   public:
    Load(const Country& country, std::uint64_t seed)
        : country_(country),
          draw_(seed),
          world_({.chips = country.chips(),
                  .centers = country.centers(),
                  .shapes = country.shapes(),
                  .queues = country.queues()},
                 [this](JobId job) { return queued(job); }) {}

    void submit_up_to(std::int64_t waiting) {
        while (world_.waiting() < waiting) world_.submit({++submitted_});
    }
    Round round() { return world_.round(now_); }
    void end_one() { world_.end(random_running()); }
    void end_chips(std::int64_t milli);
    void pass(Duration time) { now_ = now_ + time; }
    sched::Explanation explain_one();
    CandidateTable offers_for_one();

    FedWorld& world() { return world_; }
    std::int64_t waiting() const { return world_.waiting(); }
    std::int64_t running() const { return std::ssize(world_.running()); }

   private:
    sched::QueuedJob queued(JobId id) const;
    std::size_t random_running() {
        return static_cast<std::size_t>(draw_.below(std::ssize(world_.running())));
    }

    const Country& country_;
    Draw draw_;
    FedWorld world_;
    Time now_ = start_of_time;
    std::uint64_t submitted_ = 0;
};

sched::QueuedJob Load::queued(JobId id) const {
    const CountryJob job = country_.job(id.value - 1);
    return {.job = id,
            .shape = {job.shape + 1},
            .queue = country_.queue_paths()[job.project],
            .priority = job.priority,
            .submitted = job.submitted};
}

void Load::end_chips(std::int64_t milli) {
    while (milli > 0 && !world_.running().empty())
        milli -= world_.end(random_running()).chips_milli;
}

sched::Explanation Load::explain_one() {
    JobId job;
    do job = {static_cast<std::uint64_t>(draw_.between(1, static_cast<std::int64_t>(submitted_)))};
    while (!world_.world().find_queued(job));
    return sched::explain(world_.world(), world_.policy(), job, now_);
}

CandidateTable Load::offers_for_one() {
    const auto next = submitted_ + static_cast<std::uint64_t>(draw_.below(1'000'000));
    const JobSpec& spec = country_.shapes()[country_.job(next).shape];
    return sched::weigh(world_.world(), world_.policy(), spec, now_);
}

// The phases, each with its own figures.

struct Settled {
    Samples rounds;     // each call of decide() with the taking up of it
    Samples decisions;  // decide() alone
    Took decide, take_up;
    std::int64_t placed = 0;
    std::int64_t victims = 0;
    bool finished = true;

    void add(const Round& round) {
        rounds.add(round.whole());
        decisions.add(round.decide);
        decide += round.decide;
        take_up += round.take_up;
        placed += round.placed;
        victims += round.victims;
    }
    Took whole() const {
        Took sum = decide;
        return sum += take_up;
    }
};

// Rounds as the server runs them, until nothing changes any more.
Settled settle(Load& load, double limit_ms) {
    Settled settled;
    const Stopwatch watch;
    for (;;) {
        const Round round = load.round();
        settled.add(round);
        if (!round.unfinished) return settled;
        if (watch.took().cpu > limit_ms) break;
    }
    settled.finished = false;
    return settled;
}

JsonObject build(Load& load, const Options& options) {
    const std::int64_t before = resident_bytes();
    const Took supply = time_of([&] { load.world().build_supply(); });
    const std::int64_t with_supply = resident_bytes();
    const Took jobs = time_of([&] { load.submit_up_to(options.size.jobs); });
    const std::int64_t with_jobs = resident_bytes();
    return JsonObject()
        .add("centers_and_shapes_ms", supply)
        .add("jobs_ms", jobs)
        .add("jobs_per_s", static_cast<double>(options.size.jobs) / jobs.wall * 1e3)
        .add("bytes_a_node", (with_supply - before) / options.size.nodes)
        .add("bytes_a_job", (with_jobs - with_supply) / options.size.jobs)
        .add("world_mib", (with_jobs - before) >> 20);
}

JsonObject fill(Load& load, const Country& country, const Options& options) {
    const std::int64_t before = resident_bytes();
    const Settled filled = settle(load, static_cast<double>(options.limit_s) * 1e3);
    const auto per_s = [&](double ms) { return static_cast<double>(filled.placed) / ms * 1e3; };
    return JsonObject()
        .raw("finished", filled.finished ? "true" : "false")
        .add("placed", filled.placed)
        .add("decide_ms", filled.decide)
        .add("take_up_ms", filled.take_up)
        .add("placements_per_s", per_s(filled.whole().wall))
        .add("placements_per_cpu_s", per_s(filled.whole().cpu))
        .add("rounds_ms", filled.rounds.json())
        .add("chips_in_use_percent", 100.0 *
                                         static_cast<double>(load.world().chips_in_use_milli()) /
                                         static_cast<double>(country.chips_milli()))
        .add("bytes_a_running_job",
             (resident_bytes() - before) / std::max<std::int64_t>(1, load.running()));
}

JsonObject change(Load& load, const Country& country, const Options& options) {
    Samples feeds, first, settling;
    Settled all;
    const Stopwatch watch;
    for (std::int64_t i = 0; i < options.changes; ++i) {
        if (watch.took().cpu > static_cast<double>(options.limit_s) * 1e3) break;
        load.pass(time_between_changes);
        feeds.add(time_of([&] {
            load.world().end_victims();
            load.end_chips(country.chips_milli() / 100);
        }));
        Took settled;
        Round round;
        do {
            round = load.round();
            if (settled.wall == 0) first.add(round.whole());
            all.add(round);
            settled += round.whole();
        } while (round.unfinished);
        settling.add(settled);
        load.submit_up_to(options.size.jobs);
    }
    return JsonObject()
        .add("placed_a_change", static_cast<double>(all.placed) / static_cast<double>(feeds.size()))
        .add("stopped_for_others_a_change",
             static_cast<double>(all.victims) / static_cast<double>(feeds.size()))
        .add("ends_fed_ms", feeds.json())
        .add("decide_ms", all.decisions.json())
        .add("rounds_ms", all.rounds.json())
        .add("first_round_ms", first.json())
        .add("until_settled_ms", settling.json())
        .add("rounds_until_settled",
             static_cast<double>(all.rounds.size()) / static_cast<double>(feeds.size()));
}

JsonObject small_rounds(Load& load, const Options& options) {
    Samples idle, submit, ended;
    std::int64_t rounds_after_ends = 0;
    for (std::int64_t i = 0; i < options.changes; ++i) {
        load.pass(milliseconds(10));
        idle.add(settle(load, 60e3).whole());
        load.submit_up_to(load.waiting() + 1);
        submit.add(settle(load, 60e3).whole());
        load.end_one();
        const Settled settled = settle(load, 60e3);
        ended.add(settled.whole());
        rounds_after_ends += static_cast<std::int64_t>(settled.rounds.size());
    }
    return JsonObject()
        .add("after_nothing_ms", idle.json())
        .add("after_one_submit_ms", submit.json())
        .add("after_one_end_ms", ended.json())
        .add("rounds_after_one_end",
             static_cast<double>(rounds_after_ends) / static_cast<double>(options.changes));
}

template <class Ask>
Samples ask_often(const Options& options, Ask&& ask) {
    Samples samples;
    const Stopwatch watch;
    for (std::int64_t i = 0; i < options.questions; ++i) {
        if (watch.took().cpu > static_cast<double>(options.limit_s) * 1e3 / 10) break;
        samples.add(time_of(ask));
    }
    return samples;
}

Options read_options(int count, char** words) {
    Options options;
    const std::pair<std::string_view, std::int64_t*> known[] = {
        {"--centers", &options.size.centers},   {"--nodes", &options.size.nodes},
        {"--jobs", &options.size.jobs},         {"--shapes", &options.size.shapes},
        {"--projects", &options.size.projects}, {"--seed", &options.seed},
        {"--changes", &options.changes},        {"--questions", &options.questions},
        {"--limit-s", &options.limit_s}};
    for (int i = 1; i < count; i += 2) {
        const auto* option = std::ranges::find(known, std::string_view(words[i]),
                                               [](const auto& one) { return one.first; });
        CHECK(option != std::end(known) && i + 1 < count);
        *option->second = std::atoll(words[i + 1]);
    }
    return options;
}

// How much is wanted of how much there is, so that the figures can be read.
JsonObject describe(const Country& country, const Options& options) {
    std::int64_t pools = 0;
    for (const Center& center : country.centers()) pools += std::ssize(center.pools);
    double wanted_milli = 0;
    const auto sampled = std::min<std::int64_t>(options.size.jobs, 100'000);
    for (std::int64_t i = 0; i < sampled; ++i) {
        const JobSpec& spec = country.shapes()[country.job(static_cast<std::uint64_t>(i)).shape];
        wanted_milli += static_cast<double>(spec.nodes * spec.resources.chips_milli);
    }
    const double all_jobs = static_cast<double>(options.size.jobs) / static_cast<double>(sampled);
    return JsonObject()
        .add("centers", options.size.centers)
        .add("pools", pools)
        .add("nodes", options.size.nodes)
        .add("chips", country.chips_milli() / 1000)
        .add("jobs", options.size.jobs)
        .add("shapes", options.size.shapes)
        .add("projects", options.size.projects)
        .add("chips_wanted_of_each_there",
             wanted_milli * all_jobs / static_cast<double>(country.chips_milli()));
}

void run(const Options& options) {
    const auto seed = static_cast<std::uint64_t>(options.seed);
    const Country country(options.size, seed, start_of_time);
    Load load(country, seed);
    JsonObject report;
    report.add("size", describe(country, options));
    report.add("build", build(load, options));
    report.add("fill", fill(load, country, options));
    report.add("refill_ms", time_of([&] { load.submit_up_to(options.size.jobs); }));
    report.add("waiting", load.waiting());
    report.add("running", load.running());
    report.add("changes_of_1_percent", change(load, country, options));
    report.add("small_rounds", small_rounds(load, options));
    report.add("explain_ms", ask_often(options, [&] { load.explain_one(); }).json());
    report.add("offers_ms", ask_often(options, [&] { load.offers_for_one(); }).json());
    report.add("resident_mib", resident_bytes() >> 20);
    fmt::print("{}\n", report.text());
}

}  // namespace
}  // namespace dayu::bench

int main(int count, char** words) { dayu::bench::run(dayu::bench::read_options(count, words)); }
