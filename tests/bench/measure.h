// What measuring programs share: time by the clock and by the processor, percentiles, memory, and one JSON object.
#pragma once

#include <mimalloc.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

namespace dayu::bench {

// Milliseconds. On a busy machine the processor's own say more than those of the clock.
struct Took {
    double wall = 0;
    double cpu = 0;

    Took& operator+=(const Took& other) {
        wall += other.wall;
        cpu += other.cpu;
        return *this;
    }
};

class Stopwatch {
   public:
    Took took() const {
        return {now(CLOCK_MONOTONIC) - wall_, now(CLOCK_THREAD_CPUTIME_ID) - cpu_};
    }

   private:
    static double now(clockid_t clock) {
        timespec time{};
        ::clock_gettime(clock, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    }
    double wall_ = now(CLOCK_MONOTONIC);
    double cpu_ = now(CLOCK_THREAD_CPUTIME_ID);
};

template <class Work>
Took time_of(Work&& work) {
    const Stopwatch watch;
    work();
    return watch.took();
}

class JsonObject {
   public:
    JsonObject& add(std::string_view name, std::int64_t value) {
        return raw(name, std::to_string(value));
    }
    JsonObject& add(std::string_view name, double value) {
        return raw(name, fmt::format("{:.3f}", value));
    }
    JsonObject& add(std::string_view name, const JsonObject& inner) {
        return raw(name, inner.text());
    }
    JsonObject& add(std::string_view name, Took took_ms) {
        return add(name, JsonObject().add("wall", took_ms.wall).add("cpu", took_ms.cpu));
    }
    JsonObject& raw(std::string_view name, std::string_view json) {
        inside_ += fmt::format("{}\"{}\": {}", inside_.empty() ? "" : ", ", name, json);
        return *this;
    }
    std::string text() const { return "{" + inside_ + "}"; }

   private:
    std::string inside_;
};

class Samples {
   public:
    void add(Took took) {
        wall_.push_back(took.wall);
        cpu_.push_back(took.cpu);
    }
    std::size_t size() const { return wall_.size(); }
    JsonObject json() const {
        return JsonObject()
            .add("samples", std::ssize(wall_))
            .add("p50", at(wall_, 0.5))
            .add("p99", at(wall_, 0.99))
            .add("max", at(wall_, 1))
            .add("cpu_p50", at(cpu_, 0.5))
            .add("cpu_p99", at(cpu_, 0.99))
            .add("cpu_max", at(cpu_, 1));
    }

   private:
    static double at(std::vector<double> values, double share) {
        if (values.empty()) return 0;
        std::ranges::sort(values);
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) +
                                               0.5)];
    }
    std::vector<double> wall_, cpu_;
};

// What the process holds, without what the allocator has been given back and keeps.
inline std::int64_t resident_bytes() {
    ::mi_collect(true);
    long all = 0, resident = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr) return 0;
    if (std::fscanf(file, "%ld %ld", &all, &resident) != 2) resident = 0;
    std::fclose(file);
    return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace dayu::bench
