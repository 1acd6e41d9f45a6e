// Slurm batch scripts as people have them. What runs is tested from outside, in tests/e2e.
#include "wire/slurm/script.h"

#include <gtest/gtest.h>

#include "wire/any_job_file.h"
#include "wire/chip_file.h"

namespace dayu::wire {
namespace {

const std::vector<Chip>& chips() {
    static const std::vector<Chip> registry = [] {
        std::vector<Chip> all(2);
        all[0].name = "A100-80GB";
        all[0].aliases = {"a100", "gres/gpu:a100"};
        all[1].name = "Ascend910B";
        all[1].aliases = {"gres/npu:910b"};
        return all;
    }();
    return registry;
}

Result<ReadJob> read(std::string_view text) { return read_any_job_file(text, chip_names(chips())); }

ReadJob taken(std::string_view text) {
    const Result<ReadJob> job = read(text);
    EXPECT_TRUE(job.ok()) << job.error().message;
    return job.ok() ? *job : ReadJob{};
}

std::string refusal(std::string_view text) {
    const Result<ReadJob> job = read(text);
    return job.ok() ? "" : job.error().code + " " + job.error().message;
}

// "weight line key" of what has no counterpart, one a line.
std::string unmapped(std::string_view text) {
    std::string all;
    for (const Unmapped& item : taken(text).unmapped) {
        all.append(to_string(item.weight)).append(" ").append(std::to_string(item.line));
        all.append(" ").append(item.key).append("\n");
    }
    return all;
}

// A script of these options, that says its time and memory.
std::string script(const std::string& options, const std::string& commands = "true\n") {
    return "#!/bin/bash\n#SBATCH -t 1:00:00 --mem=2G\n" + options + commands;
}

Resources resources(const std::string& options) {
    return taken(script(options)).file.spec.resources;
}

Duration time_limit(const std::string& time) {
    return taken("#!/bin/sh\n#SBATCH --time=" + time + "\n").file.spec.time_limit;
}

constexpr std::string_view training = R"(#!/bin/bash -l
#SBATCH --job-name=resnet50
#SBATCH --account=vision
#SBATCH -p gpu
#SBATCH -N 1 -n 1
#SBATCH --cpus-per-task=16
#SBATCH --gres=gpu:a100:4      # four of them
#SBATCH --mem=128G
#SBATCH -t 1-12:00:00
#SBATCH -o logs/%x-%j.out
#SBATCH --signal=B:USR1@300
#SBATCH --export=NONE,EPOCHS=90,"TITLE=a b"
##SBATCH --nodes=64
# a comment

#SBATCH --requeue
module load cuda/12.1
source ~/venv/bin/activate
srun python train.py --workers $SLURM_CPUS_PER_TASK
#SBATCH --mem=1G
)";

TEST(SlurmScript, ATrainingScriptIsReadWhole) {
    const ReadJob job = taken(training);
    EXPECT_EQ(job.format, "Slurm batch script");
    EXPECT_TRUE(check_mapped(job).ok());
    const JobFile& file = job.file;
    EXPECT_EQ(file.name, "resnet50");
    EXPECT_EQ(file.spec.nodes, 1);
    EXPECT_EQ(file.spec.resources, (Resources{"A100-80GB", 4000, 16, 128 * 1024}));
    EXPECT_EQ(file.spec.checkpoint, (Checkpoint{"", "USR1", seconds(300)}));
    EXPECT_EQ(file.spec.time_limit, seconds(36 * 3600 - 300));
    const auto& env = file.body.env;
    EXPECT_EQ(env.at("EPOCHS"), "90");
    EXPECT_EQ(env.at("TITLE"), "a b");
    EXPECT_EQ(env.at("SLURM_JOB_NAME"), "resnet50");
    EXPECT_EQ(env.at("SLURM_JOB_ACCOUNT"), "vision");
    EXPECT_EQ(file.project, "vision");
    EXPECT_TRUE(file.spec.preemptible);
    EXPECT_EQ(env.at("SLURM_NNODES"), "1");
    EXPECT_EQ(env.at("SLURM_NTASKS"), "1");
    EXPECT_EQ(env.at("SLURM_CPUS_PER_TASK"), "16");
    EXPECT_EQ(env.at("SLURM_GPUS_ON_NODE"), "4");
    EXPECT_EQ(env.at("SLURM_MEM_PER_NODE"), "131072");
    EXPECT_NE(file.body.run.find("\nexec /bin/bash -l \"$SLURM_SUBMIT_DIR/.slurm/script\"\n"),
              std::string::npos);
    EXPECT_NE(file.body.run.find(training), std::string::npos);
    EXPECT_EQ(unmapped(training),
              "note 4 -p\nnote 10 -o\nnote 20 #SBATCH\nnote 11 --signal\n"
              "note 16 --requeue\nnote 17 module\n");
}

TEST(SlurmScript, SaysWhoseTurnItIsAndWhoPays) {
    const auto priority = [](const std::string& options) {
        return taken(script("#SBATCH " + options + "\n")).file.conditions.priority;
    };
    EXPECT_EQ(priority("-c 1"), Priority::normal);
    EXPECT_EQ(priority("--nice"), Priority::low);
    EXPECT_EQ(priority("--nice=0"), Priority::normal);
    EXPECT_EQ(priority("--nice=-50"), Priority::high);
    EXPECT_EQ(priority("--qos=High"), Priority::high);
    EXPECT_EQ(priority("-q low --priority=TOP"), Priority::urgent);
    EXPECT_EQ(unmapped(script("#SBATCH -q debug --priority=40 --nice=much\n")),
              "note 3 -q\nnote 3 --nice\nnote 3 --priority\n");
    EXPECT_EQ(taken(script("#SBATCH -A Vision\n")).file.project, "vision");
    EXPECT_EQ(unmapped(script("#SBATCH -A my.account\n")), "error 3 -A\n");
    EXPECT_FALSE(taken(script("")).file.spec.preemptible);
}

TEST(SlurmScript, OptionsAreWrittenInManyWays) {
    for (const std::string options :
         {"-c4", "-c 4", "--cpus-per-task=4", "--cpus-per-task 4", "--cpus-per-t=4", "-n4",
          "--ntasks=2 --cpus-per-task=2", "-Hc4 -c 4", "-c 9\n#SBATCH -c 4", "-c \"4\" # -c 7",
          "--mincpus=4"}) {
        EXPECT_EQ(resources("#SBATCH " + options + "\n").cpus, 4) << options;
    }
    EXPECT_EQ(taken(script("#SBATCH -J 'two words'\n")).file.name, "two words");
    EXPECT_EQ(taken(script("#SBATCH -J two\\ words\n")).file.name, "two words");
    EXPECT_EQ(taken(script("")).file.name, "sbatch");
    EXPECT_EQ(taken("#!/bin/sh\n").file.spec.time_limit, seconds(86'400));
}

TEST(SlurmScript, TheOptionsEndAtTheFirstCommand) {
    EXPECT_EQ(resources("echo first\n#SBATCH -c 8\n").cpus, 1);
    EXPECT_EQ(resources("\n   \n# word\n#SBATCH -c 8\n").cpus, 8);
    EXPECT_EQ(resources("#SBATCHES -c 8\n#  SBATCH -c 8\n#sbatch -c 8\n").cpus, 1);
}

TEST(SlurmScript, TimesAreThoseOfSlurm) {
    EXPECT_EQ(time_limit("90"), seconds(5400));
    EXPECT_EQ(time_limit("90:30"), seconds(5430));
    EXPECT_EQ(time_limit("2:00:01"), seconds(7201));
    EXPECT_EQ(time_limit("1-12"), seconds(36 * 3600));
    EXPECT_EQ(time_limit("1-12:30"), seconds(36 * 3600 + 1800));
    EXPECT_EQ(time_limit("1-12:30:15"), seconds(36 * 3600 + 1815));
    EXPECT_EQ(refusal("#!/bin/sh\n#SBATCH -t 2h\n").substr(0, 60),
              "value_malformed line 2, -t: \"2h\" is not a time of Slurm: min");
    EXPECT_EQ(refusal("#!/bin/sh\n#SBATCH -t 1:2:3:4\n").substr(0, 15), "value_malformed");
    EXPECT_EQ(unmapped("#!/bin/sh\n#SBATCH --mem 1G -t UNLIMITED\n"), "error 2 -t\n");
    EXPECT_EQ(refusal("#!/bin/sh\n#SBATCH -t 900-0\n").substr(0, 50),
              "value_out_of_range line 2, -t: time_limit: 900d is");
}

TEST(SlurmScript, MemoryIsByNodeByCpuOrByChip) {
    EXPECT_EQ(resources("#SBATCH --mem=4096\n").memory_mib, 4096);
    EXPECT_EQ(resources("#SBATCH --mem=3000K\n").memory_mib, 3);
    EXPECT_EQ(resources("#SBATCH --mem=1T\n").memory_mib, 1 << 20);
    EXPECT_EQ(resources("#SBATCH --mem=4gb\n").memory_mib, 4096);
    const auto without_mem = [](const std::string& options) {
        return taken("#!/bin/sh\n#SBATCH " + options + "\n").file.spec.resources.memory_mib;
    };
    EXPECT_EQ(without_mem("-n 4 -c 2 --mem-per-cpu=500M"), 4000);
    EXPECT_EQ(without_mem("--gpus=a100:4 --mem-per-gpu=10G"), 40 * 1024);
    EXPECT_EQ(without_mem("-n 1"), 1024);
    EXPECT_EQ(unmapped("#!/bin/sh\n#SBATCH -t 1 --mem=0\n"), "error 2 --mem\n");
    EXPECT_EQ(unmapped("#!/bin/sh\n#SBATCH -t 1\n"), "note 1 --mem\n");
    EXPECT_EQ(refusal(script("#SBATCH --mem=lots\n")).substr(0, 15), "value_malformed");
}

TEST(SlurmScript, ChipsAreLookedUpInTheRegistry) {
    const auto chip = [](const std::string& options) {
        const Resources each = resources("#SBATCH " + options + "\n");
        return each.chip + ":" + std::to_string(each.chips_milli);
    };
    EXPECT_EQ(chip("--gres=gpu:a100:2"), "A100-80GB:2000");
    EXPECT_EQ(chip("--gres=gpu:a100"), "A100-80GB:1000");
    EXPECT_EQ(chip("--gres=gpu:a100:2(S:0-1)"), "A100-80GB:2000");
    EXPECT_EQ(chip("--gres=gres/gpu:a100:2"), "A100-80GB:2000");
    EXPECT_EQ(chip("--gres=npu:910b:8"), "Ascend910B:8000");
    EXPECT_EQ(chip("-G a100:2"), "A100-80GB:2000");
    EXPECT_EQ(chip("--gpus-per-node=a100:2"), "A100-80GB:2000");
    EXPECT_EQ(chip("--gpus-per-task=a100:2 -n 3"), "A100-80GB:6000");
    EXPECT_EQ(chip("--gres=gpu:2 -C a100"), "A100-80GB:2000");
    EXPECT_EQ(chip("--gres=gpu:a100:2 --gpus-per-node=2 -C a100"), "A100-80GB:2000");
    EXPECT_EQ(chip("--gres=none"), ":0");
    EXPECT_EQ(unmapped(script("#SBATCH --gres=gpu:2\n")), "error 3 --gres\n");
    EXPECT_EQ(unmapped(script("#SBATCH --gres=lscratch:100\n")), "error 3 --gres\n");
    EXPECT_EQ(unmapped(script("#SBATCH --gres=gpu:a100:1,npu:910b:1\n")), "error 3 --gres\n");
    EXPECT_EQ(unmapped(script("#SBATCH -C skylake\n")), "error 3 -C\n");
    EXPECT_EQ(unmapped(script("#SBATCH -C a100 --gres=npu:910b:1\n")), "error 3 -C\n");
    EXPECT_EQ(refusal(script("#SBATCH --gres=gpu:a10O:1\n")),
              "chip_unknown line 3, --gres: unknown chip \"a10O\"; did you mean \"a100\"?");
}

TEST(SlurmScript, WhatWouldChangeTheJobIsAnError) {
    EXPECT_EQ(unmapped(script("#SBATCH --exclusive --no-requeue -w n1 -L matlab --mail-user=a@b\n"
                              "#SBATCH --export=HOME -x n2 -M old --comment 'a b' -i in.txt\n")),
              "error 3 --exclusive\nerror 3 --no-requeue\nerror 3 -w\nerror 3 -L\n"
              "note 3 --mail-user\nnote 4 -x\nerror 4 -M\nnote 4 --comment\nerror 4 --export\n"
              "error 4 -i\n");
    const ReadJob gang = taken(script("#SBATCH -N 2-4 --ntasks-per-node=8\n"));
    EXPECT_EQ(gang.file.spec.nodes, 2);
    EXPECT_EQ(gang.file.spec.resources.cpus, 8);
    EXPECT_EQ(gang.file.body.env.at("SLURM_NTASKS"), "16");
    const Result<void> mapped = check_mapped(gang);
    ASSERT_FALSE(mapped.ok());
    EXPECT_EQ(mapped.error().code, "job_file_unmapped");
    EXPECT_NE(mapped.error().message.find("\n  line 3, -N: Slurm runs the script on the first"),
              std::string::npos);
}

TEST(SlurmScript, ConditionsAreThoseOfAJobFile) {
    const auto conditions = [](const std::string& options) {
        return taken(script("#SBATCH " + options + "\n")).file.conditions;
    };
    EXPECT_EQ(conditions("-n 1"), Conditions{});
    EXPECT_TRUE(conditions("--hold").hold);
    EXPECT_EQ(conditions("-a 1,3-9:2%4").array, (ArrayTasks{{1, 3, 5, 7, 9}, 4}));
    EXPECT_EQ(conditions("-d afterok:41:42_7,afterany:43_*,after:44,afternotok:45").depends_on,
              (std::vector<Dependency>{{{41}, {}, DependsOn::success},
                                       {{42}, 7, DependsOn::success},
                                       {{43}, {}, DependsOn::any},
                                       {{44}, {}, DependsOn::start},
                                       {{45}, {}, DependsOn::failure}}));
    EXPECT_EQ(conditions("--begin=now+2hours").begin.after, seconds(7200));
    EXPECT_EQ(conditions("--begin=now+90").begin.after, seconds(90));
    EXPECT_EQ(conditions("--begin=now").begin, Moment{});
    EXPECT_EQ(conditions("--deadline=2026-12-01T08:00:00+08:00").deadline.at,
              *parse_time("2026-12-01T00:00:00Z"));

    EXPECT_EQ(unmapped(script("#SBATCH -b 16:00 --deadline=2026-12-01T08:00\n")),
              "error 3 -b\nerror 3 --deadline\n");
    EXPECT_EQ(unmapped(script("#SBATCH -d afterok:1?afterok:2\n")), "error 3 -d\n");
    EXPECT_EQ(unmapped(script("#SBATCH -d singleton,aftercorr:5,afterok:1\n")),
              "error 3 -d\nerror 3 -d\n");
    EXPECT_EQ(refusal(script("#SBATCH -d afterok:next\n")).substr(0, 29),
              "value_malformed line 3, -d: \"");
    EXPECT_EQ(refusal(script("#SBATCH --array=5-1\n")).substr(0, 34),
              "value_malformed line 3, --array: \"");
    EXPECT_EQ(refusal(script("#SBATCH --array=0-9223372036854775807\n")).substr(0, 36),
              "value_out_of_range line 3, --array: ");

    const ReadJob array = taken(script("#SBATCH --array=2-8:3\n"));
    EXPECT_EQ(array.file.body.env.at("SLURM_ARRAY_TASK_MIN"), "2");
    EXPECT_EQ(array.file.body.env.at("SLURM_ARRAY_TASK_MAX"), "8");
    EXPECT_EQ(array.file.body.env.at("SLURM_ARRAY_TASK_STEP"), "3");
    EXPECT_NE(array.file.body.run.find("SLURM_ARRAY_TASK_ID=\"$DAYU_ARRAY_INDEX\""),
              std::string::npos);
    EXPECT_EQ(taken(script("")).file.body.run.find("ARRAY"), std::string::npos);
}

TEST(SlurmScript, CommandsOfSlurmInsideAreSeen) {
    EXPECT_EQ(unmapped(script("",
                              "echo sbatch\nif true; then sbatch next.sh; fi\n"
                              "nodes=$(scontrol show hostnames | head -1)\n# scancel\n")),
              "error 4 sbatch\nnote 5 scontrol\n");
    EXPECT_EQ(unmapped("#!/usr/bin/env python3\n#SBATCH -t 1 --mem=1\nsbatch = 1\n"), "");
    EXPECT_EQ(unmapped(script("#SBATCH -n 4\n", "srun python compile.py\n")), "note 4 srun\n");
    EXPECT_EQ(unmapped(script("#SBATCH -n 4\n", "module load OpenMPI\nsrun ./a.out\n")),
              "note 4 module\nerror 5 srun\n");
}

TEST(SlurmScript, MistakesAreNamed) {
    EXPECT_EQ(refusal(script("#SBATCH --tme=5\n")),
              "option_unknown line 3, --tme: sbatch has no such option; did you mean \"--time\"?");
    EXPECT_EQ(refusal(script("#SBATCH --mem-p=5\n")),
              "option_unknown line 3, --mem-p: several options of sbatch begin so; write it out");
    EXPECT_EQ(refusal(script("#SBATCH -Z 5\n")),
              "option_unknown line 3, -Z: sbatch has no such option");
    EXPECT_EQ(refusal(script("#SBATCH fast\n")).substr(0, 14), "option_unknown");
    EXPECT_EQ(refusal(script("#SBATCH -n\n")), "value_missing line 3, -n: its value is missing");
    EXPECT_EQ(refusal(script("#SBATCH -J \"open\n")).substr(0, 16), "script_malformed");
    EXPECT_EQ(refusal(script("#SBATCH --hold=yes\n")).substr(0, 15), "value_malformed");
    EXPECT_EQ(refusal(script("#SBATCH -n 0\n")).substr(0, 15), "value_malformed");
    EXPECT_EQ(refusal(script("#SBATCH -c 70000\n")).substr(0, 53),
              "value_out_of_range line 3, -c: resources.cpus: 70000 ");
    EXPECT_EQ(refusal(script("#SBATCH --signal=KILL\n")).substr(0, 33),
              "value_unknown line 3, --signal: c");
    EXPECT_EQ(refusal(script("#SBATCH --export=DAYU_X=1\n")).substr(0, 37),
              "env_name_reserved line 3, --export: e");
    EXPECT_EQ(refusal("#!/bin/bash\r\n#SBATCH -n 1\r\n").substr(0, 24), "script_malformed line 1,");
    EXPECT_EQ(refusal("#!bash\n").substr(0, 16), "script_malformed");
    EXPECT_EQ(refusal("#SBATCH -n 1\necho hi\n").substr(0, 16), "script_malformed");
    EXPECT_EQ(refusal("#!/bin/bash\necho \xFF\n").substr(0, 15), "not_utf8 line 2");
    EXPECT_EQ(refusal(std::string("#!/bin/bash\n\0", 13)).substr(0, 16), "script_malformed");
}

TEST(SlurmScript, ManyThingsWithoutACounterpartAreOneRefusal) {
    std::string options;
    for (int i = 0; i < 600; ++i) options += "#SBATCH --comment=" + std::to_string(i) + "\n";
    const ReadJob job = taken(script(options));
    EXPECT_EQ(job.unmapped.size(), max_unmapped + 1);
    EXPECT_FALSE(check_mapped(job).ok());
}

TEST(AnyJobFile, IsToldByItsText) {
    EXPECT_EQ(taken("run: 'true'\n").format, "Dayu job file");
    EXPECT_EQ(taken("#!/usr/bin/env dayu\nrun: 'true'\n").format, "Dayu job file");
    EXPECT_EQ(taken("# apiVersion: batch/v1\nrun: 'true'\n").format, "Dayu job file");
    EXPECT_EQ(refusal("#!/bin/bash\n" + std::string(max_job_file_bytes, 'x')).substr(0, 18),
              "job_file_too_large");
}

}  // namespace
}  // namespace dayu::wire
