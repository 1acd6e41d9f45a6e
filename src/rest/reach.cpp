// POST /v1/jobs/{id}/reach and the two ends of its session: files out of and into a job's place, and
// commands in it. reach_desk.h says how the ends meet.
#include <utility>

#include "base/log.h"
#include "rest/answer.h"
#include "rest/resources.h"
#include "runtime/attempt_place.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

constexpr std::size_t max_words = 4096;
constexpr std::int64_t max_rows = 10'000;
constexpr std::int64_t max_wait_s = reach_poll.ms / 1000;

struct Wish {
    std::string kind;
    std::int64_t attempt = 0;
    std::int64_t node = 0;
    std::vector<std::string> argv;
    std::string term;
    std::int64_t rows = 24;
    std::int64_t columns = 80;

    static constexpr auto fields() {
        return field_list(Field{"kind", &Wish::kind}, Field{"attempt", &Wish::attempt},
                          Field{"node", &Wish::node}, Field{"argv", &Wish::argv},
                          Field{"term", &Wish::term}, Field{"rows", &Wish::rows},
                          Field{"columns", &Wish::columns});
    }
};

Result<Wish> read_wish(const http::Request& request) {
    Wish wish;
    TRY(wire::from_json(TRY(wire::parse_json(request.body)), wish));
    const auto bad = [](std::string message) {
        return invalid("reach_invalid", std::move(message));
    };
    if (wish.kind != "exec" && wish.kind != "files")
        return bad("kind: \"" + wish.kind + "\" is neither exec nor files");
    if ((wish.kind == "exec") == wish.argv.empty())
        return bad("argv: exec needs a command, and files takes none");
    if (wish.argv.size() > max_words)
        return bad("argv: more than " + std::to_string(max_words) + " words");
    for (const std::string& word : wish.argv) {
        if (word.find('\0') != std::string::npos) return bad("argv: a word holds a NUL byte");
    }
    if (wish.rows < 1 || wish.columns < 1 || wish.rows > max_rows || wish.columns > max_rows)
        return bad("rows, columns: from 1 to " + std::to_string(max_rows));
    return wish;
}

ReachEnd end_of(const Call& call) {
    return call.caller.role == control::Role::agent ? ReachEnd::agent : ReachEnd::asker;
}

Result<Duration> wait_of(const http::Request& request) {
    return seconds(TRY(query_number(request, "wait_s", {.most = max_wait_s})));
}

void open(const ContextPtr& context, const Caller& caller, JobId job, const Wish& wish,
          const runtime::AttemptPlace& place, const http::Responder& responder) {
    const auto session = context->reach.open({.order = {.session = {},
                                                        .center = place.center,
                                                        .token = place.token,
                                                        .node = wish.node,
                                                        .kind = wish.kind,
                                                        .argv = wish.argv,
                                                        .term = wish.term,
                                                        .rows = wish.rows,
                                                        .columns = wish.columns},
                                              .job = job.value,
                                              .installation = place.installation});
    if (!session) return refuse_call(*context, caller, responder, session.error());
    // The command's first word alone: the others may hold secrets.
    log_info("{} reaches into job {}, attempt {}: {} {}", caller.actor.name, job.value,
             place.attempt.number, wish.kind, wish.argv.empty() ? "" : wish.argv.front());
    wire::Json json;
    json["session"] = *session;
    json["attempt"] = place.attempt.number;
    json["center"] = place.center;
    responder.send(answer(json));
}

}  // namespace

void reach_job(const ContextPtr& context, Call call, const http::Responder& responder) {
    const auto job = job_in_path(call.request);
    if (!job) return refuse_call(*context, call.caller, responder, job.error());
    auto wish = read_wish(call.request);
    if (!wish) return refuse_call(*context, call.caller, responder, wish.error());
    context->loop.read([context, caller = call.caller, job = *job, wish = *std::move(wish),
                        responder](const runtime::Core& core) {
        const auto place = runtime::find_attempt(core, job, wish.attempt, "its place");
        if (!place) return refuse_call(*context, caller, responder, place.error());
        open(context, caller, job, wish, *place, responder);
    });
}

void write_reach(const ContextPtr& context, Call call, const http::Responder& responder) {
    const auto offset = query_number(call.request, "offset", {});
    const auto ends = query_flag(call.request, "end");
    if (!offset) return refuse_call(*context, call.caller, responder, offset.error());
    if (!ends) return refuse_call(*context, call.caller, responder, ends.error());
    context->reach.write({.session = call.request.param("session"),
                          .from = end_of(call),
                          .offset = *offset,
                          .bytes = std::move(call.request.body),
                          .ends = *ends},
                         responder);
}

void read_reach(const ContextPtr& context, Call call, const http::Responder& responder) {
    const auto offset = query_number(call.request, "offset", {});
    const auto wait = wait_of(call.request);
    if (!offset) return refuse_call(*context, call.caller, responder, offset.error());
    if (!wait) return refuse_call(*context, call.caller, responder, wait.error());
    context->reach.read({.session = call.request.param("session"),
                         .to = end_of(call),
                         .offset = *offset,
                         .wait = *wait},
                        responder);
}

void close_reach(const ContextPtr& context, Call call, const http::Responder& responder) {
    context->reach.close(call.request.param("session"));
    responder.send(answer(wire::Json::Object{}));
}

void poll_reach(const ContextPtr& context, Call call, const http::Responder& responder) {
    const auto wait = wait_of(call.request);
    if (!wait) return refuse_call(*context, call.caller, responder, wait.error());
    const auto installation = call.request.query_param("installation");
    if (!installation || installation->empty()) {
        return refuse_call(*context, call.caller, responder,
                           invalid("parameter_invalid", "installation: missing"));
    }
    context->reach.poll(std::string(*installation), *wait, responder);
}

}  // namespace dayu::rest
