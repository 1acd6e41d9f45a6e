// Work that a user asks for by what is to be done, in place of resources: "train this model on so many tokens", "serve it at this
// rate with these latencies". Before the job is accepted a planner turns it into variants, one for each kind of chip and count
// that would do, with the time that each is expected to run; from there on the job is like any other (ADR 0022). How each variant
// was found is its WorkPlan.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "base/time.h"

namespace dayu {

enum class TrainingTask : std::uint8_t { pretrain, finetune, lora };
constexpr auto enum_names(Type<TrainingTask>) {
    return std::array<std::string_view, 3>{"pretrain", "finetune", "lora"};
}

enum class TrainingPrecision : std::uint8_t { bf16, fp8 };
constexpr auto enum_names(Type<TrainingPrecision>) {
    return std::array<std::string_view, 2>{"bf16", "fp8"};
}

enum class ServingPrecision : std::uint8_t { bf16, fp8, fp4, int4 };
constexpr auto enum_names(Type<ServingPrecision>) {
    return std::array<std::string_view, 4>{"bf16", "fp8", "fp4", "int4"};
}

// What the work is about, and what may be taken for it.
struct WorkModel {
    std::string name;  // that the planner knows; or else
    // what stands in its config.json: numbers, words and truths as they are written there; of lists, with commas.
    std::map<std::string, std::string> config;
    std::string framework;           // whose calibration is used; empty: the chip's first
    std::vector<std::string> chips;  // kinds that may be taken; empty: all that there are

    bool operator==(const WorkModel&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"name", &WorkModel::name}, Field{"config", &WorkModel::config},
                          Field{"framework", &WorkModel::framework},
                          Field{"chips", &WorkModel::chips});
    }
};

struct Training {
    WorkModel model;
    std::int64_t tokens = 0;           // to train on
    std::int64_t sequence = 4096;      // tokens
    std::int64_t global_batch = 1024;  // sequences of a step
    TrainingTask task = TrainingTask::pretrain;
    TrainingPrecision precision = TrainingPrecision::bf16;
    std::int64_t count = 0;  // chips; 0: what does best

    bool operator==(const Training&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"model", &Training::model}, Field{"tokens", &Training::tokens},
                          Field{"sequence", &Training::sequence},
                          Field{"global_batch", &Training::global_batch},
                          Field{"task", &Training::task}, Field{"precision", &Training::precision},
                          Field{"count", &Training::count});
    }
};

// A service by its load and by what it promises. TTFT is the time from a request's arrival to its first token, TPOT that from
// one token to the next: (e2e - TTFT) / (OSL - 1).
struct Serving {
    WorkModel model;
    std::int64_t rate_milli = 0;  // requests a second, in thousandths
    std::int64_t prompt = 0;      // tokens, in the mean
    std::int64_t answer = 0;
    std::int64_t ttft_us = 0;  // at most; 0: not promised
    std::int64_t tpot_us = 0;
    std::int64_t quantile_milli = 900;  // of requests that keep both, in thousandths
    ServingPrecision precision = ServingPrecision::bf16;

    bool operator==(const Serving&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"model", &Serving::model},
                          Field{"rate_milli", &Serving::rate_milli},
                          Field{"prompt", &Serving::prompt}, Field{"answer", &Serving::answer},
                          Field{"ttft_us", &Serving::ttft_us}, Field{"tpot_us", &Serving::tpot_us},
                          Field{"quantile_milli", &Serving::quantile_milli},
                          Field{"precision", &Serving::precision});
    }
};

// Ranges, with the keys of the job file as paths. Limits are named in work.cpp.
Result<void> validate(const Training& training);
Result<void> validate(const Serving& serving);

// What a step of the work is forecast to take, before anything measured of its class is taken into account. Steps that
// attempts report are held against it.
struct StepForecast {
    std::string work;       // its class: "pretrain dense bf16"
    std::string framework;  // with which the chip was calibrated
    std::int64_t step_us = 0;

    bool operator==(const StepForecast&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"work", &StepForecast::work},
                          Field{"framework", &StepForecast::framework},
                          Field{"step_us", &StepForecast::step_us});
    }
};

// Attempts of one class of work on one chip with one framework: the logarithm of measured over forecast step times.
struct StepRatios {
    std::string work;
    std::string chip;  // as the registry calls it
    std::string framework;
    std::int64_t attempts = 0;
    std::int64_t sum_ppm = 0;      // of the logarithms, in millionths
    std::int64_t squares_ppm = 0;  // of their squares, likewise
    std::uint64_t version = 0;     // the journal's entry of the latest attempt

    bool operator==(const StepRatios&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"work", &StepRatios::work}, Field{"chip", &StepRatios::chip},
            Field{"framework", &StepRatios::framework}, Field{"attempts", &StepRatios::attempts},
            Field{"sum_ppm", &StepRatios::sum_ppm}, Field{"squares_ppm", &StepRatios::squares_ppm},
            Field{"version", &StepRatios::version});
    }
};

// By how much steps take longer than forecast, and how sure that is. The mean of the logarithms is drawn towards none as if two
// more attempts had met their forecast, each as far off as forecasts of that evidence are: so the first attempts move
// little, and many speak for themselves.
struct StepCorrection {
    double factor = 1;  // of the forecast step time
    double low = 1;     // holds the factor with 90 %
    double high = 1;
    double residual_90 = 0;  // |ln| within which 90 % of further attempts lie
};
// `residual_90` is that of forecasts without measurements; what is shown beside no forecast takes that of measured kernels.
inline constexpr double usual_residual_90 = 0.25;
StepCorrection correction_of(const StepRatios& ratios, double residual_90 = usual_residual_90);

// One kind of chip as the pools have it that a job may use: what a planner has to know of them.
struct ChipSupply {
    std::string chip;                // as the registry calls it
    std::vector<std::string> names;  // by which a planner may know it: that, and its aliases
    std::int64_t node_chips = 0;     // of the largest node
    std::int64_t most_chips = 0;     // of one pool
    // A chip's share of its node, where that is least.
    std::int64_t cpus = 1;
    std::int64_t memory_mib = 1024;

    bool operator==(const ChipSupply&) const = default;
};

// What a planner is told beside the job.
struct PlanGround {
    std::vector<ChipSupply> supply;
    std::vector<StepRatios> measured;
    Time now;
};

// What a service is forecast to keep at the quantile that it promises, with the ends of the intervals.
struct ServiceForecast {
    std::int64_t replicas = 0;
    std::int64_t ttft_us = 0, ttft_low_us = 0, ttft_high_us = 0;
    std::int64_t tpot_us = 0, tpot_low_us = 0, tpot_high_us = 0;

    bool operator==(const ServiceForecast&) const = default;
};

// How a variant came about, for people. Times hold 90 % of measurements with the same evidence; a service runs as long as the
// job says.
struct WorkPlan {
    std::string chip;
    std::int64_t chips = 0;
    std::string plan;            // "tp2 pp8 dp4 zero1 mbs1", "4x[tp2]"
    std::string evidence;        // "A", "B", "C"
    std::string evidence_words;  // "specification only", "kernels measured, and 12 attempts"
    Duration run;                // expected
    Duration run_low;
    Duration run_high;
    std::optional<ServiceForecast> service{};

    bool operator==(const WorkPlan&) const = default;
};

}  // namespace dayu
