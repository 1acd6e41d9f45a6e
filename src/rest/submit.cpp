// POST /v1/jobs: parsed and hashed on the HTTP thread, then one hop to the loop.
#include "rest/submit.h"

#include <algorithm>
#include <utility>

#include "base/sha256.h"
#include "control/handle.h"
#include "rest/answer.h"
#include "rest/dependencies.h"
#include "rest/job_json.h"
#include "rest/resources.h"
#include "runtime/content_store.h"
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

namespace {

// The job refers to contents from here on: they are all there, and stay for a week at least.
Result<void> find_workdir(Context& context, const Caller& caller, std::string_view uploaded,
                          JobFile& file) {
    if (!file.workdir) {
        if (uploaded.empty()) return {};
        return invalid("workdir_unexpected",
                       "workdir: the request names a manifest, and the job file no workdir");
    }
    const std::string named = manifest_named_by(*file.workdir);
    const std::string manifest = named.empty() ? std::string(uploaded) : named;
    if (manifest.empty()) {
        return invalid("workdir_not_uploaded",
                       "workdir: the folder \"" + file.workdir->substr(0, 80) +
                           "\" lies with the client, which has to upload it first, as `dayu "
                           "submit` does; the query parameter `workdir` then names its manifest");
    }
    if (context.contents == nullptr)
        return unavailable("contents_not_kept", "this server keeps no workdirs: it has no folder");
    file.body.workdir =
        TRY(context.contents->check({caller.actor.scope, caller.actor.name}, manifest));
    return {};
}

}  // namespace

Result<wire::ReadJob> read_job(const Known& known, std::string_view job_file) {
    wire::ReadJob job = TRY(wire::read_any_job_file(job_file, known.chip_names));
    TRY(wire::check_mapped(job));
    return job;
}

namespace {

// A repeat is answered as the first was, whatever chips there are by now: it needs no plan.
bool is_answered(Context& context, const std::string& key) {
    bool answered = false;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        answered = control::stored_answer(core.state(), key).has_value();
    });
    return answered;
}

// A job without a plan is none. The answer may have been forgotten since it was found: after a day, or when there are too many.
runtime::Precondition still_answered(std::string key) {
    return [key = std::move(key)](const control::State& state) -> Result<void> {
        if (control::stored_answer(state, key)) return {};
        return unavailable("answer_forgotten",
                           "the answer to this idempotency key was forgotten this moment, as its "
                           "time was over; try again, and a new job is planned");
    };
}

}  // namespace

Result<Submission> prepare(Context& context, const Caller& caller, wire::ReadJob job,
                           const SubmitWords& words) {
    JobFile& file = job.file;
    TRY(find_workdir(context, caller, words.workdir, file));
    control::Actor actor = caller.actor;
    if (!file.project.empty()) actor.scope.project = file.project;
    std::optional<std::string> manifest;
    if (file.body.workdir) manifest = file.body.workdir->manifest;
    std::string text;
    wire::write_json(text, file);
    const std::string key = words.key.empty() ? "" : key_digest(caller.actor, words.key);
    const bool is_repeat = !key.empty() && asks_for_work(file) && is_answered(context, key);
    if (!is_repeat) TRY(plan_work(context, file));
    std::string body;
    wire::write_json(body, file.body);

    Submission made;
    made.name = file.name;
    made.unmapped = std::move(job.unmapped);
    made.request.bodies.push_back(
        context.bodies.intern(actor.scope, std::move(body), random_bytes(salt_bytes)));
    made.request.actor = std::move(actor);
    made.request.command = control::SubmitJob{.name = std::move(file.name),
                                              .spec = std::move(file.spec),
                                              .body = made.request.bodies.front().ref,
                                              .idempotency_key = key,
                                              .request = digest(sha256(text)),
                                              .conditions = std::move(file.conditions),
                                              .ended = {},
                                              .workdir = std::move(manifest)};
    if (is_repeat) made.request.only_if = still_answered(key);
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

// What of a request is left once its job file was read.
struct Rest {
    Caller caller;
    std::string key;
    std::string workdir;
    http::Responder responder;
};

void submit_read(const ContextPtr& context, wire::ReadJob job, const Rest& rest) {
    auto made = prepare(*context, rest.caller, std::move(job), {rest.key, rest.workdir});
    if (!made) return refuse_call(*context, rest.caller, rest.responder, made.error());
    if (const auto done = resolve_dependencies(*context, made->command()); !done)
        return refuse_call(*context, rest.caller, rest.responder, done.error());
    submit_prepared(context, rest.caller, std::move(*made), rest.responder);
}

// What has ended, and contents of workdirs, are looked for on disk; and a plan is searched for among thousands.
bool takes_a_moment(const JobFile& file) {
    return file.workdir.has_value() || !file.conditions.depends_on.empty() || asks_for_work(file);
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
    auto job = read_job(*context->registry.known(), call.request.body);
    if (!job) return refuse_call(*context, call.caller, responder, job.error());

    const bool waits = takes_a_moment(job->file);
    const std::string workdir(call.request.query_param("workdir").value_or(""));
    Rest rest{std::move(call.caller), *key, workdir, responder};
    if (!waits) return submit_read(context, std::move(*job), rest);
    auto task = [context, job = std::move(*job), rest = std::move(rest)]() mutable {
        submit_read(context, std::move(job), rest);
    };
    if (context->workers.post(std::move(task))) return;
    responder.send(refuse(unavailable("server_busy", "too much is waiting; try again")));
}

}  // namespace dayu::rest
