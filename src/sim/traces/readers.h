// The readers behind sim/trace.h, one a format; private to traces. They leave the jobs in the file's order, and their
// arrivals as the file counts them.
#pragma once

#include "sim/trace.h"

namespace dayu::sim {

// Beyond this a time in a trace is a mistake: 317 years.
inline constexpr std::int64_t most_trace_seconds = 10'000'000'000;

Result<Trace> read_openb_trace(const std::string& path, const TraceReading& reading);
Result<Trace> read_philly_trace(const std::string& path, const TraceReading& reading);
Result<Trace> read_journal_trace(const std::string& path, const TraceReading& reading);
Result<Trace> read_pai_trace(const std::string& path, const TraceReading& reading);
Result<Trace> read_swf_trace(const std::string& path, const TraceReading& reading);

}  // namespace dayu::sim
