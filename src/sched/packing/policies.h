// The packing policies: each a file of its own, and a line in registry.cpp.
#pragma once

#include <memory>

#include "sched/packing.h"

namespace dayu::sched {

std::unique_ptr<PackingPolicy> prospect();
std::unique_ptr<PackingPolicy> best_fit();
std::unique_ptr<PackingPolicy> gpu_packing();
std::unique_ptr<PackingPolicy> fgd();

}  // namespace dayu::sched
