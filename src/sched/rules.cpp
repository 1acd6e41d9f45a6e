#include "sched/round/rules.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "sched/decide.h"
#include "sched/quote.h"

namespace dayu::sched {
namespace {

// Where data of a class may go. GB/T 43697-2024 (in force since 2024-10-01) names the classes; these
// placement rules are our reading of the Data Security Law (confidence E, an estimate), to be replaced
// by an operator's own list.
struct DataRule {
    DataClass data_class;
    std::string_view region;      // must cover the centre
    std::int64_t security_level;  // MLPS level, at least
    bool listed_sites_only;       // and there is no list of sites yet: nowhere
};
constexpr std::array data_rules{
    DataRule{DataClass::general, "", 1, false},
    DataRule{DataClass::important, "cn", 3, false},
    DataRule{DataClass::core, "cn", 3, true},
};

const DataRule& data_rule(const Case& one) {
    return data_rules[static_cast<std::size_t>(one.spec.placement.data_class)];
}

bool covers(std::string_view region, std::string_view inner) {
    return region.empty() || region_covers(region, inner);
}

bool data_rule_broken(const Case& one) {
    const DataRule& rule = data_rule(one);
    return rule.listed_sites_only || !covers(rule.region, one.center.region) ||
           one.center.security_level < rule.security_level;
}

std::string data_rule_detail(const Case& one) {
    const DataRule& rule = data_rule(one);
    const std::string_view name = to_string(rule.data_class);
    if (rule.listed_sites_only) {
        return fmt::format("{} data may only go to listed sites, and none is listed", name);
    }
    return fmt::format("{} data needs region {} and security level {}, has {} and {}", name,
                       rule.region, rule.security_level, one.center.region,
                       one.center.security_level);
}

bool region_broken(const Case& one) {
    const auto& regions = one.spec.placement.regions;
    return !regions.empty() && std::ranges::none_of(regions, [&](const std::string& region) {
        return covers(region, one.center.region);
    });
}

std::string region_detail(const Case& one) {
    std::string allowed;
    for (const std::string& region : one.spec.placement.regions) {
        allowed += (allowed.empty() ? "" : ", ") + region;
    }
    return fmt::format("is in {}, allowed is {}", one.center.region, allowed);
}

bool tier_broken(const Case& one) {
    const auto& tiers = one.spec.placement.tiers;
    return !tiers.empty() && std::ranges::find(tiers, one.center.tier) == tiers.end();
}

std::string tier_detail(const Case& one) {
    std::string allowed;
    for (const Tier tier : one.spec.placement.tiers) {
        allowed += (allowed.empty() ? "" : ", ") + std::string(to_string(tier));
    }
    return fmt::format("is a {} centre, allowed is {}", to_string(one.center.tier), allowed);
}

bool price_broken(const Case& one) {
    if (!one.spec.placement.max_price) return false;
    const std::optional<Money> price = price_at_most(one.pool, one.spec);
    return price && *price > *one.spec.placement.max_price;
}

std::string price_detail(const Case& one) {
    return fmt::format("costs {} for {}, max_price is {}", yuan(*price_at_most(one.pool, one.spec)),
                       to_string(one.spec.time_limit), yuan(*one.spec.placement.max_price));
}

constexpr std::array rules{
    Rule{"NoSuchChip", Reason::misconfigured,
         [](const Case& c) { return !c.spec.resources.chip.empty() && c.chip == nullptr; },
         [](const Case& c) {
             return fmt::format("{} is not in the registry", c.spec.resources.chip);
         }},
    Rule{"ChipNotHere", Reason::never_fits,
         [](const Case& c) {
             return !c.spec.resources.chip.empty() && c.pool.chip != c.spec.resources.chip;
         },
         [](const Case& c) {
             return fmt::format("wants {}, has {}", c.spec.resources.chip,
                                c.pool.chip.empty() ? "no chips" : c.pool.chip);
         }},
    Rule{"ChipCountTooLarge", Reason::never_fits,
         [](const Case& c) { return c.spec.resources.chips_milli > c.pool.chips_per_node * 1000; },
         [](const Case& c) {
             return fmt::format("needs {} chips a node, has {}",
                                chips(c.spec.resources.chips_milli), c.pool.chips_per_node);
         }},
    Rule{"CpusTooMany", Reason::never_fits,
         [](const Case& c) { return c.spec.resources.cpus > c.pool.cpus_per_node; },
         [](const Case& c) {
             return fmt::format("needs {} CPUs a node, has {}", c.spec.resources.cpus,
                                c.pool.cpus_per_node);
         }},
    Rule{"MemoryTooLarge", Reason::never_fits,
         [](const Case& c) { return c.spec.resources.memory_mib > c.pool.memory_mib_per_node; },
         [](const Case& c) {
             return fmt::format("needs {} MiB a node, has {}", c.spec.resources.memory_mib,
                                c.pool.memory_mib_per_node);
         }},
    Rule{"TooFewNodes", Reason::never_fits,
         [](const Case& c) { return c.spec.nodes > c.pool.nodes; },
         [](const Case& c) {
             return fmt::format("needs {} nodes, has {}", c.spec.nodes, c.pool.nodes);
         }},
    Rule{"DataClassNotAllowed", Reason::policy_forbidden, data_rule_broken, data_rule_detail},
    Rule{"SecurityLevelTooLow", Reason::policy_forbidden,
         [](const Case& c) { return c.center.security_level < c.spec.placement.security_level; },
         [](const Case& c) {
             return fmt::format("needs security level {}, has {}", c.spec.placement.security_level,
                                c.center.security_level);
         }},
    Rule{"RegionNotAllowed", Reason::policy_forbidden, region_broken, region_detail},
    Rule{"TierNotAllowed", Reason::policy_forbidden, tier_broken, tier_detail},
    Rule{"CannotFence", Reason::policy_forbidden,
         [](const Case& c) {
             return c.spec.placement.move_after.has_value() && !c.center.engine.fences_itself;
         },
         [](const Case& c) {
             return fmt::format("move_after {} needs an engine that fences itself, {} does not",
                                to_string(*c.spec.placement.move_after), c.center.engine.kind);
         }},
    Rule{"PriceTooLarge", Reason::misconfigured,
         [](const Case& c) { return !quote(c.center, c.pool, c.chip, c.spec); },
         [](const Case& c) {
             return fmt::format("price or energy of {} nodes for {} passes 64 bits", c.spec.nodes,
                                to_string(c.spec.time_limit));
         }},
    Rule{"PriceAboveMax", Reason::budget_exhausted, price_broken, price_detail},
};

}  // namespace

const Rule* first_broken(const Case& one) {
    const auto broken =
        std::ranges::find_if(rules, [&](const Rule& rule) { return rule.is_broken(one); });
    return broken == rules.end() ? nullptr : &*broken;
}

std::optional<Refusal> never_fits(const Center& center, const Pool& pool, const Chip* chip,
                                  const JobSpec& spec) {
    const Case one{.center = center, .pool = pool, .chip = chip, .spec = spec};
    const Rule* rule = first_broken(one);
    if (rule == nullptr) return std::nullopt;
    return Refusal{
        .code = std::string(rule->code), .tier = rule->tier, .detail = rule->detail(one)};
}

std::string yuan(Money amount) {
    std::string text = to_string(amount);
    while (text.ends_with('0') && text[text.size() - 3] != '.') text.pop_back();
    return text;
}

std::string chips(std::int64_t chips_milli) {
    if (chips_milli % 1000 == 0) return std::to_string(chips_milli / 1000);
    std::string text = fmt::format("{}.{:03}", chips_milli / 1000, chips_milli % 1000);
    while (text.ends_with('0')) text.pop_back();
    return text;
}

}  // namespace dayu::sched
