// Who is told of what happens.
#pragma once

#include <string>

#include "base/fields.h"
#include "model/hook.h"

namespace dayu::control {

// The project's hook of that name is this one from now on, and told of what happens from here on. Its
// address and secret are sealed in a file beside the journal, under the name `sealed`.
struct HookSet {
    static constexpr std::string_view type = "hook_set";
    Hook hook;
    std::string sealed;
    static constexpr auto fields() {
        return field_list(Field{"hook", &HookSet::hook}, Field{"sealed", &HookSet::sealed});
    }
};

struct HookRemoved {
    static constexpr std::string_view type = "hook_removed";
    std::string name;
    static constexpr auto fields() { return field_list(Field{"name", &HookRemoved::name}); }
};

// It is told of nothing until it is resumed; what happens meanwhile it never hears.
struct HookSuspended {
    static constexpr std::string_view type = "hook_suspended";
    std::string name;
    HookTrouble trouble = HookTrouble::failing;
    static constexpr auto fields() {
        return field_list(Field{"name", &HookSuspended::name},
                          Field{"trouble", &HookSuspended::trouble});
    }
};

struct HookResumed {
    static constexpr std::string_view type = "hook_resumed";
    std::string name;
    static constexpr auto fields() { return field_list(Field{"name", &HookResumed::name}); }
};

}  // namespace dayu::control
