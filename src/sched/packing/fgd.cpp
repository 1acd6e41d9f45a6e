// Fragmentation gradient descent ("Beware of Fragmentation", USENIX ATC 2023): where the fragmentation of the node grows
// least. The score has 101 steps, as published; the many ties go to the first node, and that packs.
#include <cmath>

#include "sched/fragmentation.h"
#include "sched/packing/memo.h"
#include "sched/packing/policies.h"

namespace dayu::sched {
namespace {

std::int64_t score_of(double growth) {
    return static_cast<std::int64_t>(std::floor(100 / (1 + std::exp(growth / whole_chip))));
}

class Fgd : public PackingPolicy {
   public:
    std::string_view name() const override { return "fgd"; }
    bool tells_chips_apart() const override { return true; }

    void expect(const Popularity& popularity) override {
        fragmentation_ = Fragmentation(popularity);
        known_.clear();
    }

    void consider(const Fleet&, const PackRequest& request, std::int64_t) override {
        known_.turn_to(request);
    }

    PackScore score(StateId id, const NodeState& node, const PackRequest& request) override {
        return known_.of(id, [&] { return best_of(node, request); });
    }

   private:
    PackScore best_of(const NodeState& node, const PackRequest& request) const {
        const double before = fragmentation_.of(node);
        if (request.chips != 1 || request.chip_milli == whole_chip)
            return {.score = score_of(fragmentation_.of(after(node, request, 0)) - before)};
        PackScore best{.score = -1};
        for (std::size_t chip = 0; chip < node.left.size(); ++chip) {
            if (node.left[chip] < request.chip_milli) continue;
            const std::int64_t score =
                score_of(fragmentation_.of(after(node, request, chip)) - before);
            if (score > best.score) best = {.score = score, .chip = chip};
        }
        return best;
    }

    Fragmentation fragmentation_{{}};
    Memo<PackScore> known_;
};

}  // namespace

std::unique_ptr<PackingPolicy> fgd() { return std::make_unique<Fgd>(); }

}  // namespace dayu::sched
