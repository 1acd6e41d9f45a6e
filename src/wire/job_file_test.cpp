#include "wire/job_file.h"

#include <gtest/gtest.h>

#include "wire/chip_file.h"

namespace dayu::wire {
namespace {

const std::vector<Chip>& chips() {
    static const std::vector<Chip> registry = [] {
        std::vector<Chip> all(3);
        all[0].name = "A100-80GB";
        all[0].aliases = {"a100", "gres/gpu:a100"};
        all[1].name = "A100-40GB";
        all[2].name = "Ascend910B";
        all[2].aliases = {"gres/npu:910b", "huawei.com/Ascend910B"};
        return all;
    }();
    return registry;
}

Result<JobFile> parse(std::string_view text) { return parse_job_file(text, chip_names(chips())); }

// "code message" of the refusal, or "" when the file is taken.
std::string refusal(std::string_view text) {
    const Result<JobFile> file = parse(text);
    return file.ok() ? "" : file.error().code + " " + file.error().message;
}

JobFile taken(std::string_view text) {
    const Result<JobFile> file = parse(text);
    EXPECT_TRUE(file.ok()) << file.error().message;
    return file.ok() ? *file : JobFile{};
}

constexpr std::string_view whole_file = R"(name: tang-lm
kind: train                     # train | finetune | batch | service | notebook
nodes: 2
resources:
  accelerators: "A100-80GB:8"
  cpus: 8+
  memory: 64+                   # GiB
run: python train.py
env: {EPOCHS: "3", RATE: 0.1, EMPTY: ""}
checkpoint: {path: ckpt/, signal: SIGUSR1, grace_s: 60}
retry: {max: 3, on_exit: [75]}
time_limit: 2h
placement:
  prefer: greenest
  on_contact_lost: {move_after: 30m}
  regions: [cn/yangtze-delta]
  tiers: [city, district]
  security_level: 3
  data_class: important
  max_price: "500.5"
)";

TEST(JobFile, EveryKeyIsRead) {
    const JobFile file = taken(whole_file);
    EXPECT_EQ(file.name, "tang-lm");
    EXPECT_EQ(file.spec.kind, JobKind::train);
    EXPECT_EQ(file.spec.nodes, 2);
    EXPECT_EQ(file.spec.resources, (Resources{"A100-80GB", 8000, 8, 64 * 1024}));
    EXPECT_EQ(file.spec.checkpoint, (Checkpoint{"ckpt/", "USR1", seconds(60)}));
    EXPECT_EQ(file.spec.retry.max, 3);
    EXPECT_EQ(file.spec.retry.on_exit, std::vector<std::int64_t>{75});
    EXPECT_EQ(file.spec.time_limit, seconds(7200));
    const PlacementRules& rules = file.spec.placement;
    EXPECT_EQ(rules.weights, (Weights{{200'000}, {5'000'000}}));
    EXPECT_EQ(rules.move_after, seconds(1800));
    EXPECT_EQ(rules.regions, std::vector<std::string>{"cn/yangtze-delta"});
    EXPECT_EQ(rules.tiers, (std::vector<Tier>{Tier::city, Tier::district}));
    EXPECT_EQ(rules.security_level, 3);
    EXPECT_EQ(rules.data_class, DataClass::important);
    EXPECT_EQ(rules.max_price, Money{500'500'000});
    EXPECT_EQ(file.body.run, "python train.py");
    EXPECT_EQ(file.body.env, (std::map<std::string, std::string>{
                                 {"EPOCHS", "3"}, {"RATE", "0.1"}, {"EMPTY", ""}}));
}

TEST(JobFile, EverythingButRunHasADefault) {
    const JobFile file = taken("run: hostname");
    EXPECT_EQ(file.name, "job");
    EXPECT_EQ(file.spec, JobSpec{});
}

TEST(JobFile, VariantsAreTheJobButForWhatTheySay) {
    const JobFile file = taken(
        "variants:\n"
        "  - {accelerators: \"Ascend910B:8\", image: \"\", run: npu, setup: prepare, env: {A: "
        "\"2\"}}\n"
        "  - {}\n"
        "run: gpu\nenv: {A: \"1\", B: \"1\"}\n"
        "resources: {accelerators: \"a100:4\", cpus: 6}\n");
    ASSERT_EQ(file.spec.variants.size(), 2U);
    EXPECT_EQ(file.spec.variants[0], (Resources{"Ascend910B", 8000, 6, 1024}));
    EXPECT_EQ(file.spec.variants[1], file.spec.resources);
    const JobBody first = body_of(file.body, 0), second = body_of(file.body, 1);
    EXPECT_EQ(first.run, "npu");
    EXPECT_EQ(first.setup, "prepare");
    EXPECT_EQ(first.env, (std::map<std::string, std::string>{{"A", "2"}, {"B", "1"}}));
    EXPECT_EQ(second.run, "gpu");
    EXPECT_EQ(second.setup, std::nullopt);
    EXPECT_EQ(spec_of(file.spec, 0).resources, file.spec.variants[0]);
    EXPECT_TRUE(spec_of(file.spec, 0).variants.empty());
}

TEST(JobFile, AVariantMayTakeItsOwnTime) {
    const JobFile file = taken(
        "run: x\nruntime: 2h\ntime_limit: 4h\nresources: {accelerators: \"a100:4\"}\n"
        "variants: [{}, {accelerators: \"Ascend910B:8\", nodes: 2, runtime: 30m, time_limit: "
        "1h}]\n");
    const JobSpec first = spec_of(file.spec, 0), second = spec_of(file.spec, 1);
    EXPECT_EQ(first.nodes, 1);
    EXPECT_EQ(first.time_limit, seconds(4 * 3600));
    EXPECT_EQ(first.runtime, seconds(2 * 3600));
    EXPECT_EQ(second.nodes, 2);
    EXPECT_EQ(second.time_limit, seconds(3600));
    EXPECT_EQ(second.runtime, seconds(1800));
    EXPECT_EQ(refusal("run: x\nruntime: 3h\ntime_limit: 2h\n").substr(0, 39),
              "value_out_of_range line 2, runtime: 3h ");
    EXPECT_EQ(refusal("run: x\nvariants:\n  - {nodes: 0}\n").substr(0, 45),
              "value_out_of_range line 3, variants[0].nodes:");
}

TEST(JobFile, AsksForATrainingInPlaceOfResources) {
    const JobFile file = taken(
        "model: {name: LLaMA2-7B, seq: 2048, gbs: 256, task: finetune, chips: [a100], count: 64}\n"
        "tokens: 2e12\n");
    const WorkModel model{
        .name = "LLaMA2-7B", .config = {}, .framework = "", .chips = {"A100-80GB"}};
    EXPECT_EQ(file.training, (Training{.model = model,
                                       .tokens = 2'000'000'000'000,
                                       .sequence = 2048,
                                       .global_batch = 256,
                                       .task = TrainingTask::finetune,
                                       .precision = TrainingPrecision::bf16,
                                       .count = 64}));
    EXPECT_EQ(file.spec.time_limit, Duration{}) << "the plan sets it";
    EXPECT_EQ(taken("model: X\ntokens: 5\ntime_limit: 2h\n").spec.time_limit, seconds(7200));
    EXPECT_EQ(taken("model: X\ntokens: 5\n").training->model.name, "X");
    const JobFile whole = taken(
        "model: {config: {\"hidden_size\": 64, \"rope_scaling\": null, \"id2label\": {\"0\": "
        "\"a\"}, "
        "\"text_config\": {\"hidden_size\": 4096}}}\ntokens: 1e9\n");
    EXPECT_EQ(whole.training->model.config,
              (std::map<std::string, std::string>{{"hidden_size", "4096"}}));
}

TEST(JobFile, ATrainingIsRefusedWithItsLine) {
    EXPECT_EQ(refusal("model: X\n").substr(0, 27), "value_missing line 1, model");
    EXPECT_EQ(refusal("run: x\ntokens: 5\n").substr(0, 28), "value_missing line 2, tokens");
    EXPECT_EQ(refusal("model: X\ntokens: 1.5\n").substr(0, 30), "value_malformed line 2, tokens");
    EXPECT_EQ(refusal("model: X\ntokens: 5\nnodes: 2\n").substr(0, 27),
              "key_conflicts line 3, nodes");
    EXPECT_EQ(refusal("model: X\ntokens: 5\nresources: {accelerators: a100}\n").substr(0, 45),
              "key_conflicts line 3, resources.accelerators:");
    EXPECT_EQ(refusal("model: {name: X, config: {a: 1}}\ntokens: 5\n").substr(0, 29),
              "value_malformed line 1, model");
    EXPECT_EQ(refusal("model: {config: config.json}\ntokens: 5\n").substr(0, 36),
              "value_malformed line 1, model.config");
    EXPECT_EQ(refusal("model: {name: X, task: sft}\ntokens: 5\n").substr(0, 32),
              "value_unknown line 1, model.task");
}

TEST(JobFile, AsksForAServiceInPlaceOfResources) {
    const JobFile file = taken(
        "kind: service\nmodel: {name: LLaMA2-70B, precision: fp8, chips: a100, framework: sglang}\n"
        "slo: {rate: 0.5, isl: 1024, osl: 256, ttft_ms: 500, tpot_ms: 37.5, quantile: 0.99}\n");
    const WorkModel model{
        .name = "LLaMA2-70B", .config = {}, .framework = "sglang", .chips = {"A100-80GB"}};
    EXPECT_EQ(file.serving, (Serving{.model = model,
                                     .rate_milli = 500,
                                     .prompt = 1024,
                                     .answer = 256,
                                     .ttft_us = 500'000,
                                     .tpot_us = 37'500,
                                     .quantile_milli = 990,
                                     .precision = ServingPrecision::fp8}));
    EXPECT_FALSE(file.training);
    EXPECT_GT(file.spec.time_limit, Duration{}) << "as any job's: so long it serves";
    const Serving plain = *taken("model: X\nslo: {rate: 1, isl: 8, osl: 2}\n").serving;
    EXPECT_EQ(plain.quantile_milli, 900);
    EXPECT_EQ(plain.ttft_us, 0) << "not promised";
}

TEST(JobFile, AServiceIsRefusedWithItsLine) {
    const std::string slo = "slo: {rate: 1, isl: 8, osl: 8}\n";
    EXPECT_EQ(refusal("run: x\n" + slo).substr(0, 25), "value_missing line 2, slo");
    EXPECT_EQ(refusal("model: X\ntokens: 5\n" + slo).substr(0, 25), "key_conflicts line 3, slo");
    EXPECT_EQ(refusal("model: X\n" + slo + "nodes: 2\n").substr(0, 27),
              "key_conflicts line 3, nodes");
    EXPECT_EQ(refusal("model: X\nslo: {rate: 1, isl: 8}\n").substr(0, 25),
              "value_missing line 2, slo");
    EXPECT_EQ(refusal("model: X\nslo: {rate: 0, isl: 8, osl: 8}\n"),
              "value_out_of_range line 2, slo.rate: 0 requests in 1000 s is out of range; 1 to "
              "1000000000 are taken");
    EXPECT_EQ(refusal("model: X\nslo: {rate: 1, isl: 8, osl: 1}\n").substr(0, 34),
              "value_out_of_range line 2, slo.osl");
    EXPECT_EQ(refusal("model: X\nslo: {rate: 1, isl: 8, osl: 8, quantile: 1}\n").substr(0, 39),
              "value_out_of_range line 2, slo.quantile");
    EXPECT_EQ(refusal("model: X\nslo: {rate: 1, isl: 8, osl: 8, ttft: 1s}\n").substr(0, 33),
              "key_unknown line 2, slo.ttft: unk");
    EXPECT_EQ(refusal("model: {name: X, seq: 8}\n" + slo).substr(0, 29),
              "key_unknown line 1, model.seq");
}

TEST(JobFile, TheContentOfAConfigTakesThePlaceOfItsName) {
    const std::string text = "name: a\nmodel: {config: \"my.json\", seq: 8}\ntokens: 5\n";
    EXPECT_EQ(model_config_named_in(text), "my.json");
    const auto filled =
        with_model_config(text, "{\n\t\"hidden_size\":4096,\n \"a\": \"b:\\\"c\"\n}\n");
    ASSERT_TRUE(filled.ok());
    EXPECT_EQ(
        *filled,
        "name: a\nmodel: {config: {  \"hidden_size\": 4096,  \"a\":  \"b:\\\"c\" } , seq: 8}\n"
        "tokens: 5\n");
    EXPECT_EQ(model_config_named_in(*filled), "");
    EXPECT_EQ(taken(*filled).training->model.config.at("hidden_size"), "4096");
    EXPECT_FALSE(with_model_config(text, "hidden_size: 4096").ok());
    EXPECT_EQ(model_config_named_in("model: LLaMA2-7B\ntokens: 5\n"), "");
}

TEST(JobFile, AVariantIsRefusedWithItsLine) {
    EXPECT_EQ(refusal("run: x\nvariants:\n  - {}\n  - {acelerators: a100}\n"),
              "key_unknown line 4, variants[1].acelerators: unknown key; did you mean "
              "\"accelerators\"?");
    EXPECT_EQ(refusal("run: x\nvariants:\n  - {accelerators: A100-80BG}\n").substr(0, 52),
              "chip_unknown line 3, variants[0].accelerators: unkno");
    EXPECT_EQ(refusal("run: x\nvariants:\n  - {image: \"a:1\"}\n").substr(0, 24),
              "key_comes_later line 3, ");
    EXPECT_EQ(refusal("run: x\nvariants: {}\n").substr(0, 15), "value_malformed");
    EXPECT_EQ(refusal("run: x\nvariants:\n  - {cpus: 0}\n").substr(0, 45),
              "value_out_of_range line 3, variants[0].cpus: ");
    EXPECT_EQ(refusal("variants:\n  - {run: a}\n  - {}\n").substr(0, 11), "run_missing");
    EXPECT_EQ(refusal("variants:\n  - {run: a}\n"), "");
}

TEST(JobFile, SecretsAreNamesThatBecomeVariables) {
    const JobFile file = taken("run: x\nsecrets: [hf-token, wandb]\nsetup: pip install x\n");
    EXPECT_EQ(file.spec.secrets, (std::vector<std::string>{"hf-token", "wandb"}));
    EXPECT_EQ(secret_variable("hf-token"), "HF_TOKEN");
    EXPECT_EQ(file.body.setup, "pip install x");
    EXPECT_EQ(refusal("run: x\nsecrets: [Token]\n").substr(0, 15), "value_malformed");
    EXPECT_NE(refusal("run: x\nsecrets: [hf-token, hf_token]\n").find("are one variable"),
              std::string::npos);
    EXPECT_NE(
        refusal("run: x\nsecrets: [hf-token]\nenv: {HF_TOKEN: a}\n").find("which `env` sets too"),
        std::string::npos);
}

TEST(JobFile, OutputsStayInside) {
    EXPECT_EQ(taken("run: x\ndata: {outputs: [model/, log.txt]}\n").body.outputs,
              (std::vector<std::string>{"model/", "log.txt"}));
    EXPECT_NE(refusal("run: x\ndata:\n  outputs: [../x]\n").find("leaves the run directory"),
              std::string::npos);
}

TEST(JobFile, JsonIsTakenToo) {
    const JobFile file = taken(
        "{\n\t\"name\": \"j\",\n\t\"run\": \"echo \\ud83d\\ude00 \\u5927 \\/ \\\\/ \\t\",\n"
        "\t\"resources\":{\"cpus\":4},\"env\":{\"A\":\"1\"}\n}\n");
    EXPECT_EQ(file.body.run, "echo \xF0\x9F\x98\x80 大 / \\/ \t");
    EXPECT_EQ(file.spec.resources.cpus, 4);
    EXPECT_EQ(refusal("{\n\"run\": \"x\",\n\t\"nodes\": \"many\"}"),
              "value_malformed line 3, nodes: \"many\" is not a whole number");
}

TEST(JobFile, ChipsAreLookedUpNeverParsed) {
    const auto resources = [](std::string_view accelerators) {
        return taken("run: x\nresources: {accelerators: " + std::string(accelerators) + "}")
            .spec.resources;
    };
    EXPECT_EQ(resources("A100-80GB").chips_milli, 1000);
    EXPECT_EQ(resources("\"A100-80GB:4+\"").chips_milli, 4000);
    EXPECT_EQ(resources("\"a100:0.5\"").chips_milli, 500);
    EXPECT_EQ(resources("\"gres/npu:910b\"").chip, "Ascend910B");
    EXPECT_EQ(resources("\"gres/npu:910b:8\"").chips_milli, 8000);
    EXPECT_EQ(resources("{Ascend910B: 2}").chips_milli, 2000);
    EXPECT_EQ(resources("\"\"").chip, "");
    EXPECT_EQ(
        refusal("run: x\nresources:\n  accelerators: A100-80BG:8\n"),
        "chip_unknown line 3, resources.accelerators: unknown chip \"A100-80BG\"; did you mean "
        "\"A100-80GB\"?");
    EXPECT_EQ(refusal("run: x\nresources: {accelerators: \"a100:-8\"}").substr(0, 18),
              "value_out_of_range");
    EXPECT_EQ(refusal("run: x\nresources: {accelerators: \"a100:1.5\"}").substr(0, 18),
              "value_out_of_range");
    EXPECT_EQ(refusal("run: x\nresources: {accelerators: \"a100:8x\"}").substr(0, 15),
              "value_malformed");
}

TEST(JobFile, MemoryHasUnits) {
    const auto memory_mib = [](std::string_view memory) {
        return taken("run: x\nresources: {memory: " + std::string(memory) + "}")
            .spec.resources.memory_mib;
    };
    EXPECT_EQ(memory_mib("64+"), 65536);
    EXPECT_EQ(memory_mib("0.5"), 512);
    EXPECT_EQ(memory_mib("2GiB"), 2048);
    EXPECT_EQ(memory_mib("300MiB"), 300);
}

TEST(JobFile, ShorthandsOfOneValue) {
    const JobFile file = taken(
        "run: x\nretry: 2\ncheckpoint: ckpt\nplacement:\n  regions: cn\n  tiers: city\n"
        "  prefer: {wait_yuan_per_chip_hour: 1.5}\n");
    EXPECT_EQ(file.spec.retry.max, 2);
    EXPECT_EQ(file.spec.checkpoint.path, "ckpt");
    EXPECT_EQ(file.spec.placement.regions, std::vector<std::string>{"cn"});
    EXPECT_EQ(file.spec.placement.tiers, std::vector<Tier>{Tier::city});
    EXPECT_EQ(file.spec.placement.weights.wait_per_chip_hour, Money{1'500'000});
}

TEST(JobFile, AMisspeltKeyNamesItsLineAndTheNearest) {
    EXPECT_EQ(refusal("run: x\n\nresources:\n  cpus: 1\n  memroy: 2\n"),
              "key_unknown line 5, resources.memroy: unknown key; did you mean \"memory\"?");
    EXPECT_EQ(refusal("rnu: x\n"), "key_unknown line 1, rnu: unknown key; did you mean \"run\"?");
}

TEST(JobFile, KeysOfLaterVersionsSaySo) {
    EXPECT_EQ(refusal("run: x\nimage: y\n"),
              "key_comes_later line 2, image: this key comes later; leave it out for now");
    EXPECT_EQ(refusal("run: x\nbilling: {project: a, vouchers: auto}\n"),
              "key_comes_later line 2, billing.vouchers: this key comes later; leave it out for "
              "now");
}

TEST(JobFile, SaysWhoseTurnItIsAndWhoPays) {
    const JobFile file =
        taken("run: x\npriority: high\npreemptible: true\nbilling: {project: poems}\n");
    EXPECT_EQ(file.conditions.priority, Priority::high);
    EXPECT_TRUE(file.spec.preemptible);
    EXPECT_EQ(file.project, "poems");
    EXPECT_EQ(taken("run: x\n").conditions.priority, Priority::normal);
    EXPECT_EQ(refusal("run: x\npriority: hihg\n"),
              "value_unknown line 2, priority: \"hihg\" is none of low, normal, high, urgent; did "
              "you mean \"high\"?");
    EXPECT_EQ(refusal("run: x\npreemptible: perhaps\n"),
              "value_unknown line 2, preemptible: \"perhaps\" is neither true nor false");
    EXPECT_EQ(refusal("run: x\nbilling:\n  project: Poems\n").substr(0, 40),
              "value_malformed line 3, billing.project:");
    EXPECT_EQ(refusal("run: x\nbilling: poems\n").substr(0, 15), "value_malformed");
}

TEST(JobFile, InputsAreDatasets) {
    const JobFile file = taken(
        "run: x\ndata: {inputs: [{dataset: tang300, bytes: 90000}, song300, {dataset: yuan}]}\n");
    EXPECT_EQ(file.spec.inputs,
              (std::vector<DataInput>{{"tang300", 90'000}, {"song300", 0}, {"yuan", 0}}));
    EXPECT_EQ(taken("run: x\ndata: {inputs: tang300}\n").spec.inputs.size(), 1U);
    EXPECT_EQ(refusal("run: x\ndata:\n  inputs: [{bytes: 3}]\n"),
              "value_missing line 3, data.inputs[0]: names no dataset; write {dataset: tang300}");
    EXPECT_EQ(refusal("run: x\ndata: {inputs: [a, a]}\n").substr(0, 45),
              "value_repeated line 2, data.inputs[1].dataset");
    EXPECT_EQ(refusal("run: x\ndata: {inputs: [{dataset: a, bytes: -1}]}\n").substr(0, 18),
              "value_out_of_range");
    EXPECT_EQ(refusal("run: x\ndata: {inputs: [A/b]}\n").substr(0, 15), "value_malformed");
}

TEST(JobFile, NamesAFolderOrAManifest) {
    const std::string digest(64, 'a');
    EXPECT_EQ(parse("run: x\nworkdir: .\n")->workdir, ".");
    EXPECT_EQ(parse("run: x\nworkdir: ''\n")->workdir, std::nullopt);
    EXPECT_EQ(manifest_named_by(*parse("run: x\nworkdir: sha256:" + digest + "\n")->workdir),
              digest);
    EXPECT_TRUE(
        refusal("run: x\nworkdir: sha256:abc\n").starts_with("value_malformed line 2, workdir: "));
    EXPECT_EQ(workdir_named_in("run: x\nworkdir: ../src  # mine\n"), "../src");
    EXPECT_EQ(workdir_named_in("{run: x, workdir: 'a b'}"), "a b");
    for (const char* text : {"run: x\n", "run: [", "#!/bin/sh\n#SBATCH -n 1\n", "",
                             "apiVersion: batch/v1\nworkdir: .\n", "workdir: [a]\n"}) {
        EXPECT_EQ(workdir_named_in(text), "") << text;
    }
}

TEST(JobFile, SaysWhenTheJobMayStartAndMustHaveEnded) {
    const Conditions read = parse(
                                "run: x\n"
                                "hold: true\n"
                                "begin: 2h\n"
                                "deadline: 2026-12-01T08:00:00+08:00\n"
                                "array: 0-9:3%2\n"
                                "depends_on: [41, {job: 42_7, on: any}]\n")
                                ->conditions;
    EXPECT_TRUE(read.hold);
    EXPECT_EQ(read.begin, (Moment{.at = {}, .after = seconds(7200)}));
    EXPECT_EQ(to_string(read.deadline.at), "2026-12-01T00:00:00.000Z");
    EXPECT_EQ(read.array.indices, (std::vector<std::int64_t>{0, 3, 6, 9}));
    EXPECT_EQ(read.array.at_most, 2);
    const std::vector<Dependency> awaited{
        {.job = {41}, .array_index = {}, .on = DependsOn::success},
        {.job = {42}, .array_index = 7, .on = DependsOn::any}};
    EXPECT_EQ(read.depends_on, awaited);
    EXPECT_EQ(
        parse("run: x\ndepends_on: {job: 5, on: failure}\n")->conditions.depends_on.front().on,
        DependsOn::failure);
}

TEST(JobFile, ConditionsThatMakeNoSenseNameTheLine) {
    EXPECT_EQ(refusal("run: x\nbegin: tomorrow\n").substr(0, 33),
              "value_malformed line 2, begin: \"t");
    EXPECT_EQ(refusal("run: x\nhold: maybe\n"),
              "value_unknown line 2, hold: \"maybe\" is neither true nor false");
    EXPECT_EQ(refusal("run: x\narray: 9-0\n"),
              "value_malformed line 2, array: \"9-0\" is not like \"0-9\", \"1,3,5-9\", "
              "\"0-100:10\" or \"0-9%4\"");
    EXPECT_EQ(refusal("run: x\ndepends_on: [{on: any}]\n"),
              "value_missing line 2, depends_on[0]: names no job; write {job: 41, on: success}");
    EXPECT_EQ(refusal("run: x\ndepends_on: [0]\n"),
              "value_out_of_range line 2, depends_on[0]: a job's id is at least 1");
    EXPECT_EQ(refusal("run: x\ndepends_on: [{job: 4, on: succes}]\n").substr(0, 42),
              "value_unknown line 2, depends_on[0].on: \"s");
}

TEST(JobFile, RangesNameTheLine) {
    EXPECT_EQ(refusal("run: x\nnodes: -1\n"),
              "value_out_of_range line 2, nodes: -1 is out of range; 1 to 100000 are taken");
    EXPECT_EQ(
        refusal("run: x\nretry:\n  on_exit:\n  - 75\n  - 300\n"),
        "value_out_of_range line 5, retry.on_exit[1]: 300 is out of range; 1 to 255 are taken");
    EXPECT_EQ(refusal("run: x\nresources: {cpus: 0}").substr(0, 41),
              "value_out_of_range line 2, resources.cpus");
    EXPECT_EQ(refusal("run: x\nnodes: 99999999999999999999\n"),
              "number_too_large line 2, nodes: \"99999999999999999999\" does not fit into 64 bits");
    EXPECT_EQ(refusal("run: x\ntime_limit: -2h\n").substr(0, 38),
              "duration_malformed line 2, time_limit:");
    EXPECT_EQ(refusal("run: x\nplacement: {max_price: 1e3}\n").substr(0, 15), "money_malformed");
    EXPECT_EQ(refusal("run: x\nplacement: {security_level: 6}\n").substr(0, 18),
              "value_out_of_range");
    EXPECT_EQ(refusal("run: x\ncheckpoint: {path: ../../etc}\n").substr(0, 39),
              "value_malformed line 2, checkpoint.path");
    EXPECT_EQ(refusal("run: x\ncheckpoint: {signal: KILL}\n").substr(0, 13), "value_unknown");
}

TEST(JobFile, WordsNameTheNearest) {
    EXPECT_EQ(refusal("run: x\nkind: trian\n"),
              "value_unknown line 2, kind: \"trian\" is none of train, finetune, batch, service, "
              "notebook; did you "
              "mean \"train\"?");
    EXPECT_EQ(refusal("run: x\nplacement: {prefer: fastets}\n"),
              "value_unknown line 2, placement.prefer: \"fastets\" is none of balanced, cheapest, "
              "fastest, greenest; did "
              "you mean \"fastest\"?");
}

TEST(JobFile, EnvironmentNamesAreCheckedAndValuesAreScalars) {
    EXPECT_EQ(refusal("run: x\nenv:\n  A: 1\n  2B: x\n").substr(0, 34),
              "env_name_malformed line 4, env.2B:");
    EXPECT_EQ(refusal("run: x\nenv: {DAYU_RANK: 1}\n").substr(0, 17), "env_name_reserved");
    EXPECT_EQ(refusal("run: x\nenv: {A: [1]}\n"),
              "value_malformed line 2, env.A: a list is not a word or a text");
    EXPECT_EQ(refusal("run: x\nenv: {A: }\n"),
              "value_malformed line 2, env.A: nothing is not a word or a text");
    EXPECT_EQ(refusal("run: x\nenv: 3\n").substr(0, 15), "value_malformed");
}

TEST(JobFile, RunIsNeeded) {
    EXPECT_EQ(refusal("name: x\n").substr(0, 16), "run_missing line");
    EXPECT_EQ(refusal("run:\n").substr(0, 16), "run_missing line");
    EXPECT_EQ(refusal("run: \" \"\n").substr(0, 16), "run_missing line");
    EXPECT_EQ(refusal("").substr(0, 14), "job_file_empty");
    EXPECT_EQ(refusal("# nothing\n").substr(0, 14), "job_file_empty");
    EXPECT_EQ(refusal("- run\n").substr(0, 15), "value_malformed");
}

TEST(JobFile, WhatYamlWouldLetPassIsRefused) {
    EXPECT_EQ(refusal("run: x\nname: a\nrun: y\n"),
              "yaml_duplicate_key line 3: the key \"run\" stands twice");
    EXPECT_EQ(refusal("run: x\n---\nrun: y\n").substr(0, 19), "yaml_many_documents");
    EXPECT_EQ(refusal("run: &a x\nname: *a\n").substr(0, 10), "yaml_alias");
    EXPECT_EQ(refusal("run: !!binary aGk=\n").substr(0, 8), "yaml_tag");
    EXPECT_EQ(refusal("run: x\n\tname: y\n").substr(0, 22), "yaml_malformed line 2:");
    EXPECT_EQ(refusal("run: [x\n").substr(0, 14), "yaml_malformed");
    EXPECT_EQ(refusal("? {a: b}\n: c\n").substr(0, 14), "yaml_malformed");
    EXPECT_EQ(refusal("run: x\nname: a\xFF\n").substr(0, 30), "not_utf8 line 2, byte 14: not ");
    EXPECT_EQ(refusal(std::string("run: \0x", 7)).substr(0, 14), "yaml_malformed");
}

TEST(JobFile, SizesAreBounded) {
    const Result<JobFile> large = parse(std::string(max_job_file_bytes + 1, ' '));
    EXPECT_EQ(large.error().kind, ErrorKind::exhausted);
    EXPECT_EQ(large.error().code, "job_file_too_large");
    EXPECT_EQ(refusal("run: " + std::string(40, '[') + std::string(40, ']')).substr(0, 13),
              "yaml_too_deep");
    EXPECT_NE(refusal(std::string(max_job_file_bytes, '[')), "");
    std::string many = "run: x\nenv: {";
    for (int i = 0; many.size() < max_job_file_bytes - 20; ++i)
        many += "A" + std::to_string(i) + ": 1, ";
    EXPECT_NE(refusal(many + "}"), "");
    std::string list = "run: [";
    while (list.size() < max_job_file_bytes - 2) list += "1,";
    EXPECT_EQ(refusal(list + "]").substr(0, 14), "yaml_too_large");
}

}  // namespace
}  // namespace dayu::wire
