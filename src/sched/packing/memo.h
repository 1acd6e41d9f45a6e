// What a policy has worked out for a state and a type of request, so that it is worked out once.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "sched/packing.h"

namespace dayu::sched {

template <class Value>
class Memo {
   public:
    // What follows is about requests like this.
    void turn_to(const PackRequest& request) {
        row_ = &rows_[{request.cpu_milli, request.chips, request.chip_milli, request.models}];
    }

    // Of that state; `work_out()` says it the first time.
    template <class WorkOut>
    Value& of(StateId id, const WorkOut& work_out) {
        if (id >= row_->size()) row_->resize(id + 1);
        std::optional<Value>& known = (*row_)[id];
        if (!known) known = work_out();
        return *known;
    }

    void clear() {
        rows_.clear();
        row_ = nullptr;
    }

   private:
    using Key = std::tuple<std::int64_t, std::int32_t, std::int32_t, ModelSet>;
    using Row = std::vector<std::optional<Value>>;  // by state
    std::map<Key, Row> rows_;
    Row* row_ = nullptr;
};

}  // namespace dayu::sched
