#include "rest/registry.h"

#include <algorithm>
#include <utility>

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

Registry::Registry(runtime::Loop& loop) : loop_(loop) { refresh(); }

std::shared_ptr<const Known> Registry::known() const {
    const std::lock_guard lock(mutex_);
    return known_;
}

void Registry::take(std::span<const journal::RenderedEntry> entries) {
    const auto adds = [](const journal::RenderedEntry& entry) {
        return entry.type == control::TokenIssued::type ||
               entry.type == control::ChipDeclared::type;
    };
    if (std::ranges::any_of(entries, adds)) refresh();
}

void Registry::refresh() {
    const auto fresh = std::make_shared<Known>();
    loop_.read_and_wait([&](const runtime::Core& core) {
        fresh->tokens = core.state().tokens.rows();
        fresh->chips = core.state().chips.rows();
    });
    index_chips(*fresh);
    const std::lock_guard lock(mutex_);
    known_ = fresh;
}

}  // namespace dayu::rest
