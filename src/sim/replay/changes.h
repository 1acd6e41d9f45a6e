// The changes of a world (sim/changes.h) one after the other, as they come in a replay. What comes by chance comes from
// the seed, whatever else happens.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

#include "base/time.h"
#include "model/ids.h"
#include "sim/random.h"
#include "sim/world_file.h"

namespace dayu::sim {

struct NodeOf {
    std::string pool;
    std::int64_t node = 0;

    auto operator<=>(const NodeOf&) const = default;
};

struct Change {
    enum class Kind : std::uint8_t {
        supply,  // the centre declares something else
        lost,    // the nodes are gone
        lent,    // the nodes go to others: no new jobs, and who runs there is asked to stop
        back,    // the nodes are there again
    };
    Kind kind = Kind::supply;
    CenterId center;              // counted from 1, in the order of the world's
    std::vector<NodeOf> nodes{};  // of `back` only those that nothing else keeps away
};

class Changes {
   public:
    Changes(const WorldFile& world, std::uint64_t seed, Time beginning);

    std::optional<Time> next() const;
    // The next of those that are due.
    std::optional<Change> take(Time now);
    // As it declares itself now.
    const Center& center(CenterId id) const { return centers_[id.value - 1]; }
    // mg CO2e a kWh, over that time; nothing where the centre has no series of them.
    std::optional<double> mean_carbon(CenterId center, Time from, Time to) const;

   private:
    struct Source {
        const Series* series = nullptr;  // one of these three
        const Lending* lending = nullptr;
        const Fault* fault = nullptr;
        std::size_t center = 0;
        std::vector<NodeOf> nodes{};
        Random random{0};
        std::size_t step = 0;  // of the series
    };
    struct Due {
        Time at;
        std::uint32_t source = 0;
        bool begins = true;

        auto operator<=>(const Due&) const = default;
    };

    std::size_t place_of(const std::string& center) const;
    std::vector<NodeOf> nodes_of(const Fault& fault) const;
    void add(Source source, Time first);
    void add_fault(const Fault& fault, Random& random);
    Change step(Source& source, const Due& due);
    Change leave(const Source& source, Change::Kind kind);
    Change come_back(const Source& source);
    Duration until_next(Source& source, bool begins);
    double carbon_until(std::size_t center, Time at) const;

    const WorldFile& world_;
    Time beginning_;
    std::vector<Center> centers_;
    struct Carbon {
        const Series* series = nullptr;  // none: it does not change
        std::vector<double> sums{};      // of the values before each, and of all
    };
    std::vector<Carbon> carbon_;  // by centre
    std::vector<Source> sources_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::map<std::pair<std::size_t, NodeOf>, int> away_;  // by how many sources at once
};

}  // namespace dayu::sim
