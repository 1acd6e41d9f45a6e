// POST /v1/contents:missing and /v1/contents: the files of workdirs on their way in; and
// POST /v1/agent/contents: on their way to the agents of the centres where jobs need them.
#include <algorithm>
#include <utility>

#include "model/content_piece.h"
#include "rest/answer.h"
#include "rest/resources.h"
#include "runtime/content_store.h"
#include "runtime/content_sweeper.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

using wire::Json;

struct Question {
    std::vector<runtime::ContentStore::Wanted> contents;
    static constexpr auto fields() { return field_list(Field{"contents", &Question::contents}); }
};

Result<runtime::ContentStore*> store_of(Context& context) {
    if (context.contents != nullptr) return context.contents;
    return unavailable("contents_not_kept", "this server keeps no workdirs: it has no folder");
}

runtime::ContentOwner owner_of(const Caller& caller) {
    return {.scope = caller.actor.scope, .actor = caller.actor.name};
}

Json progress_json(const std::vector<runtime::ContentStore::Progress>& progress) {
    Json::Array array;
    for (const auto& content : progress) {
        array.push_back(Json::Object{{"sha256", content.sha256},
                                     {"received", content.received},
                                     {"complete", content.complete}});
    }
    return array;
}

}  // namespace

Result<http::Response> find_missing_contents(Context& context, const Call& call) {
    runtime::ContentStore& store = *TRY(store_of(context));
    Question question;
    TRY(wire::from_json(TRY(wire::parse_json(call.request.body)), question));
    if (question.contents.size() > runtime::max_contents_asked) {
        return invalid("parameter_invalid", "contents: at most " +
                                                std::to_string(runtime::max_contents_asked) +
                                                " are asked for at once, these are " +
                                                std::to_string(question.contents.size()));
    }
    const auto missing = TRY(store.missing(owner_of(call.caller), question.contents));
    return answer(Json::Object{{"missing", progress_json(missing)}});
}

Result<http::Response> take_contents(Context& context, const Call& call) {
    runtime::ContentStore& store = *TRY(store_of(context));
    const auto pieces = TRY(parse_pieces(call.request.body));
    const auto taken = TRY(store.take(owner_of(call.caller), pieces));
    return answer(Json::Object{{"contents", progress_json(taken)}});
}

namespace {

// Contents from an offset each, for an attempt that is to start at the asking agent's centre.
struct Wish {
    Token token;
    std::string installation;
    std::vector<runtime::ContentStore::Progress> contents;
    static constexpr auto fields() {
        return field_list(Field{"token", &Wish::token}, Field{"installation", &Wish::installation},
                          Field{"contents", &Wish::contents});
    }
};

struct Right {
    runtime::ContentOwner owner;
    std::string manifest;
};

// Which workdir the agent may read: that of a job that is placed where it has the lease, and of no other.
std::optional<Right> right_of(const control::State& state, const Caller& caller, const Wish& wish) {
    const auto key = parse_token(state.header.cluster, wish.token);
    if (!key) return std::nullopt;
    const control::AttemptRow* attempt = state.attempts.find(key->job);
    const control::WorkdirRow* workdir = state.workdirs.find(key->job);
    if (attempt == nullptr || workdir == nullptr || attempt->number != key->number)
        return std::nullopt;
    const control::CenterRow& center = state.centers.at(attempt->center);
    if (wish.installation.empty() || center.installation != wish.installation) return std::nullopt;
    const bool speaks_for_it =
        caller.centers.empty() ||
        std::ranges::find(caller.centers, center.center.name) != caller.centers.end();
    if (!speaks_for_it) return std::nullopt;
    return Right{.owner = runtime::sender_of(state.jobs.at(key->job)),
                 .manifest = workdir->manifest};
}

}  // namespace

Result<http::Response> give_contents(Context& context, const Call& call) {
    runtime::ContentStore& store = *TRY(store_of(context));
    Wish wish;
    TRY(wire::from_json(TRY(wire::parse_json(call.request.body)), wish,
                        {.ignore_unknown_keys = true}));
    std::optional<Right> right;
    context.loop.read_and_wait(
        [&](const runtime::Core& core) { right = right_of(core.state(), call.caller, wish); });
    const auto not_yours = [&] {
        return denied("content_not_yours",
                      "token: no attempt " + wish.token.text +
                          " with this content is to run where the asking agent has the lease");
    };
    if (!right) return not_yours();
    std::string body;
    for (const auto& wanted : wish.contents) {
        if (body.size() >= content_body_bytes) break;
        if (wanted.received < 0) {
            return invalid("parameter_invalid",
                           "contents: received: " + std::to_string(wanted.received) +
                               " is not a whole number from 0");
        }
        if (!TRY(store.belongs(right->owner, right->manifest, wanted.sha256))) return not_yours();
        const auto part = TRY(store.read(right->owner, wanted.sha256, wanted.received,
                                         content_body_bytes - body.size()));
        append_piece(body, {.sha256 = wanted.sha256,
                            .offset = wanted.received,
                            .total = part.total,
                            .bytes = part.bytes});
    }
    return http::Response{
        .status = 200, .body = std::move(body), .content_type = "application/octet-stream"};
}

}  // namespace dayu::rest
