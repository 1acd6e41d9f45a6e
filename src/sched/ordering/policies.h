// One line a policy: the function at the end of its file.
#pragma once

#include <memory>

#include "sched/ordering.h"

namespace dayu::sched {

std::unique_ptr<OrderingPolicy> siblings_ordering(const OrderingSetting& setting);
std::unique_ptr<OrderingPolicy> attained_ordering(const OrderingSetting& setting);
std::unique_ptr<OrderingPolicy> fifo_ordering(const OrderingSetting& setting);
std::unique_ptr<OrderingPolicy> sjf_ordering(const OrderingSetting& setting);
std::unique_ptr<OrderingPolicy> srtf_ordering(const OrderingSetting& setting);
std::unique_ptr<OrderingPolicy> oracle_ordering(const OrderingSetting& setting);

}  // namespace dayu::sched
