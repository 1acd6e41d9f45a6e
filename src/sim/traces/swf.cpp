// The Standard Workload Format: a line a job of 18 fields between blanks, in which -1 is unknown; comments begin with a
// semicolon. Archives add fields of their own behind the 18: they are passed over.
// The format: https://www.cs.huji.ac.il/labs/parallel/workload/swf.html
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include <fmt/core.h>

#include "sim/traces/csv.h"
#include "sim/traces/readers.h"

namespace dayu::sim {
namespace {

enum Field : std::size_t {
    job_number,
    submit_time,
    wait_time,
    run_time,
    allocated_processors,
    average_cpu_time,
    used_memory,
    requested_processors,
    requested_time,
    requested_memory,
    status,
    user,
    group,
    executable,
    field_count = 18
};
constexpr std::array<std::string_view, 14> field_names{"job number",
                                                       "submit time",
                                                       "wait time",
                                                       "run time",
                                                       "allocated processors",
                                                       "average CPU time",
                                                       "used memory",
                                                       "requested processors",
                                                       "requested time",
                                                       "requested memory",
                                                       "status",
                                                       "user",
                                                       "group",
                                                       "executable"};
constexpr std::int64_t unknown = -1;
constexpr std::int64_t most_processors = 100'000'000;
constexpr std::int64_t most_numbered = 1'000'000'000;        // users, groups and what they run
constexpr std::int64_t most_memory = 1'000'000'000'000'000;  // a PB, in whichever unit

constexpr auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };

class Line {
   public:
    Line(const std::string& path, std::size_t number, std::string_view text)
        : path_(path), number_(number) {
        const char* at = text.data();
        const char* const end = at + text.size();
        while (count_ < field_count) {
            const char* const begin = std::find_if_not(at, end, is_blank);
            if (begin == end) return;
            at = std::find_if(begin, end, is_blank);
            fields_[count_++] = {begin, static_cast<std::size_t>(at - begin)};
        }
    }

    bool empty() const { return count_ == 0 || fields_[0].starts_with(';'); }

    Result<void> check() const {
        if (count_ == field_count) return {};
        return invalid("trace_invalid", fmt::format("{}:{}: {} fields; a line has {}", path_,
                                                    number_, count_, std::size_t{field_count}));
    }

    // A whole number from 0 to `most`, or unknown: archives have other negative numbers than -1 where their logs were
    // broken. Some write a fraction, which is cut.
    Result<std::int64_t> whole(Field field, std::int64_t most) const {
        // Nearly all are whole, and those are read several times as fast.
        if (const auto value = number<std::int64_t>(field)) {
            if (*value < 0) return unknown;
            if (*value <= most) return *value;
        } else if (const auto fraction = number<double>(field)) {
            if (*fraction < 0) return unknown;
            if (*fraction <= static_cast<double>(most)) return static_cast<std::int64_t>(*fraction);
        }
        return bad(field, fmt::format("a number up to {}, or -1 for unknown", most));
    }

    Error bad(Field field, std::string_view expected) const {
        return invalid("trace_invalid", fmt::format("{}:{}: {} (field {}) is \"{}\"; expected {}",
                                                    path_, number_, field_names[field], field + 1,
                                                    fields_[field].substr(0, 40), expected));
    }

   private:
    template <class Number>
    std::optional<Number> number(Field field) const {
        const std::string_view text = fields_[field];
        Number value = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
        return value;
    }

    const std::string& path_;
    std::size_t number_;
    std::array<std::string_view, field_count> fields_;
    std::size_t count_ = 0;
};

Result<std::int64_t> read_memory(const Line& line, std::int64_t processors,
                                 const TraceReading& reading) {
    const std::int64_t memory = TRY(line.whole(requested_memory, most_memory));
    if (memory == unknown) return std::int64_t{0};
    if (reading.memory_in_bytes) return memory >> 20;
    if (memory > most_memory / processors)
        return line.bad(requested_memory, "KiB of each processor, a PB over all at most");
    return memory * processors >> 10;
}

// False for a job that never ran: it was cancelled while it waited.
Result<bool> read_job(const Line& line, const TraceReading& reading, TraceJob& job) {
    TRY(line.check());
    const std::int64_t run_s = TRY(line.whole(run_time, most_trace_seconds));
    job.arrival_s = TRY(line.whole(submit_time, most_trace_seconds));
    if (job.arrival_s == unknown) return line.bad(submit_time, "seconds from 0");
    job.cpus = TRY(line.whole(requested_processors, most_processors));
    if (job.cpus <= 0) job.cpus = TRY(line.whole(allocated_processors, most_processors));
    if (run_s == unknown || job.cpus <= 0) return false;
    job.duration_s = run_s;
    job.requested_s =
        std::max<std::int64_t>(TRY(line.whole(requested_time, most_trace_seconds)), 0);
    job.memory_mib = TRY(read_memory(line, job.cpus, reading));
    job.user =
        static_cast<std::uint32_t>(std::max<std::int64_t>(TRY(line.whole(user, most_numbered)), 0));
    job.name = static_cast<std::uint32_t>(
        std::max<std::int64_t>(TRY(line.whole(executable, most_numbered)), 0));
    return true;
}

}  // namespace

Result<Trace> read_swf_trace(const std::string& path, const TraceReading& reading) {
    const std::string text = TRY(read_trace_text(path));
    Trace trace;
    std::map<std::int64_t, std::uint32_t> groups;
    std::string_view rest = text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const Line line(path, number, rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        TraceJob job;
        if (line.empty() || !TRY(read_job(line, reading, job))) continue;
        const std::int64_t project = TRY(line.whole(group, most_numbered));
        const auto [at, is_new] =
            groups.try_emplace(project, static_cast<std::uint32_t>(groups.size()));
        if (is_new) {
            trace.projects.push_back(project == unknown ? std::string("unknown")
                                                        : fmt::format("group-{}", project));
        }
        job.project = at->second;
        trace.jobs.push_back(job);
    }
    return trace;
}

}  // namespace dayu::sim
