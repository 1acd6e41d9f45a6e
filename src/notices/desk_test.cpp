// Hooks from an entry of the journal to a receiver and back: real loop, real HTTP, memory store.
#include "notices/desk.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "http/server.h"
#include "notices/signature.h"
#include "wire/json_fields.h"

namespace dayu::notices {
namespace {

namespace fs = std::filesystem;

bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 12'000 && !condition(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return condition();
}

// Keeps what it is sent, and answers as it is told.
class Receiver {
   public:
    explicit Receiver(int status = 200) : status_(status) {
        server_ =
            http::Server::start({.address = "127.0.0.1:0"}, [this](http::Request&& request,
                                                                   const http::Responder& to) {
                take(std::move(request), to);
            }).value();
    }
    std::string url() const { return server_->url() + "/hook?key=hidden"; }
    void answer_with(int status) {
        const std::lock_guard lock(mutex_);
        status_ = status;
        for (const http::Responder& responder : kept_) responder.send({.status = status});
        kept_.clear();
    }
    std::vector<http::Request> seen() const {
        const std::lock_guard lock(mutex_);
        return seen_;
    }
    std::size_t count() const { return seen().size(); }

   private:
    void take(http::Request&& request, const http::Responder& responder) {
        const std::lock_guard lock(mutex_);
        seen_.push_back(std::move(request));
        if (status_ == 0) {  // says nothing until it is told what
            kept_.push_back(responder);
        } else {
            responder.send({.status = status_});
        }
    }
    mutable std::mutex mutex_;
    int status_;
    std::vector<http::Request> seen_;
    std::vector<http::Responder> kept_;
    std::unique_ptr<http::Server> server_;
};

class DeskTest : public testing::Test {
   protected:
    DeskTest() : journal(journal::make_memory_store()) {
        vault = runtime::SecretVault::open(folder + "/secrets").value();
        loop = std::move(
            *runtime::Loop::start(journal, *sched::find_policy("least-cost"), {}, system_clock()));
        EXPECT_TRUE(send(control::Found{.cluster = "0123456789abcdef"}).ok());
        open_desk();
    }

    void open_desk(http::Destinations destinations = http::Destinations::any) {
        desk.reset();
        desk = std::move(*Desk::start(
            *loop, *vault, {.folder = folder + "/notices", .destinations = destinations}));
    }

    Result<runtime::Answer> send(control::Command command) {
        std::promise<Result<runtime::Answer>> promise;
        loop->submit({.command = std::move(command), .actor = {.name = "token:test"}, .bodies = {}},
                     [&](Result<runtime::Answer> answer) { promise.set_value(std::move(answer)); });
        return promise.get_future().get();
    }

    void tell(control::Command command) {
        const auto answer = send(std::move(command));
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    }

    // Nothing yet where the hook is not served.
    Delivery delivery(const std::string& name) {
        return desk->delivery({.scope = {}, .name = name}).value_or(Delivery{});
    }

    JobId submit(const std::string& name) {
        const auto answer = send(control::SubmitJob{.name = name, .body = "b", .request = name});
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
        return answer ? answer->job : JobId{};
    }

    std::string add_hook(const std::string& name, const std::string& url, HookFilter filter = {}) {
        auto sealed = desk->seal({.scope = {}, .name = name}, HookKind::webhook, {.url = url});
        EXPECT_TRUE(sealed) << (sealed ? "" : sealed.error().message);
        if (!sealed) return {};
        Hook hook{.name = name,
                  .host = sealed->host,
                  .events = {NoticeTopic::job_ended, NoticeTopic::job_held},
                  .filter = std::move(filter)};
        EXPECT_TRUE(send(control::SetHook{.hook = std::move(hook), .sealed = sealed->name}).ok());
        return sealed->secret;
    }

    std::optional<control::HookRow> row(const std::string& name) {
        std::optional<control::HookRow> row;
        loop->read_and_wait([&](const runtime::Core& core) {
            const auto* found = core.state().hooks.find({.scope = {}, .name = name});
            if (found != nullptr) row = *found;
        });
        return row;
    }

    static std::string name_in(const http::Request& request) {
        const wire::Json body = wire::parse_json(request.body).value();
        return *body.find("data")->find("job")->find("name")->as_string();
    }

    const TemporaryFolder temporary;
    const std::string& folder = temporary.path();
    journal::Journal journal;
    std::unique_ptr<runtime::SecretVault> vault;
    std::unique_ptr<runtime::Loop> loop;
    std::unique_ptr<Desk> desk;
};

TEST_F(DeskTest, SendsWhatHappensSignedAndInOrder) {
    Receiver receiver;
    submit("before");
    tell(control::ChangeJob{.job = {1}, .action = control::JobAction::hold});
    const std::string secret = add_hook("ops", receiver.url());
    const JobId job = submit("bert");
    tell(control::ChangeJob{.job = job, .action = control::JobAction::hold});
    tell(control::ChangeJob{.job = job, .action = control::JobAction::cancel});
    ASSERT_TRUE(eventually([&] { return receiver.count() == 2; }));
    const http::Request held = receiver.seen()[0], ended = receiver.seen()[1];
    EXPECT_EQ(held.query_param("key"), "hidden");
    EXPECT_EQ(
        *held.header("webhook-signature"),
        webhook_signature(*webhook_key(secret), *held.header("webhook-id"),
                          std::stoll(std::string(*held.header("webhook-timestamp"))), held.body));
    EXPECT_NE(held.header("webhook-id"), ended.header("webhook-id"));
    const wire::Json said = wire::parse_json(ended.body).value();
    EXPECT_EQ(*said.find("type")->as_string(), "job_ended");
    EXPECT_EQ(*said.find("data")->find("job")->find("state")->as_string(), "CANCELLED");
    EXPECT_EQ(*said.find("data")->find("job")->find("owner")->as_string(), "token:test");
    EXPECT_TRUE(eventually([&] { return delivery("ops").delivered == 2; }));
}

TEST_F(DeskTest, ARestartNeitherLosesNorRepeats) {
    Receiver receiver;
    add_hook("ops", receiver.url());
    for (const char* name : {"one", "two"})
        tell(control::ChangeJob{.job = submit(name), .action = control::JobAction::hold});
    ASSERT_TRUE(eventually([&] { return receiver.count() == 2; }));
    desk.reset();
    tell(control::ChangeJob{.job = submit("three"), .action = control::JobAction::hold});
    open_desk();
    ASSERT_TRUE(eventually([&] { return receiver.count() == 3; }));
    EXPECT_EQ(name_in(receiver.seen()[2]), "three");
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(receiver.count(), 3U);
}

TEST_F(DeskTest, FiltersByNameOwnerAndFailure) {
    Receiver receiver;
    add_hook("names", receiver.url(), {.name = "bert-*"});
    add_hook("owners", receiver.url(), {.owner = "token:nobody"});
    add_hook("failures", receiver.url(), {.failures_only = true});
    for (const char* name : {"gpt", "bert-1"})
        tell(control::ChangeJob{.job = submit(name), .action = control::JobAction::cancel});
    ASSERT_TRUE(eventually([&] { return receiver.count() == 1; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    ASSERT_EQ(receiver.count(), 1U);
    EXPECT_EQ(name_in(receiver.seen()[0]), "bert-1");
}

TEST_F(DeskTest, GoneSuspendsUntilResumed) {
    Receiver receiver(410);
    add_hook("ops", receiver.url());
    tell(control::ChangeJob{.job = submit("a"), .action = control::JobAction::hold});
    ASSERT_TRUE(eventually([&] { return row("ops")->suspended == HookTrouble::gone; }));
    ASSERT_TRUE(eventually([&] { return !desk->delivery({.scope = {}, .name = "ops"}); }));
    receiver.answer_with(200);
    tell(control::ChangeJob{.job = submit("unheard"), .action = control::JobAction::hold});
    ASSERT_TRUE(send(control::ResumeHook{.name = "ops"}).ok());
    tell(control::ChangeJob{.job = submit("b"), .action = control::JobAction::hold});
    ASSERT_TRUE(eventually([&] { return receiver.count() == 2; }));
    EXPECT_EQ(name_in(receiver.seen()[1]), "b");
}

TEST_F(DeskTest, ASlowReceiverDelaysNobodyElse) {
    Receiver slow(0), quick;
    add_hook("slow", slow.url());
    add_hook("quick", quick.url());
    for (const char* name : {"a", "b", "c"})
        tell(control::ChangeJob{.job = submit(name), .action = control::JobAction::hold});
    ASSERT_TRUE(eventually([&] { return quick.count() == 3; }));
    ASSERT_TRUE(eventually([&] { return slow.count() == 1; }));
    slow.answer_with(200);
    EXPECT_TRUE(eventually([&] { return slow.count() == 3; }));
}

TEST_F(DeskTest, WhatDoesNotFitIntoTheQueueComesFromTheJournal) {
    Receiver receiver(0);
    add_hook("ops", receiver.url());
    const std::size_t all = max_waiting + 200;
    const JobId job = submit("a");
    std::vector<runtime::Request> requests;
    for (std::size_t i = 0; i < 2 * all; ++i) {
        const auto action = i % 2 == 0 ? control::JobAction::hold : control::JobAction::release;
        requests.push_back({.command = control::ChangeJob{.job = job, .action = action},
                            .actor = {.name = "token:test"},
                            .bodies = {}});
    }
    loop->submit_all(std::move(requests), [](const std::vector<Result<runtime::Answer>>&) {});
    ASSERT_TRUE(eventually([&] { return delivery("ops").waiting == max_waiting; }));
    receiver.answer_with(200);
    ASSERT_TRUE(eventually([&] { return receiver.count() == all; })) << receiver.count();
    std::int64_t last = 0;
    for (const http::Request& request : receiver.seen()) {
        const wire::Json body = wire::parse_json(request.body).value();
        const std::int64_t seq = *body.find("data")->find("seq")->as_int();
        EXPECT_GT(seq, last);
        last = seq;
    }
}

TEST_F(DeskTest, LeadsNowhereIntoPrivateNetworks) {
    Receiver receiver;
    add_hook("ops", receiver.url());  // set while it was allowed
    open_desk(http::Destinations::public_only);
    const auto refused =
        desk->seal({.scope = {}, .name = "new"}, HookKind::webhook, {.url = receiver.url()});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "hook_address_private");
    tell(control::ChangeJob{.job = submit("a"), .action = control::JobAction::hold});
    const control::ScopedName name{.scope = {}, .name = "ops"};
    ASSERT_TRUE(eventually([&] { return delivery("ops").failures >= 1; }));
    const std::string error = delivery("ops").last_error;
    EXPECT_NE(error.find("not public"), std::string::npos) << error;
    EXPECT_EQ(error.find("hidden"), std::string::npos) << error;
    EXPECT_EQ(desk->try_out(name)->sent.judgement.verdict, Verdict::refused);
    EXPECT_EQ(receiver.count(), 0U);
}

TEST_F(DeskTest, ErrorsDoNotRepeatTheAddress) {
    std::string url;
    {
        Receiver receiver;
        url = receiver.url();
        add_hook("ops", url);
    }
    const auto trial = desk->try_out({.scope = {}, .name = "ops"});
    ASSERT_TRUE(trial.ok());
    EXPECT_EQ(trial->sent.judgement.verdict, Verdict::busy);
    EXPECT_EQ(trial->sent.judgement.why.find("hidden"), std::string::npos)
        << trial->sent.judgement.why;
    EXPECT_EQ(desk->try_out({.scope = {}, .name = "none"}).error().code, "hook_unknown");
}

TEST_F(DeskTest, AReplacedHookBeginsAnew) {
    Receiver first, second;
    add_hook("ops", first.url());
    tell(control::ChangeJob{.job = submit("a"), .action = control::JobAction::hold});
    ASSERT_TRUE(eventually([&] { return first.count() == 1; }));
    add_hook("ops", second.url());
    tell(control::ChangeJob{.job = submit("b"), .action = control::JobAction::hold});
    ASSERT_TRUE(eventually([&] { return second.count() == 1; }));
    ASSERT_TRUE(send(control::RemoveHook{.name = "ops"}).ok());
    ASSERT_TRUE(eventually([&] { return fs::is_empty(folder + "/notices"); }));
    EXPECT_EQ(first.count(), 1U);
}

}  // namespace
}  // namespace dayu::notices
