#include "rest/reach_desk.h"

#include <algorithm>
#include <utility>

#include "base/sha256.h"
#include "rest/answer.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

constexpr std::size_t session_name_bytes = 16;

http::Response orders_response(ReachOrders orders) {
    std::string json;
    wire::write_json(json, orders);
    return answer_text(std::move(json));
}

http::Response next_response(std::int64_t next) {
    wire::Json json;
    json["next"] = next;
    return answer(json);
}

http::Response bytes_response(std::string bytes, std::int64_t next, bool ended) {
    return {.status = 200,
            .body = std::move(bytes),
            .content_type = "application/octet-stream",
            .headers = {{"Dayu-Reach-Next", std::to_string(next)},
                        {"Dayu-Reach-End", ended ? "true" : "false"}}};
}

Error off_the_pipe(std::int64_t offset, std::int64_t begin, std::int64_t tail) {
    return conflict("reach_offset_wrong", "offset " + std::to_string(offset) + " is not between " +
                                              std::to_string(begin) + " and " +
                                              std::to_string(tail) +
                                              ", what this session still has");
}

}  // namespace

bool ReachDesk::Pipe::put(ParkedWrite& write) {
    if (write.offset > tail() || write.offset < 0) {
        write.responder.send(refuse(off_the_pipe(write.offset, 0, tail())));
        return true;
    }
    const auto known = std::min(static_cast<std::size_t>(tail() - write.offset),
                                write.bytes.size());  // a repetition
    const std::size_t room = reach_pipe_bytes - std::min(bytes.size(), reach_pipe_bytes);
    const std::size_t count = ended ? 0 : std::min(room, write.bytes.size() - known);
    if (count == 0 && known < write.bytes.size()) {
        if (ended) write.responder.send(refuse(conflict("reach_closed", "the session is over")));
        return ended;
    }
    bytes.append(write.bytes, known, count);
    if (write.ends && known + count == write.bytes.size()) ended = true;
    write.responder.send(next_response(tail()));
    return true;
}

bool ReachDesk::Pipe::give(ParkedRead& read) {
    if (read.offset > tail() || read.offset < begin) {
        read.responder.send(refuse(off_the_pipe(read.offset, begin, tail())));
        return true;
    }
    bytes.erase(0, static_cast<std::size_t>(read.offset - begin));
    begin = read.offset;
    if (bytes.empty() && !ended) return false;
    if (bytes.empty() && reason) {
        read.responder.send(refuse(*reason));
        return true;
    }
    std::string piece = bytes.substr(0, reach_chunk_bytes);
    const auto next = begin + static_cast<std::int64_t>(piece.size());
    const bool is_last = ended && next == tail() && !reason;
    read.responder.send(bytes_response(std::move(piece), next, is_last));
    return true;
}

void ReachDesk::Pipe::serve() {
    if (reader && give(*reader)) reader.reset();
    if (writer && put(*writer)) {
        writer.reset();
        if (reader && give(*reader)) reader.reset();
    }
}

void ReachDesk::Pipe::expire(Instant now) {
    if (reader && (reader->deadline <= now || reader->responder.gone())) {
        reader->responder.send(bytes_response({}, reader->offset, false));
        reader.reset();
    }
    if (writer && writer->deadline <= now) {
        writer->responder.send(next_response(tail()));
        writer.reset();
    }
}

void ReachDesk::Pipe::end() {
    ended = true;
    serve();
}

Result<std::string> ReachDesk::open(Opening opening) {
    const Instant now = system_clock().instant();
    const std::lock_guard lock(mutex_);
    const auto is_open = [](const auto& entry) { return !entry.second.closed; };
    const auto of_job = [&](const auto& entry) {
        return is_open(entry) && entry.second.job == opening.job;
    };
    if (std::ranges::count_if(sessions_, is_open) >= std::ptrdiff_t{max_reach_sessions}) {
        return exhausted("too_many_reach_sessions",
                         std::to_string(max_reach_sessions) +
                             " copies and commands are under way in all jobs; try again later");
    }
    if (std::ranges::count_if(sessions_, of_job) >= std::ptrdiff_t{max_reach_sessions_a_job}) {
        return exhausted("too_many_reach_sessions",
                         std::to_string(max_reach_sessions_a_job) +
                             " copies and commands are under way in this job; end one of them");
    }
    std::string name = to_hex(random_bytes(session_name_bytes));
    opening.order.session = name;
    Session session;
    session.order = std::move(opening.order);
    session.job = opening.job;
    session.installation = opening.installation;
    session.opened = session.moved = session.heard_asker = session.heard_agent = now;
    if (auto waiting = polls_.extract(opening.installation)) {
        waiting.mapped().responder.send(orders_response(ReachOrders{.orders = {session.order}}));
    } else {
        unasked_[opening.installation].push_back(name);
    }
    sessions_.emplace(name, std::move(session));
    return name;
}

void ReachDesk::poll(const std::string& installation, Duration wait,
                     const http::Responder& responder) {
    const std::lock_guard lock(mutex_);
    if (auto older = polls_.extract(installation)) {
        older.mapped().responder.send(orders_response({}));
    }
    ReachOrders orders;
    if (auto names = unasked_.extract(installation)) {
        for (const std::string& name : names.mapped()) {
            const auto session = sessions_.find(name);
            if (session == sessions_.end() || session->second.closed) continue;
            orders.orders.push_back(session->second.order);
        }
    }
    if (!orders.orders.empty() || wait.ms == 0) return responder.send(orders_response(orders));
    polls_.emplace(installation,
                   Poll{system_clock().instant() + std::min(wait, reach_poll), responder});
}

ReachDesk::Session* ReachDesk::find(const std::string& name, ReachEnd who,
                                    const http::Responder& responder) {
    const auto found = sessions_.find(name);
    if (found == sessions_.end()) {
        responder.send(refuse(not_found("reach_session_unknown",
                                        "there is no such session, or no longer; begin again")));
        return nullptr;
    }
    Session& session = found->second;
    (who == ReachEnd::agent ? session.heard_agent : session.heard_asker) = system_clock().instant();
    session.met |= who == ReachEnd::agent;
    return &session;
}

void ReachDesk::write(Write what, const http::Responder& responder) {
    const std::lock_guard lock(mutex_);
    Session* const session = find(what.session, what.from, responder);
    if (session == nullptr) return;
    const Instant now = system_clock().instant();
    session->moved = now;
    Pipe& pipe = what.from == ReachEnd::agent ? session->to_asker : session->to_agent;
    if (pipe.writer) pipe.writer->responder.send(next_response(pipe.tail()));
    pipe.writer.emplace(
        ParkedWrite{what.offset, std::move(what.bytes), what.ends, now + reach_poll, responder});
    pipe.serve();
    // What the agent has ended is over: nobody reads what is still said to it.
    if (what.from == ReachEnd::agent && pipe.ended && !session->closed) finish(*session, now);
}

void ReachDesk::read(const Read& what, const http::Responder& responder) {
    const std::lock_guard lock(mutex_);
    Session* const session = find(what.session, what.to, responder);
    if (session == nullptr) return;
    Pipe& pipe = what.to == ReachEnd::agent ? session->to_agent : session->to_asker;
    if (pipe.reader) pipe.reader->responder.send(bytes_response({}, pipe.reader->offset, false));
    const Instant now = system_clock().instant();
    pipe.reader.emplace(ParkedRead{what.offset, now + std::min(what.wait, reach_poll), responder});
    pipe.serve();
    pipe.expire(now);  // who does not want to wait
}

void ReachDesk::finish(Session& session, Instant now) {
    session.closed = now;
    session.to_agent.end();
    session.to_asker.end();
}

void ReachDesk::fail(Session& session, const Error& error, Instant now) {
    session.to_asker.reason = error;
    finish(session, now);
}

void ReachDesk::close(const std::string& session) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(session);
    if (found != sessions_.end() && !found->second.closed) {
        finish(found->second, system_clock().instant());
    }
}

void ReachDesk::close_all() {
    const std::lock_guard lock(mutex_);
    sessions_.clear();
    polls_.clear();
    unasked_.clear();
}

std::optional<Error> ReachDesk::reason_to_end(const Session& session, Instant now) {
    if (!session.met && now - session.opened > reach_patience) {
        return unavailable("agent_did_not_come",
                           "the agent of centre \"" + session.order.center +
                               "\" did not open the channel in time; it may be older, or away");
    }
    if (now - session.heard_agent > reach_silence)
        return unavailable("reach_agent_lost", "the agent has gone; try again");
    if (now - session.heard_asker > reach_silence)
        return unavailable("reach_asker_lost", "nobody has asked for output any more");
    if (now - session.moved > reach_idle)
        return exhausted("reach_idle", "nothing has moved for " + to_string(reach_idle));
    if (now - session.opened > reach_longest)
        return exhausted("reach_too_long", "a session lasts at most " + to_string(reach_longest));
    return std::nullopt;
}

void ReachDesk::tick(Instant now) {
    const std::lock_guard lock(mutex_);
    for (auto& [name, session] : sessions_) {
        session.to_agent.expire(now);
        session.to_asker.expire(now);
        if (session.closed) continue;
        if (const auto reason = reason_to_end(session, now)) fail(session, *reason, now);
    }
    std::erase_if(sessions_, [&](const auto& entry) {
        return entry.second.closed && now - *entry.second.closed > reach_linger;
    });
    for (auto poll = polls_.begin(); poll != polls_.end();) {
        const bool over = poll->second.deadline <= now || poll->second.responder.gone();
        if (over) poll->second.responder.send(orders_response({}));
        poll = over ? polls_.erase(poll) : std::next(poll);
    }
}

}  // namespace dayu::rest
