// Not a test but what tests stand on; by its name it is linked into them and nothing else.
#include "rest/testing/server.h"

#include <future>
#include <utility>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "rest/testing/contract_check.h"

namespace dayu::rest::testing {

Center shanghai() {
    Center center;
    center.name = "shanghai";
    center.title = "上海";
    center.region = "cn/yangtze-delta/shanghai";
    center.engine.kind = "process";
    center.engine.lacks = {"cgroups: not on this host"};
    center.energy = {.pue_milli = 1250, .grid_mg_per_kwh = 420'500, .source = "test"};
    center.pools.push_back({.name = "cpu",
                            .chip = "",
                            .nodes = 2,
                            .chips_per_node = 0,
                            .cpus_per_node = 4,
                            .memory_mib_per_node = 8192,
                            .price_per_chip_hour = {},
                            .price_per_cpu_hour = Money{100'000},
                            .watts_per_cpu = 10});
    return center;
}

Server::Server(const runtime::SecretVault* secrets, Planner planner)
    : journal_(journal::make_memory_store()) {
    contents_ = std::move(*runtime::ContentStore::open(folder_.path()));
    const sched::Policy* policy = sched::find_policy(sched::policy_names().front());
    loop_ =
        std::move(*runtime::Loop::start(journal_, *policy, {.secrets = secrets}, system_clock()));
    command(control::Found{.cluster = "0123456789abcdef"});
    command(control::DeclareChips{{Chip{.name = "A100-80GB",
                                        .vendor = "NVIDIA",
                                        .aliases = {"a100"},
                                        .memory_mib = 81'920,
                                        .power_w = 400,
                                        .fp16_gflops = 312'000,
                                        .source = "test",
                                        .confidence = "A"}}});
    command(control::IssueToken{.name = "test",
                                .role = control::Role::operator_,
                                .sha256 = to_hex(sha256(operator_token))});
    command(control::IssueToken{
        .name = "shanghai", .role = control::Role::agent, .sha256 = to_hex(sha256(agent_token))});
    service_ = std::move(*serve(
        *loop_,
        {.listen = "127.0.0.1:0", .contents = contents_.get(), .planner = std::move(planner)}));
}

void Server::command(control::Command command) {
    std::promise<Result<runtime::Answer>> promise;
    loop_->submit({.command = std::move(command), .actor = {.name = "system"}, .bodies = {}},
                  [&](Result<runtime::Answer> answer) { promise.set_value(std::move(answer)); });
    ASSERT_TRUE(promise.get_future().get().ok());
}

void Server::keep_secret(const std::string& name) {
    command(control::SetSecret{.name = name, .sealed = std::string(32, '0')});
}

void Server::keep_hook(const std::string& name) {
    command(control::SetHook{
        .hook = {.name = name, .host = "example.org", .events = {NoticeTopic::job_ended}},
        .sealed = std::string(32, '0')});
}

http::Response Server::call(const http::Call& call, const std::string& token) {
    http::Client client({.base_url = service_->url(), .bearer_token = token});
    auto response = client.request(call);
    EXPECT_TRUE(response.ok()) << (response ? "" : response.error().message);
    if (!response) return {.status = 0};
    for (const std::string& departure : departures(call, *response))
        ADD_FAILURE() << call.method << " " << call.path << ": " << departure;
    return *response;
}

http::Response Server::post(const std::string& path, const std::string& body) {
    return call({.method = "POST", .path = path, .body = body});
}

std::int64_t Server::submit(const std::string& run) {
    const http::Response response = post("/v1/jobs", R"({"run":")" + run + R"("})");
    EXPECT_EQ(response.status, 201) << response.body;
    return number_at(json_of(response), "id");
}

SyncRequest Server::quiet(Duration wait) {
    SyncRequest said;
    said.agent = "shanghai";
    said.installation = "f00d";
    said.incarnation = 1;
    said.number = ++number_;
    said.centers = {shanghai()};
    said.wait = wait;
    return said;
}

SyncReply Server::sync(SyncRequest said) {
    std::string body;
    wire::write_json(body, said);
    const http::Response response =
        call({.method = "POST", .path = "/v1/agent/sync", .body = body}, agent_token);
    EXPECT_EQ(response.status, 200) << response.body;
    SyncReply reply;
    const auto read = wire::from_json(json_of(response), reply);
    EXPECT_TRUE(read.ok()) << (read ? "" : read.error().message);
    return reply;
}

void Server::await_center() {
    const Instant end = system_clock().instant() + seconds(10);
    while (get("/v1/pools?center=shanghai").status != 200 && system_clock().instant() < end) {}
}

Token Server::run_one(std::int64_t code) {
    SyncReply reply = sync(quiet(seconds(5)));
    for (int i = 0; i < 5 && reply.starts.empty(); ++i) reply = sync(quiet(seconds(5)));
    EXPECT_EQ(reply.starts.size(), 1U);
    if (reply.starts.empty()) return {};
    const Token token = reply.starts.front().token;
    const Time now = system_clock().now();

    Observation seen{.token = token, .state = AttemptState::running, .at = now};
    SyncRequest said = quiet();
    said.holding = {token};
    said.observations = {seen};
    sync(said);

    seen.state = AttemptState::ended;
    seen.ending = Ending{.code = code,
                         .started = now,
                         .ended = now,
                         .total = {.cpu_ms = 350, .peak_memory_mib = 12}};
    said = quiet();
    said.holding = {token};
    said.observations = {seen};
    sync(said);
    return token;
}

wire::Json json_of(const http::Response& response) {
    std::string_view text = response.body;
    auto json = wire::parse_json(text);
    EXPECT_TRUE(json.ok()) << response.body;
    return json ? *json : wire::Json();
}

std::string code_of(const http::Response& response) { return text_at(json_of(response), "code"); }

std::string text_at(const wire::Json& json, std::string_view key) {
    const wire::Json* found = json.find(key);
    const std::string* text = found ? found->as_string() : nullptr;
    return text ? *text : "(no text at " + std::string(key) + ")";
}

std::int64_t number_at(const wire::Json& json, std::string_view key) {
    const wire::Json* found = json.find(key);
    const std::int64_t* number = found ? found->as_int() : nullptr;
    return number ? *number : -1;
}

}  // namespace dayu::rest::testing
