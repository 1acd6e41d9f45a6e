// Workdirs from a server of a few lines, by way of the cache, to an engine in memory.
#include "agent/stager.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/testing/temporary_folder.h"
#include "http/problem.h"
#include "http/server.h"
#include "model/content_piece.h"
#include "wire/json.h"

namespace dayu::agent {
namespace {

namespace fs = std::filesystem;

// Gives out what it has, in answers of at most `most` bytes.
class FakeServer {
   public:
    FakeServer() {
        server_ = *http::Server::start({.address = "127.0.0.1:0"},
                                       [this](http::Request&& request, http::Responder responder) {
                                           responder.send(answer(*wire::parse_json(request.body)));
                                       });
    }
    std::string add(const std::string& content) {
        const std::lock_guard lock(mutex_);
        const std::string digest = to_hex(sha256(content));
        contents_[digest] = content;
        return digest;
    }
    void spoil(const std::string& digest) {
        const std::lock_guard lock(mutex_);
        contents_[digest].assign(contents_[digest].size(), 'x');
    }
    std::string url() const { return server_->url(); }
    int bytes_given() {
        const std::lock_guard lock(mutex_);
        return bytes_given_;
    }

    std::atomic<std::size_t> most = content_body_bytes;
    std::atomic<int> refuses = 0;  // so many requests more
    std::atomic<int> refusal_status = 503;

   private:
    http::Response answer(const wire::Json& wish) {
        const std::lock_guard lock(mutex_);
        if (refuses > 0) {
            --refuses;
            return http::problem(refusal_status, unavailable("some_code", "not now"));
        }
        std::string body;
        for (const wire::Json& content : *wish.find("contents")->as_array()) {
            const std::string digest = *content.find("sha256")->as_string();
            const auto from = static_cast<std::size_t>(*content.find("received")->as_int());
            const std::string& bytes = contents_[digest];
            if (body.size() >= most) break;
            const std::string part = bytes.substr(from, most - body.size());
            bytes_given_ += static_cast<int>(part.size());
            append_piece(body, {.sha256 = digest,
                                .offset = static_cast<std::int64_t>(from),
                                .total = static_cast<std::int64_t>(bytes.size()),
                                .bytes = part});
        }
        return {.body = std::move(body), .content_type = "application/octet-stream"};
    }

    std::mutex mutex_;
    std::map<std::string, std::string> contents_;
    int bytes_given_ = 0;
    std::unique_ptr<http::Server> server_;
};

class FakeEngine : public engine::Engine {
   public:
    EngineFacts facts() const override {
        EngineFacts facts;
        facts.kind = "fake";
        return facts;
    }
    Result<void> start(const StartOrder&) override { return {}; }
    Result<void> stop(const StopOrder&) override { return {}; }
    Result<std::vector<Observation>> observe() override { return std::vector<Observation>(); }
    void acknowledge(const Token&, Time) override {}
    Result<void> settle(const Token&) override { return {}; }
    LogChunk read_log(const LogRequest&) override { return {}; }
    void renew_contact(Duration) override {}

    Result<void> stage(const StartOrder&, engine::WorkdirSource& source) override {
        for (const WorkdirEntry& entry : source.manifest().entries) {
            const std::string path = TRY(source.fetch(entry));
            std::ifstream file(path, std::ios::binary);
            laid_out[entry.path].assign(std::istreambuf_iterator<char>(file), {});
        }
        return {};
    }
    std::map<std::string, std::string> laid_out;
};

class StagerTest : public testing::Test {
   protected:
    void SetUp() override { open(); }
    void open() {
        stager.reset();
        stager = std::make_unique<Stager>(std::vector<Site>{{.center = "here", .engine = &engine}},
                                          http::ClientOptions{.base_url = server.url()}, "i",
                                          std::move(*ContentCache::open(folder, 1 << 30)));
    }
    StartOrder order(const std::map<std::string, std::string>& files) {
        Manifest manifest;
        for (const auto& [path, content] : files) {
            manifest.entries.push_back({.path = path,
                                        .sha256 = server.add(content),
                                        .bytes = static_cast<std::int64_t>(content.size())});
        }
        StartOrder made;
        made.token.text = "t-1-1";
        made.center = "here";
        made.body.workdir = summary_of(manifest, server.add(to_text(manifest)));
        return made;
    }
    // "staged", or why not.
    std::string wait() {
        for (int i = 0; i < 1000; ++i) {
            for (const Input& news : stager->take_news()) {
                if (std::holds_alternative<Staged>(news)) return "staged";
                if (const auto* failed = std::get_if<StagingFailed>(&news)) return failed->why;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return "nothing came";
    }

    FakeServer server;
    FakeEngine engine;
    const TemporaryFolder temporary;
    const std::string& folder = temporary.path();
    std::unique_ptr<Stager> stager;
};

TEST_F(StagerTest, BringsAllThatIsListed) {
    const std::map<std::string, std::string> files = {
        {"a", "one"}, {"b/c", ""}, {"b/d", "one"}, {"e", std::string(9'000'000, 'e')}};
    stager->begin(order(files));
    EXPECT_EQ(wait(), "staged");
    EXPECT_EQ(engine.laid_out, files);
}

TEST_F(StagerTest, TheNextOneFindsItInTheCache) {
    const StartOrder first = order({{"a", "one"}, {"b", "two"}});
    stager->begin(first);
    EXPECT_EQ(wait(), "staged");
    const int before = server.bytes_given();
    stager->begin(first);
    EXPECT_EQ(wait(), "staged");
    EXPECT_EQ(server.bytes_given(), before);
    open();  // another agent, over the same folder
    stager->begin(first);
    EXPECT_EQ(wait(), "staged");
    EXPECT_EQ(server.bytes_given(), before);
    const StartOrder next = order({{"a", "one"}, {"b", "three"}});
    stager->begin(next);
    EXPECT_EQ(wait(), "staged");
    EXPECT_EQ(server.bytes_given(), before + 5 + 157);  // the other file, and the manifest
}

TEST_F(StagerTest, AnswersMayBeShort) {
    server.most = 100;
    std::map<std::string, std::string> files;
    for (int i = 0; i < 30; ++i)
        files["f" + std::to_string(i)] = std::string(7, static_cast<char>('A' + i));
    stager->begin(order(files));
    EXPECT_EQ(wait(), "staged");
    EXPECT_EQ(engine.laid_out, files);
}

TEST_F(StagerTest, AServerThatIsAwayIsWaitedFor) {
    server.refuses = 3;
    stager->begin(order({{"a", "one"}}));
    EXPECT_EQ(wait(), "staged");
}

TEST_F(StagerTest, WhatTheServerDoesNotGiveIsSaid) {
    server.refusal_status = 403;
    server.refuses = 1;
    stager->begin(order({{"a", "one"}}));
    EXPECT_EQ(wait(), "the server does not give the workdir out: not now (403)");
}

TEST_F(StagerTest, WhatIsSpoiltAtTheServerIsSaid) {
    const StartOrder made = order({{"a", "one"}});
    server.spoil(to_hex(sha256("one")));
    stager->begin(made);
    EXPECT_NE(wait().find("does not have this SHA-256"), std::string::npos);
}

TEST_F(StagerTest, WhatIsAbandonedIsNotToldOf) {
    server.refuses = 1'000'000;
    stager->begin(order({{"a", "one"}}));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stager->abandon({"t-1-1"});
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_TRUE(stager->take_news().empty());
}

}  // namespace
}  // namespace dayu::agent
