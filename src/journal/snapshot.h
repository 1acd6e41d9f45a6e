// State as bytes, so that a restart need not fold the whole journal. A snapshot is a shortcut and never
// the truth: one that is damaged, or was written by a build whose State has other fields, is dropped and
// what it held is folded from the entries again.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "control/state.h"

namespace dayu::journal {

struct LoadedSnapshot {
    control::State state;
    std::string hash;  // of the entry that the state reached
};

std::string encode_snapshot(const control::State& state, std::string_view hash);
Result<LoadedSnapshot> decode_snapshot(std::string_view bytes);

// Of the fields that State has in this build: digests of states compare only where these are equal.
std::string layout_of_state();

// Equal for equal states: what replay and live are compared by. Hex of a SHA-256.
std::string digest_of(const control::State& state);

}  // namespace dayu::journal
