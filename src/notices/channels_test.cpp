#include <gtest/gtest.h>

#include "notices/channel.h"
#include "notices/signature.h"
#include "notices/wording.h"
#include "wire/json.h"

namespace dayu::notices {
namespace {

constexpr Time now{1'700'000'000'123};

Notice ended(std::uint64_t id, JobState state, std::string name = "bert") {
    Notice notice{.id = "msg_1", .seq = {7}, .at = now, .topic = NoticeTopic::job_ended};
    notice.job.job = {id};
    notice.job.name = std::move(name);
    notice.job.owner = "token:admin";
    notice.job.state = state;
    notice.job.code = state == JobState::failed ? 3 : 0;
    notice.job.started = now - seconds(3720);
    notice.job.ended = now;
    notice.job.center = "shanghai";
    notice.job.cost = {12'340'000};
    return notice;
}

Notice lost() {
    Notice notice{.id = "msg_2", .seq = {8}, .at = now, .topic = NoticeTopic::center_lost};
    notice.center = "zhongwei";
    notice.center_title = "中卫枢纽";
    notice.since = now - seconds(60);
    return notice;
}

wire::Json body_of(HookKind kind, const Address& address, std::span<const Notice> notices,
                   NoticeLanguage language = NoticeLanguage::zh) {
    const Message message = channel_of(kind).compose(address, notices, language, now);
    return wire::parse_json(message.body).value();
}

std::string at(const wire::Json& json, std::initializer_list<std::string_view> path) {
    const wire::Json* here = &json;
    for (const std::string_view key : path) {
        here = here == nullptr ? nullptr : here->find(key);
    }
    const std::string* text = here == nullptr ? nullptr : here->as_string();
    return text == nullptr ? "(none)" : *text;
}

TEST(Channels, SpeakBothLanguages) {
    const Notice failed = ended(41, JobState::failed);
    EXPECT_EQ(headline(failed, NoticeLanguage::zh), "任务 41「bert」失败，退出码 3");
    EXPECT_EQ(headline(failed, NoticeLanguage::en), "Job 41 \"bert\" failed, exit code 3");
    EXPECT_EQ(details(failed, NoticeLanguage::en),
              "project default · by token:admin · at shanghai · took 1h2m · cost ¥12.34");
    EXPECT_EQ(headline(lost(), NoticeLanguage::zh),
              "算力中心 中卫枢纽 (zhongwei) 失联，自 2023-11-15 06:12:20（北京时间）");
    EXPECT_EQ(headline(lost(), NoticeLanguage::en),
              "Centre 中卫枢纽 (zhongwei) is out of contact since 2023-11-14 22:12:20 UTC");
}

TEST(Channels, WecomIsMarkdown) {
    const Notice failed = ended(41, JobState::failed);
    const wire::Json body = body_of(HookKind::wecom, {}, std::span(&failed, 1));
    EXPECT_EQ(at(body, {"msgtype"}), "markdown");
    EXPECT_EQ(at(body, {"markdown", "content"}),
              "**Dayu: 任务 41「bert」失败，退出码 3**\n"
              "项目 default · 用户 token:admin · 中心 shanghai · 用时 1h2m · 费用 ¥12.34");
}

TEST(Channels, DingtalkSignsInTheUrl) {
    const Notice notice = lost();
    const Address address{.url = "https://oapi.dingtalk.com/robot/send?access_token=x",
                          .secret = "SECx"};
    const Message message = channel_of(HookKind::dingtalk)
                                .compose(address, std::span(&notice, 1), NoticeLanguage::en, now);
    EXPECT_EQ(message.query, "timestamp=1700000000123&sign=" +
                                 http::percent_encode(dingtalk_signature("SECx", now.ms)));
    const wire::Json body = wire::parse_json(message.body).value();
    EXPECT_EQ(at(body, {"msgtype"}), "markdown");
    EXPECT_TRUE(at(body, {"markdown", "title"}).starts_with("Dayu: Centre 中卫枢纽"));
    const Message unsigned_one =
        channel_of(HookKind::dingtalk).compose({}, std::span(&notice, 1), NoticeLanguage::en, now);
    EXPECT_EQ(unsigned_one.query, "");
}

TEST(Channels, FeishuSignsInTheBody) {
    const Notice failed = ended(41, JobState::failed);
    const wire::Json body =
        body_of(HookKind::feishu, {.url = "", .secret = "abc"}, std::span(&failed, 1));
    EXPECT_EQ(at(body, {"msg_type"}), "post");
    EXPECT_EQ(at(body, {"timestamp"}), "1700000000");
    EXPECT_EQ(at(body, {"sign"}), feishu_signature("abc", 1'700'000'000));
    EXPECT_EQ(at(body, {"content", "post", "zh_cn", "title"}),
              "Dayu: 任务 41「bert」失败，退出码 3");
    EXPECT_EQ(body_of(HookKind::feishu, {}, std::span(&failed, 1)).find("sign"), nullptr);
}

TEST(Channels, NamesOfJobsAreNoMarks) {
    const Notice evil = ended(1, JobState::completed, "<@all> [free](http://x) **`");
    const std::string text =
        at(body_of(HookKind::wecom, {}, std::span(&evil, 1)), {"markdown", "content"});
    EXPECT_EQ(text.find_first_of("<[`"), std::string::npos) << text;
    EXPECT_EQ(text.find("**", 2), text.rfind("**")) << text;
}

TEST(Channels, ManyAreOneMessageThatFits) {
    std::vector<Notice> notices;
    for (std::uint64_t i = 1; i <= 400; ++i) {
        notices.push_back(
            ended(i, i % 4 == 0 ? JobState::failed : JobState::completed, std::string(500, '<')));
    }
    for (const HookKind kind : {HookKind::wecom, HookKind::dingtalk, HookKind::feishu}) {
        const Message message = channel_of(kind).compose({}, notices, NoticeLanguage::zh, now);
        EXPECT_LT(message.body.size(), 20'000U) << to_string(kind);
    }
    const std::string text = at(body_of(HookKind::wecom, {}, notices), {"markdown", "content"});
    EXPECT_LE(text.size(), 4096U);
    EXPECT_TRUE(text.starts_with("**Dayu: 400 条通知**\n- 任务 1「"));
    const Speech speech = speak(std::span(notices).first(30), NoticeLanguage::en, 100'000);
    EXPECT_EQ(speech.lines.size(), 21U);
    EXPECT_EQ(speech.lines.back(), "... and 10 others, 2 of them failures or lost centres");
}

TEST(Channels, AWebhookIsSigned) {
    const Notice failed = ended(41, JobState::failed);
    const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const Message message =
        channel_of(HookKind::webhook)
            .compose({.url = "", .secret = secret}, std::span(&failed, 1), NoticeLanguage::zh, now);
    EXPECT_EQ(http::find_header(message.headers, "webhook-id"), "msg_1");
    EXPECT_EQ(http::find_header(message.headers, "webhook-timestamp"), "1700000000");
    EXPECT_EQ(http::find_header(message.headers, "webhook-signature"),
              webhook_signature(*webhook_key(secret), "msg_1", 1'700'000'000, message.body));
}

Verdict judged(HookKind kind, int status, std::string body) {
    return channel_of(kind).judge({.status = status, .body = std::move(body)}).verdict;
}

TEST(Channels, RobotsFailWithStatus200) {
    EXPECT_EQ(judged(HookKind::wecom, 200, R"({"errcode":0,"errmsg":"ok"})"), Verdict::delivered);
    EXPECT_EQ(judged(HookKind::wecom, 200, R"({"errcode":45009,"errmsg":"freq"})"), Verdict::busy);
    EXPECT_EQ(judged(HookKind::wecom, 200, R"({"errcode":93000,"errmsg":"bad key"})"),
              Verdict::refused);
    EXPECT_EQ(judged(HookKind::dingtalk, 200, R"({"errcode":130101,"errmsg":"too fast"})"),
              Verdict::busy);
    EXPECT_EQ(judged(HookKind::dingtalk, 200, R"({"errcode":310000,"errmsg":"sign"})"),
              Verdict::refused);
    EXPECT_EQ(judged(HookKind::feishu, 200, R"({"code":0,"msg":"success","data":{}})"),
              Verdict::delivered);
    EXPECT_EQ(judged(HookKind::feishu, 400, R"({"code":9499,"msg":"too many","data":{}})"),
              Verdict::busy);
    EXPECT_EQ(judged(HookKind::feishu, 200, R"({"code":19021,"msg":"sign match fail"})"),
              Verdict::refused);
    EXPECT_EQ(judged(HookKind::feishu, 200, "<html>"), Verdict::busy);
    EXPECT_EQ(judged(HookKind::wecom, 502, ""), Verdict::busy);
    const Judgement often =
        channel_of(HookKind::wecom)
            .judge(
                {.status = 200, .body = R"({"errcode":45009,"errmsg":"api freq out of limit"})"});
    EXPECT_EQ(often.why, "errcode 45009: api freq out of limit");
    EXPECT_EQ(often.wait, seconds(60));
}

TEST(Channels, SecretsAreCheckedByKind) {
    EXPECT_TRUE(webhook_key(channel_of(HookKind::webhook).secret("").value()).has_value());
    EXPECT_EQ(channel_of(HookKind::webhook).secret("short").error().code, "hook_secret_malformed");
    EXPECT_EQ(channel_of(HookKind::wecom).secret("x").error().code, "hook_secret_unused");
    EXPECT_EQ(channel_of(HookKind::dingtalk).secret("SECx").value(), "SECx");
    EXPECT_FALSE(channel_of(HookKind::feishu).secret("a\nb").ok());
}

}  // namespace
}  // namespace dayu::notices
