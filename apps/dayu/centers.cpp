// dayu centers and dayu pools: the supply. What a centre's engine enforces, and what its host does not
// give, is said plainly.
#include <cstdlib>
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

using Kind = Column::Kind;

constexpr Duration tolerated_clock = seconds(5);

enum class CentersView : std::uint8_t { supply, health };

Result<wire::Json::Array> list_centers(const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    return list(TRY(connection.get("/v1/centers")), "centers");
}

Cell contact_cell(const wire::Json& center) {
    const std::string contact = text(center, "contact");
    if (flag(center, "drained")) return {contact + ", drained", Color::yellow};
    if (contact == "ok") return {contact, Color::green};
    return {contact, contact == "lost" ? Color::red : Color::yellow};
}

std::string node_name(const wire::Json& node) {
    return fmt::format("{}/{}", text(node, "pool"), number(node, "node"));
}

std::string pool_text(const wire::Json& pool) {
    const std::int64_t all = number(pool, "chips_milli"), left = number(pool, "free_chips_milli");
    if (text(pool, "chip").empty()) {
        return fmt::format("cpu {}/{}", number(pool, "free_cpus"), number(pool, "cpus"));
    }
    return fmt::format("{} {}/{}", text(pool, "chip"), left / 1000, all / 1000);
}

void print_centers(const Globals& globals, const wire::Json::Array& centers) {
    Table table({{"CENTER"},
                 {"TITLE"},
                 {"CONTACT"},
                 {"TIER"},
                 {"REGION"},
                 {"LEVEL", Kind::number},
                 {"ENGINE"},
                 {"PUE", Kind::number},
                 {"gCO2e/kWh", Kind::number},
                 {"FREE/ALL", Kind::prose}});
    for (const wire::Json& center : centers) {
        std::vector<std::string> pools;
        for (const wire::Json& pool : list(center, "pools")) pools.push_back(pool_text(pool));
        const wire::Json& energy = member(center, "energy");
        table.add({text(center, "name"), text(center, "title"), contact_cell(center),
                   text(center, "tier"), text(center, "region"),
                   std::to_string(number(center, "security_level")),
                   text(member(center, "engine"), "kind"), short_decimal(text(energy, "pue"), 3),
                   short_decimal(text(energy, "grid_gco2e_per_kwh"), 1), join(pools, ", ")});
    }
    print_table(globals, table);
    for (const wire::Json& center : centers) {
        const wire::Json& engine = member(center, "engine");
        print_line("");
        print_line(text(center, "name") + ":");
        if (flag(center, "drained")) print_line("  drained   " + text(center, "drain_reason"));
        for (const wire::Json& node : list(center, "nodes")) {
            if (flag(node, "excluded"))
                print_line(
                    fmt::format("  excluded  {}: {}", node_name(node), text(node, "reason")));
        }
        for (const std::string& word : texts(engine, "enforces")) print_line("  enforced  " + word);
        for (const std::string& word : texts(engine, "lacks")) print_line("  lacking   " + word);
        if (!flag(engine, "fences_itself")) {
            print_line("  lacking   fencing: move_after is not possible here");
        }
    }
}

// "+0.012 s", and red where jobs and journal would disagree about time.
Cell clock_cell(const wire::Json& health) {
    if (is_null(health, "clock_ahead_ms")) return "";
    const std::int64_t ahead_ms = number(health, "clock_ahead_ms");
    return {fmt::format("{:+.3f} s", static_cast<double>(ahead_ms) / 1000),
            std::abs(ahead_ms) > tolerated_clock.ms ? Color::red : Color::none};
}

std::int64_t percent(std::int64_t part, std::int64_t whole) {
    return whole <= 0 ? 0 : part * 100 / whole;
}

// Of its disks the fullest.
std::string disk_text(const wire::Json& health) {
    std::int64_t fullest = -1;
    std::string shown;
    for (const wire::Json& disk : list(health, "disks")) {
        const std::int64_t total = number(disk, "total_mib"), left = number(disk, "free_mib");
        const std::int64_t used = percent(total - left, total);
        if (used <= fullest) continue;
        fullest = used;
        shown = fmt::format("{} %, {} GiB left", used, gibibytes(left));
    }
    return shown;
}

std::string memory_text(const wire::Json& health) {
    if (is_null(health, "memory_mib") || is_null(health, "free_memory_mib")) return "";
    const std::int64_t total = number(health, "memory_mib");
    return fmt::format("{} % of {} GiB", percent(total - number(health, "free_memory_mib"), total),
                       gibibytes(total));
}

std::string load_text(const wire::Json& health) {
    if (is_null(health, "load_1m")) return "";
    return short_decimal(text(health, "load_1m"), 1) + " on " +
           std::to_string(number(health, "cpus"));
}

std::string nodes_text(const wire::Json& center) {
    std::int64_t excluded = 0, failing = 0;
    for (const wire::Json& node : list(center, "nodes"))
        ++(flag(node, "excluded") ? excluded : failing);
    std::vector<std::string> words;
    if (excluded > 0) words.push_back(fmt::format("{} excluded", excluded));
    if (failing > 0) words.push_back(fmt::format("{} failing", failing));
    return words.empty() ? "ok" : join(words, ", ");
}

void print_health(const Globals& globals, const wire::Json::Array& centers) {
    Table table({{"CENTER"},
                 {"CONTACT"},
                 {"HEARD"},
                 {"AGENT"},
                 {"VERSION"},
                 {"CLOCK", Kind::number},
                 {"DISK"},
                 {"MEMORY"},
                 {"LOAD"},
                 {"FAILED STARTS/H", Kind::number},
                 {"NODES"}});
    bool is_well = true;
    for (const wire::Json& center : centers) {
        const wire::Json& health = member(center, "health");
        is_well = is_well && texts(health, "warnings").empty();
        table.add(
            {text(center, "name"), contact_cell(center),
             is_null(health, "silent_s") ? "" : short_seconds(number(health, "silent_s")) + " ago",
             text(center, "agent"), text(health, "agent_version"), clock_cell(health),
             disk_text(health), memory_text(health), load_text(health),
             std::to_string(number(health, "failed_starts_1h")), nodes_text(center)});
    }
    print_table(globals, table);
    if (is_well) return;
    print_line("");
    for (const wire::Json& center : centers) {
        for (const std::string& warning : texts(member(center, "health"), "warnings"))
            print_line(text(center, "name") + ": " + warning);
    }
}

Result<int> show_centers(const Globals& globals, CentersView view) {
    wire::Json::Array centers = TRY(list_centers(globals));
    if (is_structured(globals)) {
        print_structured(globals, std::move(centers));
    } else if (centers.empty()) {
        remark("dayu: no centre has joined yet; start one with `dayu agent --config FILE`");
    } else {
        view == CentersView::health ? print_health(globals, centers)
                                    : print_centers(globals, centers);
    }
    return 0;
}

void print_pools(const Globals& globals, const wire::Json::Array& pools) {
    Table table({{"CENTER"},
                 {"POOL"},
                 {"CHIP"},
                 {"NODES", Kind::number},
                 {"CHIPS/NODE", Kind::number},
                 {"CPUS/NODE", Kind::number},
                 {"GiB/NODE", Kind::number},
                 {"FREE CHIPS", Kind::number},
                 {"FREE CPUS", Kind::number},
                 {"RUNNING", Kind::number},
                 {"¥/CHIP-H", Kind::number},
                 {"¥/CPU-H", Kind::number}});
    for (const wire::Json& pool : pools) {
        table.add(
            {text(pool, "center"), text(pool, "name"), text(pool, "chip"),
             std::to_string(number(pool, "nodes")), std::to_string(number(pool, "chips_per_node")),
             std::to_string(number(pool, "cpus_per_node")),
             gibibytes(number(pool, "memory_mib_per_node")),
             std::to_string(number(pool, "free_chips_milli") / 1000),
             std::to_string(number(pool, "free_cpus")), std::to_string(number(pool, "running")),
             yuan(pool, "price_per_chip_hour"), yuan(pool, "price_per_cpu_hour")});
    }
    print_table(globals, table);
}

struct PoolsOptions {
    std::vector<std::string> centers, chips;
};

Result<int> show_pools(const PoolsOptions& options, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json answer =
        TRY(connection.get(with_query("/v1/pools", {{"center", join(options.centers, ",")},
                                                    {"chip", join(options.chips, ",")}})));
    wire::Json::Array pools = list(answer, "pools");
    if (is_structured(globals)) {
        print_structured(globals, std::move(pools));
    } else {
        print_pools(globals, pools);
    }
    return 0;
}

}  // namespace

Verb centers_verb() {
    const auto health = std::make_shared<bool>(false);
    return {.name = "centers",
            .help = "List centres: contact, free capacity, and what their engines enforce",
            .options = {{"--health", health.get(),
                         "instead how they are: agents, clocks, disks, failed starts, nodes"}},
            .run =
                [health](const Globals& globals) {
                    return show_centers(globals,
                                        *health ? CentersView::health : CentersView::supply);
                },
            .can_watch = true};
}

Verb pools_verb() {
    const auto options = std::make_shared<PoolsOptions>();
    return {.name = "pools",
            .help = "List pools: nodes, free capacity and prices",
            .options = {{"--center", &options->centers, "only pools of these centres"},
                        {"--chip", &options->chips, "only pools of these chips, by name or alias"}},
            .run = [options](const Globals& globals) { return show_pools(*options, globals); },
            .can_watch = true};
}

}  // namespace dayu::app
