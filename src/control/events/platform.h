// What happens to the platform itself: who may call it, what it keeps secret, and its restores.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "model/ids.h"

namespace dayu::control {

// The first entry: this Dayu exists. `cluster` is random and stands in every fencing token.
struct Founded {
    static constexpr std::string_view type = "founded";
    std::string cluster;
    static constexpr auto fields() { return field_list(Field{"cluster", &Founded::cluster}); }
};

// What each may do is a table in rest/access.h.
enum class Role : std::uint8_t { operator_, agent, user, viewer };
constexpr auto enum_names(Type<Role>) {
    return std::array<std::string_view, 4>{"operator", "agent", "user", "viewer"};
}

// A bearer token may be used from now on. Only its hash is ever written.
struct TokenIssued {
    static constexpr std::string_view type = "token_issued";
    std::string name;
    Role role = Role::operator_;
    std::string sha256;                // hex
    std::optional<Time> expires;       // never
    std::vector<std::string> centers;  // that an agent may speak for; empty: all
    static constexpr auto fields() {
        return field_list(Field{"name", &TokenIssued::name}, Field{"role", &TokenIssued::role},
                          Field{"sha256", &TokenIssued::sha256},
                          Field{"expires", &TokenIssued::expires},
                          Field{"centers", &TokenIssued::centers});
    }
};

// From now on it opens nothing.
struct TokenRevoked {
    static constexpr std::string_view type = "token_revoked";
    std::string name;
    std::string sha256;  // hex
    static constexpr auto fields() {
        return field_list(Field{"name", &TokenRevoked::name},
                          Field{"sha256", &TokenRevoked::sha256});
    }
};

// A secret of a project has a value from now on, or another one. The value itself is sealed in a file
// beside the journal, under the name `sealed`.
struct SecretSet {
    static constexpr std::string_view type = "secret_set";
    std::string name;
    std::string sealed;
    static constexpr auto fields() {
        return field_list(Field{"name", &SecretSet::name}, Field{"sealed", &SecretSet::sealed});
    }
};

struct SecretRemoved {
    static constexpr std::string_view type = "secret_removed";
    std::string name;
    static constexpr auto fields() { return field_list(Field{"name", &SecretRemoved::name}); }
};

// This journal was restored from a backup, and what had happened after it is not known here. The numbers that
// may have been given in that time are not given again: jobs go on behind `jobs_through`, and jobs that the
// backup knew skip `attempts_skipped` numbers of attempts, which makes old fencing tokens worthless.
struct Restored {
    static constexpr std::string_view type = "restored";
    Seq backup;        // its last entry, and
    std::string hash;  // of that entry
    Time made;         // the backup
    JobId jobs_through;
    std::int64_t attempts_skipped = 0;
    static constexpr auto fields() {
        return field_list(Field{"backup", &Restored::backup}, Field{"hash", &Restored::hash},
                          Field{"made", &Restored::made},
                          Field{"jobs_through", &Restored::jobs_through},
                          Field{"attempts_skipped", &Restored::attempts_skipped});
    }
};

}  // namespace dayu::control
