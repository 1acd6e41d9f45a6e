// Secrets of a project by name. Their values never come here: they are sealed in files beside the journal.
#include "base/nearest.h"
#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

constexpr std::size_t max_secrets = 1000;  // of a project

std::vector<std::string_view> names_of(const State& state, const Scope& scope) {
    std::vector<std::string_view> names;
    const auto& rows = state.secrets.rows();
    for (auto at = rows.lower_bound({.scope = scope, .name = {}});
         at != rows.end() && at->first.scope == scope; ++at) {
        names.push_back(at->first.name);
    }
    return names;
}

Error secret_unknown(const State& state, const Scope& scope, const std::string& name,
                     const std::string& at) {
    const std::string_view near = nearest(name, names_of(state, scope));
    std::string text = at + "project " + scope.project + " has no secret \"" + name + "\"";
    text += near.empty() ? "; set it with `dayu secret set " + name + "`"
                         : "; did you mean \"" + std::string(near) + "\"?";
    return not_found("secret_unknown", std::move(text));
}

}  // namespace

Result<Events> set_secret(const State& state, const SetSecret& command, const Actor& actor) {
    TRY(check_secret_name("name", command.name));
    const bool is_new = !state.secrets.contains({.scope = actor.scope, .name = command.name});
    if (is_new && names_of(state, actor.scope).size() >= max_secrets) {
        return exhausted("too_many_secrets", "project " + actor.scope.project + " has " +
                                                 std::to_string(max_secrets) +
                                                 " secrets, which is the limit; `dayu secret "
                                                 "remove` takes away what is not needed");
    }
    return Events{SecretSet{.name = command.name, .sealed = command.sealed}};
}

Result<Events> remove_secret(const State& state, const RemoveSecret& command, const Actor& actor) {
    if (!state.secrets.contains({.scope = actor.scope, .name = command.name}))
        return secret_unknown(state, actor.scope, command.name, "");
    return Events{SecretRemoved{.name = command.name}};
}

Result<void> check_secrets(const State& state, const Scope& scope,
                           const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        if (state.secrets.contains({.scope = scope, .name = name})) continue;
        Error error = secret_unknown(state, scope, name, "secrets: ");
        error.kind = ErrorKind::invalid;
        return error;
    }
    return {};
}

}  // namespace dayu::control
