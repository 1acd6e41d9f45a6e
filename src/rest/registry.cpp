#include "rest/registry.h"

#include <algorithm>
#include <utility>

#include "rest/answer.h"

namespace dayu::rest {
namespace {

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lower;
}

void index_chips(Known& known) {
    for (const auto& [name, chip] : known.chips) {
        for (const std::string& alias : chip.aliases) {
            known.chips_by_alias.emplace(lower_case(alias), &chip);
        }
    }
    for (const auto& [name, chip] : known.chips) {
        known.chips_by_alias.insert_or_assign(lower_case(name), &chip);
    }
    known.chip_names = {.find = [&known](std::string_view name) -> const Chip* {
                            const auto found = known.chips_by_alias.find(lower_case(name));
                            return found == known.chips_by_alias.end() ? nullptr : found->second;
                        },
                        .all =
                            [&known] {
                                std::vector<std::string> names;
                                for (const auto& [name, chip] : known.chips) names.push_back(name);
                                return names;
                            }};
}

}  // namespace

Result<std::vector<CenterId>> centers_asked(const Known& known, const http::Request& request) {
    std::vector<CenterId> centers;
    for (const std::string& name : TRY(query_list(request, "center"))) {
        const auto found = known.centers.find(name);
        if (found == known.centers.end()) {
            std::vector<std::string_view> names;
            for (const auto& [each, id] : known.centers) names.push_back(each);
            return no_such_value("center", name, "centre that has joined", names);
        }
        centers.push_back(found->second);
    }
    return centers;
}

Registry::Registry(runtime::Loop& loop) : loop_(loop) { refresh(); }

std::shared_ptr<const Known> Registry::known() const {
    const std::lock_guard lock(mutex_);
    return known_;
}

void Registry::take(std::span<const journal::RenderedEntry> entries) {
    const auto changes = [](const journal::RenderedEntry& entry) {
        return entry.type == control::TokenIssued::type ||
               entry.type == control::TokenRevoked::type ||
               entry.type == control::ChipDeclared::type ||
               entry.type == control::CenterDeclared::type;
    };
    if (std::ranges::any_of(entries, changes)) refresh();
}

// Under the lock from the read on, so that no older copy takes the place of a newer one.
void Registry::refresh() {
    const auto fresh = std::make_shared<Known>();
    const std::lock_guard order(refreshing_);
    loop_.read_and_wait([&](const runtime::Core& core) {
        fresh->tokens = core.state().tokens.rows();
        fresh->chips = core.state().chips.rows();
        for (const auto& [id, row] : core.state().centers.rows())
            fresh->centers.emplace(row.center.name, id);
    });
    index_chips(*fresh);
    const std::lock_guard lock(mutex_);
    known_ = fresh;
}

}  // namespace dayu::rest
