#include "plan/serve_confirm.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace dayu::plan {
namespace {

constexpr double most_growth = 4;
constexpr double finest_part = 1.0 / 64;  // of the replicas: no try for less
constexpr double least_drawn = 4000, most_drawn = 200'000;
constexpr double most_replicas = 128;  // replayed
constexpr double lifetimes = 20;       // of a request, that a drawn trace lasts

// One number of replicas, moved until it is the least with which `holds`, which with more of them goes on to hold. Without a
// target nothing would ever stop holding, were the queue to grow without end: then no fewer than at the start.
template <class Holds>
double least_that(double start, double target_s, Holds holds) {
    double low = target_s > 0 ? std::floor(start / 2) : start - 1;
    double high = start;
    while (!holds(high)) {
        low = high;
        if (high >= most_growth * start) return 0;
        high = std::ceil(high * 1.25);
    }
    while (high - low > std::max(1.0, high * finest_part)) {
        const double middle = std::floor((low + high) / 2);
        (holds(middle) ? high : low) = middle;
    }
    return high;
}

class Confirmation {
   public:
    Confirmation(const ServeTrace& trace, const ServeJob& job, const ServeMachine& machine,
                 const ServeOffer& offer)
        : trace_(trace), job_(job), machine_(machine) {
        found_.offer = offer;
    }

    ConfirmedOffer run() {
        ServeOffer& offer = found_.offer;
        double replicas = offer.replicas, decoders = offer.decode_replicas;
        if (offer.is_split()) {
            replicas = least_that(replicas, job_.targets.ttft_s, [&](double count) {
                return is_met(try_with(count, decoders).ttft_s, job_.targets.ttft_s);
            });
            if (replicas > 0) {
                decoders = least_that(decoders, job_.targets.tpot_s, [&](double count) {
                    return is_met(try_with(replicas, count).tpot_s, job_.targets.tpot_s);
                });
            }
        } else {
            replicas = least_that(replicas, job_.targets.ttft_s, [&](double count) {
                const ReplayFigures figures = try_with(count, 0);
                return is_met(figures.ttft_s, job_.targets.ttft_s) &&
                       is_met(figures.tpot_s, job_.targets.tpot_s) && figures.refused == 0;
            });
        }
        found_.keeps_targets = replicas > 0 && (decoders > 0 || !offer.is_split());
        if (!found_.keeps_targets) return found_;
        found_.figures = try_with(replicas, decoders);
        set_replicas(job_, machine_, offer, replicas, decoders);
        return found_;
    }

   private:
    ReplayFigures try_with(double replicas, double decoders) const {
        ServeOffer offer = found_.offer;
        offer.replicas = replicas;
        offer.decode_replicas = decoders;
        const ServeFleet fleet = fleet_of(job_, machine_, offer);
        EngineSetting setting = job_.engine;
        setting.request_s = machine_.constants.request_s;
        return figures_of(trace_, fleet, replay_requests(trace_, fleet, setting), job_.targets);
    }

    static bool is_met(const Spread& spread, double target_s) {
        return target_s <= 0 || spread.at_quantile <= target_s;
    }

    const ServeTrace& trace_;
    const ServeJob& job_;
    const ServeMachine& machine_;
    ConfirmedOffer found_;
};

}  // namespace

ConfirmedOffer confirm(const ServeTrace& trace, const ServeJob& job, const ServeMachine& machine,
                       const ServeOffer& offer) {
    return Confirmation(trace, job, machine, offer).run();
}

ConfirmedOffer confirm_drawn(const ServeJob& job, const ServeMachine& machine,
                             const ServeOffer& offer, std::uint64_t seed) {
    const double parts = std::ceil(std::max(offer.replicas, offer.decode_replicas) / most_replicas);
    ServeJob part = job;
    part.rate = job.rate / parts;
    ServeOffer part_offer = offer;
    part_offer.replicas = std::ceil(offer.replicas / parts);
    part_offer.decode_replicas = std::ceil(offer.decode_replicas / parts);

    const double e2e_s = offer.ttft_s + (job.answer - 1) * offer.tpot_s;
    const double count = std::clamp(lifetimes * e2e_s * part.rate, least_drawn, most_drawn);
    const ServeTrace trace =
        drawn_trace(static_cast<std::size_t>(count), {.prompt = job.prompt, .answer = job.answer},
                    {.rate = part.rate, .seed = seed});
    ConfirmedOffer found = confirm(trace, part, machine, part_offer);
    if (!found.keeps_targets || parts == 1) return found;
    set_replicas(job, machine, found.offer, found.offer.replicas * parts,
                 found.offer.decode_replicas * parts);
    found.figures.goodput *= parts;
    found.figures.tokens_per_s *= parts;
    found.figures.answer_tokens_per_s *= parts;
    return found;
}

void describe_trace(const ServeTrace& trace, ServeJob& job) {
    const auto count = static_cast<double>(trace.requests.size());
    std::vector<double> prompts;
    std::unordered_set<std::uint64_t> seen;
    double prompt = 0, answer = 0, found = 0;
    for (const ServeRequest& request : trace.requests) {
        prompt += request.prompt;
        answer += request.answer;
        prompts.push_back(request.prompt);
        job.longest = std::max(job.longest, request.prompt + request.answer);
        for (const std::uint64_t block : trace.blocks_of(request))
            if (!seen.insert(block).second) found += tokens_per_block;
    }
    job.prompt = prompt / count;
    job.answer = answer / count;
    job.found_part = found / prompt;
    const double rank = std::clamp(std::ceil(job.targets.quantile * count), 1.0, count);
    const auto at = prompts.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
    std::ranges::nth_element(prompts, at);
    job.long_prompt = *at;
}

}  // namespace dayu::plan
