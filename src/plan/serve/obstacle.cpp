#include <cmath>

#include <fmt/core.h>

#include "plan/serve_search.h"

namespace dayu::plan {
namespace {

constexpr double ms_per_s = 1000;

// Up, so that what is proposed would do.
double next_ms(double seconds) { return std::ceil(seconds * ms_per_s * 1.02); }

std::string words_of_memory(const ServeObstacle& obstacle, const ServeJob& job,
                            const ServeMachine& machine) {
    const std::string words =
        memory_obstacle(ReplicaCost(job.model, obstacle.plan, machine), job.longest);
    if (!words.empty()) return words;
    return fmt::format(
        "memory: one of {:.0f} stages has room for {:.0f} tokens of its sequences, and one request "
        "has {:.0f}; nearest change: requests of that many, or --cache fp8",
        obstacle.plan.pp, obstacle.most, obstacle.value);
}

}  // namespace

std::string_view word_of(NumberFormat format) {
    switch (format) {
        case NumberFormat::bf16: return "bf16";
        case NumberFormat::fp8: return "fp8";
        case NumberFormat::fp4: return "fp4";
        case NumberFormat::int4: return "int4";
    }
    return "bf16";
}

std::optional<NumberFormat> number_format(std::string_view word) {
    for (const NumberFormat format :
         {NumberFormat::bf16, NumberFormat::fp8, NumberFormat::fp4, NumberFormat::int4})
        if (word == word_of(format)) return format;
    return {};
}

std::string words_of(const ServePlan& plan) {
    std::string words = fmt::format("tp{:.0f}", plan.tp);
    if (plan.attention_dp > 1) words += fmt::format(" dp{:.0f}", plan.attention_dp);
    if (plan.pp > 1) words += fmt::format(" pp{:.0f}", plan.pp);
    if (plan.moe_ep > 1) words += fmt::format(" ep{:.0f}", plan.moe_ep);
    words += fmt::format(" {}", word_of(plan.products));
    if (plan.cache != NumberFormat::bf16) words += fmt::format(" kv-{}", word_of(plan.cache));
    return words;
}

std::string words_of(const ServeOffer& offer) {
    if (!offer.is_split()) return fmt::format("{:.0f}x[{}]", offer.replicas, words_of(offer.plan));
    return fmt::format("{:.0f}x[{}] + {:.0f}x[{}]", offer.replicas, words_of(offer.plan),
                       offer.decode_replicas, words_of(offer.decode_plan));
}

std::string describe(const ServeObstacle& obstacle, const ServeJob& job,
                     const ServeMachine& machine) {
    const std::string plan = words_of(obstacle.plan);
    switch (obstacle.limit) {
        case ServeLimit::none: return {};
        case ServeLimit::memory:
            return fmt::format("{}: {}", plan, words_of_memory(obstacle, job, machine));
        case ServeLimit::ttft:
            return fmt::format(
                "{}: TTFT of one prompt of {:.0f} tokens alone is {:.0f} ms, over {:.0f}; nearest "
                "change: a TTFT of {:.0f} ms, or prompts of {:.0f} tokens",
                plan, job.long_prompt, obstacle.value * ms_per_s, obstacle.most * ms_per_s,
                next_ms(obstacle.value),
                std::floor(0.95 * job.long_prompt * obstacle.most / obstacle.value));
        case ServeLimit::tpot:
            return fmt::format(
                "{}: TPOT of one sequence alone is {:.1f} ms, over {:.1f}; nearest change: "
                "a TPOT of {:.0f} ms, weights in fewer bits, or speculation with {:.1f} tokens an "
                "iteration",
                plan, obstacle.value * ms_per_s, obstacle.most * ms_per_s, next_ms(obstacle.value),
                job.engine.accepted * obstacle.value / obstacle.most + 0.1);
        case ServeLimit::rate: break;
    }
    return fmt::format(
        "rate: {:.4g} requests/s take {:.0f} chips at least ({}), of {:.0f}; nearest change: "
        "a rate of {:.3g}",
        job.rate, obstacle.value, plan, obstacle.most,
        0.95 * job.rate * obstacle.most / obstacle.value);
}

}  // namespace dayu::plan
