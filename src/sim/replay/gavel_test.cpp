#include "sim/replay/gavel.h"

#include <functional>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace dayu::sim {
namespace {

using sched::Match;
using sched::MatchingJob;

// All models that a stream draws, with one speed each on two kinds; on `slow` half as fast.
Throughputs plain_table() {
    std::string rows;
    const auto add = [&](const std::string& type, int chips) {
        rows += fmt::format("{}\"('{}', {})\": {{\"null\": RATE}}", rows.empty() ? "" : ", ", type,
                            chips);
    };
    const std::vector<std::pair<std::string, std::vector<int>>> models = {
        {"ResNet-18", {16, 32, 64, 128, 256}},
        {"ResNet-50", {16, 32, 64, 128}},
        {"Transformer", {16, 32, 64, 128, 256}},
        {"LM", {5, 10, 20, 40, 80}},
        {"Recommendation", {512, 1024, 2048, 4096, 8192}}};
    for (const auto& [name, sizes] : models)
        for (const int size : sizes)
            for (const int chips : {1, 2, 4, 8})
                if (chips == 1 || name != "Recommendation")
                    add(fmt::format("{} (batch size {})", name, size), chips);
    add("A3C", 1);
    add("CycleGAN", 1);
    const auto with_rate = [&](const std::string& rate) {
        std::string text = rows;
        for (std::size_t at = 0; (at = text.find("RATE", at)) != std::string::npos;)
            text.replace(at, 4, rate);
        return text;
    };
    const std::string json =
        fmt::format("{{\"fast\": {{{}}}, \"slow\": {{{}}}}}", with_rate("10"), with_rate("5"));
    return parse_throughputs(json, {"fast", "slow"}).value();
}

// Does as the test says.
class Scripted final : public sched::MatchingPolicy {
   public:
    using Choose = std::function<std::vector<Match>(std::span<const MatchingJob>)>;
    explicit Scripted(Choose choose) : choose_(std::move(choose)) {}

    std::vector<Match> choose(double, std::span<const MatchingJob> jobs) override {
        return choose_(jobs);
    }
    void finished(const MatchingJob& job) override { finished_ids.push_back(job.id); }

    std::vector<std::uint32_t> finished_ids;

   private:
    Choose choose_;
};

struct Lab {
    Throughputs table = plain_table();
    StreamOptions stream{.jobs_per_h = 1, .seed = 0};
    sched::MatchingSetting setting{.chips = {36, 36}};

    GavelStream open() { return GavelStream::open(table, stream).value(); }
    Result<GavelFigures> replay(Scripted& policy, GavelWindow window) {
        return replay_gavel(table, open(), setting, policy, window);
    }
};

std::vector<Match> all_on(std::size_t kind, std::span<const MatchingJob> jobs) {
    std::vector<Match> matches;
    for (std::uint32_t i = 0; i < jobs.size(); ++i) matches.push_back({.job = i, .kind = kind});
    return matches;
}

// Drawn with CPython from the authors' rule, seed 0: run times in seconds on the first kind.
TEST(GavelStream, DrawsTheJobsOfTheAuthors) {
    Lab lab;
    lab.stream.jobs_per_h = 2;
    GavelStream single = lab.open();
    lab.stream.has_gangs = true;
    GavelStream multi = lab.open();
    const StreamJob first = single.next(), second = single.next();
    EXPECT_EQ(lab.table.shapes[first.shape].type, "ResNet-18 (batch size 64)");
    EXPECT_EQ(lab.table.shapes[first.shape].chips, 1u);
    EXPECT_EQ(lab.table.shapes[second.shape].type, "Transformer (batch size 16)");
    EXPECT_EQ(first.arrival_s, 0);
    EXPECT_NEAR(second.arrival_s, 489.172145820603, 1e-9);
    EXPECT_NEAR(first.steps, 10 * 1646636.2758419 / 24.093231895382736, 1e-3);
    EXPECT_EQ(lab.table.shapes[multi.next().shape].chips, 8u);
}

TEST(GavelStream, NamesTheModelThatIsMissing) {
    const auto table =
        parse_throughputs(R"json({"v100": {"('A3C', 1)": {"null": 1}}})json", {"v100"});
    const auto stream = GavelStream::open(*table, {});
    ASSERT_FALSE(stream.ok());
    EXPECT_EQ(stream.error().message,
              "table \"v100\" has no rate of \"('ResNet-18 (batch size 16)', 1)\" alone, which the "
              "stream draws");
}

TEST(GavelReplay, AJobByItselfTakesItsTimeOnTheChip) {
    Lab lab;
    const double alone_s = lab.open().next().steps / 10;
    for (const std::size_t kind : {0u, 1u}) {
        Scripted policy([kind](auto jobs) { return all_on(kind, jobs.first(1)); });
        const auto figures = lab.replay(policy, {0, 1});
        ASSERT_TRUE(figures.ok());
        EXPECT_NEAR(figures->jct_mean_h, alone_s * (kind == 0 ? 1 : 2) / 3600, 1e-9);
        EXPECT_EQ(figures->completed, 1u);
        EXPECT_EQ(policy.finished_ids.front(), 0u);
    }
}

// Each change of kind costs; the first start and going on cost nothing.
TEST(GavelReplay, SwitchingCostsWhatIsSaid) {
    Lab lab;
    std::size_t rounds = 0;
    const auto to_and_fro = [&](auto jobs) { return all_on(rounds++ % 2, jobs.first(1)); };
    Scripted free_policy(to_and_fro);
    const double free_h = lab.replay(free_policy, {0, 1})->jct_mean_h;
    rounds = 0;
    lab.setting.switch_cost_s = 120;
    Scripted policy(to_and_fro);
    const auto figures = lab.replay(policy, {0, 1});
    // From the second round on 240 s of 360 s count.
    EXPECT_NEAR(figures->jct_mean_h, 1.5 * free_h, 0.1);
    EXPECT_GE(figures->switches, figures->rounds - 2);
}

TEST(GavelReplay, GoesOnToTheNextArrivalWhenNothingRuns) {
    Lab lab;
    Scripted policy(
        [](auto jobs) { return jobs.size() < 3 ? std::vector<Match>{} : all_on(0, jobs); });
    const auto figures = lab.replay(policy, {0, 3});
    ASSERT_TRUE(figures.ok());
    EXPECT_EQ(figures->completed, 3u);
}

TEST(GavelReplay, EndsWhereMoreArrivesThanRuns) {
    Lab lab;
    Scripted policy([](auto) { return std::vector<Match>{}; });
    const auto figures = lab.replay(policy, {0, 1});
    ASSERT_FALSE(figures.ok());
    EXPECT_EQ(figures.error().code, "replay_overloaded");
}

}  // namespace
}  // namespace dayu::sim
