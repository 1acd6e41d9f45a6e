#include "runtime/optimiser.h"

#include <algorithm>
#include <chrono>
#include <future>

#include "base/background.h"
#include "base/log.h"
#include "sched/excerpt.h"
#include "sched/optimise.h"

namespace dayu::runtime {
namespace {

// A price is news when it has moved by more than a twentieth of what a chip costs with it.
constexpr std::int64_t noise_divisor = 20;
// At most one entry in so long; and free and wanted chips of a published index are no older than `stale_after`.
constexpr Duration publish_every = seconds(60);
constexpr Duration stale_after = seconds(3600);
// Advice is good until the next comes, which may be late.
constexpr std::int64_t advice_lasts_periods = 2;
constexpr Duration advice_lasts_at_least = seconds(60);

using Moment = std::chrono::steady_clock::time_point;
Moment begin_of_work() { return std::chrono::steady_clock::now(); }
double seconds_since(Moment begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

bool is_same_pool(const PriceRow& a, const PriceRow& b) {
    return a.center == b.center && a.pool == b.pool && a.chip == b.chip && a.list == b.list;
}

bool has_moved(const PriceRow& last, const PriceRow& now) {
    const std::int64_t by = std::abs(now.scarcity.micro_yuan - last.scarcity.micro_yuan);
    const std::int64_t price = last.list.micro_yuan + last.scarcity.micro_yuan;
    return by > price / noise_divisor;
}

bool is_soon_after(const PriceIndex& last, const PriceIndex& now) {
    return !last.rows.empty() && now.at - last.at < publish_every;
}

}  // namespace

bool is_news(const PriceIndex& last, const PriceIndex& now) {
    const auto is_scarce = [](const PriceRow& row) { return row.scarcity > Money{}; };
    // Nobody is told that nothing is scarce who was never told that something was.
    if (last.rows.empty()) return std::ranges::any_of(now.rows, is_scarce);
    if (is_soon_after(last, now)) return false;
    if (now.at - last.at >= stale_after && (now.rows != last.rows || now.jobs != last.jobs))
        return true;
    return !std::ranges::equal(now.rows, last.rows, is_same_pool) ||
           !std::ranges::equal(last.rows, now.rows, [](const PriceRow& a, const PriceRow& b) {
               return !has_moved(a, b);
           });
}

Optimiser::Optimiser(Loop& loop, Duration every)
    : loop_(loop), every_(every), thread_([this](const std::stop_token& stop) {
          go_to_background();
          const std::chrono::milliseconds pause(every_.ms);
          std::unique_lock lock(sleep_);
          while (!wakes_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) run();
      }) {}

OptimiserFigures Optimiser::figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
}

void Optimiser::run() {
    sched::Excerpt excerpt;
    PriceIndex last;
    const sched::Policy* policy = nullptr;
    double copy_seconds = 0;
    loop_.read_and_wait([&](const Core& core) {
        if (core.state().header.last_seq == seen_) return;
        seen_ = core.state().header.last_seq;
        const Moment begin = begin_of_work();
        excerpt = sched::excerpt_of(core.world(), core.clock().now());
        policy = &core.policy();
        const auto& published = core.state().prices.rows();
        if (!published.empty()) last = published.begin()->second;
        copy_seconds = seconds_since(begin);
    });
    if (policy == nullptr) return;  // nothing has happened since
    const Moment begin = begin_of_work();
    sched::Market market = sched::market_of(excerpt, *policy);
    const Duration horizon = sched::expected_wait(market);
    auto optimum = sched::optimise(std::move(market), horizon);
    {
        const std::lock_guard lock(mutex_);
        ++figures_.runs;
        figures_.copy_seconds.add(copy_seconds);
        figures_.run_seconds.add(seconds_since(begin));
        figures_.classes_left_out = excerpt.classes_left_out;
        if (optimum) {
            figures_.newest = optimum->prices;
            figures_.distance_ppm = sched::distance_ppm(optimum->prices);
        } else {
            ++figures_.failures;
        }
    }
    if (!optimum) return log_warning("no prices: {}", optimum.error().message);
    loop_.advise({.starts = std::move(optimum->starts),
                  .weighed = std::move(optimum->weighed),
                  .until = excerpt.at + std::max(Duration{advice_lasts_periods * every_.ms},
                                                 advice_lasts_at_least)});
    // What comes too soon to be told is looked for again, even if nothing happens until then.
    if (is_soon_after(last, optimum->prices)) seen_ = {};
    if (is_news(last, optimum->prices)) publish(std::move(optimum->prices));
}

void Optimiser::publish(PriceIndex prices) {
    std::promise<Result<Answer>> published;
    loop_.submit({.command = control::PublishPrices{.index = std::move(prices)},
                  .actor = {.name = "scheduler", .scope = {}},
                  .bodies = {}},
                 [&](Result<Answer> answer) { published.set_value(std::move(answer)); });
    const auto answer = published.get_future().get();
    if (!answer) return log_warning("prices are not published: {}", answer.error().message);
}

}  // namespace dayu::runtime
