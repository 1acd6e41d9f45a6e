// The ids of Dayu's nouns, and the two names that stand on every event.
#pragma once

#include <string>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"

namespace dayu {

using Seq = Id<struct SeqTag>;    // position of an entry in the journal, from 1
using JobId = Id<struct JobTag>;  // in order of acceptance, from 1
using CenterId = Id<struct CenterTag, std::uint32_t>;  // in order of joining, from 1
using ShapeId = Id<struct ShapeTag, std::uint32_t>;    // one per distinct JobSpec, from 1

// Who owns and who pays.
struct Scope {
    std::string tenant = "default";
    std::string project = "default";

    auto operator<=>(const Scope&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"tenant", &Scope::tenant}, Field{"project", &Scope::project});
    }
};

// Refers to a body (script, environment, personal data) that lies beside the journal: the hex form of
// SHA-256(salt || content). Once the body and its salt are erased, the reference says nothing.
using BodyRef = std::string;

}  // namespace dayu
