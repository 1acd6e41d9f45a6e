#include "plan/serve_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/serve/engine_means.h"

namespace dayu::plan {
namespace {

using serve::Duty;
using serve::EngineLoad;

std::vector<double> powers_of_two(double most) {
    std::vector<double> found;
    for (double power = 1; power <= most; power *= 2) found.push_back(power);
    return found;
}

bool divides(double part, double whole) { return std::fmod(whole, part) == 0; }

// A token's keys and values from the chips of one replica to those of another, all at once.
double transfer_s_per_token(const ServeMachine& machine, const ReplicaCost& from,
                            const ServePlan& to) {
    const double chips = std::min(from.plan().tp * from.plan().pp, to.tp * to.pp);
    return from.transfer_bytes_per_token() / (chips * network_bandwidth(machine.fabric.network));
}

ServeMachine machine_for(const ServeOffer& offer, const ServeMachine& machine) {
    return offer.is_split() ? machine.of_pools() : machine;
}

// One pool: a plan, and how many of it keep the promises.
struct Sized {
    ServePlan plan;
    double replicas = 0;
    EngineMeans means;

    double chips() const { return replicas * plan.chips(); }
};

class Search {
   public:
    Search(const ServeJob& job, const ServeMachine& machine, const ServeSearch& search)
        : job_(job),
          machine_(machine),
          pool_machine_(machine.of_pools()),
          search_(search),
          most_chips_(search.most_chips) {
        if (search.chips > 0) most_chips_ = std::min(most_chips_, search.chips);
    }

    ServeSearchResult run() {
        for (const NumberFormat format : search_.formats) through_attention(format);
        if (search_.may_split) split();
        const auto before = [](const ServeOffer& left, const ServeOffer& right) {
            if (left.chips() != right.chips()) return left.chips() < right.chips();
            return left.tpot_s < right.tpot_s;
        };
        std::ranges::stable_sort(result_.offers, before);
        drop_equals();
        keep_what_there_is();
        return std::move(result_);
    }

   private:
    void through_attention(NumberFormat format) {
        ServePlan plan{.products = format, .experts = format, .cache = search_.cache};
        const bool is_mixture = job_.model.experts > 0;
        const double node = std::min(machine_.fabric.node.chips, most_chips_);
        for (const double tp : powers_of_two(node)) {
            if (!divides(tp, job_.model.heads)) continue;
            plan.tp = tp;
            for (const double beside : powers_of_two(is_mixture ? most_chips_ / tp : 1)) {
                plan.attention_dp = beside;
                through_experts(plan);
            }
        }
    }

    void through_experts(ServePlan plan) {
        const double chips = plan.tp * plan.attention_dp;
        if (job_.model.experts == 0) return through_stages(plan);
        for (const double moe_tp : powers_of_two(chips)) {
            plan.moe_tp = moe_tp;
            plan.moe_ep = chips / moe_tp;
            if (divides(plan.moe_ep, job_.model.experts) && divides(moe_tp, job_.model.expert_ffn))
                through_stages(plan);
        }
    }

    // A pipeline makes room and nothing faster: as few stages as hold the model, or more where that takes fewer chips.
    void through_stages(ServePlan plan) {
        double fewest = std::numeric_limits<double>::infinity();
        for (const double pp : powers_of_two(search_.most_stages)) {
            plan.pp = pp;
            if (pp > job_.model.layers || plan.chips() > most_chips_) return;
            const std::size_t before = result_.offers.size();
            weigh(plan);
            if (result_.offers.size() == before) continue;
            if (result_.offers.back().chips() >= fewest)
                result_.offers.pop_back();
            else
                fewest = result_.offers.back().chips();
        }
    }

    void weigh(const ServePlan& plan) {
        ++result_.weighed;
        const ReplicaCost cost(job_.model, plan, machine_);
        const double held = cost.cache_tokens() / (plan.pp * plan.attention_dp);
        if (held <= 0) return stop(ServeLimit::memory, plan, far * cost.weight_bytes(), room(cost));
        if (held < job_.longest) return stop(ServeLimit::memory, plan, job_.longest, held);
        const EngineLoad both(job_, cost, Duty::both);
        const ServeTargets& targets = job_.targets;
        const double prompt_s = both.prompt_alone_s(), token_s = both.token_alone_s();
        const bool is_prompt_fast = targets.ttft_s <= 0 || prompt_s <= targets.ttft_s;
        const bool is_token_fast = targets.tpot_s <= 0 || token_s <= targets.tpot_s;
        if (!is_prompt_fast) stop(ServeLimit::ttft, plan, prompt_s, targets.ttft_s);
        if (is_prompt_fast && !is_token_fast) stop(ServeLimit::tpot, plan, token_s, targets.tpot_s);
        if (search_.may_split)
            weigh_pools(ReplicaCost(job_.model, plan, pool_machine_), is_prompt_fast,
                        is_token_fast);
        if (!is_prompt_fast || !is_token_fast) return;
        const Sized sized = size(plan, both);
        if (sized.replicas > 0) add(sized);
    }

    // For weights, on one chip. A plan whose weights do not fit is further from one that works than any whose weights do.
    static double room(const ReplicaCost& cost) { return cost.weight_bytes() + cost.free_bytes(); }
    static constexpr double far = 1e6;

    Sized size(const ServePlan& plan, const EngineLoad& load) const {
        const double rate = load.busiest().rate * plan.pp;
        if (rate <= 0) return {};
        const double replicas = std::max(1.0, std::ceil(job_.rate / rate - 1e-9));
        return {.plan = plan,
                .replicas = replicas,
                .means = load.means_at(job_.rate / (replicas * plan.pp))};
    }

    void add(const Sized& sized) {
        ServeOffer offer{.plan = sized.plan, .decode_plan = {}};
        set_replicas(job_, machine_, offer, sized.replicas, 0);
        result_.offers.push_back(offer);
    }

    // Pools meet their own promise each, so that the best of each are best together.
    void weigh_pools(const ReplicaCost& cost, bool is_prompt_fast, bool is_token_fast) {
        if (is_prompt_fast)
            keep_best(prompts_, size(cost.plan(), EngineLoad(job_, cost, Duty::prompts)));
        if (!is_token_fast) return;
        const double moved_s = job_.prompt * transfer_s_per_token(machine_, cost, cost.plan());
        keep_best(answers_, size(cost.plan(), EngineLoad(job_, cost, Duty::answers, moved_s)));
    }

    // A few of each: what one of them wins in chips another may win in time.
    void keep_best(std::vector<Sized>& best, const Sized& sized) const {
        if (sized.replicas == 0) return;
        const auto at = std::ranges::upper_bound(best, sized.chips(), {}, &Sized::chips);
        best.insert(at, sized);
        if (best.size() > kept_of_a_pool) best.pop_back();
    }

    void split() {
        for (const Sized& prompts : prompts_) {
            for (const Sized& answers : answers_) {
                ServeOffer offer{.plan = prompts.plan, .decode_plan = answers.plan};
                set_replicas(job_, machine_, offer, prompts.replicas, answers.replicas);
                result_.offers.push_back(offer);
            }
        }
    }

    // The one that came furthest, and of those the one that lacks least.
    void stop(ServeLimit limit, const ServePlan& plan, double value, double most) {
        const ServeObstacle& nearest = result_.obstacle;
        const bool is_nearer =
            limit > nearest.limit ||
            (limit == nearest.limit && value / most < nearest.value / nearest.most);
        if (is_nearer) result_.obstacle = {limit, plan, value, most};
    }

    // Plans that differ only in how experts are divided may be equal in all that is known of them: the first is enough.
    void drop_equals() {
        const auto are_equal = [](const ServeOffer& left, const ServeOffer& right) {
            return left.chips() == right.chips() && left.ttft_s == right.ttft_s &&
                   left.tpot_s == right.tpot_s;
        };
        const auto rest = std::ranges::unique(result_.offers, are_equal);
        result_.offers.erase(rest.begin(), rest.end());
    }

    void keep_what_there_is() {
        std::vector<ServeOffer>& offers = result_.offers;
        if (!offers.empty() && search_.chips > 0 && offers.front().chips() > search_.chips)
            stop(ServeLimit::rate, offers.front().plan, offers.front().chips(), search_.chips);
        std::erase_if(offers, [&](const ServeOffer& offer) {
            return search_.chips > 0 && offer.chips() > search_.chips;
        });
        if (offers.size() > search_.top) offers.resize(search_.top);
    }

    static constexpr std::size_t kept_of_a_pool = 3;

    const ServeJob& job_;
    const ServeMachine& machine_;
    const ServeMachine pool_machine_;
    const ServeSearch& search_;
    double most_chips_;  // of a replica
    ServeSearchResult result_;
    std::vector<Sized> prompts_, answers_;  // the fewest chips first
};

}  // namespace

ServeSearchResult serve_search(const ServeJob& job, const ServeMachine& machine,
                               const ServeSearch& search) {
    return Search(job, machine, search).run();
}

void set_replicas(const ServeJob& job, const ServeMachine& machine_of_one, ServeOffer& offer,
                  double replicas, double decode_replicas) {
    offer.replicas = replicas;
    offer.decode_replicas = decode_replicas;
    const ServeMachine machine = machine_for(offer, machine_of_one);
    const ReplicaCost cost(job.model, offer.plan, machine);
    const double rate = job.rate / (replicas * offer.plan.pp);
    // Part of the time in which nothing is decoded: no sequence is there, as Poisson has it.
    const auto at_work = [](const EngineMeans& means) { return 1 - std::exp(-means.decoding); };
    if (!offer.is_split()) {
        const EngineLoad load(job, cost, Duty::both);
        const EngineMeans means = load.means_at(rate);
        offer.ttft_s = means.ttft_s;
        offer.tpot_s = means.tpot_s;
        offer.cache_part =
            means.decoding * (job.prompt + job.answer / 2) * offer.plan.pp / cost.cache_tokens();
        offer.prompt_part = means.prompt_part;
        offer.decode_part = at_work(means) * (1 - means.prompt_part);
        return;
    }
    const ReplicaCost decoder(job.model, offer.decode_plan, machine);
    const double moved_s = job.prompt * transfer_s_per_token(machine, cost, offer.decode_plan);
    const EngineMeans prompts = EngineLoad(job, cost, Duty::prompts).means_at(rate);
    const EngineMeans answers = EngineLoad(job, decoder, Duty::answers, moved_s)
                                    .means_at(job.rate / (decode_replicas * offer.decode_plan.pp));
    const double prompt_chips = replicas * offer.plan.chips() / offer.chips();
    offer.ttft_s = prompts.ttft_s;
    offer.tpot_s = answers.tpot_s;
    offer.cache_part = answers.decoding * (job.prompt + job.answer / 2) * offer.decode_plan.pp /
                       decoder.cache_tokens();
    offer.prompt_part = prompt_chips * prompts.prompt_part;
    offer.decode_part = (1 - prompt_chips) * at_work(answers);
}

ServeFleet fleet_of(const ServeJob& job, const ServeMachine& machine_of_one,
                    const ServeOffer& offer) {
    const ServeMachine machine = machine_for(offer, machine_of_one);
    const auto pool = [&](const ServePlan& plan, double replicas) {
        const ReplicaCost cost(job.model, plan, machine);
        return ReplicaPool{
            .iteration_s = [cost](const Iteration& work) { return cost.iteration_s(work); },
            .cache_tokens = cost.cache_tokens() / plan.pp,
            .groups = plan.attention_dp,
            .replicas = static_cast<std::uint32_t>(replicas * plan.pp)};
    };
    ServeFleet fleet{.pool = pool(offer.plan, offer.replicas)};
    if (!offer.is_split()) return fleet;
    fleet.decoders = pool(offer.decode_plan, offer.decode_replicas);
    fleet.transfer_s_per_token = transfer_s_per_token(
        machine, ReplicaCost(job.model, offer.plan, machine), offer.decode_plan);
    return fleet;
}

}  // namespace dayu::plan
