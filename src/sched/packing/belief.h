// What will be asked for: what was told, as long as arrivals do not speak against it. If they do, it is mixed with them.
//
// The told shares of the types are the mean of a Dirichlet distribution, whose strength says how many arrivals they weigh
// as much as. Of some strengths the one is taken under which what arrived was likeliest. The told shares stand as they
// are unless that makes it a hundred times as likely as they do: who was told the truth is not misled by chance.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "sched/packing.h"

namespace dayu::sched {

class Belief {
   public:
    explicit Belief(Popularity told);

    // True: what is believed changed. It may each time when the arrivals have doubled.
    bool arrived(const PackRequest& request);
    const Popularity& popularity() const { return believed_; }

   private:
    struct Type {
        PackRequest request;
        double share = 0;  // told
        std::int64_t seen = 0;
    };
    // What a policy looks at of a request.
    using Key = std::tuple<std::int64_t, std::int32_t, std::int32_t, ModelSet>;

    Type& type_of(const PackRequest& request);
    double log_likelihood() const;
    double log_likelihood(double strength) const;
    Popularity mixed(double strength) const;

    Popularity told_;
    Popularity believed_;
    std::map<Key, std::size_t> places_;  // in types_
    std::vector<Type> types_;            // those that were told, and then those that nobody told of
    double untold_share_ = 1;
    std::int64_t untold_seen_ = 0;
    std::int64_t arrived_ = 0;
    bool trusts_ = true;
};

}  // namespace dayu::sched
