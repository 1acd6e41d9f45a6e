// The optimiser beside a real loop: two centres of a test's own, and more jobs than fit.
#include "runtime/optimiser.h"

#include <chrono>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "wire/json_fields.h"

namespace dayu::runtime {
namespace {

constexpr Time start{1'800'000'000'000};
constexpr Duration minute = seconds(60);

Money yuan(std::int64_t whole) { return {whole * micro_yuan_per_yuan}; }

PriceIndex index(Time at, std::vector<std::int64_t> scarcities) {
    PriceIndex one{.at = at, .rows = {}};
    for (const std::int64_t micro_yuan : scarcities) {
        one.rows.push_back({.center = {static_cast<std::uint32_t>(one.rows.size() + 1)},
                            .pool = "main",
                            .list = yuan(10),
                            .scarcity = {micro_yuan}});
    }
    return one;
}

TEST(IsNews, NobodyIsToldThatNothingIsScarceBeforeSomethingWas) {
    EXPECT_FALSE(is_news({}, index(start, {0, 0})));
    EXPECT_TRUE(is_news({}, index(start, {0, 1})));
    EXPECT_TRUE(is_news(index(start, {0, 1'000'000}), index(start + minute, {0, 0})));
}

TEST(IsNews, NoiseIsNone) {
    const PriceIndex last = index(start, {0, 10'000'000});
    EXPECT_FALSE(is_news(last, index(start + minute, {0, 10'900'000})));
    EXPECT_TRUE(is_news(last, index(start + minute, {0, 11'100'000})));
    EXPECT_TRUE(is_news(last, index(start + minute, {600'000, 10'000'000})));
    EXPECT_FALSE(is_news(last, index(start + seconds(59), {0, 20'000'000})));
    EXPECT_TRUE(is_news(last, index(start + minute, {0, 10'000'000, 0})));
}

TEST(IsNews, AnOldIndexIsRenewedWhereItSaysSomethingElse) {
    const PriceIndex last = index(start, {1'000'000});
    PriceIndex now = index(start + seconds(3600), {1'000'000});
    EXPECT_FALSE(is_news(last, now));
    now.rows[0].wanted_milli = 8000;
    EXPECT_TRUE(is_news(last, now));
    now.at = start + seconds(3599);
    EXPECT_FALSE(is_news(last, now));
}

Center center(std::string name, std::int64_t nodes, std::int64_t milli_yuan) {
    Center one;
    one.name = std::move(name);
    one.region = "cn/test/" + one.name;
    one.engine.kind = "process";
    Pool pool;
    pool.name = "cpu";
    pool.nodes = nodes;
    pool.cpus_per_node = 1;
    pool.memory_mib_per_node = 8192;
    pool.price_per_cpu_hour = Money{milli_yuan * 1000};
    one.pools.push_back(pool);
    return one;
}

class OptimiserTest : public testing::Test {
   protected:
    OptimiserTest() : journal(journal::make_memory_store()) {
        loop =
            std::move(*Loop::start(journal, *sched::find_policy("least-cost"), {}, system_clock()));
        send({{.command = control::Found{.cluster = "0123456789abcdef"},
               .actor = {.name = "system"}}});
    }

    void send(std::vector<Request> requests) {
        std::promise<std::vector<Result<Answer>>> promise;
        loop->submit_all(std::move(requests),
                         [&](auto answers) { promise.set_value(std::move(answers)); });
        for (const auto& answer : promise.get_future().get()) {
            ASSERT_TRUE(answer) << answer.error().message;
        }
    }

    // Of one CPU and ten minutes at most.
    void submit(int count) {
        std::string content;
        wire::write_json(content, JobBody{.run = "true"});
        const journal::Body body = journal::make_body(content, "salt");
        std::vector<Request> requests;
        for (int i = 0; i < count; ++i) {
            JobSpec spec;
            spec.time_limit = seconds(600);
            requests.push_back(
                {.command = control::SubmitJob{.name = "j", .spec = spec, .body = body.ref},
                 .actor = {.name = "token:test"},
                 .bodies = {body}});
        }
        send(std::move(requests));
    }

    void declare(std::vector<Center> centers) {
        std::promise<Result<SyncReply>> promise;
        loop->sync({.agent = "a",
                    .installation = "f00d",
                    .incarnation = 1,
                    .number = ++number,
                    .centers = std::move(centers)},
                   {.name = "agent:a"},
                   [&](Result<SyncReply> reply) { promise.set_value(std::move(reply)); });
        ASSERT_TRUE(promise.get_future().get());
    }

    template <class Value>
    Value see(Value (*look)(const Core&)) {
        Value seen{};
        loop->read_and_wait([&](const Core& core) { seen = look(core); });
        return seen;
    }

    static std::size_t placed(const Core& core) { return core.state().attempts.size(); }
    static PriceIndex prices(const Core& core) {
        const auto& rows = core.state().prices.rows();
        return rows.empty() ? PriceIndex{} : rows.begin()->second;
    }
    static Figures figures(const Core& core) { return core.figures(); }

    // Until `holds`, as long as it can be hoped for.
    template <class Condition>
    void await(Condition holds) {
        for (int i = 0; i < 1000 && !holds(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        ASSERT_TRUE(holds());
    }

    journal::Journal journal;
    std::unique_ptr<Loop> loop;
    std::uint64_t number = 0;
};

TEST_F(OptimiserTest, WhenJobsWaitAPriceIndexIsPublished) {
    declare({center("jiading", 2, 100), center("wuhan", 1, 120)});
    submit(6);
    await([&] { return see(placed) == 3; });
    const Optimiser optimiser(*loop, milliseconds(5));
    await([&] { return !see(prices).rows.empty(); });
    const PriceIndex index = see(prices);
    EXPECT_EQ(index.jobs, 3);
    EXPECT_EQ(index.value, Money{});  // nothing is free
    ASSERT_EQ(index.rows.size(), 2u);
    EXPECT_EQ(index.rows[0].center_name, "jiading");
    EXPECT_EQ(index.rows[0].list, Money{100'000});
    EXPECT_EQ(index.rows[0].total_milli, 2000);
    EXPECT_EQ(index.rows[0].wanted_milli, 3000);
    // A CPU waits as an eighth of a chip, for a yuan a chip-hour; at wuhan ten minutes cost a third of a fen more.
    EXPECT_EQ(index.rows[0].scarcity, Money{125'000});
    EXPECT_EQ(index.rows[1].scarcity, Money{121'667});
    EXPECT_EQ(index.rows[1].wanted_milli, 0);
    EXPECT_GE(optimiser.figures().runs, 1u);
    EXPECT_EQ(optimiser.figures().failures, 0u);
}

TEST_F(OptimiserTest, AQuietInstallationHasNoEntriesOfIt) {
    declare({center("jiading", 2, 100)});
    submit(1);
    const Optimiser optimiser(*loop, milliseconds(5));
    await([&] { return optimiser.figures().runs > 0; });
    submit(1);
    await([&] { return optimiser.figures().runs > 1; });
    EXPECT_TRUE(see(prices).rows.empty());
}

// 1,100 jobs run at the cheap centre for ten minutes at most, and a round plans the first of those that wait behind them. When
// a dearer one comes, how many of the others start there is for the optimum to say.
class AdviceTest : public OptimiserTest {
   protected:
    AdviceTest() {
        declare({cheap});
        submit(1100);
        submit(1300);
        await([&] { return see(placed) == 1100; });
    }

    static std::vector<ShapeId> shapes(const Core& core) {
        return {core.state().jobs.rows().begin()->second.shape};
    }

    const Center cheap = center("cheap", 1100, 100);
};

TEST_F(AdviceTest, JobsThatARoundCannotPlanStartWhereItSays) {
    const Optimiser optimiser(*loop, milliseconds(5));
    await([&] { return optimiser.figures().runs > 0; });
    declare({cheap, center("dear", 5, 400)});
    await([&] { return see(placed) == 1105; });
    EXPECT_EQ(see(figures).advised_starts, 5u);
}

TEST_F(AdviceTest, AStaleStartIsRefused) {
    const std::vector<ShapeId> weighed = see(shapes);
    const Time until = system_clock().now() + minute;
    loop->advise({.weighed = weighed, .until = until});
    declare({cheap, center("dear", 2, 400), center("dearer", 1, 410)});
    loop->advise({.starts = {{.shape = weighed[0], .center = {2}, .pool = "cpu", .jobs = 5},
                             {.shape = weighed[0], .center = {3}, .pool = "cpu", .jobs = 1}},
                  .weighed = weighed,
                  .until = until});
    await([&] { return see(figures).stale_starts > 0; });
    EXPECT_EQ(see(figures).stale_starts, 3u);  // of the five that were to start where two find room
    EXPECT_EQ(see(figures).advised_starts, 3u);
    EXPECT_EQ(see(placed), 1103u);
}

}  // namespace
}  // namespace dayu::runtime
