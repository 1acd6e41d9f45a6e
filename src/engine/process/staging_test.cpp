// A workdir becomes the folder in which a job begins.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/testing/temporary_folder.h"
#include "engine/testing/workbench.h"

namespace dayu::engine {
namespace {

namespace fs = std::filesystem;

// Contents in files of a folder, as a cache has them.
class FolderSource final : public WorkdirSource {
   public:
    WorkdirEntry& add(const std::string& path, const std::string& content,
                      WorkdirEntry::Kind kind = WorkdirEntry::Kind::file) {
        const std::string digest = to_hex(sha256(content));
        std::ofstream(folder_ + "/" + digest) << content;
        contents_[digest] = content;
        return manifest_.entries.emplace_back(
            WorkdirEntry{.kind = kind,
                         .path = path,
                         .sha256 = digest,
                         .bytes = static_cast<std::int64_t>(content.size())});
    }
    void add_link(const std::string& path, const std::string& target) {
        manifest_.entries.push_back(
            {.kind = WorkdirEntry::Kind::link, .path = path, .target = target});
    }
    void add_folder(const std::string& path) {
        manifest_.entries.push_back({.kind = WorkdirEntry::Kind::folder, .path = path});
    }
    void spoil(const std::string& sha256) { std::ofstream(folder_ + "/" + sha256) << "spoilt"; }

    const Manifest& manifest() const override { return manifest_; }
    Result<std::string> fetch(const WorkdirEntry& entry) override {
        return folder_ + "/" + entry.sha256;
    }
    void spoilt(const WorkdirEntry& entry) override {
        ++spoilt_;
        if (mends) std::ofstream(folder_ + "/" + entry.sha256) << contents_[entry.sha256];
    }
    bool is_abandoned() const override { return abandoned; }
    int times_spoilt() const { return spoilt_; }

    bool mends = true;
    bool abandoned = false;

   private:
    const TemporaryFolder temporary_;
    const std::string& folder_ = temporary_.path();
    Manifest manifest_;
    std::map<std::string, std::string> contents_;
    int spoilt_ = 0;
};

class StagingTest : public testing::Test, protected Workbench {
   protected:
    StartOrder order_with(const std::string& run) {
        StartOrder job = order(run);
        job.body.workdir = summary_of(source.manifest(), std::string(64, '0'));
        return job;
    }
    bool is_staged(const StartOrder& job) const {
        return fs::exists(work_root() + "/staging/" + job.token.text);
    }

    FolderSource source;
};

TEST_F(StagingTest, AJobBeginsInItsWorkdir) {
    source.add("data/words.txt", "three small words\n");
    source.add_folder("empty");
    source.add("run.sh", "#!/bin/sh\necho ran; cat to-words\n", WorkdirEntry::Kind::program);
    source.add_link("to-words", "data/words.txt");
    StartOrder job = order_with("./run.sh && rmdir empty && echo more >> data/words.txt");
    job.body.setup = "test -x run.sh && test ! -x data/words.txt && echo set up";
    ASSERT_TRUE(engine->stage(job, source).ok());
    ASSERT_TRUE(is_staged(job));
    ASSERT_TRUE(engine->stage(job, source).ok());  // twice
    EXPECT_EQ(run(job).code, 0) << log(job.token);
    EXPECT_NE(log(job.token).find("ran\nthree small words\n"), std::string::npos) << log(job.token);
    EXPECT_FALSE(is_staged(job));
    // What the job wrote is its own: what the next one gets is as it was.
    StartOrder next = order_with("cat data/words.txt");
    ASSERT_TRUE(engine->stage(next, source).ok());
    EXPECT_EQ(run(next).code, 0);
    EXPECT_EQ(log(next.token), "three small words\n");
}

TEST_F(StagingTest, DoesNotStartWithoutIt) {
    const StartOrder job = order_with("true");
    EXPECT_EQ(engine->start(job).error().code, "workdir_not_staged");
    ASSERT_TRUE(engine->stage(job, source).ok());
    EXPECT_EQ(run(job).code, 0);
}

TEST_F(StagingTest, AContentThatIsSpoiltIsFetchedAnew) {
    const std::string digest = source.add("a", "good").sha256;
    source.spoil(digest);
    const StartOrder job = order_with("cat a");
    ASSERT_TRUE(engine->stage(job, source).ok());
    EXPECT_EQ(source.times_spoilt(), 1);
    EXPECT_EQ(run(job).code, 0);
    EXPECT_EQ(log(job.token), "good");
}

TEST_F(StagingTest, AContentThatStaysSpoiltIsRefused) {
    const std::string digest = source.add("a", "good").sha256;
    source.spoil(digest);
    source.mends = false;
    const StartOrder job = order_with("cat a");
    EXPECT_EQ(engine->stage(job, source).error().code, "content_spoilt");
    EXPECT_FALSE(is_staged(job));
}

TEST_F(StagingTest, WhatIsRefusedTellsWhyAndNeverStarts) {
    source.add("a", "b");
    const StartOrder job = order_with("true");
    ASSERT_TRUE(engine->stage(job, source).ok());
    ASSERT_TRUE(engine->refuse(job.token, "no room").ok());
    const Ending ending = wait_end(job.token);
    EXPECT_EQ(ending.cause, EndCause::start_failed);
    EXPECT_EQ(ending.detail, "no room");
    EXPECT_EQ(ending.started.ms, 0);
    EXPECT_FALSE(is_staged(job));
    EXPECT_TRUE(engine->stage(job, source).ok());
    EXPECT_TRUE(engine->start(job).ok());
    EXPECT_EQ(wait_end(job.token).detail, "no room");
}

TEST_F(StagingTest, WhatIsAbandonedLeavesNothing) {
    source.add("a", "b");
    source.abandoned = true;
    const StartOrder job = order_with("true");
    EXPECT_FALSE(engine->stage(job, source).ok());
    EXPECT_FALSE(is_staged(job));
    EXPECT_FALSE(fs::exists(work_root() + "/staging/" + job.token.text + ".half"));
}

TEST_F(StagingTest, AnAttemptThatContinuesKeepsItsFolder) {
    source.add("a", "as submitted");
    StartOrder job = order_with("echo changed > a; exit 3");
    job.spec.checkpoint.path = "ckpt";
    ASSERT_TRUE(engine->stage(job, source).ok());
    EXPECT_EQ(run(job).code, 3);
    StartOrder next = next_attempt_of(job);
    next.body.run = "cat a";
    ASSERT_TRUE(engine->stage(next, source).ok());
    EXPECT_FALSE(is_staged(next));
    EXPECT_EQ(run(next).code, 0);
    EXPECT_EQ(log(next.token), "changed\n");
}

TEST_F(StagingTest, AllRanksOfAGangAreInIt) {
    source.add("a", "here\n");
    StartOrder job = order_with("cat a");
    job.spec.nodes = 2;
    ASSERT_TRUE(engine->stage(job, source).ok());
    EXPECT_EQ(run(job).code, 0);
    EXPECT_EQ(log(job.token), "here\n");
    EXPECT_EQ(log(job.token, 1), "here\n");
}

TEST_F(StagingTest, ANewAgentBeginsAnew) {
    source.add("a", "b");
    const StartOrder job = order_with("cat a");
    ASSERT_TRUE(engine->stage(job, source).ok());
    close();
    open();
    EXPECT_FALSE(is_staged(job));
    ASSERT_TRUE(engine->stage(job, source).ok());
    EXPECT_EQ(run(job).code, 0);
}

}  // namespace
}  // namespace dayu::engine
