#include "plan/train_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/train/layer.h"
#include "plan/train/shard.h"

namespace dayu::plan {
namespace {

std::vector<double> divisors(double whole, double most) {
    std::vector<double> found;
    for (double part = 1; part <= std::min(whole, most); ++part)
        if (train::divides(part, whole)) found.push_back(part);
    return found;
}

std::vector<double> powers_of_two(double most) {
    std::vector<double> found;
    for (double power = 1; power <= most; power *= 2) found.push_back(power);
    return found;
}

// Contexts shorter than this are not worth a ring.
constexpr double least_tokens_per_rank = 2048;

class Search {
   public:
    Search(const TrainJob& job, const Machine& machine, const TrainSearch& search)
        : job_(job), machine_(machine), search_(search) {
        result_.nearest.plan = {.tp = 0};
    }

    TrainSearchResult run() {
        const double node = machine_.fabric.node.chips;
        const std::vector<double> tps = divisors(search_.chips, std::min(node, 64.0));
        double done = 0;
        for (const double tp : tps) {
            if (train::divides(tp, job_.model.heads)) through_contexts({.tp = tp});
            if (search_.progress) search_.progress(++done / static_cast<double>(tps.size()));
        }
        return std::move(result_);
    }

   private:
    void through_contexts(TrainPlan plan) {
        const double most = std::max(1.0, job_.sequence / least_tokens_per_rank);
        for (const double cp : powers_of_two(most)) {
            if (!train::divides(plan.tp * cp, search_.chips)) continue;
            plan.cp = cp;
            pipelines_ = divisors(search_.chips / (plan.tp * cp), job_.model.layers);
            const double most_ep = job_.model.experts > 0 ? job_.model.experts : 1;
            for (const double ep : divisors(std::max(1.0, job_.model.experts), most_ep)) {
                plan.ep = ep;
                through_layers(plan);
            }
        }
    }

    void through_layers(TrainPlan plan) {
        for (const double micro_batch : powers_of_two(search_.most_micro_batch)) {
            plan.micro_batch = micro_batch;
            for (const Recompute recompute :
                 {Recompute::none, Recompute::selective, Recompute::full}) {
                if (recompute == Recompute::selective && machine_.traits.fuses_attention) continue;
                plan.recompute = recompute;
                plan.sequence_parallel = plan.tp > 1;
                layer_ = train::layer_time(job_, plan, machine_, {});
                logits_s_ = train::logits_s(job_, plan, machine_, {});
                through_pipelines(plan);
            }
        }
    }

    void through_pipelines(TrainPlan plan) {
        const double rest = search_.chips / (plan.tp * plan.cp);
        for (const double pp : pipelines_) {
            plan.pp = pp;
            plan.dp = rest / pp;
            plan.vpp = 1;
            if (!train::divides(plan.dp * plan.micro_batch, job_.global_batch)) continue;
            if (!train::divides(plan.ep, plan.dp * plan.cp * plan.tp)) continue;
            const double stage = train::stage_layers(job_.model, plan);
            const bool can_interleave =
                pp > 1 && train::divides(pp, train::micro_batches(job_, plan));
            for (double vpp = 1; vpp <= (can_interleave ? search_.most_vpp : 1); ++vpp) {
                if (!train::divides(vpp, stage) || pp * vpp > job_.model.layers) continue;
                plan.vpp = vpp;
                through_shardings(plan);
            }
        }
    }

    void through_shardings(TrainPlan plan) {
        const double most = plan.dp * plan.cp <= 1 ? 0 : plan.pp > 1 ? 1 : 3;
        for (double zero = 0; zero <= most; ++zero) {
            plan.zero = zero;
            weigh(plan);
        }
    }

    void weigh(const TrainPlan& plan) {
        ++result_.weighed;
        const TrainMemory memory = train_memory(job_, plan, machine_);
        if (memory.margin() < 0) {
            if (result_.fitting == 0 && lacks_less(memory))
                result_.nearest = {.plan = plan, .step = {}, .memory = memory};
            return;
        }
        ++result_.fitting;
        const TrainStep step = train::compose(job_, plan, machine_, layer_, logits_s_);
        if (result_.plans.size() >= search_.top && step.step_s >= result_.plans.back().step.step_s)
            return;
        keep({.plan = plan, .step = step, .memory = memory});
    }

    bool lacks_less(const TrainMemory& memory) const {
        return result_.nearest.plan.tp == 0 || memory.margin() > result_.nearest.memory.margin();
    }

    void keep(RankedPlan ranked) {
        const auto before = [](const RankedPlan& left, const RankedPlan& right) {
            if (left.step.step_s != right.step.step_s) return left.step.step_s < right.step.step_s;
            return left.memory.margin() > right.memory.margin();
        };
        const auto at = std::ranges::upper_bound(result_.plans, ranked, before);
        result_.plans.insert(at, std::move(ranked));
        if (result_.plans.size() > search_.top) result_.plans.pop_back();
    }

    const TrainJob& job_;
    const Machine& machine_;
    const TrainSearch& search_;
    TrainSearchResult result_;
    std::vector<double> pipelines_;  // that divide what tensor and context parallelism leave
    train::LayerTime layer_;         // of the plan that is being weighed
    double logits_s_ = 0;
};

}  // namespace

TrainSearchResult train_search(const TrainJob& job, const Machine& machine,
                               const TrainSearch& search) {
    return Search(job, machine, search).run();
}

}  // namespace dayu::plan
