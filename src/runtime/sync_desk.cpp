#include "runtime/sync_desk.h"

#include <algorithm>

#include "base/log.h"
#include "wire/json_fields.h"

namespace dayu::runtime {
namespace {

// Of bodies, which are small as a rule and may have a megabyte each.
constexpr std::size_t max_cached_bodies = 1'024;
constexpr std::size_t max_cached_bytes = std::size_t{16} << 20;
constexpr std::size_t max_starts = 500;  // in one reply; the others follow with the next

bool says_something(const SyncReply& reply) {
    return !reply.starts.empty() || !reply.stops.empty() || !reply.settled.empty() ||
           !reply.inquiries.empty() || !reply.log_requests.empty();
}

}  // namespace

void SyncDesk::park(SyncRequest request, Instant deadline, OnSync answer) {
    const std::string installation = request.installation;
    if (auto older = parked_.extract(installation)) {
        older.mapped().answer(SyncReply{.lease = core_.options().lease});
    }
    Parked parked{std::move(request), deadline, std::move(answer)};
    if (answer_if_due(installation, parked, core_.clock().instant())) return;
    parked_.emplace(installation, std::move(parked));
}

void SyncDesk::serve(const std::set<CenterId>& touched, Instant now) {
    std::set<std::string> installations;
    for (const CenterId center : touched)
        installations.insert(core_.state().centers.at(center).installation);
    for (auto at = parked_.begin(); at != parked_.end();) {
        const bool worth_asking = now >= at->second.deadline || installations.contains(at->first) ||
                                  logs_.has_requests(at->first);
        at = worth_asking && answer_if_due(at->first, at->second, now) ? parked_.erase(at)
                                                                       : std::next(at);
    }
}

bool SyncDesk::answer_if_due(const std::string& installation, Parked& parked, Instant now) {
    SyncReply reply = core_.reply_to(parked.request);
    reply.log_requests = logs_.take_requests(installation);
    if (!says_something(reply) && now < parked.deadline) return false;
    fill_bodies(reply);
    parked.answer(std::move(reply));
    return true;
}

void SyncDesk::fill_bodies(SyncReply& reply) {
    if (reply.starts.size() > max_starts) reply.starts.resize(max_starts);
    std::erase_if(reply.starts, [&](StartOrder& order) {
        auto found = body(order.body_ref);
        if (!found) {
            log_error("job {} cannot start: its body: {}", order.attempt.job.value,
                      found.error().message);
            return true;
        }
        order.body = body_of(std::move(found).value(), order.variant);
        fill_secrets(order);
        return false;
    });
}

// What was removed since, or cannot be unsealed, is left out: the engine refuses to start without it, and
// says so.
void SyncDesk::fill_secrets(StartOrder& order) const {
    if (order.spec.secrets.empty() || secrets_ == nullptr) return;
    const Scope& scope = core_.state().jobs.at(order.attempt.job).scope;
    for (const std::string& name : order.spec.secrets) {
        const control::SecretRow* row = core_.state().secrets.find({.scope = scope, .name = name});
        if (row == nullptr) continue;
        Result<std::string> value = secrets_->unseal(scope, name, row->sealed);
        if (value) {
            order.secrets.emplace(name, *std::move(value));
        } else {
            log_error("job {}: {}", order.attempt.job.value, value.error().message);
        }
    }
}

Result<JobBody> SyncDesk::body(const BodyRef& ref) {
    if (const auto cached = bodies_.find(ref); cached != bodies_.end()) return cached->second;
    const auto content = TRY(core_.store().body(ref));
    if (!content) return not_found("body_erased", "body " + ref + " was erased");
    const wire::Json json = TRY(wire::parse_json(*content));
    JobBody body;
    TRY(wire::from_json(json, body));
    if (bodies_.size() >= max_cached_bodies || cached_bytes_ + content->size() > max_cached_bytes) {
        bodies_.clear();
        cached_bytes_ = 0;
    }
    cached_bytes_ += content->size();
    bodies_.emplace(ref, body);
    return body;
}

void SyncDesk::close() {
    for (auto& [installation, parked] : parked_) {
        parked.answer(unavailable("server_stopping", "the server is stopping; try again"));
    }
    parked_.clear();
}

}  // namespace dayu::runtime
