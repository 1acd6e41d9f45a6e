// Every operation of the contract, tried in every way that goes wrong in the same way for all, and then each in its own:
// taken, refused, and said twice.
#include <algorithm>
#include <functional>
#include <future>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "rest/contract.h"
#include "rest/testing/contract_check.h"
#include "rest/testing/server.h"
#include "runtime/secret_vault.h"

namespace dayu::rest {
namespace {

using namespace testing;
using wire::Json;

struct Operation {
    std::string method;
    std::string pattern;
    std::string path;  // with something in each {place}
    const Json* said = nullptr;

    std::string name() const { return text_at(*said, "operationId"); }
    bool is_open() const { return said->find("security") != nullptr; }
    bool is_of_agents() const { return said->find("tags")->as_array()->front() == Json("agents"); }
    bool takes_body() const { return said->find("requestBody") != nullptr; }
    bool takes(std::string_view media) const {
        const Json* content =
            takes_body() ? followed(*said->find("requestBody")).find("content") : nullptr;
        return content && content->find(media);
    }
    const std::string& token() const {
        static const std::string of_agent = agent_token;
        static const std::string of_operator = operator_token;
        return is_of_agents() ? of_agent : of_operator;
    }
    http::Call call(std::string body = {}) const {
        return {.method = method, .path = path, .body = std::move(body)};
    }
};

std::string filled(std::string path) {
    for (std::size_t at = 0; (at = path.find('{')) != std::string::npos;)
        path.replace(at, path.find('}') - at + 1, "1");
    return path;
}

std::vector<Operation> operations() {
    std::vector<Operation> all;
    for (const auto& [pattern, path] : *contract().find("paths")->as_object()) {
        for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
            if (const Json* said = find_operation(method, pattern))
                all.push_back(
                    {.method = method, .pattern = pattern, .path = filled(pattern), .said = said});
        }
    }
    return all;
}

TEST(Operations, AskForATokenOfTheRightRole) {
    Server server;
    for (const Operation& operation : operations()) {
        if (operation.is_open()) {
            EXPECT_EQ(server.call(operation.call(), "").status, 200) << operation.name();
            continue;
        }
        const http::Response nobody = server.call(operation.call(), "");
        EXPECT_EQ(nobody.status, 401) << operation.name();
        EXPECT_EQ(code_of(nobody), "token_missing") << operation.name();
        const http::Response stranger = server.call(operation.call(), "never-issued");
        EXPECT_EQ(stranger.status, 401) << operation.name();
        EXPECT_EQ(code_of(stranger), "token_unknown") << operation.name();
        const http::Response other =
            server.call(operation.call(), operation.is_of_agents() ? operator_token : agent_token);
        EXPECT_EQ(other.status, 403) << operation.name();
        EXPECT_EQ(code_of(other), "role_forbidden") << operation.name();
    }
}

TEST(Operations, OfAPathAreNamedWhereAnotherMethodIsTried) {
    Server server;
    std::map<std::string, std::set<std::string>> methods;  // by pattern
    for (const Operation& operation : operations())
        methods[operation.pattern].insert(operation.method);
    for (const auto& [pattern, allowed] : methods) {
        std::string list;
        for (const std::string& method : allowed) list += (list.empty() ? "" : ", ") + method;
        for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
            if (allowed.contains(method)) continue;
            const http::Response refused = server.call({.method = method, .path = filled(pattern)});
            EXPECT_EQ(refused.status, 405) << method << " " << pattern;
            EXPECT_EQ(code_of(refused), "method_not_allowed");
            EXPECT_EQ(refused.header("Allow"), list) << method << " " << pattern;
        }
    }
}

TEST(Operations, RefuseABodyThatIsTooLarge) {
    Server server;
    const std::string body((std::size_t{8} << 20) + 1, 'x');
    for (const Operation& operation : operations()) {
        if (!operation.takes_body()) continue;
        const http::Response refused = server.call(operation.call(body), operation.token());
        EXPECT_EQ(refused.status, 413) << operation.name();
        EXPECT_EQ(code_of(refused), "body_too_large") << operation.name();
    }
}

TEST(Operations, RefuseABodyThatIsNoJson) {
    Server server;
    for (const Operation& operation : operations()) {
        // Without a folder for secrets there are no hooks, whatever is said of them.
        if (!operation.takes("application/json") || operation.name() == "setHook") continue;
        for (const char* body : {"{", "[1", "\xFF", "nul"}) {
            const http::Response refused = server.call(operation.call(body), operation.token());
            EXPECT_EQ(refused.status, 400) << operation.name() << " " << body << refused.body;
        }
    }
}

// Agents may be newer than the server, and say more.
TEST(Operations, RefuseAParameterThatTheyDoNotKnow) {
    Server server;
    for (const Operation& operation : operations()) {
        if (operation.is_open() || operation.is_of_agents()) continue;
        http::Call call = operation.call();
        call.path += "?colour=red";
        const http::Response refused = server.call(call);
        EXPECT_EQ(refused.status, 400) << operation.name();
        EXPECT_EQ(code_of(refused), "parameter_unknown") << operation.name();
        EXPECT_EQ(text_at(json_of(refused), "field"), "colour") << operation.name();
    }
}

// --- Each in its own way --------------------------------------------------------------------------

class EachOperation : public ::testing::Test {
   protected:
    EachOperation() {
        vault_ = std::move(*runtime::SecretVault::open(folder_.path()));
        server_ = std::make_unique<Server>(vault_.get());
        server_->sync(server_->quiet());
        server_->await_center();
    }

    // Calls, expects the status and the code of a refusal (empty: any), and notes which operation has answered how.
    Json say(http::Call call, int status, const std::string& code = "",
             const std::string& token = operator_token) {
        const http::Response response = server_->call(call, token);
        EXPECT_EQ(response.status, status)
            << call.method << " " << call.path << " " << response.body;
        const bool is_json = response.content_type.find("json") != std::string::npos;
        Json json = is_json ? json_of(response) : Json();
        if (!code.empty()) {
            EXPECT_EQ(text_at(json, "code"), code) << call.method << " " << call.path;
        }
        const Json* said = find_operation(call.method, pattern_of(call.path));
        EXPECT_NE(said, nullptr) << call.path;
        if (said) seen_[text_at(*said, "operationId")].insert(response.status);
        return json;
    }
    Json get(const std::string& path, int status = 200, const std::string& code = "") {
        return say({.path = path}, status, code);
    }
    Json post(const std::string& path, const std::string& body, int status = 200,
              const std::string& code = "") {
        return say({.method = "POST", .path = path, .body = body}, status, code);
    }

    void submits();
    void reads_of_jobs();
    void log_and_outputs();
    void reach();
    void actions_on_jobs();
    void actions_on_arrays();
    void supply();
    void queues();
    void datasets_and_prices();
    void secrets_and_tokens();
    void events();
    void agents();
    void hooks_and_contents();
    void the_rest();

    const TemporaryFolder folder_;
    std::unique_ptr<runtime::SecretVault> vault_;
    std::unique_ptr<Server> server_;
    std::map<std::string, std::set<int>> seen_;
};

// Job 1 runs and ends; job 2 is of the batch.
void EachOperation::submits() {
    const http::Call keyed{.method = "POST",
                           .path = "/v1/jobs",
                           .body = R"({"run":"a"})",
                           .headers = {{"Idempotency-Key", "k"}}};
    say(keyed, 201);
    say(keyed, 200);
    http::Call other = keyed;
    other.body = R"({"run":"b"})";
    say(other, 409, "idempotency_key_reused");
    server_->run_one(0);
    post("/v1/jobs?dry_run=true", R"({"run":"a"})");
    post("/v1/jobs", R"({"runn":"a"})", 400, "key_unknown");
    post("/v1/jobs", R"({"run":"a","nodes":3})", 400, "never_fits");
    post("/v1/jobs:batch", R"([{"run":"a","begin":"1h"},{}])");
    post("/v1/jobs:batch", "{}", 400, "batch_malformed");
    post("/v1/offers", R"({"run":"a"})");
    post("/v1/offers", R"({})", 400, "run_missing");
}

void EachOperation::reads_of_jobs() {
    get("/v1/jobs?all=true");
    get("/v1/jobs?limit=0", 400, "parameter_invalid");
    for (const std::string read : {"", "/explain", "/wait?timeout_s=0"}) {
        get("/v1/jobs/1" + read);
        get("/v1/jobs/2" + read);
        get("/v1/jobs/99" + read, 404, "job_unknown");
    }
    get("/v1/attempts?job=1");
    get("/v1/attempts?limit=0", 400, "parameter_invalid");
    get("/v1/attempts/1/1");
    get("/v1/attempts/1/7", 404, "attempt_unknown");
    const std::string digest = text_at(get("/v1/jobs/1"), "body");
    get("/v1/bodies/" + digest);
    get("/v1/bodies/" + std::string(64, '0'), 404, "body_unknown");
}

void EachOperation::log_and_outputs() {
    get("/v1/jobs/1/outputs");
    get("/v1/jobs/2/outputs", 404, "no_outputs_yet");
    get("/v1/jobs/2/log", 404, "no_attempt_yet");
    auto reading =
        std::async(std::launch::async, [this] { return server_->get("/v1/jobs/1/log?wait_s=5"); });
    SyncReply reply;
    for (int i = 0; i < 5 && reply.log_requests.empty(); ++i)
        reply = server_->sync(server_->quiet(seconds(5)));
    ASSERT_EQ(reply.log_requests.size(), 1U);
    SyncRequest said = server_->quiet();
    said.log_chunks = {LogChunk{
        .id = reply.log_requests.front().id, .base64 = "aGkK", .at_end = true, .complete = true}};
    server_->sync(said);
    EXPECT_EQ(reading.get().body, "hi\n");
    seen_["readLog"].insert(200);
}

void EachOperation::reach() {
    const Json opened = post("/v1/jobs/1/reach", R"({"kind":"files"})");
    const std::string session = "/v1/reach/" + text_at(opened, "session");
    const std::string other = "/v1/agent" + session.substr(3);
    post("/v1/jobs/1/reach", R"({"kind":"telnet"})", 400, "reach_invalid");
    post("/v1/jobs/1/reach", R"({"kind":"exec"})", 400, "reach_invalid");
    post("/v1/jobs/99/reach", R"({"kind":"files"})", 404, "job_unknown");
    const auto as_agent = [&](http::Call call, int status, const std::string& code = "") {
        return say(std::move(call), status, code, agent_token);
    };
    as_agent({.path = "/v1/agent/reach?installation=f00d"}, 200);
    as_agent({.path = "/v1/agent/reach"}, 400, "parameter_invalid");
    post(session + "/in?offset=0", "x");
    post(session + "/in?offset=7", "x", 409, "reach_offset_wrong");
    as_agent({.path = other + "/in?offset=0"}, 200);
    as_agent({.path = "/v1/agent/reach/nobody/in"}, 404, "reach_session_unknown");
    as_agent({.method = "POST", .path = other + "/out?offset=0", .body = "y"}, 200);
    as_agent({.method = "POST", .path = "/v1/agent/reach/nobody/out", .body = "y"}, 404,
             "reach_session_unknown");
    get(session + "/out?offset=0");
    get("/v1/reach/nobody/out", 404, "reach_session_unknown");
    post(session + "/close", "");
    post(session + "/close", "");  // it is over, whoever says so how often
    post(session + "/close?offset=1", "", 400, "parameter_unknown");
}

// Job 2 waits for its time; the next one is placed.
void EachOperation::actions_on_jobs() {
    for (const std::string action : {"hold", "hold", "release", "release"})
        post("/v1/jobs/2/" + action, "");
    post("/v1/jobs/2/requeue", "", 409, "job_not_active");
    post("/v1/jobs/2/cancel", "");
    for (const std::string action : {"cancel", "hold", "release", "requeue"}) {
        post("/v1/jobs/2/" + action, "", 409, "job_ended");
        post("/v1/jobs/99/" + action, "", 404, "job_unknown");
    }
    const std::string placed = "/v1/jobs/" + std::to_string(server_->submit("placed"));
    SyncReply reply;
    for (int i = 0; i < 5 && reply.starts.empty(); ++i)
        reply = server_->sync(server_->quiet(seconds(5)));
    ASSERT_EQ(reply.starts.size(), 1U);
    post(placed + "/hold", "", 409, "job_active");
    post(placed + "/requeue", "");
    post(placed + "/requeue", "");
    post(placed + "/cancel", "");
    post(placed + "/cancel", "");
}

void EachOperation::actions_on_arrays() {
    const Json array = post("/v1/jobs", R"({"run":"a","array":"0-3%2","begin":"1h"})", 201);
    const std::string path = "/v1/arrays/" + std::to_string(number_at(array, "id"));
    for (const std::string action : {"hold", "hold", "release", "release", "requeue", "cancel"})
        post(path + "/" + action, "");
    for (const std::string action : {"hold", "release", "requeue", "cancel"}) {
        post(path + "/" + action, "", 409, "job_ended");
        post("/v1/arrays/99/" + action, "", 404, "job_unknown");
    }
}

void EachOperation::supply() {
    get("/v1/centers");
    get("/v1/centers?x=1", 400, "parameter_unknown");
    get("/v1/centers/shanghai");
    get("/v1/centers/shanghia", 404, "center_unknown");
    get("/v1/pools?center=shanghai");
    get("/v1/pools?center=shanghia", 400);
    get("/v1/chips");
    get("/v1/chips?x=1", 400, "parameter_unknown");
    get("/v1/chips/a100");
    get("/v1/chips/a1000000", 404);
    const std::string reason = R"({"reason":"new switches"})";
    for (const std::string action : {"drain", "resume", "fence"}) {
        const std::string body = action == "resume" ? "" : reason;
        post("/v1/centers/shanghai/" + action, body);
        post("/v1/centers/shanghai/" + action, body);
        post("/v1/centers/shanghia/" + action, body, 404, "center_unknown");
        if (!body.empty()) post("/v1/centers/shanghai/" + action, "{}", 400, "reason_missing");
    }
    const std::string node = R"({"node":"0","reason":"new fans"})";
    for (const std::string action : {"exclude", "exclude", "include", "include"}) {
        post("/v1/centers/shanghai/" + action, node);
        post("/v1/centers/shanghai/" + action, R"({"reason":"new fans"})", 400, "node_missing");
        post("/v1/centers/shanghia/" + action, node, 404, "center_unknown");
    }
}

void EachOperation::queues() {
    const http::Call set{.method = "PUT",
                         .path = "/v1/queues/default%2Fpoems",
                         .body = R"({"weight_milli":2000,"quotas":[{"chip":"a100",
                                  "guaranteed_milli":8000,"limit_milli":16000}]})"};
    const http::Call remove{.method = "DELETE", .path = set.path};
    say(set, 200);
    say(set, 200);
    http::Call other = set;
    other.body = R"({"quotas":[{"chip":"a1000000"}]})";
    say(other, 404, "chip_unknown");
    other.body = R"({"quotas":[{"chip":"a100","kept_milli":1}]})";
    say(other, 400, "value_out_of_range");
    other.path = "/v1/queues/Poems";
    say(other, 400, "value_malformed");
    const Json page = get("/v1/queues?below=default&limit=1");
    EXPECT_EQ(text_at(page, "next"), "default");
    const Json rest = get("/v1/queues?after=default%2Fdefault");
    EXPECT_EQ(text_at(rest.find("queues")->as_array()->front(), "path"), "default/poems");
    get("/v1/queues?below=A", 400, "parameter_invalid");
    const Json queue = get(set.path);
    EXPECT_EQ(number_at(queue, "weight_milli"), 2000);
    EXPECT_EQ(text_at(queue.find("quotas")->as_array()->front(), "chip"), "A100-80GB");
    get("/v1/queues/nobody", 404, "queue_unknown");
    say(remove, 200);
    say(remove, 404, "queue_unknown");
}

void EachOperation::datasets_and_prices() {
    const http::Call set{.method = "PUT",
                         .path = "/v1/datasets/tang300",
                         .body = R"({"bytes":90000,"centers":["shanghai"]})"};
    const http::Call remove{.method = "DELETE", .path = set.path};
    say(set, 200);
    say(set, 200);
    http::Call elsewhere = set;
    elsewhere.body = R"({"bytes":90000,"centers":["shanghia"]})";
    say(elsewhere, 404, "center_unknown");
    http::Call halfway = set;
    halfway.body = R"({"bytes":90000})";
    say(halfway, 400, "value_missing");
    get("/v1/datasets");
    get("/v1/datasets?x=1", 400, "parameter_unknown");
    get(set.path);
    get("/v1/datasets/song300", 404, "dataset_unknown");
    say(remove, 200);
    say(remove, 404, "dataset_unknown");
    get("/v1/prices");
    get("/v1/prices?x=1", 400, "parameter_unknown");
    get("/v1/step-ratios");
    get("/v1/step-ratios?x=1", 400, "parameter_unknown");
}

void EachOperation::secrets_and_tokens() {
    const http::Call set{.method = "PUT",
                         .path = "/v1/secrets/hf-token",
                         .body = "value",
                         .content_type = "application/octet-stream"};
    const http::Call remove{.method = "DELETE", .path = "/v1/secrets/hf-token"};
    say(set, 200);
    say(set, 200);
    http::Call misnamed = set;
    misnamed.path = "/v1/secrets/HF";
    say(misnamed, 400);
    EXPECT_EQ(get("/v1/secrets").find("secrets")->as_array()->size(), 1U);
    get("/v1/secrets?x=1", 400, "parameter_unknown");
    get("/v1/secrets/hf-token");
    get("/v1/secrets/hf", 404, "secret_unknown");
    say(remove, 200);
    say(remove, 404, "secret_unknown");

    post("/v1/tokens", R"({"name":"audit","role":"viewer"})", 201);
    post("/v1/tokens", R"({"name":"audit","role":"viewer"})", 409, "token_name_taken");
    post("/v1/tokens", R"({"name":"audit","role":"king"})", 400);
    get("/v1/tokens");
    get("/v1/tokens?x=1", 400, "parameter_unknown");
    say({.method = "DELETE", .path = "/v1/tokens/audit"}, 200);
    say({.method = "DELETE", .path = "/v1/tokens/audit"}, 404, "token_not_there");
}

void EachOperation::events() {
    get("/v1/events?limit=1000");
    get("/v1/events?after=-1", 400, "parameter_invalid");
    http::Client client({.base_url = server_->service().url(), .bearer_token = operator_token});
    const auto response = client.stream(
        {.path = "/v1/events", .headers = {{"Accept", "text/event-stream"}}},
        [](std::string_view bytes) { return bytes.find("id: 1\n") == std::string::npos; });
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->content_type, "text/event-stream");
}

void EachOperation::agents() {
    const http::Call call{.method = "POST", .path = "/v1/agent/sync"};
    const auto sync = [&](const SyncRequest& said, int status, const std::string& code = "") {
        http::Call made = call;
        wire::write_json(made.body, said);
        say(made, status, code, agent_token);
    };
    const SyncRequest said = server_->quiet();
    sync(said, 200);
    sync(said, 409, "sync_stale");
    SyncRequest other = server_->quiet();
    other.installation = "beef";
    sync(other, 409, "lease_held");
}

void EachOperation::hooks_and_contents() {
    server_->keep_hook("ops");
    get("/v1/hooks");
    get("/v1/hooks?x=1", 400, "parameter_unknown");
    post("/v1/hooks/ops/resume", "");
    post("/v1/hooks/none/resume", "", 404, "hook_unknown");
    say({.method = "DELETE", .path = "/v1/hooks/ops"}, 200);
    say({.method = "DELETE", .path = "/v1/hooks/ops"}, 404, "hook_unknown");
    const std::string digest(64, 'a');
    post("/v1/contents:missing", R"({"contents":[{"sha256":")" + digest + R"(","bytes":2}]})");
    post("/v1/contents:missing", R"({"contents":[{}]})", 400);
    post("/v1/contents", digest + " 0 2 1\nx");
    post("/v1/contents", std::string(64, 'b') + " 0 1 1\nx", 409, "content_mismatch");
}

void EachOperation::the_rest() {
    for (const char* path :
         {"/metrics", "/v1/server", "/healthz", "/readyz", "/v1/version", "/openapi.json", "/docs"})
        get(path);
    get("/metrics?x=1", 400, "parameter_unknown");
    get("/v1/server?x=1", 400, "parameter_unknown");
}

TEST_F(EachOperation, IsTakenRefusedAndSaidTwice) {
    submits();
    reads_of_jobs();
    log_and_outputs();
    reach();
    actions_on_jobs();
    actions_on_arrays();
    queues();
    datasets_and_prices();
    secrets_and_tokens();
    events();
    agents();
    hooks_and_contents();
    supply();
    the_rest();
    // Whoever adds an operation tries it here. Some want more of a server than this one has, or more of an agent.
    const std::set<std::string> elsewhere{"setHook", "testHook", "giveContents"};
    for (const Operation& operation : operations()) {
        if (elsewhere.contains(operation.name())) continue;
        const std::set<int>& seen = seen_[operation.name()];
        for (const auto& [status, said] : *operation.said->find("responses")->as_object()) {
            if (!status.starts_with("2")) continue;
            EXPECT_TRUE(seen.contains(std::stoi(status)))
                << operation.name() << " never answered " << status;
        }
        EXPECT_TRUE(operation.is_open() || (!seen.empty() && *seen.rbegin() >= 400))
            << operation.name() << " was never refused";
    }
}

}  // namespace
}  // namespace dayu::rest
