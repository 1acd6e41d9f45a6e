// Bearer tokens. A name tells people which one it is, the hash tells the server; the token itself is seen
// by whoever made it, once.
#include <algorithm>

#include "base/nearest.h"
#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

constexpr std::size_t max_tokens = 10'000;
constexpr std::size_t max_name = 64;
constexpr std::size_t max_centers = 100;     // that one token names
constexpr std::size_t least_id_digits = 12;  // by which a token may be named

std::string in_quotes(const std::string& text) { return '"' + text.substr(0, 2 * max_name) + '"'; }

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

Result<void> check_token(const State& state, const IssueToken& command, Time now) {
    const std::string& name = command.name;
    if (name.empty() || name.size() > max_name || !std::ranges::all_of(name, is_name_character)) {
        return invalid(
            "token_name_invalid",
            "name: " + in_quotes(name) + " is not 1 to 64 letters, digits, '-', '_' and '.'");
    }
    if (command.expires && *command.expires <= now) {
        return invalid("value_out_of_range", "expires: " + to_string(*command.expires) +
                                                 " has passed already, it is " + to_string(now));
    }
    if (!command.centers.empty() && command.role != Role::agent) {
        return invalid("value_out_of_range",
                       "centers: only a token of the role agent is bound to "
                       "centres; this is one of the role " +
                           std::string(to_string(command.role)));
    }
    if (command.centers.size() > max_centers) {
        return invalid("value_out_of_range",
                       "centers: at most " + std::to_string(max_centers) + " can be named");
    }
    if (state.tokens.size() >= max_tokens) {
        return exhausted("too_many_tokens", "there are " + std::to_string(max_tokens) +
                                                " tokens, which is the limit; `dayu token revoke` "
                                                "takes away what is not needed");
    }
    return {};
}

using Matches = std::vector<const std::pair<const std::string, TokenRow>*>;

// Every token of that name, or that whose hash begins so.
Matches find_tokens(const State& state, const std::string& wanted) {
    Matches by_name, by_id;
    for (const auto& row : state.tokens.rows()) {
        if (row.second.name == wanted) by_name.push_back(&row);
        if (wanted.size() >= least_id_digits && row.first.starts_with(wanted))
            by_id.push_back(&row);
    }
    return by_name.empty() ? by_id : by_name;
}

Error no_such_token(const State& state, const std::string& wanted) {
    std::vector<std::string_view> names;
    for (const auto& [hash, row] : state.tokens.rows()) names.push_back(row.name);
    const std::string_view near = nearest(wanted, names);
    return not_found("token_not_there",
                     "there is no token " + in_quotes(wanted) +
                         (near.empty() ? "; `dayu token list` shows them"
                                       : "; did you mean \"" + std::string(near) + "\"?"));
}

Error ambiguous(const Matches& found) {
    std::string ids;
    for (const auto* row : found) {
        ids += (ids.empty() ? "" : ", ") + row->first.substr(0, least_id_digits);
    }
    return conflict("token_ambiguous", std::to_string(found.size()) + " tokens are called \"" +
                                           found.front()->second.name +
                                           "\"; name one by its id: " + ids);
}

// Whether somebody could still issue a token.
bool is_last_operator(const State& state, const std::string& hash) {
    const TokenRow& token = state.tokens.at(hash);
    return token.role == Role::operator_ && !token.expires &&
           std::ranges::none_of(state.tokens.rows(), [&](const auto& row) {
               return row.first != hash && row.second.role == Role::operator_ &&
                      !row.second.expires;
           });
}

}  // namespace

Result<Events> issue_token(const State& state, const IssueToken& command, Time now) {
    if (state.tokens.contains(command.sha256)) return Events{};
    TRY(check_token(state, command, now));
    if (command.is_name_new && !find_tokens(state, command.name).empty()) {
        return conflict("token_name_taken", "name: a token is called " + in_quotes(command.name) +
                                                " already; take another name, or revoke it first");
    }
    return Events{TokenIssued{.name = command.name,
                              .role = command.role,
                              .sha256 = command.sha256,
                              .expires = command.expires,
                              .centers = command.centers}};
}

Result<Events> revoke_token(const State& state, const RevokeToken& command) {
    const Matches found = find_tokens(state, command.token);
    if (found.empty()) return no_such_token(state, command.token);
    if (found.size() > 1) return ambiguous(found);
    const auto& [hash, row] = *found.front();
    if (is_last_operator(state, hash)) {
        return conflict(
            "last_operator_token",
            "it is the last token of the role operator that does not expire: without one "
            "nobody could issue another; create one first");
    }
    return Events{TokenRevoked{.name = row.name, .sha256 = hash}};
}

}  // namespace dayu::control
