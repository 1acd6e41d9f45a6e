#include "plan/serve/engine_means.h"

#include <algorithm>
#include <cmath>

namespace dayu::plan::serve {
namespace {

constexpr int halvings = 30;
constexpr double most_busy =
    0.95;  // of an engine's time, with prompts: beyond, queues grow without end

}  // namespace

EngineLoad::EngineLoad(const ServeJob& job, const ReplicaCost& cost, Duty duty, double moved_s)
    : job_(job),
      cost_(cost),
      duty_(duty),
      moved_s_(moved_s),
      groups_(cost.plan().attention_dp),
      context_(job.prompt + job.answer / 2),
      tokens_(std::max(1.0, job.answer - 1)) {
    const double stages = cost.plan().pp;
    const double places = job.engine.most_sequences * groups_;
    const double held = cost.cache_tokens() / stages / (context_ + job.engine.page_tokens / 2);
    const double most = std::min(places, held);
    most_decoding_ = most < 1 ? 0 : std::max(most / 3, std::pow(std::sqrt(1 + most) - 1, 2));
}

double EngineLoad::decode_s(double decoding) const {
    const double at_work = std::max(1.0, decoding);
    return cost_.decode_s(at_work, context_) * (1 + job_.engine.draft_part);
}

// What a prompt adds to an iteration, in which each group has one; its attention weighs what was found in the cache too.
double EngineLoad::prompt_s(double decoding, double prompt) const {
    const double found = prompt * job_.found_part;
    const double computed = std::max(1.0, prompt - found);
    const double at_work = duty_ == Duty::prompts ? 0 : std::max(1.0, decoding);
    const Iteration with{.decoding = at_work,
                         .decode_context = at_work * context_,
                         .prefill_tokens = groups_ * computed,
                         .prefill_pairs = groups_ * computed * (found + computed / 2)};
    const Iteration without{.decoding = at_work, .decode_context = at_work * context_};
    if (at_work == 0) return cost_.iteration_s(with);
    return cost_.iteration_s(with) - cost_.iteration_s(without);
}

EngineMeans EngineLoad::means(double decoding) const {
    const double iteration_s = decode_s(decoding);
    const double added_s = duty_ == Duty::answers ? 0 : prompt_s(decoding, job_.prompt);
    const double share_s = tokens_ * iteration_s / (job_.engine.accepted * decoding);
    EngineMeans means{.rate = 1 / (share_s + added_s / groups_), .decoding = decoding};
    means.tpot_s = decoding / (means.rate * tokens_) + moved_s_ / tokens_;
    means.prompt_part = means.rate * added_s / groups_;
    const double chunks = std::ceil(job_.prompt * (1 - job_.found_part) / job_.engine.token_budget);
    const double wait_s = means.prompt_part * added_s / (2 * (1 - means.prompt_part));
    means.ttft_s = cost_.machine().constants.request_s + std::min(1.0, decoding) * iteration_s / 2 +
                   wait_s + chunks * iteration_s + added_s;
    return means;
}

// An engine that computes prompts alone.
EngineMeans EngineLoad::prompt_means(double rate) const {
    const double each_s = prompt_s(0, job_.prompt);
    EngineMeans means{.rate = rate, .prompt_part = std::min(most_busy, rate * each_s / groups_)};
    const double wait_s = means.prompt_part * each_s / (2 * (1 - means.prompt_part));
    means.ttft_s = cost_.machine().constants.request_s + wait_s + each_s;
    return means;
}

// The most sequences of which that holds; what holds of more holds of fewer. By halving on a scale of ratios.
template <class Holds>
double EngineLoad::most_that(Holds holds) const {
    if (holds(most_decoding_)) return most_decoding_;
    double low = std::log(1e-6), high = std::log(most_decoding_);
    for (int i = 0; i < halvings; ++i) {
        const double middle = (low + high) / 2;
        (holds(std::exp(middle)) ? low : high) = middle;
    }
    return std::exp(low);
}

EngineMeans EngineLoad::means_at(double rate) const {
    if (duty_ == Duty::prompts) return prompt_means(rate);
    return means(most_that([&](double decoding) { return means(decoding).rate <= rate; }));
}

bool EngineLoad::keeps_targets(const EngineMeans& means) const {
    const ServeTargets& targets = job_.targets;
    if (targets.tpot_s > 0 && means.tpot_s > targets.tpot_s) return false;
    if (duty_ == Duty::answers) return true;
    return means.prompt_part <= most_busy &&
           (targets.ttft_s <= 0 || means.ttft_s <= targets.ttft_s);
}

EngineMeans EngineLoad::busiest() const {
    if (duty_ == Duty::prompts) {
        const double each_s = prompt_s(0, job_.prompt);
        const double most = groups_ * most_busy / each_s;
        const double spare_s = job_.targets.ttft_s - cost_.machine().constants.request_s - each_s;
        if (job_.targets.ttft_s <= 0) return prompt_means(most);
        if (spare_s <= 0) return {};
        return prompt_means(
            std::min(most, groups_ * 2 * spare_s / (each_s * (each_s + 2 * spare_s))));
    }
    if (most_decoding_ <= 0) return {};
    const EngineMeans found =
        means(most_that([&](double decoding) { return keeps_targets(means(decoding)); }));
    return keeps_targets(found) ? found : EngineMeans{};
}

double EngineLoad::prompt_alone_s() const {
    const double computed = std::max(1.0, job_.long_prompt * (1 - job_.found_part));
    const double found = job_.long_prompt - computed;
    return cost_.machine().constants.request_s +
           cost_.iteration_s({.prefill_tokens = groups_ * computed,
                              .prefill_pairs = groups_ * computed * (found + computed / 2)});
}

double EngineLoad::token_alone_s() const { return decode_s(1) / job_.engine.accepted; }

}  // namespace dayu::plan::serve
