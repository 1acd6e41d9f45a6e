#include "country.h"

#include <cctype>
#include <string>
#include <utility>

#include "base/check.h"
#include "sched/decide.h"

namespace dayu::bench {
namespace {

// Everything below is an estimate of ours, to have a country that is unlike in all that the scheduler looks at. Chips
// are named as in data/chips.yaml.
struct Model {
    const char* name;
    std::int64_t power_w;
    std::int64_t yuan_cents_per_hour;
    std::int64_t chips_per_node;
    std::int64_t cpus_per_node;
    std::int64_t memory_gib_per_node;
    std::int64_t share;  // of the country's pools with chips, and of the jobs that ask for chips
};
constexpr Model models[] = {
    {"A100-80GB", 400, 1200, 8, 128, 1024, 16}, {"A800", 400, 1100, 8, 128, 1024, 12},
    {"H800", 700, 2600, 8, 192, 2048, 10},      {"H20", 400, 1000, 8, 192, 2048, 10},
    {"RTX4090", 450, 300, 8, 64, 512, 8},       {"V100-32GB", 300, 500, 8, 96, 512, 6},
    {"Ascend910B", 400, 900, 8, 192, 1536, 20}, {"Ascend910C", 700, 1800, 16, 320, 2048, 6},
    {"MLU590", 350, 700, 8, 128, 1024, 4},      {"DCU-K100", 300, 500, 8, 128, 512, 5},
    {"Kunlun-P800", 400, 700, 8, 128, 1024, 3},
};

struct Place {
    const char* region;
    std::int64_t grid_mg_per_kwh;
    std::int64_t price_percent;
};
constexpr Place places[] = {
    {"cn/yangtze-delta/shanghai", 573'700, 125},
    {"cn/yangtze-delta/hangzhou", 515'300, 115},
    {"cn/yangtze-delta/wuhu", 678'000, 100},
    {"cn/greater-bay/shenzhen", 440'300, 125},
    {"cn/greater-bay/shaoguan", 440'300, 100},
    {"cn/beijing-tianjin-hebei/beijing", 558'000, 125},
    {"cn/beijing-tianjin-hebei/zhangjiakou", 725'200, 95},
    {"cn/chengdu-chongqing/tianfu", 140'700, 95},
    {"cn/chengdu-chongqing/chongqing", 522'700, 95},
    {"cn/inner-mongolia/helinger", 684'900, 80},
    {"cn/guizhou/guian", 498'900, 80},
    {"cn/gansu/qingyang", 477'200, 80},
    {"cn/ningxia/zhongwei", 618'700, 80},
    {"cn/central/wuhan", 431'600, 105},
    {"cn/north-east/shenyang", 562'600, 95},
};
constexpr const char* wished_regions[] = {"cn/yangtze-delta",         "cn/greater-bay",
                                          "cn/beijing-tianjin-hebei", "cn/chengdu-chongqing",
                                          "cn/inner-mongolia",        "cn/ningxia"};
constexpr Tier tiers[] = {Tier::national, Tier::regional, Tier::regional, Tier::city,
                          Tier::city,     Tier::city,     Tier::city,     Tier::district,
                          Tier::district, Tier::industry};
constexpr Weights wishes[] = {{.wait_per_chip_hour = {1'000'000}, .carbon_per_kg = {100'000}},
                              {.wait_per_chip_hour = {1'000'000}, .carbon_per_kg = {100'000}},
                              {.wait_per_chip_hour = {50'000}, .carbon_per_kg = {0}},
                              {.wait_per_chip_hour = {100'000'000}, .carbon_per_kg = {0}},
                              {.wait_per_chip_hour = {200'000}, .carbon_per_kg = {5'000'000}}};
constexpr std::int64_t limits_min[] = {15, 30, 60, 120, 240, 480, 720, 1440, 2880, 4320, 10'080};
constexpr std::int64_t gangs[] = {2, 2, 2, 2, 4, 4, 4, 8, 8, 8, 16, 16, 32, 64, 128};
constexpr std::int64_t chip_counts[] = {1, 1, 1, 1, 2, 2, 4, 4, 8, 8, 8};
constexpr std::int64_t cpu_counts[] = {1, 2, 4, 8, 16, 32, 64};

// Of a hundred shapes:
constexpr std::int64_t on_cpus_percent = 20;
constexpr std::int64_t gangs_percent = 12;
constexpr std::int64_t fractions_percent = 14;  // the rest: one node, whole chips
constexpr std::int64_t with_regions_percent = 25;
constexpr std::int64_t with_tiers_percent = 10;
constexpr std::int64_t with_max_price_percent = 10;
constexpr std::int64_t with_variants_percent = 15;
constexpr std::int64_t preemptible_percent = 20;
constexpr std::int64_t secure_percent = 15;
constexpr std::int64_t important_data_percent = 4;

constexpr std::int64_t cpu_nodes_percent = 15;
constexpr std::int64_t smallest_center = 8;  // nodes
constexpr std::int64_t projects_of_a_tenant = 10;
constexpr std::int64_t most_shapes_of_a_project = 24;
constexpr Duration time_of_submits = seconds(14 * 24 * 3600);

constexpr std::int64_t micro_yuan_per_cent = micro_yuan_per_yuan / 100;

Resources part_of(const Model& model, std::int64_t chips_milli) {
    const std::int64_t node_milli = model.chips_per_node * 1000;
    return {.chip = model.name,
            .chips_milli = chips_milli,
            .cpus = std::max<std::int64_t>(1, model.cpus_per_node * chips_milli / node_milli),
            .memory_mib = model.memory_gib_per_node * 1024 * chips_milli / node_milli};
}

std::size_t draw_model(Draw& draw) {
    static const Wheel wheel = [] {
        Wheel by_share;
        for (const Model& model : models) by_share.add(model.share);
        return by_share;
    }();
    return wheel.spin(draw);
}

const Model& model_of(const std::string& chip) {
    return *std::ranges::find(models, chip, &Model::name);
}

}  // namespace

Country::Country(const CountrySize& size, std::uint64_t seed, Time now)
    : size_(size), seed_(seed), now_(now), draw_(seed) {
    CHECK(size.nodes >= size.centers * smallest_center);
    for (const Model& model : models) {
        Chip chip;
        chip.name = model.name;
        chip.power_w = model.power_w;
        chips_.push_back(std::move(chip));
    }
    make_centers();
    make_shapes();
    make_projects();
    make_queues();
}

std::int64_t Country::chips_milli() const {
    std::int64_t sum = 0;
    for (const Center& center : centers_) {
        for (const Pool& pool : center.pools) sum += pool.nodes * pool.chips_per_node * 1000;
    }
    return sum;
}

// The first centre is some ten times as large as the hundredth.
void Country::make_centers() {
    std::vector<std::int64_t> weights;
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < size_.centers; ++i) {
        weights.push_back(1'000'000 / (10 + i));
        sum += weights.back();
    }
    const std::int64_t to_share = size_.nodes - size_.centers * smallest_center;
    std::int64_t left = size_.nodes;
    for (std::size_t i = weights.size(); i-- > 0;) {
        const std::int64_t nodes = i == 0 ? left : smallest_center + to_share * weights[i] / sum;
        left -= nodes;
        centers_.push_back(make_center(i, nodes));
    }
}

Center Country::make_center(std::size_t number, std::int64_t nodes) {
    const Place& place = draw_.pick(places);
    Center center;
    center.name = "center-" + std::to_string(number);
    center.tier = draw_.pick(tiers);
    center.region = std::string(place.region) + "/" + center.name;
    center.security_level = draw_.between(2, 4);
    center.energy = {.pue_milli = draw_.between(1100, 1500),
                     .grid_mg_per_kwh = place.grid_mg_per_kwh,
                     .source = "made up"};
    center.link = {
        .rtt_us = draw_.between(1'000, 40'000), .mbit_per_s = 10'000, .price_per_gib = {}};
    center.engine.kind = "process";
    center.pools = make_pools(nodes);
    for (Pool& pool : center.pools) {
        const std::int64_t percent = place.price_percent * draw_.between(85, 115) / 100;
        pool.price_per_chip_hour.micro_yuan = pool.price_per_chip_hour.micro_yuan / 100 * percent;
        pool.price_per_cpu_hour.micro_yuan = pool.price_per_cpu_hour.micro_yuan / 100 * percent;
    }
    return center;
}

// One pool of CPUs in most centres, and one to three of chips, each of another model.
std::vector<Pool> Country::make_pools(std::int64_t nodes) {
    std::vector<Pool> pools;
    if (draw_.percent(60)) {
        Pool cpus;
        cpus.name = "cpu";
        cpus.nodes = nodes * cpu_nodes_percent / 60;
        cpus.nodes = std::max<std::int64_t>(1, cpus.nodes);
        cpus.cpus_per_node = 64 * draw_.between(1, 4);
        cpus.memory_mib_per_node = cpus.cpus_per_node * 4096;
        cpus.price_per_cpu_hour.micro_yuan = 25 * micro_yuan_per_cent;
        cpus.watts_per_cpu = 5;
        nodes -= cpus.nodes;
        pools.push_back(std::move(cpus));
    }
    std::vector<std::size_t> chosen;
    const std::int64_t kinds = std::min<std::int64_t>(draw_.between(1, 3), nodes);
    while (std::ssize(chosen) < kinds) {
        const std::size_t model = draw_model(draw_);
        if (std::ranges::find(chosen, model) == chosen.end()) chosen.push_back(model);
    }
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const std::int64_t pools_left = std::ssize(chosen) - static_cast<std::int64_t>(i);
        const std::int64_t fair = nodes / pools_left;
        const std::int64_t share =
            pools_left == 1 ? nodes : std::max<std::int64_t>(1, fair / 2 + draw_.below(fair));
        pools.push_back(chip_pool(chosen[i], std::min(share, nodes - pools_left + 1)));
        nodes -= pools.back().nodes;
    }
    return pools;
}

Pool Country::chip_pool(std::size_t model, std::int64_t nodes) {
    const Model& of = models[model];
    std::string name = of.name;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    return {.name = std::move(name),
            .chip = of.name,
            .nodes = nodes,
            .chips_per_node = of.chips_per_node,
            .cpus_per_node = of.cpus_per_node,
            .memory_mib_per_node = of.memory_gib_per_node * 1024,
            .price_per_chip_hour = {of.yuan_cents_per_hour * micro_yuan_per_cent},
            .price_per_cpu_hour = {50 * micro_yuan_per_cent},
            .watts_per_cpu = 5};
}

void Country::make_shapes() {
    while (std::ssize(shapes_) < size_.shapes) {
        JobSpec shape = make_shape();
        add_wishes(shape);
        const bool is_new = std::ranges::find(shapes_, shape) == shapes_.end();
        if (is_new && can_run(shape)) shapes_.push_back(std::move(shape));
    }
}

// A job that could run nowhere is refused at its submit.
bool Country::can_run(const JobSpec& shape) const {
    for (const JobSpec& one : variants_of(shape)) {
        const auto chip = std::ranges::find(chips_, one.resources.chip, &Chip::name);
        const Chip* known = chip == chips_.end() ? nullptr : &*chip;
        for (const Center& center : centers_) {
            const bool runs_there = std::ranges::any_of(center.pools, [&](const Pool& pool) {
                return !sched::never_fits(center, pool, known, one);
            });
            if (runs_there) return true;
        }
    }
    return false;
}

JobSpec Country::make_shape() {
    JobSpec shape;
    shape.time_limit = seconds(60 * draw_.pick(limits_min));
    const std::int64_t kind = draw_.below(100);
    if (kind < on_cpus_percent) {
        shape.resources.cpus = draw_.pick(cpu_counts);
        shape.resources.memory_mib = shape.resources.cpus * 1024 * draw_.between(1, 4);
        return shape;
    }
    const Model& model = models[draw_model(draw_)];
    std::int64_t milli = draw_.pick(chip_counts) * 1000;
    if (kind < on_cpus_percent + gangs_percent) {
        shape.kind = JobKind::train;
        shape.nodes = draw_.pick(gangs);
        milli = model.chips_per_node * 1000;
    } else if (kind < on_cpus_percent + gangs_percent + fractions_percent) {
        shape.kind = JobKind::notebook;
        milli = 125 * draw_.between(1, 4);
    }
    shape.resources = part_of(model, milli);
    if (draw_.percent(with_variants_percent)) {
        shape.variants = {{shape.resources}, {part_of(models[draw_model(draw_)], milli)}};
        if (shape.variants[0] == shape.variants[1]) shape.variants.clear();
    }
    return shape;
}

void Country::add_wishes(JobSpec& shape) {
    PlacementRules& rules = shape.placement;
    rules.weights = draw_.pick(wishes);
    if (draw_.percent(with_regions_percent)) {
        rules.regions = {draw_.pick(wished_regions)};
        const std::string other = draw_.pick(wished_regions);
        if (other != rules.regions[0]) rules.regions.push_back(other);
    }
    if (draw_.percent(with_tiers_percent))
        rules.tiers = {Tier::national, Tier::regional, Tier::city};
    if (draw_.percent(secure_percent)) rules.security_level = 3;
    if (draw_.percent(important_data_percent)) rules.data_class = DataClass::important;
    shape.preemptible = draw_.percent(preemptible_percent);
    if (shape.preemptible) shape.checkpoint.path = "checkpoint";
    if (!shape.resources.chip.empty() && draw_.percent(with_max_price_percent)) {
        const Model& model = model_of(shape.resources.chip);
        const std::int64_t cents_an_hour = model.yuan_cents_per_hour * draw_.between(90, 140) / 100;
        rules.max_price =
            Money{cents_an_hour * micro_yuan_per_cent * shape.nodes * shape.resources.chips_milli /
                  1000 * (shape.time_limit.ms / 60'000) / 60};
    }
}

void Country::make_projects() {
    const std::int64_t tenants = std::max<std::int64_t>(1, size_.projects / projects_of_a_tenant);
    projects_by_jobs_ = zipf(size_.projects, 20);
    const Wheel popular = zipf(size_.shapes, 50);
    for (std::int64_t i = 0; i < size_.projects; ++i) {
        queue_paths_.push_back("tenant-" + std::to_string(i % tenants) + "/project-" +
                               std::to_string(i / tenants));
        auto& palette = palettes_.emplace_back();
        const std::int64_t kinds = 1 + draw_.below(draw_.between(1, most_shapes_of_a_project));
        for (std::int64_t k = 0; k < kinds; ++k) {
            palette.push_back(static_cast<std::uint32_t>(popular.spin(draw_)));
        }
    }
}

// One tenant in three is guaranteed some chips; few projects have a limit, and some weigh more than others.
void Country::make_queues() {
    promised_milli_.assign(std::size(models), 0);
    const std::int64_t tenants = std::max<std::int64_t>(1, size_.projects / projects_of_a_tenant);
    for (std::int64_t i = 0; i < tenants; ++i) {
        Queue tenant{.path = "tenant-" + std::to_string(i),
                     .weight_milli = 1000 * draw_.between(1, 8),
                     .quotas = {}};
        if (i % 3 == 0) guarantee(tenant, draw_model(draw_));
        queues_.push_back(std::move(tenant));
    }
    for (const std::string& path : queue_paths_) {
        if (!draw_.percent(20)) continue;
        Queue queue{.path = path, .weight_milli = 500 * draw_.between(1, 6), .quotas = {}};
        if (draw_.percent(25)) {
            const std::string& chip = models[draw_model(draw_)].name;
            queue.quotas.push_back({.chip = chip, .limit_milli = draw_.between(64, 1024) * 1000});
        }
        queues_.push_back(std::move(queue));
    }
}

// Half a percent to two of all chips of the model, as long as no more than half of them are promised.
void Country::guarantee(Queue& tenant, std::size_t model) {
    std::int64_t all = 0;
    for (const Center& center : centers_) {
        for (const Pool& pool : center.pools) {
            if (pool.chip == models[model].name) all += pool.nodes * pool.chips_per_node * 1000;
        }
    }
    const std::int64_t milli = all / 200 * draw_.between(1, 4) / 1000 * 1000;
    if (milli == 0 || promised_milli_[model] + milli > all / 2) return;
    promised_milli_[model] += milli;
    tenant.quotas.push_back({.chip = models[model].name,
                             .guaranteed_milli = milli,
                             .kept_milli = draw_.percent(30) ? milli / 4 : 0,
                             .limit_milli = {}});
}

CountryJob Country::job(std::uint64_t number) const {
    Draw draw(seed_ + 0x632be59bd9b4e019 * (number + 1));
    const std::size_t project = projects_by_jobs_.spin(draw);
    const auto& palette = palettes_[project];
    // The first shape of a project most often, the others less and less.
    const std::int64_t most = draw.below(std::ssize(palette)) + 1;
    const auto shape = palette[static_cast<std::size_t>(draw.below(most))];
    const std::int64_t percent = draw.below(100);
    const Priority priority = percent < 2    ? Priority::urgent
                              : percent < 10 ? Priority::high
                              : percent < 20 ? Priority::low
                                             : Priority::normal;
    const auto nth = std::min(static_cast<std::int64_t>(number), size_.jobs);
    const Duration since_first{time_of_submits.ms / size_.jobs * nth};
    return {.shape = shape,
            .project = static_cast<std::uint32_t>(project),
            .priority = priority,
            .submitted = std::min(now_, now_ - time_of_submits + since_first)};
}

}  // namespace dayu::bench
