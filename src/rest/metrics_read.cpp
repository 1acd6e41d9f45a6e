// GET /metrics: what an operator of a dispatch centre watches, as Prometheus scrapes it. The control
// thread is asked for a copy once a scrape; nothing in it grows with the number of jobs.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "notices/desk.h"
#include "rest/process_usage.h"
#include "rest/resources.h"
#include "runtime/content_store.h"
#include "runtime/optimiser.h"

namespace dayu::rest {
namespace {

constexpr double milli = 1000;
constexpr double bytes_per_mib = 1024.0 * 1024.0;
constexpr double joules_per_mwh = 3.6;
constexpr double micro = 1e6;

using Labels = std::vector<std::pair<std::string, std::string>>;

struct PoolSeen {
    std::string center;
    Pool pool;
    sched::NodeView free;
    std::size_t excluded = 0;
    std::int64_t running = 0;
};

struct CenterSeen {
    std::string name;
    bool contact = false;
    bool held = false;  // an agent holds its lease
    Duration silent;
    std::optional<AgentHealth> told;
    std::size_t warnings = 0;
};

struct DiskSeen {
    std::string center;
    DiskHealth disk;
};

struct HookSeen {
    control::ScopedName name;
    bool suspended = false;
    notices::Delivery delivery;  // of nothing while it is suspended
};

struct Seen {
    runtime::Figures figures;
    std::vector<CenterSeen> centers;
    std::vector<PoolSeen> pools;
    std::vector<HookSeen> hooks;
    std::size_t jobs = 0;
    std::size_t attempts = 0;
    std::size_t queued_jobs = 0;
    Seq seq;
};

PoolSeen see(const std::string& center, const sched::PoolView& view) {
    return {.center = center,
            .pool = view.pool(),
            .free = view.free().total(),
            .excluded = view.free().closed().size(),
            .running = view.running()};
}

Seen see(const runtime::Core& core, std::string_view version) {
    Seen seen;
    seen.figures = core.figures();
    seen.jobs = core.state().jobs.size();
    seen.attempts = core.state().attempts.size();
    seen.seq = core.state().header.last_seq;
    seen.queued_jobs = core.world().waiting().size();
    for (const auto& [name, row] : core.state().hooks.rows())
        seen.hooks.push_back(
            {.name = name, .suspended = row.suspended.has_value(), .delivery = {}});
    for (const auto& [id, row] : core.state().centers.rows()) {
        const runtime::CenterSight sight = runtime::see_center(core, id);
        const bool held = !row.installation.empty();
        seen.centers.push_back({.name = row.center.name,
                                .contact = held && !row.contact_lost,
                                .held = held,
                                .silent = sight.silent.value_or(Duration{}),
                                .told = sight.told,
                                .warnings = runtime::warnings_of(sight, version).size()});
        const auto view = core.world().centers().find(id);
        if (view == core.world().centers().end()) continue;
        for (const auto& [name, pool] : view->second.pools) {
            seen.pools.push_back(see(row.center.name, pool));
        }
    }
    return seen;
}

// Families as they are written down: one line each, in the order of the answer.
class Sheet {
   public:
    Family& add(FamilyKind kind, std::string name, std::string help) {
        return families_.emplace_back(
            Family{.name = std::move(name), .help = std::move(help), .kind = kind, .samples = {}});
    }
    template <class Number>
    void gauge(std::string name, std::string help, Number value) {
        add(FamilyKind::gauge, std::move(name), std::move(help)).samples = {
            {.labels = {}, .value = static_cast<double>(value), .distribution = {}}};
    }
    template <class Number>
    void counter(std::string name, std::string help, Number value) {
        add(FamilyKind::counter, std::move(name), std::move(help)).samples = {
            {.labels = {}, .value = static_cast<double>(value), .distribution = {}}};
    }
    void histogram(std::string name, std::string help, runtime::Distribution distribution) {
        add(FamilyKind::histogram, std::move(name), std::move(help)).samples = {
            {.labels = {}, .value = 0, .distribution = std::move(distribution)}};
    }
    template <class Key>
    void counters(std::string name, std::string help, const std::string& label,
                  const std::map<Key, std::uint64_t>& counts) {
        Family& family = add(FamilyKind::counter, std::move(name), std::move(help));
        for (const auto& [key, count] : counts) {
            std::string value;
            if constexpr (std::is_enum_v<Key>) {
                value = to_string(key);
            } else {
                value = key;
            }
            family.samples.push_back({.labels = {{label, std::move(value)}},
                                      .value = static_cast<double>(count),
                                      .distribution = {}});
        }
    }
    // A gauge of each centre, pool or hook that `value` says something about.
    template <class Row, class Labels, class Value>
    void each(std::string name, std::string help, const std::vector<Row>& rows, Labels labels,
              Value value) {
        each(FamilyKind::gauge, std::move(name), std::move(help), rows, labels, value);
    }
    template <class Row, class Labels, class Value>
    void each(FamilyKind kind, std::string name, std::string help, const std::vector<Row>& rows,
              Labels labels, Value value) {
        Family& family = add(kind, std::move(name), std::move(help));
        for (const Row& row : rows) {
            family.samples.push_back({.labels = labels(row),
                                      .value = static_cast<double>(value(row)),
                                      .distribution = {}});
        }
    }
    std::vector<Family> take() { return std::move(families_); }

   private:
    std::vector<Family> families_;
};

void write_journal(Sheet& sheet, const Seen& seen, const runtime::LoopFigures& loop) {
    const runtime::Figures& figures = seen.figures;
    sheet.gauge("dayu_journal_seq", "Sequence number of the newest entry.", seen.seq.value);
    sheet.counters("dayu_journal_entries_total", "Entries written, by type.", "type",
                   figures.entries);
    sheet.histogram("dayu_journal_commit_entries", "Entries of one group commit.",
                    figures.commit_entries);
    sheet.histogram("dayu_journal_append_duration_seconds",
                    "Time until a group commit was durable.", figures.append_seconds);
    sheet.counter("dayu_journal_append_failures_total",
                  "Group commits that the disk refused; they were undone.", figures.failed_appends);
    sheet.counter("dayu_journal_snapshots_total", "Snapshots made.", loop.snapshots);
    sheet.counter("dayu_journal_snapshot_failures_total", "Snapshots that could not be made.",
                  loop.failed_snapshots);
    sheet.gauge("dayu_journal_snapshot_seq", "What the newest snapshot of this process reaches.",
                loop.snapshot.value);
    sheet.gauge("dayu_journal_snapshot_duration_seconds", "How long the newest snapshot took.",
                static_cast<double>(loop.snapshot_ms) / milli);
    sheet.gauge("dayu_loop_queued_requests", "Requests that wait for the control thread.",
                loop.queued);
    sheet.histogram("dayu_round_duration_seconds", "Time of one round of the scheduler.",
                    figures.round_seconds);
    sheet.counter("dayu_round_advised_starts_total",
                  "Starts of jobs that the optimum advised and a round followed.",
                  figures.advised_starts);
    sheet.counter("dayu_round_stale_starts_total",
                  "Starts that it advised and that did not hold any more.", figures.stale_starts);
}

void write_jobs(Sheet& sheet, const Seen& seen) {
    const runtime::Figures& figures = seen.figures;
    Family& jobs = sheet.add(FamilyKind::gauge, "dayu_jobs", "Live jobs by state.");
    // A job that is ACTIVE has a live attempt, and one that is PENDING stands in a queue.
    const auto state = [&](JobState named, std::size_t count) {
        jobs.samples.push_back({.labels = {{"state", std::string(to_string(named))}},
                                .value = static_cast<double>(count),
                                .distribution = {}});
    };
    state(JobState::pending, seen.queued_jobs);
    state(JobState::held, seen.jobs - seen.attempts - seen.queued_jobs);
    state(JobState::active, seen.attempts);
    sheet.counters("dayu_jobs_ended_total", "Jobs that ended, by how.", "state",
                   figures.jobs_ended);
    sheet.counters("dayu_attempts_ended_total", "Attempts that ended, by cause.", "cause",
                   figures.attempts_ended);
    sheet.counter("dayu_billed_yuan_total", "What ended attempts were billed.",
                  static_cast<double>(figures.billed.micro_yuan) / micro);
    sheet.counter("dayu_energy_joules_total", "Energy of ended attempts.",
                  static_cast<double>(figures.energy_mwh) * joules_per_mwh);
    sheet.counter("dayu_carbon_grams_total", "CO2e of ended attempts.",
                  static_cast<double>(figures.carbon_mg) / milli);
}

// As the agents tell it: nothing of those that do not.
void write_health(Sheet& sheet, const std::vector<CenterSeen>& centers) {
    std::vector<CenterSeen> compared;
    std::vector<DiskSeen> disks;
    for (const CenterSeen& row : centers) {
        if (!row.told) continue;
        if (row.told->clock_ahead_ms) compared.push_back(row);
        for (const DiskHealth& disk : row.told->disks)
            disks.push_back({.center = row.name, .disk = disk});
    }
    sheet.each(
        "dayu_center_clock_ahead_seconds", "Of the agent's clock over the server's.", compared,
        [](const CenterSeen& row) { return Labels{{"center", row.name}}; },
        [](const CenterSeen& row) {
            return static_cast<double>(*row.told->clock_ahead_ms) / milli;
        });
    const auto of_disk = [](const DiskSeen& row) {
        return Labels{{"center", row.center}, {"path", row.disk.path}};
    };
    sheet.each("dayu_center_disk_bytes", "Size of a file system that the agent works in.", disks,
               of_disk, [](const DiskSeen& row) {
                   return static_cast<double>(row.disk.total_mib) * bytes_per_mib;
               });
    sheet.each(
        "dayu_center_disk_free_bytes", "What is free of it.", disks, of_disk,
        [](const DiskSeen& row) { return static_cast<double>(row.disk.free_mib) * bytes_per_mib; });
}

void write_supply(Sheet& sheet, Seen& seen) {
    const auto of_center = [](const CenterSeen& row) { return Labels{{"center", row.name}}; };
    const auto of_pool = [](const PoolSeen& row) {
        return Labels{{"center", row.center}, {"pool", row.pool.name}, {"chip", row.pool.chip}};
    };
    sheet.each("dayu_center_contact", "1 while the centre's agent is in contact.", seen.centers,
               of_center, [](const CenterSeen& row) { return row.contact ? 1 : 0; });
    sheet.each("dayu_center_warnings", "What `dayu centers --health` warns of.", seen.centers,
               of_center, [](const CenterSeen& row) { return row.warnings; });
    write_health(sheet, seen.centers);
    std::erase_if(seen.centers, [](const CenterSeen& row) { return !row.held; });
    sheet.each("dayu_center_sync_age_seconds", "Time since the centre's agent was last heard.",
               seen.centers, of_center,
               [](const CenterSeen& row) { return static_cast<double>(row.silent.ms) / milli; });
    sheet.each("dayu_attempts", "Live attempts.", seen.pools, of_pool,
               [](const PoolSeen& row) { return row.running; });
    sheet.each("dayu_pool_nodes", "Nodes of the pool.", seen.pools, of_pool,
               [](const PoolSeen& row) { return row.pool.nodes; });
    sheet.each("dayu_pool_excluded_nodes", "Nodes of the pool that get no new attempts.",
               seen.pools, of_pool, [](const PoolSeen& row) { return row.excluded; });
    sheet.each("dayu_pool_chips", "Chips of the pool.", seen.pools, of_pool,
               [](const PoolSeen& row) { return row.pool.nodes * row.pool.chips_per_node; });
    sheet.each(
        "dayu_pool_free_chips", "Chips that no attempt occupies.", seen.pools, of_pool,
        [](const PoolSeen& row) { return static_cast<double>(row.free.free_chips_milli) / milli; });
    sheet.each("dayu_pool_cpus", "CPUs of the pool.", seen.pools, of_pool,
               [](const PoolSeen& row) { return row.pool.nodes * row.pool.cpus_per_node; });
    sheet.each("dayu_pool_free_cpus", "CPUs that no attempt occupies.", seen.pools, of_pool,
               [](const PoolSeen& row) { return row.free.free_cpus; });
    sheet.each("dayu_pool_memory_bytes", "Memory of the pool.", seen.pools, of_pool,
               [](const PoolSeen& row) {
                   return static_cast<double>(row.pool.nodes * row.pool.memory_mib_per_node) *
                          bytes_per_mib;
               });
    sheet.each("dayu_pool_free_memory_bytes", "Memory that no attempt occupies.", seen.pools,
               of_pool, [](const PoolSeen& row) {
                   return static_cast<double>(row.free.free_memory_mib) * bytes_per_mib;
               });
}

// Few enough to have a series each: the server serves a hundred.
void write_hooks(Sheet& sheet, const std::vector<HookSeen>& hooks) {
    const Time now = system_clock().now();
    const auto of_hook = [](const HookSeen& row) {
        return Labels{{"tenant", row.name.scope.tenant},
                      {"project", row.name.scope.project},
                      {"hook", row.name.name}};
    };
    sheet.each("dayu_hook_suspended", "1 while the hook is told nothing.", hooks, of_hook,
               [](const HookSeen& row) { return row.suspended ? 1 : 0; });
    sheet.each("dayu_hook_waiting_notices", "Notices that the hook has not been told yet.", hooks,
               of_hook, [](const HookSeen& row) { return row.delivery.waiting; });
    sheet.each("dayu_hook_lag_seconds", "Age of the oldest notice that waits.", hooks, of_hook,
               [&](const HookSeen& row) {
                   const Time oldest = row.delivery.oldest_waiting;
                   return oldest.ms == 0 ? 0 : static_cast<double>((now - oldest).ms) / milli;
               });
    sheet.each(FamilyKind::counter, "dayu_hook_delivered_total", "Notices that the hook took.",
               hooks, of_hook, [](const HookSeen& row) { return row.delivery.delivered; });
    sheet.each(FamilyKind::counter, "dayu_hook_failures_total",
               "Messages that the hook did not take.", hooks, of_hook,
               [](const HookSeen& row) { return row.delivery.failed_tries; });
    sheet.each(FamilyKind::counter, "dayu_hook_given_up_total",
               "Notices that it refused again and again, and that were dropped.", hooks, of_hook,
               [](const HookSeen& row) { return row.delivery.given_up; });
}

void write_contents(Sheet& sheet, const runtime::ContentStore& store) {
    const runtime::ContentFigures figures = store.figures();
    sheet.gauge("dayu_contents", "Files of workdirs that are kept.", figures.contents);
    sheet.gauge("dayu_contents_bytes", "What they take, with those that are still coming.",
                figures.bytes);
    sheet.gauge("dayu_contents_quota_bytes", "What they may take.", store.limits().quota_bytes);
    sheet.counter("dayu_contents_asked_total", "Files that clients asked for before an upload.",
                  figures.asked);
    sheet.counter("dayu_contents_found_total", "Those that were here, and were not sent again.",
                  figures.found);
    sheet.counter("dayu_contents_uploaded_total", "Files that came whole.", figures.taken);
    sheet.counter("dayu_contents_uploaded_bytes_total", "Their bytes.", figures.taken_bytes);
    sheet.counter("dayu_contents_removed_total", "Files that nothing had used for long.",
                  figures.removed);
}

void write_optimiser(Sheet& sheet, const runtime::OptimiserFigures& figures) {
    const auto yuan = [](Money amount) { return static_cast<double>(amount.micro_yuan) / micro; };
    sheet.counter("dayu_optimiser_runs_total",
                  "Times that the optimum of all that waits was sought.", figures.runs);
    sheet.counter("dayu_optimiser_failures_total", "Those that found none.", figures.failures);
    sheet.histogram("dayu_optimiser_copy_duration_seconds",
                    "Time of the control thread for the copy that is optimised.",
                    figures.copy_seconds);
    sheet.histogram("dayu_optimiser_duration_seconds", "Time beside it.", figures.run_seconds);
    sheet.gauge("dayu_optimiser_jobs", "Jobs that the newest optimum weighed.",
                figures.newest.jobs);
    sheet.gauge("dayu_optimiser_left_out_classes", "Classes of jobs that were too many for it.",
                figures.classes_left_out);
    sheet.gauge("dayu_optimiser_value_yuan", "What its starts are worth.",
                yuan(figures.newest.value));
    sheet.gauge("dayu_optimiser_bound_yuan", "What no starts can pass.",
                yuan(figures.newest.bound));
    sheet.gauge("dayu_optimiser_distance_ratio", "What the value lacks of the bound.",
                static_cast<double>(figures.distance_ppm) / micro);
}

void write_certificate(Sheet& sheet, const http::CertificateFiles::Status& status) {
    sheet.gauge("dayu_tls_certificate_end_time_seconds",
                "When the certificate that serves ends, in seconds since 1970.",
                static_cast<double>(status.ends.ms) / milli);
    sheet.gauge("dayu_tls_certificate_refused",
                "1 while its files hold something that cannot replace it.",
                status.refused.empty() ? 0 : 1);
}

void write_process(Sheet& sheet, const Context& context) {
    Family& build =
        sheet.add(FamilyKind::gauge, "dayu_build_info", "1, and which program this is.");
    build.samples.push_back({.labels = {{"version", context.version}, {"compiler", __VERSION__}},
                             .value = 1,
                             .distribution = {}});
    sheet.gauge("dayu_journal_writable", "0 while the disk refuses, and nothing is accepted.",
                context.loop.writable() ? 1 : 0);
    if (context.certificate) write_certificate(sheet, context.certificate->status());
    const EventStreams::Load load = context.event_streams.load();
    sheet.gauge("dayu_event_watchers", "Open event streams.", load.watchers);
    sheet.gauge("dayu_event_queued_bytes", "Events that watchers have not taken yet.",
                load.queued_bytes);
    const ProcessUsage usage = process_usage();
    sheet.counter("process_cpu_seconds_total", "CPU time, user and system.", usage.cpu_seconds);
    sheet.gauge("process_resident_memory_bytes", "Memory that is in use.", usage.resident_bytes);
    sheet.gauge("process_virtual_memory_bytes", "Memory that is mapped.", usage.virtual_bytes);
    sheet.gauge("process_threads", "Threads.", usage.threads);
    sheet.gauge("process_open_fds", "Open files and sockets.", usage.open_files);
    sheet.gauge("process_max_fds", "How many may be open.", usage.max_open_files);
    sheet.gauge("process_start_time_seconds", "When it started, in seconds since 1970.",
                usage.started);
}

}  // namespace

Result<http::Response> read_metrics(Context& context, const Call&) {
    Seen seen;
    context.loop.read_and_wait(
        [&](const runtime::Core& core) { seen = see(core, context.version); });
    if (context.notices != nullptr) {
        auto deliveries = context.notices->deliveries();
        for (HookSeen& row : seen.hooks) row.delivery = std::move(deliveries[row.name]);
    }
    Sheet sheet;
    write_process(sheet, context);
    write_journal(sheet, seen, context.loop.figures());
    write_jobs(sheet, seen);
    write_supply(sheet, seen);
    write_hooks(sheet, seen.hooks);
    if (context.contents != nullptr) write_contents(sheet, *context.contents);
    if (context.optimiser != nullptr) write_optimiser(sheet, context.optimiser->figures());
    return http::Response{.status = 200,
                          .body = context.metrics.text(sheet.take()),
                          .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace dayu::rest
