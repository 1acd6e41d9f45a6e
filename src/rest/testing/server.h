// For tests: a whole server (real loop, memory store, a folder for workdirs, a free port), and callers of
// both roles. The agent is pretended: it says over HTTP what a test wants it to say. Whatever is called is held against the
// contract: an answer that departs from it fails the test, and so does a call that is taken though it does.
#pragma once

#include <memory>
#include <string>

#include "base/testing/temporary_folder.h"
#include "http/client.h"
#include "model/agent_messages.h"
#include "rest/service.h"
#include "runtime/content_store.h"
#include "wire/json_fields.h"

namespace dayu::rest::testing {

inline constexpr const char* operator_token = "operator-secret";
inline constexpr const char* agent_token = "agent-secret";

// One pool of two nodes with four CPUs each, at 0.10 yuan a CPU-hour.
Center shanghai();

class Server {
   public:
    explicit Server(const runtime::SecretVault* secrets = nullptr,  // without it, none are kept
                    Planner planner = {});                          // nor is work planned

    http::Response call(const http::Call& call, const std::string& token = operator_token);
    http::Response get(const std::string& path) { return call({.path = path}); }
    http::Response post(const std::string& path, const std::string& body);

    // Submits `run` with the defaults, and returns the job's id.
    std::int64_t submit(const std::string& run);
    SyncReply sync(SyncRequest said);
    // What the agent of shanghai() says when nothing has happened.
    SyncRequest quiet(Duration wait = {});
    // Until requests are read with the name of shanghai(), which has joined: the copy follows within 50 ms.
    void await_center();
    // Runs the next order until it ends with `code`; returns its token.
    Token run_one(std::int64_t code);

    // As if its value had been sealed: this server has no folder for one.
    void keep_secret(const std::string& name);
    void keep_hook(const std::string& name);

    runtime::Loop& loop() { return *loop_; }
    runtime::ContentStore& contents() { return *contents_; }
    const Service& service() const { return *service_; }

   private:
    void command(control::Command command);

    journal::Journal journal_;
    const TemporaryFolder folder_;  // of workdirs
    std::unique_ptr<runtime::ContentStore> contents_;
    std::unique_ptr<runtime::Loop> loop_;
    std::unique_ptr<Service> service_;
    std::uint64_t number_ = 0;
};

wire::Json json_of(const http::Response& response);
std::string code_of(const http::Response& response);  // of a problem
std::string text_at(const wire::Json& json, std::string_view key);
std::int64_t number_at(const wire::Json& json, std::string_view key);

}  // namespace dayu::rest::testing
