#include "sched/packing/scarcity.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dayu::sched {
namespace {

// Cores for each chip, in milli, that part kinds of rooms: what common nodes have for theirs is 8 to 16.
constexpr std::array<std::int64_t, 2> few_cores{8'000, 12'000};
// What a room is worth of its chips when it is sure to be missed: smaller requests would fill some of it.
constexpr double missed_price = 0.5;
// For each request that is expected: smaller ones take rooms too.
constexpr double rooms_a_request = 1.5;

std::size_t cores_class(const PackRequest& request) {
    const std::int64_t each = request.cpu_milli / request.chips;
    return static_cast<std::size_t>(std::ranges::lower_bound(few_cores, each) - few_cores.begin());
}

// That so many requests come at least, when as many as the mean are expected: arrivals are independent. Parts of a room lie on
// the straight line between whole ones.
double chance_of(double rooms, double mean) {
    constexpr double many = 100;  // then they are normally distributed, nearly
    constexpr double nothing = 1e-9;
    if (mean > many) return std::erfc((rooms - 0.5 - mean) / std::sqrt(2 * mean)) / 2;
    double fewer = 0;
    double exactly = std::exp(-mean);  // `count` of them
    for (int count = 0; count < rooms && (count < mean || exactly > nothing); ++count) {
        fewer += exactly * std::min(1.0, rooms - count);
        exactly *= mean / (count + 1);
    }
    return std::max(0.0, 1 - fewer);
}

bool may_run_on(const PackRequest& request, std::size_t model) {
    return ((request.models >> model) & 1) != 0;
}

}  // namespace

Scarcity::Scarcity(const Popularity& popularity) : loss_(1), loss_cost_(1) {
    losses_[Rooms{}] = 0;
    for (const RequestType& type : popularity) requests_ += static_cast<double>(type.count);
    std::map<std::pair<std::int32_t, std::size_t>, std::size_t> numbers;
    for (const RequestType& type : popularity) {
        const PackRequest& request = type.request;
        if (request.chips > 0 && request.models != any_model) restricted_.push_back(type);
        if (request.chips < 2) continue;
        const std::pair key(request.chips, cores_class(request));
        if (!numbers.contains(key) && numbers.size() == max_kinds) continue;  // the rarest types
        const std::size_t kind = numbers.try_emplace(key, numbers.size()).first->second;
        if (kind == kinds_.size()) kinds_.push_back({.chips = request.chips});
        const double share = static_cast<double>(type.count) / requests_;
        kinds_[kind].share += share;
        room_types_.push_back({.request = request, .share = share, .kind = kind});
    }
    for (RoomType& type : room_types_) type.share /= kinds_[type.kind].share;
}

void Scarcity::reprice(const Fleet& fleet, double expected_requests) {
    price_models(fleet, expected_requests);
    price_rooms(fleet, expected_requests);
    for (std::size_t loss = 0; loss < loss_.size(); ++loss) loss_cost_[loss] = cost(loss_[loss]);
}

// What is expected of a type spreads over its models as they have chips free.
void Scarcity::price_models(const Fleet& fleet, double expected_requests) {
    std::array<double, max_chip_models> free{};
    for (const Fleet::Group& group : fleet.groups()) {
        free[static_cast<std::size_t>(group.state.model)] +=
            static_cast<double>(group.nodes.size()) * group.state.left.sum();
    }
    model_price_.assign(max_chip_models, 0);
    for (const RequestType& type : restricted_) {
        double free_for_it = 0;
        for (std::size_t model = 0; model < max_chip_models; ++model)
            free_for_it += may_run_on(type.request, model) ? free[model] : 0;
        if (free_for_it <= 0) continue;
        const double wanted = expected_requests * static_cast<double>(type.count) / requests_ *
                              static_cast<double>(type.request.total_milli());
        for (std::size_t model = 0; model < max_chip_models; ++model)
            model_price_[model] += may_run_on(type.request, model) ? wanted / free_for_it : 0;
    }
    for (double& price : model_price_) price = std::min(price, 1.0);
}

void Scarcity::price_rooms(const Fleet& fleet, double expected_requests) {
    std::array<double, max_kinds> rooms{};
    for (const Fleet::Group& group : fleet.groups()) {
        const Rooms on_each = rooms_on(group.state);
        for (std::size_t kind = 0; kind < kinds_.size(); ++kind)
            rooms[kind] += static_cast<double>(group.nodes.size()) * on_each[kind];
    }
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
        const double wanted = expected_requests * kinds_[kind].share;
        const double missed = wanted > 0 ? chance_of(rooms[kind], rooms_a_request * wanted) : 0;
        kinds_[kind].price = missed_price * kinds_[kind].chips * whole_chip * missed;
    }
}

std::uint32_t Scarcity::loss_of_rooms(const NodeState& before, const NodeState& after) {
    Rooms lost = rooms_on(before);
    const Rooms kept = rooms_on(after);
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) lost[kind] -= kept[kind];
    const auto [at, is_new] = losses_.try_emplace(lost, static_cast<std::uint32_t>(loss_.size()));
    if (is_new) {
        loss_.push_back(lost);
        loss_cost_.push_back(cost(lost));
    }
    return at->second;
}

Scarcity::Rooms Scarcity::rooms_on(const NodeState& node) const {
    Rooms rooms{};
    const std::int32_t free_chips = node.left.with_at_least(whole_chip);
    if (free_chips < 2) return rooms;
    for (const RoomType& type : room_types_) {
        if (!may_run_on(type.request, static_cast<std::size_t>(node.model))) continue;
        std::int64_t fit = free_chips / type.request.chips;
        if (type.request.cpu_milli > 0)
            fit = std::min(fit, node.cpu_milli / type.request.cpu_milli);
        rooms[type.kind] += static_cast<float>(type.share * static_cast<double>(fit));
    }
    return rooms;
}

double Scarcity::cost(const Rooms& lost) const {
    double sum = 0;
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) sum += kinds_[kind].price * lost[kind];
    return sum;
}

}  // namespace dayu::sched
