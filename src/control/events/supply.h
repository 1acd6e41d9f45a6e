// What the centres offer, and how they are.
#pragma once

#include <string>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "model/attempt.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/dataset.h"
#include "model/ids.h"

namespace dayu::control {

struct ChipDeclared {
    static constexpr std::string_view type = "chip_declared";
    Chip chip;
    static constexpr auto fields() { return field_list(Field{"chip", &ChipDeclared::chip}); }
};

// A centre joined, or changed what it declares.
struct CenterDeclared {
    static constexpr std::string_view type = "center_declared";
    CenterId id;
    Center center;
    static constexpr auto fields() {
        return field_list(Field{"id", &CenterDeclared::id},
                          Field{"center", &CenterDeclared::center});
    }
};

// This installation of an agent holds the right to start attempts at the centre. Renewals are not
// journaled; the right itself changes hands only by fencing.
struct LeaseGranted {
    static constexpr std::string_view type = "lease_granted";
    CenterId center;
    std::string agent;
    std::string installation;
    static constexpr auto fields() {
        return field_list(Field{"center", &LeaseGranted::center},
                          Field{"agent", &LeaseGranted::agent},
                          Field{"installation", &LeaseGranted::installation});
    }
};

// Not a failure: its attempts go on and show CONTACT_LOST until it is back.
struct ContactLost {
    static constexpr std::string_view type = "contact_lost";
    CenterId center;
    static constexpr auto fields() { return field_list(Field{"center", &ContactLost::center}); }
};

struct ContactRestored {
    static constexpr std::string_view type = "contact_restored";
    CenterId center;
    static constexpr auto fields() { return field_list(Field{"center", &ContactRestored::center}); }
};

// An operator declared that nothing of this centre runs any more; whoever held its lease has lost it.
struct CenterFenced {
    static constexpr std::string_view type = "center_fenced";
    CenterId center;
    std::string reason;
    static constexpr auto fields() {
        return field_list(Field{"center", &CenterFenced::center},
                          Field{"reason", &CenterFenced::reason});
    }
};

// An operator wants no new attempts at this centre; what runs there goes on.
struct CenterDrained {
    static constexpr std::string_view type = "center_drained";
    CenterId center;
    std::string reason;
    static constexpr auto fields() {
        return field_list(Field{"center", &CenterDrained::center},
                          Field{"reason", &CenterDrained::reason});
    }
};

struct CenterResumed {
    static constexpr std::string_view type = "center_resumed";
    CenterId center;
    static constexpr auto fields() { return field_list(Field{"center", &CenterResumed::center}); }
};

// A node of a pool gets no new attempts until it is included again; what runs there goes on. `attempts`
// failed one after the other and brought it about (control/nodes.h); none: an operator did.
struct NodeExcluded {
    static constexpr std::string_view type = "node_excluded";
    CenterId center;
    std::string pool;
    std::int64_t node = 0;  // index in the pool
    std::string reason;
    std::vector<AttemptKey> attempts;
    static constexpr auto fields() {
        return field_list(Field{"center", &NodeExcluded::center},
                          Field{"pool", &NodeExcluded::pool}, Field{"node", &NodeExcluded::node},
                          Field{"reason", &NodeExcluded::reason},
                          Field{"attempts", &NodeExcluded::attempts});
    }
};

// An operator takes it back; what failed there before is forgotten.
struct NodeIncluded {
    static constexpr std::string_view type = "node_included";
    CenterId center;
    std::string pool;
    std::int64_t node = 0;
    std::string reason;
    static constexpr auto fields() {
        return field_list(Field{"center", &NodeIncluded::center},
                          Field{"pool", &NodeIncluded::pool}, Field{"node", &NodeIncluded::node},
                          Field{"reason", &NodeIncluded::reason});
    }
};

// Contact with a centre has been lost for so long that someone should look at it; ContactLost alone may
// be a short stutter of the line. `since` is when it was lost.
struct OutageBegan {
    static constexpr std::string_view type = "outage_began";
    CenterId center;
    Time since;
    static constexpr auto fields() {
        return field_list(Field{"center", &OutageBegan::center},
                          Field{"since", &OutageBegan::since});
    }
};

// Contact is back, and has been steady since. `since` is when the outage began.
struct OutageEnded {
    static constexpr std::string_view type = "outage_ended";
    CenterId center;
    Time since;
    static constexpr auto fields() {
        return field_list(Field{"center", &OutageEnded::center},
                          Field{"since", &OutageEnded::since});
    }
};

// The dataset of that name lies there from now on.
struct DatasetSet {
    static constexpr std::string_view type = "dataset_set";
    Dataset dataset;
    static constexpr auto fields() { return field_list(Field{"dataset", &DatasetSet::dataset}); }
};

struct DatasetRemoved {
    static constexpr std::string_view type = "dataset_removed";
    std::string name;
    static constexpr auto fields() { return field_list(Field{"name", &DatasetRemoved::name}); }
};

}  // namespace dayu::control
