// The verbs of a scenario: one function and one line of the registry each.
#include <algorithm>
#include <array>

#include "base/sha256.h"
#include "tests/scenario/job_options.h"
#include "tests/scenario/runner.h"

namespace dayu::scenario {
namespace {

Result<void> center(Runner& runner, const Statement& statement) {
    const std::string name = TRY(statement.word(0, "the centre's name"));
    const Center center = TRY(center_of(statement, name));
    for (const Pool& pool : center.pools) {
        if (!pool.chip.empty())
            runner.try_commit(control::DeclareChips{{chip_named(pool.chip)}}, system_actor);
    }
    runner.sites()[name].center = center;  // its agent declares it with its next sync
    return {};
}

// "after=j1", "after=j1:failure,j2:any": by names, and by how those that have ended did.
Result<void> add_dependencies(Runner& runner, const Statement& statement,
                              control::SubmitJob& command) {
    const auto after = statement.options.find("after");
    if (after == statement.options.end()) return {};
    for (const std::string& one : split(after->second, ',')) {
        const std::vector<std::string> parts = split(one, ':');
        Dependency& dependency = command.conditions.depends_on.emplace_back();
        const auto number = integer(parts[0]);
        dependency.job = number ? JobId{static_cast<std::uint64_t>(*number)}
                                : TRY(runner.phrases().job(parts[0]));
        if (parts.size() > 1 && !parse_enum(parts[1], dependency.on))
            return invalid("word_unknown", "after: on \"" + parts[1] + "\"");
        if (const auto ended = runner.phrases().ended(dependency.job))
            command.ended.emplace(dependency.job, *ended);
    }
    return {};
}

Result<void> submit(Runner& runner, const Statement& statement) {
    TRY(statement.word(0, "the job's name"));
    for (const std::string& name : statement.words) {
        control::SubmitJob command = TRY(submit_command(statement, name));
        TRY(add_dependencies(runner, statement, command));
        const auto earlier =
            control::stored_answer(runner.platform().state(), command.idempotency_key);
        const auto events = TRY(runner.platform().commit(command, submitter(statement)));
        if (events == 0) runner.say({"same answer: job " + std::to_string(earlier->value)});
    }
    return {};
}

Result<void> round(Runner& runner, const Statement&) {
    runner.platform().round();
    return {};
}

Result<void> advance(Runner& runner, const Statement& statement) {
    runner.advance(TRY(parse_duration(TRY(statement.word(0, "how long")))));
    return {};
}

// "clock back 1h": the server's clock jumps.
Result<void> clock(Runner& runner, const Statement& statement) {
    const std::string way = TRY(statement.word(0, "back or forward"));
    const Duration by = TRY(parse_duration(TRY(statement.word(1, "how long"))));
    runner.platform().move_clock(way == "back" ? Duration{} - by : by);
    return {};
}

// Nothing gets through, and nobody has noticed yet.
Result<void> cut(Runner& runner, const Statement& statement) {
    TRY(runner.site(TRY(statement.word(0, "the centre"))))->in_contact = false;
    return {};
}

// "lost wuhan [for 30m]": and the server has noticed.
Result<void> lost(Runner& runner, const Statement& statement) {
    TRY(cut(runner, statement));
    const auto id = control::find_center(runner.platform().state(), statement.words[0]);
    if (id) runner.try_commit(control::ReportSilence{*id}, system_actor);
    if (statement.words.size() > 2) runner.advance(TRY(parse_duration(statement.words[2])));
    return {};
}

Result<void> back(Runner& runner, const Statement& statement) {
    TRY(runner.site(TRY(statement.word(0, "the centre"))))->in_contact = true;
    return {};
}

// "operator fences wuhan", "... drains wuhan", "... resumes wuhan", "... excludes wuhan main/0", "... includes
// wuhan main/0"
Result<void> operator_does(Runner& runner, const Statement& statement) {
    const std::string what =
        TRY(statement.word(0, "fences, drains, resumes, excludes or includes"));
    const std::string name = TRY(statement.word(1, "the centre"));
    if (what == "fences") {
        runner.try_commit(control::FenceCenter{.center = name, .reason = "scenario"});
    } else if (what == "drains") {
        runner.try_commit(control::DrainCenter{.center = name, .reason = "scenario"});
    } else if (what == "resumes") {
        runner.try_commit(control::ResumeCenter{.center = name});
    } else if (what == "excludes") {
        runner.try_commit(
            control::ExcludeNode{name, TRY(statement.word(2, "the node")), "scenario"});
    } else if (what == "includes") {
        runner.try_commit(
            control::IncludeNode{name, TRY(statement.word(2, "the node")), "scenario"});
    } else {
        return invalid("word_unknown", "operator: never \"" + what + "\"");
    }
    return {};
}

// "token issues NAME [role=viewer]", "token revokes NAME"
Result<void> token(Runner& runner, const Statement& statement) {
    const std::string what = TRY(statement.word(0, "issues or revokes"));
    const std::string name = TRY(statement.word(1, "its name"));
    if (what == "revokes") {
        runner.try_commit(control::RevokeToken{.token = name});
        return {};
    }
    if (what != "issues") return invalid("word_unknown", "token: never \"" + what + "\"");
    const Seq seq = runner.platform().state().header.last_seq;  // each token is another one
    control::IssueToken command{.name = name,
                                .sha256 = to_hex(sha256(name + std::to_string(seq.value)))};
    if (const auto role = statement.options.find("role");
        role != statement.options.end() && !parse_enum(role->second, command.role)) {
        return invalid("word_unknown", "role: never \"" + role->second + "\"");
    }
    command.is_name_new = true;
    runner.try_commit(command);
    return {};
}

Result<JobId> job_named(Runner& runner, const std::string& name) {
    const auto number = integer(name);  // by id: a job that never was
    return number ? JobId{static_cast<std::uint64_t>(*number)} : TRY(runner.phrases().job(name));
}

template <control::JobAction action>
Result<void> change(Runner& runner, const Statement& statement) {
    const std::string name = TRY(statement.word(0, "the job"));
    if (name == "array") {
        const std::string task = TRY(statement.word(1, "its first task"));
        const JobId array = TRY(job_named(runner, task));
        runner.try_commit(control::ChangeArray{.array = array, .action = action});
        return {};
    }
    const JobId job = TRY(job_named(runner, name));
    runner.try_commit(control::ChangeJob{.job = job, .action = action});
    return {};
}

Result<Observation> observation(const Statement& statement, const Held& held, Time now) {
    Observation seen = held.latest;
    seen.at = now;
    const std::string word = TRY(statement.word(1, "what is reported"));
    EndCause cause{};
    if (word == "window") {
        const Duration length = TRY(parse_duration(TRY(statement.word(2, "its length"))));
        const Duration cpu = TRY(parse_duration(TRY(statement.word(3, "its CPU time"))));
        seen.windows.push_back({.from = now - length, .to = now, .usage = {.cpu_ms = cpu.ms}});
        return seen;
    }
    if (parse_enum(word, seen.state)) return seen;
    Ending ending{.started = held.started, .ended = now};
    if (word == "exit") {
        ending.code = TRY(integer(TRY(statement.word(2, "the code"))));
    } else if (word == "signal") {
        ending.signal = TRY(integer(TRY(statement.word(2, "the signal"))));
    } else if (parse_enum(word, cause)) {
        ending.cause = cause;
    } else {
        return invalid("word_unknown", "report: \"" + word + "\" is no state and no end");
    }
    seen.state = AttemptState::ended;
    seen.ending = ending;
    return seen;
}

// "report j1 exit 0", "report j1/1 signal 9", "report j1 oom", "report j1 SUSPENDED", "report j1 window
// 60s 55s": the engine saw it; its agent tells when it is in contact.
Result<void> report(Runner& runner, const Statement& statement) {
    const AttemptKey key = TRY(runner.phrases().attempt(TRY(statement.word(0, "the attempt"))));
    Token token;
    Site* site = TRY(runner.holder(key, token));
    Held& held = site->held.at(token);
    held.latest = TRY(observation(statement, held, runner.platform().now()));
    if (held.latest.state == AttemptState::running && held.started.ms == 0)
        held.started = runner.platform().now();
    return {};
}

// "repeat wuhan": its last request that brought news arrives once more.
Result<void> repeat(Runner& runner, const Statement& statement) {
    const Site* site = TRY(runner.site(TRY(statement.word(0, "the centre"))));
    if (site->last_news) runner.try_commit(control::SyncAgent{*site->last_news});
    return {};
}

// "engine wuhan holds-orders", "... fails-starts", "... queues-starts", "... ignores-stops", "... works"
Result<void> engine(Runner& runner, const Statement& statement) {
    Site* site = TRY(runner.site(TRY(statement.word(0, "the centre"))));
    const std::string how = TRY(statement.word(1, "what it does"));
    if (how == "forgets") {
        const AttemptKey key = TRY(runner.phrases().attempt(TRY(statement.word(2, "the attempt"))));
        site->held.erase(make_token(runner.platform().state().header.cluster, key));
        return {};
    }
    site->holds_orders = how == "holds-orders";
    site->fails_starts = how == "fails-starts";
    site->queues_starts = how == "queues-starts";
    site->ignores_stops = how == "ignores-stops";
    const bool known = site->holds_orders || site->fails_starts || site->queues_starts ||
                       site->ignores_stops || how == "works";
    if (!known) return invalid("word_unknown", "engine: it never \"" + how + "\"");
    return {};
}

// "deliver wuhan [newest-first]": the orders that are under way arrive.
Result<void> deliver(Runner& runner, const Statement& statement) {
    Site* site = TRY(runner.site(TRY(statement.word(0, "the centre"))));
    runner.deliver(*site, statement.words.size() > 1);
    return {};
}

// "agent rogue claims wuhan", "agent rogue reports j1 exit 0"
Result<void> agent(Runner& runner, const Statement& statement) {
    SyncRequest request;
    request.agent = TRY(statement.word(0, "its name"));
    request.installation = "installation-" + request.agent;
    if (TRY(statement.word(1, "what it does")) == "claims") {
        Site* site = TRY(runner.site(TRY(statement.word(2, "the centre"))));
        request.centers = {site->center};
    } else {
        const AttemptKey key = TRY(runner.phrases().attempt(TRY(statement.word(2, "the attempt"))));
        Token token;
        const Site* site = TRY(runner.holder(key, token));
        const Statement rest{.verb = "report",
                             .words = {statement.words.begin() + 2, statement.words.end()},
                             .options = {}};
        request.observations = {
            TRY(observation(rest, site->held.at(token), runner.platform().now()))};
        request.holding = {token};
    }
    runner.try_commit(control::SyncAgent{request});
    return {};
}

Result<void> restart(Runner& runner, const Statement&) {
    runner.platform().restart();
    return {};
}

// "backup", and later "restore": the server is back at where the backup was made; the sites are as they are.
Result<void> backup(Runner& runner, const Statement&) {
    runner.platform().back_up();
    return {};
}
Result<void> restore(Runner& runner, const Statement&) {
    runner.try_commit(runner.platform().restore(), system_actor);
    return {};
}

// "secret hf-token set", "secret hf-token removed"
Result<void> secret(Runner& runner, const Statement& statement) {
    const std::string name = TRY(statement.word(0, "its name"));
    if (TRY(statement.word(1, "set or removed")) == "set") {
        runner.try_commit(control::SetSecret{.name = name, .sealed = "sealed-" + name});
    } else {
        runner.try_commit(control::RemoveSecret{.name = name});
    }
    return {};
}

// "queue poems weight=2 guarantee=8 keep=2 limit=16", "queue poems removed": a project of the tenant, or a path.
Result<void> queue(Runner& runner, const Statement& statement) {
    const std::string name = TRY(statement.word(0, "the queue"));
    const std::string path = name.find('/') == std::string::npos ? "default/" + name : name;
    if (statement.words.size() > 1) {
        runner.try_commit(control::RemoveQueue{.path = path});
    } else {
        runner.try_commit(control::SetQueue{.queue = TRY(queue_of(statement, path))});
    }
    return {};
}

// "dataset tang300 gib=100 at=wuhan,guiyang", "dataset tang300 removed"
Result<void> dataset(Runner& runner, const Statement& statement) {
    const std::string name = TRY(statement.word(0, "its name"));
    if (statement.words.size() > 1) {
        runner.try_commit(control::RemoveDataset{.name = name});
    } else {
        runner.try_commit(control::SetDataset{.dataset = TRY(dataset_of(statement, name))});
    }
    return {};
}

Result<void> explain(Runner& runner, const Statement& statement) {
    const JobId job = TRY(runner.phrases().job(TRY(statement.word(0, "the job"))));
    const Platform& platform = runner.platform();
    runner.say(runner.phrases().of(
        sched::explain(platform.world(), platform.policy(), job, platform.now())));
    return {};
}

Result<void> offers(Runner& runner, const Statement& statement) {
    const JobSpec spec = TRY(job_spec(statement));
    const Platform& platform = runner.platform();
    runner.say(runner.phrases().of(
        sched::weigh(platform.world(), platform.policy(), spec, platform.now())));
    return {};
}

struct Entry {
    std::string_view name;
    Verb verb;
};

constexpr std::array verbs{
    Entry{"advance", advance},
    Entry{"agent", agent},
    Entry{"back", back},
    Entry{"backup", backup},
    Entry{"cancel", change<control::JobAction::cancel>},
    Entry{"center", center},
    Entry{"clock", clock},
    Entry{"cut", cut},
    Entry{"dataset", dataset},
    Entry{"deliver", deliver},
    Entry{"engine", engine},
    Entry{"explain", explain},
    Entry{"hold", change<control::JobAction::hold>},
    Entry{"lost", lost},
    Entry{"offers", offers},
    Entry{"operator", operator_does},
    Entry{"queue", queue},
    Entry{"release", change<control::JobAction::release>},
    Entry{"repeat", repeat},
    Entry{"report", report},
    Entry{"requeue", change<control::JobAction::requeue>},
    Entry{"restart", restart},
    Entry{"restore", restore},
    Entry{"round", round},
    Entry{"secret", secret},
    Entry{"submit", submit},
    Entry{"token", token},
};

}  // namespace

Verb find_verb(std::string_view name) {
    const auto at = std::ranges::find(verbs, name, &Entry::name);
    return at == verbs.end() ? nullptr : at->verb;
}

}  // namespace dayu::scenario
