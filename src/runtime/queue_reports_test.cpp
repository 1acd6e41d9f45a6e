// What is said of queues.
#include "runtime/queue_reports.h"

#include <gtest/gtest.h>

namespace dayu::runtime {
namespace {

constexpr Time now{1'800'000'000'000};
constexpr CenterId wuhan{1};

sched::World world() {
    sched::World one;
    Center center;
    center.name = "wuhan";
    center.region = "cn/wuhan";
    center.pools = {{.name = "main",
                     .chip = "A100-80GB",
                     .nodes = 2,
                     .chips_per_node = 8,
                     .cpus_per_node = 64,
                     .memory_mib_per_node = 1 << 20,
                     .price_per_chip_hour = {10'000'000}}};
    one.put_center(wuhan, center, std::nullopt);
    JobSpec spec;
    spec.resources = {.chip = "A100-80GB", .chips_milli = 4000};
    one.put_shape({1}, spec);
    return one;
}

void run(sched::World& world, std::uint64_t job, const std::string& queue) {
    world.occupy({.job = {job},
                  .center = wuhan,
                  .pool = "main",
                  .nodes = {{.node = 0, .chips_milli = 4000, .cpus = 1, .memory_mib = 1024}},
                  .until = now + seconds(3600),
                  .queue = queue});
}

void wait(sched::World& world, std::uint64_t job, const std::string& queue) {
    world.enqueue({.job = {job}, .shape = {1}, .queue = queue, .submitted = now});
}

std::string paths(const sched::World& world, const QueueChoice& choice = {}) {
    std::string all;
    for (const QueueReport& report : report_queues(world, choice, now))
        all += report.queue.path + ' ';
    return all;
}

TEST(QueueReports, CountWhatLiesBelowToo) {
    sched::World one = world();
    run(one, 1, "acme/poems");
    run(one, 2, "acme/songs");
    wait(one, 3, "acme/poems");
    wait(one, 4, "acme/poems");
    one.put_usage("acme/songs", {70'000'000'000}, now);
    one.put_queue({.path = "acme/poems", .weight_milli = 2000, .quotas = {{.chip = "A100-80GB"}}});
    const auto reports = report_queues(one, {}, now);
    ASSERT_EQ(reports.size(), 3U);
    const QueueReport &acme = reports[0], &poems = reports[1], &songs = reports[2];
    EXPECT_EQ(acme.queue.path, "acme");
    EXPECT_EQ(acme.running, 2);
    EXPECT_EQ(acme.waiting, 2);
    EXPECT_EQ(acme.used_per_hour, (Money{80'000'000}));
    EXPECT_EQ(acme.past_per_hour, songs.past_per_hour);
    const std::vector<std::pair<std::string, std::int64_t>> eight{{"A100-80GB", 8000}};
    EXPECT_EQ(acme.used_milli, eight);
    EXPECT_FALSE(acme.described);
    EXPECT_TRUE(poems.described);
    EXPECT_EQ(poems.queue.weight_milli, 2000);
    EXPECT_EQ(poems.share_per_hour, (Money{20'000'000}));  // 40 yuan by its weight
    EXPECT_EQ(poems.waiting, 2);
    EXPECT_GT(songs.past_per_hour, (Money{}));
    EXPECT_EQ(songs.share_per_hour.micro_yuan,
              songs.past_per_hour.micro_yuan + songs.used_per_hour.micro_yuan);
}

TEST(QueueReports, StandAsInATree) {
    sched::World one = world();
    for (const char* path : {"acme-labs", "acme/poems", "acme/poems/lora", "acme", "best"})
        one.put_queue({.path = path, .quotas = {}});
    EXPECT_EQ(paths(one), "acme acme/poems acme/poems/lora acme-labs best ");
    EXPECT_EQ(paths(one, {.below = "acme", .after = {}}), "acme acme/poems acme/poems/lora ");
    EXPECT_EQ(paths(one, {.below = {}, .after = "acme/poems", .limit = 2}),
              "acme/poems/lora acme-labs ");
    one.remove_queue("acme/poems/lora");
    one.remove_queue("acme/poems");
    EXPECT_EQ(paths(one), "acme acme-labs best ");
    wait(one, 1, "acme/poems");
    EXPECT_EQ(paths(one), "acme acme/poems acme-labs best ");
    one.dequeue({1});
    EXPECT_EQ(paths(one), "acme acme-labs best ");
}

}  // namespace
}  // namespace dayu::runtime
