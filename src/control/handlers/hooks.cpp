// Hooks of a project by name. Where they lead is sealed in files beside the journal and never comes here.
#include "base/nearest.h"
#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

constexpr std::size_t max_hooks =
    100;  // in all: each is a thread of the server and one of its connections

Error hook_unknown(const State& state, const Scope& scope, const std::string& name) {
    std::vector<std::string_view> names;
    const auto& rows = state.hooks.rows();
    for (auto at = rows.lower_bound({.scope = scope, .name = {}});
         at != rows.end() && at->first.scope == scope; ++at) {
        names.push_back(at->first.name);
    }
    const std::string_view near = nearest(name, names);
    return not_found("hook_unknown",
                     "project " + scope.project + " has no hook \"" + name + "\"" +
                         (near.empty() ? "; `dayu hook list` shows what there is"
                                       : "; did you mean \"" + std::string(near) + "\"?"));
}

}  // namespace

Result<Events> set_hook(const State& state, const SetHook& command, const Actor& actor) {
    TRY(validate(command.hook));
    const bool is_new = !state.hooks.contains({.scope = actor.scope, .name = command.hook.name});
    if (is_new && state.hooks.size() >= max_hooks) {
        return exhausted(
            "too_many_hooks",
            "there are " + std::to_string(max_hooks) +
                " hooks, which is the limit; `dayu hook remove` takes away what is not "
                "needed");
    }
    return Events{HookSet{.hook = command.hook, .sealed = command.sealed}};
}

Result<Events> remove_hook(const State& state, const RemoveHook& command, const Actor& actor) {
    if (!state.hooks.contains({.scope = actor.scope, .name = command.name}))
        return hook_unknown(state, actor.scope, command.name);
    return Events{HookRemoved{.name = command.name}};
}

// What was set anew meanwhile is another hook: nothing was found out about it.
Result<Events> suspend_hook(const State& state, const SuspendHook& command, const Actor& actor) {
    const HookRow* row = state.hooks.find({.scope = actor.scope, .name = command.name});
    if (row == nullptr || row->suspended || row->sealed != command.sealed) return Events{};
    return Events{HookSuspended{.name = command.name, .trouble = command.trouble}};
}

Result<Events> resume_hook(const State& state, const ResumeHook& command, const Actor& actor) {
    const HookRow* row = state.hooks.find({.scope = actor.scope, .name = command.name});
    if (row == nullptr) return hook_unknown(state, actor.scope, command.name);
    if (!row->suspended) return Events{};
    return Events{HookResumed{.name = command.name}};
}

}  // namespace dayu::control
