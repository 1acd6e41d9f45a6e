#include "plan/train_mixed.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plan/collectives.h"
#include "plan/train/layer.h"
#include "plan/train/shard.h"
#include "plan/train/stage.h"

namespace dayu::plan {
namespace {

// The job as if all its stages were like those of one block: as many layers on each.
TrainJob job_of_stages(const TrainJob& job, double layers, double stages) {
    TrainJob alike = job;
    const double scale = layers * stages / job.model.layers;
    alike.model.layers *= scale;
    alike.model.sparse_layers *= scale;
    alike.model.windowed_layers *= scale;
    return alike;
}

// What is known of one kind whichever layers its stages have.
struct KindTime {
    train::LayerTime layer;
    double logits_s = 0;
};

class MixedSearcher {
   public:
    MixedSearcher(const TrainJob& job, const std::array<MixedKind, 2>& kinds,
                  const MixedSearch& search)
        : job_(job), kinds_(kinds), search_(search) {}

    std::vector<MixedPlan> run() {
        const auto common =
            static_cast<double>(std::gcd(static_cast<std::int64_t>(kinds_[0].chips),
                                         static_cast<std::int64_t>(kinds_[1].chips)));
        for (double stage = 1; stage <= common; ++stage) {
            const double stages = (kinds_[0].chips + kinds_[1].chips) / stage;
            if (train::divides(stage, common) && stages <= job_.model.layers) through_stage(stage);
        }
        return std::move(plans_);
    }

   private:
    // All ways to divide a stage's chips.
    void through_stage(double stage) {
        const double node =
            std::min(kinds_[0].machine.fabric.node.chips, kinds_[1].machine.fabric.node.chips);
        TrainPlan plan{.pp = (kinds_[0].chips + kinds_[1].chips) / stage};
        for (plan.tp = 1; plan.tp <= std::min(stage, node); plan.tp *= 2) {
            if (!train::divides(plan.tp, stage) || !train::divides(plan.tp, job_.model.heads))
                continue;
            plan.sequence_parallel = plan.tp > 1;
            for (plan.cp = 1; plan.tp * plan.cp <= stage && plan.cp <= 8; plan.cp *= 2) {
                if (!train::divides(plan.tp * plan.cp, stage)) continue;
                plan.dp = stage / plan.tp / plan.cp;
                plan.zero = plan.dp * plan.cp > 1 ? 1 : 0;
                through_micro_batches(plan);
            }
        }
    }

    void through_micro_batches(TrainPlan plan) {
        for (plan.micro_batch = 1; plan.micro_batch <= search_.most_micro_batch;
             plan.micro_batch *= 2) {
            for (const Recompute recompute : {Recompute::none, Recompute::full}) {
                plan.recompute = recompute;
                if (obstacle_of(job_, plan) != TrainObstacle::none) continue;
                for (std::size_t kind = 0; kind < 2; ++kind) {
                    const Machine& machine = kinds_[kind].machine;
                    times_[kind] = {.layer = train::layer_time(job_, plan, machine, {}),
                                    .logits_s = train::logits_s(job_, plan, machine, {})};
                }
                through_splits(plan);
            }
        }
    }

    // Either kind may come first, with as many layers on each of its stages as leave some for the other's.
    void through_splits(const TrainPlan& plan) {
        for (std::size_t first = 0; first < 2; ++first) {
            const std::size_t second = 1 - first;
            const double stage = plan.chips() / plan.pp;
            const double before = kinds_[first].chips / stage, after = kinds_[second].chips / stage;
            for (double layers = 1; layers * before + after <= job_.model.layers; ++layers) {
                const double rest = std::ceil((job_.model.layers - layers * before) / after);
                weigh({.plan = plan,
                       .blocks = {{{.kind = first, .stages = before, .layers = layers},
                                   {.kind = second, .stages = after, .layers = rest}}}});
            }
        }
    }

    void weigh(MixedPlan mixed) {
        mixed.step = compose(mixed);
        if (plans_.size() >= search_.top && mixed.step.step_s >= plans_.back().step.step_s) return;
        for (std::size_t at = 0; at < 2; ++at) {
            mixed.blocks[at].memory = memory_of(mixed, at);
            if (mixed.blocks[at].memory.margin() < 0) return;
        }
        const auto place = std::ranges::upper_bound(
            plans_, mixed.step.step_s, {}, [](const MixedPlan& one) { return one.step.step_s; });
        plans_.insert(place, std::move(mixed));
        if (plans_.size() > search_.top) plans_.pop_back();
    }

    // The first stage of a block has most in flight: of the first block what the whole pipeline has, of the second what is left of
    // it. The second's has one table of embeddings, the output layer's, whether tied or not. Logits are counted on both, which is
    // a little too much for the first.
    TrainMemory memory_of(const MixedPlan& mixed, std::size_t at) const {
        const StageBlock& block = mixed.blocks[at];
        TrainPlan plan = mixed.plan;
        if (at == 1) plan.pp = block.stages;
        TrainJob alike = job_of_stages(job_, block.layers, plan.pp);
        if (at == 1) alike.model.ties_embeddings = true;
        return train_memory(alike, plan, kinds_[block.kind].machine);
    }

    train::StageTime stage_of(const MixedPlan& mixed, std::size_t at) const {
        const StageBlock& block = mixed.blocks[at];
        const TrainJob alike = job_of_stages(job_, block.layers, mixed.plan.pp);
        return train::stage_time(alike, mixed.plan, kinds_[block.kind].machine,
                                 times_[block.kind].layer, 0);
    }

    train::StepEnd end_of(const MixedPlan& mixed, std::size_t at) const {
        const StageBlock& block = mixed.blocks[at];
        return train::step_end(job_of_stages(job_, block.layers, mixed.plan.pp), mixed.plan,
                               kinds_[block.kind].machine);
    }

    // From one kind to the other and back, over the slower of the two networks.
    double crossing_s(const TrainPlan& plan) const {
        const double bytes = train::sent_bytes(job_, plan);
        return 2 * std::max(send_between_nodes_s(kinds_[0].machine.fabric, bytes),
                            send_between_nodes_s(kinds_[1].machine.fabric, bytes));
    }

    TrainStep compose(const MixedPlan& mixed) const {
        const double crossing = crossing_s(mixed.plan);
        std::array<train::StageTime, 2> slowest;  // of each block
        double all_s = 0;
        for (std::size_t at = 0; at < 2; ++at) {
            const StageBlock& block = mixed.blocks[at];
            const train::StageTime stage = stage_of(mixed, at);
            slowest[at] = stage;
            slowest[at].send_s = std::max(stage.send_s, crossing);
            all_s += (block.stages - 1) * stage.middle_s() + slowest[at].middle_s();
        }
        // Of the second block the last stage has the output layer, and a stage of its own where there is one.
        const std::size_t last_kind = mixed.blocks[1].kind;
        const double logits_s = times_[last_kind].logits_s;
        all_s += logits_s;
        train::StageTime last = stage_of(mixed, 1);
        if (mixed.blocks[1].stages <= 1) last = slowest[1];
        last.logits_s = logits_s;
        if (last.last_s() > slowest[1].middle_s()) slowest[1] = last;
        return step_of(mixed, slowest, all_s);
    }

    TrainStep step_of(const MixedPlan& mixed, const std::array<train::StageTime, 2>& slowest,
                      double all_s) const {
        const std::size_t pace = slowest[0].last_s() > slowest[1].last_s() ? 0 : 1;
        const train::StageTime& busiest = slowest[pace];
        const double count = train::micro_batches(job_, mixed.plan);
        const train::StepEnd one = end_of(mixed, 0), other = end_of(mixed, 1);
        TrainStep step;
        step.compute_s = count * (busiest.last_s() - busiest.send_s - busiest.exchange_s);
        step.tensor_exchange_s = count * busiest.exchange_s;
        step.pipeline_send_s = count * busiest.send_s;
        step.bubble_s = all_s - busiest.last_s();
        step.data_exchange_s = std::max(one.data_exchange_s, other.data_exchange_s);
        step.optimizer_s = std::max(one.optimizer_s, other.optimizer_s);
        step.fixed_s =
            std::max(kinds_[0].machine.constants.step_s, kinds_[1].machine.constants.step_s);
        step.step_s = step.compute_s + step.tensor_exchange_s + step.pipeline_send_s +
                      step.bubble_s + step.data_exchange_s + step.optimizer_s + step.fixed_s;
        return step;
    }

    const TrainJob& job_;
    const std::array<MixedKind, 2>& kinds_;
    const MixedSearch& search_;
    std::array<KindTime, 2> times_;  // of the plan that is being weighed
    std::vector<MixedPlan> plans_;
};

}  // namespace

std::vector<MixedPlan> mixed_search(const TrainJob& job, const std::array<MixedKind, 2>& kinds,
                                    const MixedSearch& search) {
    return MixedSearcher(job, kinds, search).run();
}

std::vector<double> stage_layers(const Transformer& model, const MixedPlan& plan) {
    const auto& [first, second] = plan.blocks;
    std::vector<double> layers(static_cast<std::size_t>(first.stages), first.layers);
    // Stages of one layer less come last, where the output layer is.
    double left = model.layers - first.stages * first.layers;
    for (double stages = second.stages; stages > 0; --stages) {
        layers.push_back(std::ceil(left / stages));
        left -= layers.back();
    }
    return layers;
}

}  // namespace dayu::plan
