#include "plan/serve_search.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "plan/serve_confirm.h"
#include "plan/serve_price.h"
#include "plan/testing/transformers.h"

namespace dayu::plan {
namespace {

constexpr double gibi = 1073741824.0;

ServeMachine machine() {
    ServeMachine machine;
    machine.rate = 250e12;
    machine.half_rows = 60;
    machine.memory_bandwidth = 1.75e12;
    machine.memory_bytes = 80 * gibi;
    machine.power_w = 400;
    machine.fabric = {.node = {.chips = 8, .bandwidth = 200e9}, .network = {.bandwidth = 20e9}};
    return machine;
}

ServeJob job(const Transformer& model) {
    return {.model = model,
            .rate = 10,
            .prompt = 1024,
            .answer = 256,
            .long_prompt = 1024,
            .longest = 1280,
            .targets = {.ttft_s = 2, .tpot_s = 0.06},
            .engine = {}};
}

TEST(ServeSearch, OffersKeepThePromisesAndTheFewestChipsComeFirst) {
    const ServeSearchResult found = serve_search(job(testing::llama2_70b), machine(), {});
    ASSERT_FALSE(found.offers.empty());
    EXPECT_GT(found.weighed, 10U);
    double chips = 0;
    for (const ServeOffer& offer : found.offers) {
        EXPECT_GE(offer.chips(), chips);
        EXPECT_LE(offer.ttft_s, 2 * (1 + 1e-6)) << words_of(offer);
        EXPECT_LE(offer.tpot_s, 0.06 * (1 + 1e-6)) << words_of(offer);
        EXPECT_LE(offer.cache_part, 1);
        EXPECT_EQ(offer.plan.attention_dp, 1);  // of use to mixtures alone
        chips = offer.chips();
    }
}

TEST(ServeSearch, FewerReplicasWouldBreakThem) {
    const ServeJob asked = job(testing::llama2_70b);
    for (const ServeOffer& offer : serve_search(asked, machine(), {}).offers) {
        if (offer.replicas < 2) continue;
        ServeOffer fewer = offer;
        set_replicas(asked, machine(), fewer, offer.replicas - 1, 0);
        EXPECT_TRUE(fewer.ttft_s > 2 || fewer.tpot_s > 0.06 || fewer.cache_part > 0.8)
            << words_of(offer);
    }
}

TEST(ServeSearch, MixturesSpreadTheirExpertsAndStandBesideThemselves) {
    const ServeSearchResult found =
        serve_search(job(testing::mixtral_8x7b), machine(), {.top = 1'000'000});
    const auto is = [&](auto holds) { return std::ranges::any_of(found.offers, holds); };
    EXPECT_TRUE(is([](const ServeOffer& offer) { return offer.plan.attention_dp > 1; }));
    EXPECT_TRUE(is([](const ServeOffer& offer) { return offer.plan.moe_ep > 1; }));
    for (const ServeOffer& offer : found.offers)
        EXPECT_EQ(offer.plan.moe_tp * offer.plan.moe_ep, offer.plan.tp * offer.plan.attention_dp);
}

TEST(ServeSearch, PoolsMayBeSplit) {
    const ServeSearchResult found =
        serve_search(job(testing::llama2_70b), machine(), {.may_split = true, .top = 1'000'000});
    const auto split = std::ranges::find_if(found.offers, &ServeOffer::is_split);
    ASSERT_NE(split, found.offers.end());
    EXPECT_GT(split->replicas, 0);
    EXPECT_GT(split->decode_replicas, 0);
    EXPECT_GT(fleet_of(job(testing::llama2_70b), machine(), *split).transfer_s_per_token, 0);
}

TEST(ServeSearch, SaysWhatBindsAndWhatWouldLiftIt) {
    const auto obstacle = [](const ServeJob& asked, const ServeMachine& on,
                             const ServeSearch& search) {
        const ServeSearchResult found = serve_search(asked, on, search);
        EXPECT_TRUE(found.offers.empty());
        return std::pair(found.obstacle.limit, describe(found.obstacle, asked, on));
    };
    ServeMachine small = machine();
    small.memory_bytes = 8 * gibi;
    const auto memory =
        obstacle(job(testing::llama2_70b), small, {.most_chips = 8, .most_stages = 1});
    EXPECT_EQ(memory.first, ServeLimit::memory);
    EXPECT_TRUE(memory.second.starts_with("tp8")) << memory.second;  // it lacks least
    EXPECT_NE(memory.second.find("memory: weights of"), std::string::npos) << memory.second;

    ServeJob hasty = job(testing::llama2_70b);
    hasty.targets.ttft_s = 0.05;
    const auto ttft = obstacle(hasty, machine(), {});
    EXPECT_EQ(ttft.first, ServeLimit::ttft);
    EXPECT_NE(ttft.second.find("nearest change: a TTFT of"), std::string::npos) << ttft.second;

    ServeJob fluent = job(testing::llama2_70b);
    fluent.targets.tpot_s = 0.004;
    const auto tpot = obstacle(fluent, machine(), {});
    EXPECT_EQ(tpot.first, ServeLimit::tpot);
    EXPECT_NE(tpot.second.find("a TPOT of"), std::string::npos) << tpot.second;

    const auto rate = obstacle(job(testing::llama2_70b), machine(), {.chips = 2});
    EXPECT_EQ(rate.first, ServeLimit::rate);
    EXPECT_NE(rate.second.find("nearest change: a rate of"), std::string::npos) << rate.second;
}

// Formulas against the replay of what they are formulas of.
TEST(ServeSearch, MeansAreThoseOfAReplayAtLowAndMediumLoad) {
    for (const double part : {0.2, 0.5}) {
        const ServeJob asked = job(testing::llama2_70b);
        ServeOffer offer = serve_search(asked, machine(), {.top = 1}).offers.front();
        set_replicas(asked, machine(), offer, std::ceil(offer.replicas / part), 0);
        const ServeTrace trace = drawn_trace(3000, {.prompt = asked.prompt, .answer = asked.answer},
                                             {.rate = asked.rate});
        const ServeFleet fleet = fleet_of(asked, machine(), offer);
        EngineSetting setting;
        setting.request_s = machine().constants.request_s;
        const ReplayFigures figures =
            figures_of(trace, fleet, replay_requests(trace, fleet, setting), asked.targets);
        EXPECT_NEAR(figures.tpot_s.mean / offer.tpot_s, 1, 0.15) << part;
        EXPECT_NEAR(figures.ttft_s.mean / offer.ttft_s, 1, 0.3) << part;
    }
}

TEST(ServeConfirm, FindsTheFewestReplicasThatKeepTheQuantile) {
    ServeJob asked = job(testing::llama2_70b);
    const ServeOffer offer = serve_search(asked, machine(), {.top = 1}).offers.front();
    const ConfirmedOffer confirmed = confirm_drawn(asked, machine(), offer, 1);
    ASSERT_TRUE(confirmed.keeps_targets);
    EXPECT_LE(confirmed.figures.ttft_s.at_quantile, 2);
    EXPECT_LE(confirmed.figures.tpot_s.at_quantile, 0.06);
    EXPECT_GE(confirmed.figures.attainment, 0.8);
    EXPECT_EQ(confirmed.figures.refused, 0U);
}

TEST(ServeConfirm, APartOfALargeFleetStandsForAllOfIt) {
    ServeJob asked = job(testing::llama2_70b);
    asked.rate = 2000;
    const ServeOffer offer = serve_search(asked, machine(), {.top = 1}).offers.front();
    const ConfirmedOffer large = confirm_drawn(asked, machine(), offer, 1);
    ASSERT_TRUE(large.keeps_targets);
    EXPECT_GT(large.offer.replicas, 128);
    EXPECT_NEAR(large.figures.answer_tokens_per_s / (2000 * asked.answer), 1, 0.15);
    EXPECT_LE(large.figures.ttft_s.at_quantile, 2);
}

TEST(ServePrice, TokensShareWhatChipsCost) {
    const ServeJob asked = job(testing::llama2_70b);
    ServeOffer offer{.plan = {.tp = 8}, .decode_plan = {}};
    set_replicas(asked, machine(), offer, 4, 0);
    const ServePrice price =
        price_of(asked, offer, machine(),
                 {.terms = {{.price_per_chip_h = 10, .carbon_g_per_kwh = 500, .pue = 1.2}}});
    EXPECT_DOUBLE_EQ(price.yuan_per_h, 320);
    EXPECT_NEAR(price.yuan_per_million_tokens, 320 / (10 * 1280 * 3600.0) * 1e6, 1e-9);
    EXPECT_NEAR(price.yuan_per_million_answer_tokens / price.yuan_per_million_tokens, 5, 1e-9);
    EXPECT_GT(price.joule_per_token, 0);
    EXPECT_NEAR(price.carbon_kg_per_million_tokens, price.joule_per_token / 3.6e6 * 0.5 * 1e6,
                1e-9);
}

}  // namespace
}  // namespace dayu::plan
