// How capacity is divided: queues, what waiting jobs have claimed, and what capacity is worth.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "model/attempt.h"
#include "model/ids.h"
#include "model/job.h"
#include "model/price_index.h"
#include "model/queue.h"

namespace dayu::control {

// The queue of that path is this one from now on.
struct QueueSet {
    static constexpr std::string_view type = "queue_set";
    Queue queue;
    static constexpr auto fields() { return field_list(Field{"queue", &QueueSet::queue}); }
};

// It is as if nobody had ever described it; its jobs stay in it.
struct QueueRemoved {
    static constexpr std::string_view type = "queue_removed";
    std::string path;
    static constexpr auto fields() { return field_list(Field{"path", &QueueRemoved::path}); }
};

// Nodes are kept for a waiting job until it is placed there, or until `until`. The attempts in `victims`
// stand in its way and are asked to stop behind this entry; each goes back to its queue.
struct CapacityClaimed {
    static constexpr std::string_view type = "capacity_claimed";
    JobId job;
    CenterId center;
    std::string pool;
    VariantIndex variant{};
    std::vector<NodeShare> nodes;
    std::vector<AttemptKey> victims;
    Time until;
    static constexpr auto fields() {
        return field_list(
            Field{"job", &CapacityClaimed::job}, Field{"center", &CapacityClaimed::center},
            Field{"pool", &CapacityClaimed::pool}, Field{"variant", &CapacityClaimed::variant},
            Field{"nodes", &CapacityClaimed::nodes}, Field{"victims", &CapacityClaimed::victims},
            Field{"until", &CapacityClaimed::until});
    }
};

enum class ClaimEnd : std::uint8_t { expired, held, closed };
constexpr auto enum_names(Type<ClaimEnd>) {
    return std::array<std::string_view, 3>{"expired", "held", "closed"};
}

// The nodes are free for others again. A claim whose job is placed, or ends, goes with it without this.
struct ClaimDropped {
    static constexpr std::string_view type = "claim_dropped";
    JobId job;
    ClaimEnd why = ClaimEnd::expired;
    static constexpr auto fields() {
        return field_list(Field{"job", &ClaimDropped::job}, Field{"why", &ClaimDropped::why});
    }
};

struct PricesPublished {
    static constexpr std::string_view type = "prices_published";
    PriceIndex index;
    static constexpr auto fields() { return field_list(Field{"index", &PricesPublished::index}); }
};

}  // namespace dayu::control
