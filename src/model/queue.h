// A queue divides capacity among those who wait for it. Its path is the tree: "acme" is a tenant, "acme/poems" a
// project of it, "acme/poems/lora" a queue inside that project. A job waits in the queue of its tenant and project;
// what nobody has described has weight 1 and no quota. docs/guide/scheduling.md tells how queues share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"

namespace dayu {

// What a queue may have of one chip model at the same time, over all centres. In thousandths of a chip.
struct Quota {
    std::string chip;                   // canonical name
    std::int64_t guaranteed_milli = 0;  // its own: what others have borrowed of it is called back
    std::int64_t kept_milli = 0;        // of that, never lent, even while it lies idle
    std::optional<std::int64_t>
        limit_milli;  // never more, borrowed or not; none: as much as is free

    bool operator==(const Quota&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"chip", &Quota::chip}, Field{"guaranteed_milli", &Quota::guaranteed_milli},
            Field{"kept_milli", &Quota::kept_milli}, Field{"limit_milli", &Quota::limit_milli});
    }
};

struct Queue {
    std::string path;
    std::int64_t weight_milli = 1000;  // beside its siblings
    std::vector<Quota>
        quotas;  // one a chip at most; of what is not here it has no guarantee and no limit

    bool operator==(const Queue&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"path", &Queue::path}, Field{"weight_milli", &Queue::weight_milli},
                          Field{"quotas", &Queue::quotas});
    }
};

// How a queue's past counts: what was used so long ago counts half.
inline constexpr Duration usage_half_life = seconds(7 * 24 * 3600);
// What one step of priority is worth: a job goes before one of the next lower priority that was submitted up to
// this much earlier. So none waits for ever behind better ones, and an order once right stays right.
inline constexpr Duration priority_step = seconds(12 * 3600);

// `amount` after it has lain for `passed`; rounded towards zero, the same on every machine.
Money decayed(Money amount, Duration passed);

// Ranges: weight from 0.001 to 1,000,000; 0 <= kept <= guaranteed <= limit; chips named once.
Result<void> validate(const Queue& queue);
// Names joined by '/'; at most 8 of them and 200 bytes.
Result<void> check_queue_path(std::string_view field, std::string_view path);

// Where the jobs of a project wait.
std::string queue_path(const Scope& scope);
// "acme/poems" for "acme/poems/lora"; "" for "acme", and for "".
std::string_view parent_of(std::string_view path);

}  // namespace dayu
