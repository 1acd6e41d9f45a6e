// POST /v1/jobs: parsed and hashed on the HTTP thread, then one hop to the loop.
#include "rest/submit.h"

#include <algorithm>
#include <utility>

#include "base/sha256.h"
#include "rest/answer.h"
#include "rest/dependencies.h"
#include "rest/job_json.h"
#include "rest/resources.h"
#include "wire/any_job_file.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

constexpr std::size_t max_key_characters = 255;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t digest_digits = 32;  // of what tells one request from another

std::string digest(const Sha256& hash) { return to_hex(hash).substr(0, digest_digits); }

std::string key_digest(const control::Actor& actor, std::string_view key) {
    constexpr std::string_view separator("\0", 1);
    return digest(sha256({actor.scope.tenant, separator, actor.scope.project, separator, actor.name,
                          separator, key}));
}

}  // namespace

Result<std::string> idempotency_key(const http::Request& request) {
    const auto key = request.header("Idempotency-Key");
    if (!key) return std::string();
    const bool visible = std::ranges::all_of(*key, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!key->empty() && key->size() <= max_key_characters && visible) return std::string(*key);
    return invalid("idempotency_key_invalid",
                   "the header Idempotency-Key takes 1 to 255 visible ASCII characters, as a UUID");
}

Result<void> check_media_type(const http::Request& request) {
    const auto header = request.header("Content-Type");
    if (!header) return {};
    const std::string_view type = header->substr(0, header->find(';'));
    const bool known =
        type == "application/yaml" || type == "application/x-yaml" || type == "application/json" ||
        type.starts_with("text/") ||
        type == "application/x-www-form-urlencoded";  // what curl -d says of any text
    if (known) return {};
    return invalid("media_type_unsupported",
                   "a job file comes as application/yaml, application/json or text/plain, not as " +
                       std::string(type.substr(0, 80)));
}

Result<Submission> prepare(Context& context, const Known& known, const Caller& caller,
                           std::string_view job_file, std::string_view key) {
    wire::ReadJob job = TRY(wire::read_any_job_file(job_file, known.chip_names));
    TRY(wire::check_mapped(job));
    JobFile& file = job.file;
    std::string text;
    wire::write_json(text, file);
    std::string body;
    wire::write_json(body, file.body);

    Submission made;
    made.name = file.name;
    made.unmapped = std::move(job.unmapped);
    made.request.bodies.push_back(
        context.bodies.intern(caller.actor.scope, std::move(body), random_bytes(salt_bytes)));
    made.request.actor = caller.actor;
    made.request.command =
        control::SubmitJob{.name = std::move(file.name),
                           .spec = std::move(file.spec),
                           .body = made.request.bodies.front().ref,
                           .idempotency_key = key.empty() ? "" : key_digest(caller.actor, key),
                           .request = digest(sha256(text)),
                           .conditions = std::move(file.conditions),
                           .ended = {}};
    return made;
}

std::string submitted_json(const Submission& submission, const runtime::Answer& done) {
    std::string json = "{\"id\":";
    wire::write_json(json, done.job);
    json += ",\"name\":";
    wire::append_string(json, submission.name);
    json += ",\"replayed\":";
    json += done.repeated ? "true" : "false";
    json += ",\"seq\":";
    wire::write_json(json, done.seq);
    json += ",\"tasks\":";
    wire::write_json(json, done.tasks);
    json += ",\"unmapped\":";
    json += wire::to_text(unmapped_json(submission.unmapped));
    return json += '}';
}

namespace {

void submit_prepared(const ContextPtr& context, const Caller& caller, Submission made,
                     const http::Responder& responder) {
    runtime::Request request = std::move(made.request);
    const auto on_answer = [context, caller, responder,
                            made = std::move(made)](const Result<runtime::Answer>& done) {
        if (!done) return refuse_call(*context, caller, responder, done.error());
        http::Response response = answer_text(submitted_json(made, *done));
        if (done->repeated) {
            response.headers.push_back({"Idempotent-Replayed", "true"});
        } else {
            response.status = 201;
        }
        response.headers.push_back({"Location", "/v1/jobs/" + std::to_string(done->job.value)});
        responder.send(std::move(response));
    };
    context->loop.submit(std::move(request), on_answer);
}

// What has ended is read from the store, which may take a moment.
void submit_dependent(const ContextPtr& context, const Caller& caller, Submission made,
                      const http::Responder& responder) {
    auto task = [context, caller, made = std::move(made), responder]() mutable {
        if (const auto done = resolve_dependencies(*context, made.command()); !done)
            return refuse_call(*context, caller, responder, done.error());
        submit_prepared(context, caller, std::move(made), responder);
    };
    if (context->workers.post(std::move(task))) return;
    responder.send(refuse(unavailable("server_busy", "too much is waiting; try again")));
}

}  // namespace

void submit_job(const ContextPtr& context, Call call, const http::Responder& responder) {
    const auto dry_run = query_flag(call.request, "dry_run");
    if (!dry_run) return refuse_call(*context, call.caller, responder, dry_run.error());
    if (*dry_run) return read_later(context, weigh_job, std::move(call), responder);

    if (const auto media = check_media_type(call.request); !media) {
        return responder.send(refuse(415, media.error()));
    }
    const auto key = idempotency_key(call.request);
    if (!key) return refuse_call(*context, call.caller, responder, key.error());
    auto made = prepare(*context, *context->registry.known(), call.caller, call.request.body, *key);
    if (!made) return refuse_call(*context, call.caller, responder, made.error());

    if (made->command().conditions.depends_on.empty())
        return submit_prepared(context, call.caller, std::move(*made), responder);
    submit_dependent(context, call.caller, std::move(*made), responder);
}

}  // namespace dayu::rest
