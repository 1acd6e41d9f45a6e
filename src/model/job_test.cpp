#include "model/job.h"

#include <functional>

#include <gtest/gtest.h>

namespace dayu {
namespace {

// The refusal's code and path, after `spoil` had its way with a sound job.
std::string refusal(const std::function<void(JobFile&)>& spoil) {
    JobFile file;
    file.name = "job";
    file.body.run = "hostname";
    spoil(file);
    const Result<void> result = validate(file);
    if (result.ok()) return "";
    return result.error().code + " " +
           result.error().message.substr(0, result.error().message.find(": "));
}

TEST(Job, ASoundOnePasses) {
    EXPECT_EQ(refusal([](JobFile&) {}), "");
    EXPECT_EQ(refusal([](JobFile& f) {
                  f.spec.resources.chip = "X", f.spec.resources.chips_milli = 500;
              }),
              "");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.checkpoint.path = "a/..b/c"; }), "");
}

TEST(Job, EachMistakeNamesItsField) {
    EXPECT_EQ(refusal([](JobFile& f) { f.name = ""; }), "value_missing name");
    EXPECT_EQ(refusal([](JobFile& f) { f.name = "a\nb"; }), "value_malformed name");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.nodes = 0; }), "value_out_of_range nodes");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.resources.chips_milli = 1000; }),
              "value_malformed resources.accelerators");
    EXPECT_EQ(refusal([](JobFile& f) {
                  f.spec.resources.chip = "X", f.spec.resources.chips_milli = 1500;
              }),
              "value_out_of_range resources.accelerators");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.resources.cpus = -1; }),
              "value_out_of_range resources.cpus");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.resources.memory_mib = 0; }),
              "value_out_of_range resources.memory");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.checkpoint.path = "/ckpt"; }),
              "value_malformed checkpoint.path");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.checkpoint.path = "a/.."; }),
              "value_malformed checkpoint.path");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.checkpoint.signal = "KILL"; }),
              "value_unknown checkpoint.signal");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.retry.max = 101; }), "value_out_of_range retry.max");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.retry.on_exit = {0}; }),
              "value_out_of_range retry.on_exit[0]");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.time_limit = {0}; }),
              "value_out_of_range time_limit");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.placement.regions = {"CN"}; }),
              "value_malformed placement.regions[0]");
    EXPECT_EQ(refusal([](JobFile& f) { f.spec.placement.max_price = Money{-1}; }),
              "value_out_of_range placement.max_price");
    EXPECT_EQ(refusal([](JobFile& f) { f.body.run = " \n"; }), "run_missing run");
    EXPECT_EQ(refusal([](JobFile& f) { f.body.run = std::string(1 << 20, 'x'); }),
              "value_out_of_range run");
    EXPECT_EQ(refusal([](JobFile& f) { f.body.env["A-B"] = ""; }), "env_name_malformed env.A-B");
    EXPECT_EQ(refusal([](JobFile& f) { f.body.env["DAYU_X"] = ""; }),
              "env_name_reserved env.DAYU_X");
}

}  // namespace
}  // namespace dayu
