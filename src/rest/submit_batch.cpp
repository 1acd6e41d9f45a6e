// POST /v1/jobs:batch: up to 1000 job files in one transaction, each accepted or refused by itself.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "rest/answer.h"
#include "rest/dependencies.h"
#include "rest/json_array.h"
#include "rest/resources.h"
#include "rest/submit.h"

namespace dayu::rest {
namespace {

constexpr std::size_t max_jobs_a_batch = 1000;

// An item is prepared or refused; the prepared ones go to the loop in order.
struct Batch {
    std::vector<Result<Submission>> items;

    std::vector<runtime::Request> take_requests() {
        std::vector<runtime::Request> requests;
        for (auto& item : items) {
            if (item) requests.push_back(std::move(item->request));
        }
        return requests;
    }
};

Result<Submission> prepare_item(Context& context, const Known& known, const Caller& caller,
                                std::string_view file, const std::string& key) {
    return prepare(context, caller, TRY(read_job(known, file)), {.key = key});
}

Result<Batch> prepare_batch(Context& context, const Call& call) {
    const std::string key = TRY(idempotency_key(call.request));
    const auto files = TRY(split_json_array(call.request.body));
    if (files.size() > max_jobs_a_batch) {
        return invalid("batch_too_large", "the batch has " + std::to_string(files.size()) +
                                              " jobs; at most " + std::to_string(max_jobs_a_batch) +
                                              " are taken at once");
    }
    const auto known = context.registry.known();
    Batch batch;
    batch.items.reserve(files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string item_key = key.empty() ? "" : key + "/" + std::to_string(i);
        auto item = prepare_item(context, *known, call.caller, files[i], item_key);
        if (item) {
            const auto resolved = resolve_dependencies(context, item->command());
            if (!resolved) item = resolved.error();
        }
        batch.items.push_back(std::move(item));
    }
    return batch;
}

std::string problem_json(const Error& error) {
    std::string body = refuse(error).body;
    while (body.ends_with('\n')) body.pop_back();
    return "{\"error\":" + body + "}";
}

// Nothing could be written: the whole batch is worth another try.
const Error* common_failure(const std::vector<Result<runtime::Answer>>& answers) {
    const auto is_down = [](const Result<runtime::Answer>& answer) {
        return !answer && (answer.error().kind == ErrorKind::unavailable ||
                           answer.error().code == "queue_full");
    };
    const bool all = !answers.empty() && std::ranges::all_of(answers, is_down);
    return all ? &answers.front().error() : nullptr;
}

std::string results_json(const Batch& batch, const std::vector<Result<runtime::Answer>>& answers) {
    std::string json = "{\"results\":[";
    auto next = answers.begin();
    for (const auto& item : batch.items) {
        if (json.back() != '[') json += ',';
        if (!item) {
            json += problem_json(item.error());
            continue;
        }
        const auto& done = *next++;
        json += done ? submitted_json(*item, *done) : problem_json(done.error());
    }
    return json += "]}";
}

void submit_prepared(const ContextPtr& context, const Call& call,
                     const http::Responder& responder) {
    auto prepared = prepare_batch(*context, call);
    if (!prepared) return refuse_call(*context, call.caller, responder, prepared.error());
    const auto batch = std::make_shared<Batch>(std::move(*prepared));
    auto requests = batch->take_requests();
    if (requests.empty()) return responder.send(answer_text(results_json(*batch, {})));
    context->loop.submit_all(
        std::move(requests), [batch, responder](const std::vector<Result<runtime::Answer>>& done) {
            const Error* failure = common_failure(done);
            responder.send(failure ? refuse(*failure) : answer_text(results_json(*batch, done)));
        });
}

}  // namespace

// A thousand files are a few milliseconds of parsing: not on a thread that others wait for.
void submit_batch(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto task = [context, call = std::move(call), responder] {
        submit_prepared(context, call, responder);
    };
    if (context->workers.post(std::move(task))) return;
    responder.send(refuse(unavailable("server_busy", "too much is waiting; try again")));
}

}  // namespace dayu::rest
