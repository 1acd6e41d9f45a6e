#include "tests/property/world/facts.h"

#include <vector>

namespace dayu::property {
namespace {

template <class Table, class Visit>
void in_any_order(const Table& table, Dice& dice, Visit&& visit) {
    std::vector<const typename Table::value_type*> rows;
    for (const auto& row : table) rows.push_back(&row);
    for (std::size_t left = rows.size(); left > 0; --left) {
        std::swap(rows[static_cast<std::size_t>(dice.below(static_cast<std::int64_t>(left)))],
                  rows[left - 1]);
        visit(*rows[left - 1]);
    }
}

}  // namespace

sched::World Facts::build(Dice& dice) const {
    sched::World world;
    in_any_order(chips, dice, [&](const auto& row) { world.put_chip(row.second); });
    in_any_order(centers, dice, [&](const auto& row) {
        world.put_center(row.first, row.second.first, row.second.second);
    });
    in_any_order(excluded, dice, [&](const auto& row) {
        world.exclude(std::get<0>(row), std::get<1>(row), std::get<2>(row));
    });
    in_any_order(datasets, dice, [&](const auto& row) { world.put_dataset(row.second); });
    in_any_order(queues, dice, [&](const auto& row) { world.put_queue(row.second); });
    in_any_order(usage, dice, [&](const auto& row) {
        world.put_usage(row.first, row.second.first, row.second.second);
    });
    in_any_order(shapes, dice, [&](const auto& row) { world.put_shape(row.first, row.second); });
    in_any_order(running, dice, [&](const auto& row) { world.occupy(row.second); });
    in_any_order(queued, dice, [&](const auto& row) { world.enqueue(row.second); });
    in_any_order(claims, dice, [&](const auto& row) { world.claim(row.second); });
    return world;
}

}  // namespace dayu::property
