// GET /v1/bodies/{digest}: what a job was given to run, by the salted digest that its entry has. Bodies lie
// beside the journal and can be erased; then the digest says nothing any more.
#include <algorithm>
#include <string>

#include "rest/answer.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

constexpr std::size_t digest_digits = 64;

bool is_digest(const std::string& text) {
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == digest_digits && std::ranges::all_of(text, is_digit);
}

// Whether a job of this caller has the body, or of anyone, as the role may. This looks through the list of jobs, 0.3 s of a
// worker a million: an index of bodies would be asked now and then, and take half as much again of each submit's write.
Result<bool> is_of_a_job(Context& context, const Caller& caller, const std::string& digest) {
    journal::JobQuery query{.ended_too = true, .body = digest, .limit = 1};
    if (grant_of(caller.role, Needs::read_job) == Grant::own) query.owners = {caller.actor.name};
    return !TRY(context.loop.journal().store().jobs(query)).empty();
}

}  // namespace

// A digest that is no job's of the caller's is not there, whoever else has it: nothing is told about it.
Result<http::Response> read_body(Context& context, const Call& call) {
    const std::string& digest = call.request.param("digest");
    const Error unknown = not_found("body_unknown", "no job that you may read has a body \"" +
                                                        digest.substr(0, digest_digits) +
                                                        "\"; `body` of GET /v1/jobs/{id} names it");
    if (!is_digest(digest)) return unknown;
    const auto content = TRY(context.loop.journal().store().body(digest));
    const bool reads_all = grant_of(call.caller.role, Needs::read_job) == Grant::yes;
    if (content && reads_all) return answer_text(*content);
    if (!TRY(is_of_a_job(context, call.caller, digest))) return unknown;
    if (content) return answer_text(*content);
    return refuse(410, not_found("body_erased",
                                 "the body was erased; the entries of its job are still there"));
}

}  // namespace dayu::rest
