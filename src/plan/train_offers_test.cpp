#include "plan/train_offers.h"

#include <gtest/gtest.h>

namespace dayu::plan {
namespace {

TrainOffer offer(double hours, double yuan, double carbon_kg) {
    return {.cost = {.hours = hours, .cost_yuan = yuan, .carbon_kg = carbon_kg}};
}

TEST(Pareto, KeepsWhatNothingBeats) {
    std::vector<TrainOffer> offers{offer(10, 100, 5), offer(20, 50, 5), offer(20, 60, 5),
                                   offer(30, 70, 1), offer(30, 70, 1)};
    mark_pareto(offers);
    EXPECT_TRUE(offers[0].is_pareto);
    EXPECT_TRUE(offers[1].is_pareto);
    EXPECT_FALSE(offers[2].is_pareto);  // dearer than the one before, and no faster
    EXPECT_TRUE(offers[3].is_pareto);   // the greenest
    EXPECT_TRUE(offers[4].is_pareto);   // and its equal
}

Chip chip(const char* name, double rate) {
    Chip chip{.name = name};
    chip.specification = {
        .bf16_rate = rate, .memory_bytes = 80e9, .memory_bandwidth = 2e12, .power_w = 400};
    chip.fabric = {.node = {.chips = 8, .bandwidth = 200e9}, .network = {.bandwidth = 20e9}};
    return chip;
}

const Knowledge nothing;
const Calibration calibration{.chip = "any", .residual_90 = 0.3, .residual_90_network = 0.3};

TrainPlace place(const Chip& chip, double chips, const HourTerms& terms) {
    return {.basis = {.chip = &chip,
                      .calibration = &calibration,
                      .machine = machine_of(chip, {}, {}),
                      .grade = Grade::specification},
            .chips = chips,
            .terms = {terms}};
}

const TrainJob job{.model = {.layers = 32,
                             .hidden = 4096,
                             .vocabulary = 32000,
                             .heads = 32,
                             .query_width = 4096,
                             .key_value_width = 8192,
                             .output_width = 4096,
                             .ffn = 11008},
                   .sequence = 4096,
                   .global_batch = 256};

TEST(TrainOffers, DifferBetweenPlacesOfEqualChipsInTheirTermsAlone) {
    const Chip fast = chip("fast", 600e12), slow = chip("slow", 300e12);
    const std::vector<TrainPlace> places{
        place(fast, 32, {.price_per_chip_h = 20, .carbon_g_per_kwh = 600, .pue = 1.2}),
        place(fast, 32, {.price_per_chip_h = 10, .carbon_g_per_kwh = 600, .pue = 1.2}),
        place(slow, 32, {.price_per_chip_h = 1, .carbon_g_per_kwh = 100, .pue = 1.2})};
    const TrainOffers found =
        offers_at(nothing, {.job = job, .run = {.tokens = 1e9}, .top = 1}, places);
    ASSERT_EQ(found.offers.size(), 3U);
    EXPECT_EQ(found.offers[0].cost.hours, found.offers[1].cost.hours);
    EXPECT_DOUBLE_EQ(found.offers[0].cost.cost_yuan, 2 * found.offers[1].cost.cost_yuan);
    EXPECT_FALSE(found.offers[0].is_pareto);
    EXPECT_TRUE(found.offers[1].is_pareto);
    EXPECT_TRUE(found.offers[2].is_pareto);
    EXPECT_EQ(found.offers[2].place, 2U);
    for (const TrainOffer& one : found.offers) {
        EXPECT_LT(one.cost_low.hours, one.cost.hours);
        EXPECT_GT(one.cost_high.cost_yuan, one.cost.cost_yuan);
    }
}

TEST(TrainOffers, SayWhereNoPlanFits) {
    const Chip fast = chip("fast", 600e12);
    const std::vector<TrainPlace> places{place(fast, 32, {}), place(fast, 1, {}),
                                         place(fast, 37, {})};
    const TrainOffers found =
        offers_at(nothing, {.job = job, .run = {.tokens = 1e9}, .top = 3}, places);
    EXPECT_EQ(found.offers.size(), 3U);
    ASSERT_EQ(found.passed.size(), 2U);
    EXPECT_EQ(found.passed[0].place, 1U);
    EXPECT_NE(found.passed[0].reason.find("nearest change"), std::string::npos);
    EXPECT_NE(found.passed[1].reason.find("37 chips cannot be divided"), std::string::npos);
}

TEST(TrainOffers, OfTwoKindsTogetherCostWhatEachDoes) {
    const Chip fast = chip("fast", 600e12), slow = chip("slow", 300e12);
    const std::vector<TrainPlace> places{
        place(fast, 32, {.price_per_chip_h = 20, .carbon_g_per_kwh = 600, .pue = 1.2}),
        place(slow, 32, {.price_per_chip_h = 10, .carbon_g_per_kwh = 600, .pue = 1.2})};
    const TrainQuestion question{.job = job, .run = {.tokens = 1e9}};
    const TrainOffers alone = offers_at(nothing, question, places);
    const std::vector<std::array<std::size_t, 2>> pairs{{0, 1}};
    const auto mixed = mixed_offers(nothing, question, places, pairs, alone.offers);
    ASSERT_EQ(mixed.size(), 1U);
    const MixedOffer& both = mixed.front();
    EXPECT_DOUBLE_EQ(both.cost.cost_yuan, 32 * (20 + 10) * both.cost.hours);
    EXPECT_DOUBLE_EQ(both.gain, 1 - both.cost.hours / alone.offers.front().cost.hours);
    EXPECT_LT(both.step_s.low, both.step_s.value);
    EXPECT_GT(both.cost_high.hours, both.cost.hours);
    EXPECT_EQ(both.grade, Grade::specification);
}

// Money and carbon of the hours in which the run takes place, and not of a mean.
TEST(TrainOffers, ARunOfTheNightCostsWhatTheNightDoes) {
    const Chip fast = chip("fast", 600e12);
    TrainPlace here = place(fast, 32, {});
    here.terms.clear();
    for (int hour = 0; hour < 24; ++hour)
        here.terms.push_back({.price_per_chip_h = hour < 8 ? 5.0 : 15.0, .pue = 1.2});
    TrainQuestion question{.job = job, .run = {.tokens = 1e9}};
    const std::vector<TrainPlace> places{here};
    const RunCost night = offers_at(nothing, question, places).offers.front().cost;
    ASSERT_LT(night.hours, 8);
    EXPECT_DOUBLE_EQ(night.cost_yuan, 32 * 5 * night.hours);
    question.run.from_hour = 12;
    EXPECT_DOUBLE_EQ(offers_at(nothing, question, places).offers.front().cost.cost_yuan,
                     3 * night.cost_yuan);
}

}  // namespace
}  // namespace dayu::plan
