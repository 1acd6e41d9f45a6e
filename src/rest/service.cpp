#include "rest/service.h"

#include <utility>

#include "http/gzip.h"
#include "http/router.h"
#include "rest/answer.h"
#include "rest/context.h"
#include "rest/contract.h"
#include "rest/entity_tag.h"
#include "rest/job_reads.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

using Direct = void (*)(const ContextPtr&, Call, const http::Responder&);

// Of a job, or of an array: its id is that of its first task.
Result<void> check_owner(Context& context, const Call& call) {
    const JobId id = TRY(job_in_path(call.request));
    const journal::JobSummary job = TRY(find_job(context, id));
    if (job.owner == call.caller.actor.name) return {};
    return denied("job_of_another", "job " + std::to_string(id.value) + " is of " + job.owner +
                                        "; a token of the role user has its hands on its own jobs");
}

// The routes behind a token: who calls is found out first, then what the role may.
class Guarded {
   public:
    Guarded(http::Router& router, ContextPtr context)
        : router_(router), context_(std::move(context)) {}

    Guarded& add(Needs needs, std::string_view method, std::string_view pattern, Direct handler) {
        mount(needs, method, pattern, handler);
        return *this;
    }
    Guarded& add(Needs needs, std::string_view method, std::string_view pattern, Reading reading) {
        mount(needs, method, pattern,
              [reading](const ContextPtr& context, Call call, const http::Responder& responder) {
                  read_later(context, reading, std::move(call), responder);
              });
        return *this;
    }

   private:
    using Handler = std::function<void(const ContextPtr&, Call, const http::Responder&)>;

    struct Door {
        Needs needs = Needs::operate;
        Names parameters;  // of its query
    };

    void mount(Needs needs, std::string_view method, std::string_view pattern, Handler handler) {
        router_.add(method, pattern,
                    [context = context_, door = Door{needs, query_names(method, pattern)},
                     handler = std::move(handler)](http::Request&& request,
                                                   const http::Responder& responder) {
                        call(context, door, handler, std::move(request), responder);
                    });
    }

    static void call(const ContextPtr& context, const Door& door, const Handler& handler,
                     http::Request&& request, const http::Responder& responder) {
        const Time now = system_clock().now();
        auto caller = identify(*context->registry.known(), request, now);
        if (!caller) {
            context->refusals.count(request.peer.substr(0, request.peer.rfind(':')),
                                    caller.error());
            return responder.send(unauthorized(caller.error()));
        }
        context->token_use.note(caller->token, now);
        const Grant grant = grant_of(caller->role, door.needs);
        if (grant == Grant::no) {
            return refuse_call(*context, *caller, responder,
                               role_forbidden(caller->role, door.needs));
        }
        // Agents may be newer than this server, and say more.
        if (door.needs != Needs::agent) {
            const auto known = check_query(request, door.parameters);
            if (!known) return refuse_call(*context, *caller, responder, known.error());
        }
        // Behind the token: what unpacks to much more than it was is no stranger's.
        const auto plain = http::decode_body(request, http::ServerOptions().body_limit_bytes);
        if (!plain) return refuse_call(*context, *caller, responder, plain.error());
        Call made{std::move(request), std::move(*caller)};
        if (grant == Grant::yes) return handler(context, std::move(made), responder);
        call_owner(context, handler, std::move(made), responder);
    }

    // Whose job it is the store knows, so a worker asks.
    static void call_owner(const ContextPtr& context, const Handler& handler, Call made,
                           const http::Responder& responder) {
        auto task = [context, handler, made = std::move(made), responder] {
            const auto owned = check_owner(*context, made);
            if (!owned) return refuse_call(*context, made.caller, responder, owned.error());
            handler(context, made, responder);
        };
        if (context->workers.post(std::move(task))) return;
        responder.send(refuse(unavailable("server_busy", "too many reads are waiting; try again")));
    }

    http::Router& router_;
    ContextPtr context_;
};

void add_guarded(http::Router& router, const ContextPtr& context) {
    using control::JobAction;
    Guarded(router, context)
        .add(Needs::submit, "POST", "/v1/jobs", submit_job)
        .add(Needs::submit, "POST", "/v1/jobs:batch", submit_batch)
        .add(Needs::read, "GET", "/v1/jobs", list_jobs)
        .add(Needs::read, "GET", "/v1/jobs/{id}", describe_job)
        .add(Needs::change_job, "POST", "/v1/jobs/{id}/cancel", change_job<JobAction::cancel>)
        .add(Needs::change_job, "POST", "/v1/jobs/{id}/hold", change_job<JobAction::hold>)
        .add(Needs::change_job, "POST", "/v1/jobs/{id}/release", change_job<JobAction::release>)
        .add(Needs::change_job, "POST", "/v1/jobs/{id}/requeue", change_job<JobAction::requeue>)
        .add(Needs::change_job, "POST", "/v1/arrays/{id}/cancel", change_array<JobAction::cancel>)
        .add(Needs::change_job, "POST", "/v1/arrays/{id}/hold", change_array<JobAction::hold>)
        .add(Needs::change_job, "POST", "/v1/arrays/{id}/release", change_array<JobAction::release>)
        .add(Needs::change_job, "POST", "/v1/arrays/{id}/requeue", change_array<JobAction::requeue>)
        .add(Needs::read, "GET", "/v1/jobs/{id}/explain", explain_job)
        .add(Needs::read, "GET", "/v1/jobs/{id}/wait", wait_for_job)
        .add(Needs::read_job, "GET", "/v1/jobs/{id}/log", read_job_log)
        .add(Needs::read_job, "GET", "/v1/jobs/{id}/outputs", list_job_outputs)
        .add(Needs::change_job, "POST", "/v1/jobs/{id}/reach", reach_job)
        .add(Needs::submit, "POST", "/v1/reach/{session}/in", write_reach)
        .add(Needs::submit, "GET", "/v1/reach/{session}/out", read_reach)
        .add(Needs::submit, "POST", "/v1/reach/{session}/close", close_reach)
        .add(Needs::read, "GET", "/v1/attempts", list_attempts)
        .add(Needs::read, "GET", "/v1/attempts/{job}/{number}", describe_attempt)
        .add(Needs::read, "GET", "/v1/bodies/{digest}", read_body)
        .add(Needs::read, "POST", "/v1/offers", weigh_job)
        .add(Needs::read, "GET", "/v1/centers", list_centers)
        .add(Needs::read, "GET", "/v1/centers/{name}", describe_center)
        .add(Needs::operate, "POST", "/v1/centers/{name}/fence", fence_center)
        .add(Needs::operate, "POST", "/v1/centers/{name}/drain", drain_center)
        .add(Needs::operate, "POST", "/v1/centers/{name}/resume", resume_center)
        .add(Needs::operate, "POST", "/v1/centers/{name}/exclude", exclude_node)
        .add(Needs::operate, "POST", "/v1/centers/{name}/include", include_node)
        .add(Needs::read, "GET", "/v1/pools", list_pools)
        .add(Needs::read, "GET", "/v1/chips", list_chips)
        .add(Needs::read, "GET", "/v1/chips/{name}", describe_chip)
        .add(Needs::read, "GET", "/v1/queues", list_queues)
        .add(Needs::read, "GET", "/v1/queues/{path}", describe_queue)
        .add(Needs::operate, "PUT", "/v1/queues/{path}", set_queue)
        .add(Needs::operate, "DELETE", "/v1/queues/{path}", remove_queue)
        .add(Needs::read, "GET", "/v1/datasets", list_datasets)
        .add(Needs::read, "GET", "/v1/datasets/{name}", describe_dataset)
        .add(Needs::operate, "PUT", "/v1/datasets/{name}", set_dataset)
        .add(Needs::operate, "DELETE", "/v1/datasets/{name}", remove_dataset)
        .add(Needs::read, "GET", "/v1/prices", list_prices)
        .add(Needs::read, "GET", "/v1/step-ratios", list_step_ratios)
        .add(Needs::operate, "GET", "/v1/server", describe_server)
        .add(Needs::read, "GET", "/v1/secrets", list_secrets)
        .add(Needs::read, "GET", "/v1/secrets/{name}", describe_secret)
        .add(Needs::submit, "PUT", "/v1/secrets/{name}", set_secret)
        .add(Needs::submit, "DELETE", "/v1/secrets/{name}", remove_secret)
        .add(Needs::read, "GET", "/v1/hooks", list_hooks)
        .add(Needs::operate, "PUT", "/v1/hooks/{name}", set_hook)
        .add(Needs::operate, "DELETE", "/v1/hooks/{name}", remove_hook)
        .add(Needs::operate, "POST", "/v1/hooks/{name}/resume", resume_hook)
        .add(Needs::operate, "POST", "/v1/hooks/{name}/test", test_hook)
        .add(Needs::submit, "POST", "/v1/contents", take_contents)
        .add(Needs::submit, "POST", "/v1/contents:missing", find_missing_contents)
        .add(Needs::operate, "GET", "/v1/tokens", list_tokens)
        .add(Needs::operate, "POST", "/v1/tokens", create_token)
        .add(Needs::operate, "DELETE", "/v1/tokens/{token}", revoke_token)
        .add(Needs::read, "GET", "/v1/events", read_events)
        .add(Needs::agent, "GET", "/v1/agent/reach", poll_reach)
        .add(Needs::agent, "GET", "/v1/agent/reach/{session}/in", read_reach)
        .add(Needs::agent, "POST", "/v1/agent/reach/{session}/out", write_reach)
        .add(Needs::agent, "POST", "/v1/agent/contents", give_contents)
        .add(Needs::agent, "POST", "/v1/agent/sync", sync_agent)
        .add(Needs::read, "GET", "/metrics", read_metrics);
}

void add_open(http::Router& router, const ContextPtr& context, const std::string& version) {
    const auto say = [](wire::Json::Object json) {
        return [json](http::Request&&, const http::Responder& responder) {
            responder.send(answer(json));
        };
    };
    router.add("GET", "/healthz", say({{"status", "ok"}}));
    router.add("GET", "/openapi.json",
               [](http::Request&& request, const http::Responder& responder) {
                   responder.send(tagged(request, answer(contract())));
               });
    router.add("GET", "/docs", [](http::Request&& request, const http::Responder& responder) {
        responder.send(tagged(request, docs_page()));
    });
    router.add("GET", "/v1/version", say({{"version", version}, {"api", "v1"}}));
    router.add("GET", "/readyz", [context](http::Request&&, const http::Responder& responder) {
        if (context->loop.writable())
            return responder.send(answer(wire::Json::Object{{"status", "ready"}}));
        responder.send(refuse(
            unavailable("not_writable",
                        "the journal cannot be written, so nothing is accepted; is the disk of "
                        "the data folder full? It goes on by itself when there is room")));
    });
}

}  // namespace

Service::Service(std::shared_ptr<Context> context, std::unique_ptr<http::Server> server)
    : context_(std::move(context)), server_(std::move(server)) {}

Service::~Service() {
    server_->stop();
    context_->stop();
}

const std::string& Service::address() const { return server_->address(); }
std::string Service::url() const { return server_->url(); }

Result<std::unique_ptr<Service>> serve(runtime::Loop& loop, const Options& options) {
    const auto context =
        std::make_shared<Context>(loop, options.version, options.certificate, options.notices,
                                  options.contents, options.optimiser, options.planner);
    http::Router router;
    add_guarded(router, context);
    add_open(router, context, options.version);
    router.observe(
        [context](const http::Answered& answered) { context->metrics.count_request(answered); });
    auto server = http::Server::start(
        {.address = options.listen, .threads = options.threads, .certificate = options.certificate},
        std::move(router).into_handler());
    if (!server) {
        context->stop();
        return server.error();
    }
    return std::unique_ptr<Service>(new Service(context, std::move(*server)));
}

}  // namespace dayu::rest
