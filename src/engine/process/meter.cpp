#include "engine/process/meter.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "engine/process/processes.h"

namespace dayu::engine {
namespace {

rusage reaped() {
    rusage use{};
    ::getrusage(RUSAGE_CHILDREN, &use);
    return use;
}

std::int64_t to_ms(const timeval& time) { return time.tv_sec * 1000 + time.tv_usec / 1000; }

}  // namespace

Meter::Meter(const Cgroup& cgroup, const AttemptFiles& files, Duration window)
    : cgroup_(cgroup), files_(files), window_(window) {}

void Meter::begin(Time started, Instant now) {
    started_ = started;
    began_ = window_began_ = now;
    next_window_ = now + window_;
}

void Meter::sample() {
    if (cgroup_.limits_memory()) return;
    const std::int64_t now_mib = use_of(descendants(::getpid())).resident_mib;
    sampled_peak_mib_ = std::max(sampled_peak_mib_, now_mib);
}

std::int64_t Meter::cpu_ms_so_far() const {
    if (const auto exact = cgroup_.cpu_ms()) return *exact;
    const rusage use = reaped();
    return to_ms(use.ru_utime) + to_ms(use.ru_stime) + use_of(descendants(::getpid())).cpu_ms;
}

std::int64_t Meter::peak_of_window() {
    if (const auto exact = cgroup_.take_peak_memory_mib()) return *exact;
    sample();
    const std::int64_t largest_reaped_mib = (reaped().ru_maxrss + 1023) / 1024;
    const std::int64_t peak_mib = std::max(sampled_peak_mib_, largest_reaped_mib);
    sampled_peak_mib_ = 0;
    return peak_mib;
}

void Meter::close_window(Instant now) {
    next_window_ = now + window_;
    if (now <= window_began_) return;
    // A child that exits between two looks may be missing from the second: never count backwards.
    const std::int64_t cpu_ms = std::max(cpu_ms_so_far(), total_.cpu_ms);
    const UsageWindow window{
        .from = wall(window_began_),
        .to = wall(now),
        .usage = {.cpu_ms = cpu_ms - total_.cpu_ms, .peak_memory_mib = peak_of_window()}};
    total_.peak_memory_mib = std::max(total_.peak_memory_mib, window.usage.peak_memory_mib);
    total_.cpu_ms = cpu_ms;
    // Without room on the disk this window is lost; the exit record still has the total.
    (void)append_window(files_, window);
    window_began_ = now;
}

}  // namespace dayu::engine
