#include "notices/desk.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "base/log.h"
#include "base/sha256.h"
#include "http/address.h"
#include "journal/entry.h"
#include "runtime/read_entries.h"
#include "wire/json_fields.h"

namespace dayu::notices {
namespace {

constexpr std::size_t id_digits = 26;

bool is_of_hooks(std::string_view type) { return type.starts_with("hook_"); }

// Entries hold the hash of what went before: no two have the same bytes, nor an entry of this journal and
// one that a restored backup has forgotten.
std::string id_of(std::string_view entry) {
    return "msg_" + journal::hash_of_entry(entry).substr(0, id_digits);
}

Error hook_unreachable(const std::string& name, const std::string& host) {
    return denied("hook_address_private",
                  "url: " + host + " leads into a network that is not public, which hook \"" +
                      name +
                      "\" may not; start the server with --hooks-allow-private if its "
                      "users may reach what is there");
}

}  // namespace

Desk::Desk(runtime::Loop& loop, const runtime::SecretVault& vault, ProgressFiles progress,
           const Options& options)
    : loop_(loop),
      office_{.vault = vault,
              .progress = std::move(progress),
              .destinations = options.destinations,
              .user_agent = options.user_agent,
              .suspend = [this](const control::ScopedName& name, const std::string& sealed,
                                HookTrouble trouble) { suspend(name, sealed, trouble); }} {
    head_ = loop_.watch().newest();
    refresh();
    thread_ = std::thread([this] { run(); });
}

Result<std::unique_ptr<Desk>> Desk::start(runtime::Loop& loop, const runtime::SecretVault& vault,
                                          const Options& options) {
    ProgressFiles progress = TRY(ProgressFiles::open(options.folder));
    return std::unique_ptr<Desk>(new Desk(loop, vault, std::move(progress), options));
}

Desk::~Desk() {
    {
        const std::lock_guard lock(stop_mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
}

void Desk::run() {
    std::unique_lock lock(stop_mutex_);
    while (!stopping_) {
        lock.unlock();
        const bool busy = look();
        if (!busy) loop_.watch().wait(head_, desk_idle);
        lock.lock();
        const auto rest = std::chrono::milliseconds(busy ? desk_pace.ms : 0);
        stop_.wait_for(lock, rest, [this] { return stopping_; });
    }
}

// True when there is more to do at once.
bool Desk::look() {
    const auto entries =
        runtime::read_entries(loop_, {.after = head_, .limit = max_entries_a_look});
    if (!entries) {
        log_error("notices: entries after {} cannot be read: {}", head_.value,
                  entries.error().message);
        return false;
    }
    for (const journal::RenderedEntry& entry : *entries) {
        if (is_of_hooks(entry.type)) refresh();
        follow(entry);
    }
    if (!entries->empty()) head_ = entries->back().seq;
    const std::lock_guard lock(mutex_);
    bool behind = false;
    for (auto& [name, served] : served_) {
        if (served.courier == nullptr) continue;
        if (served.live) {
            served.position = head_;
            served.courier->reached(head_);
        } else {
            catch_up(name, served);
            behind |= !served.live && served.courier->has_room();
        }
    }
    return behind || !entries->empty();
}

// The hooks as State has them: what was set anew begins anew.
void Desk::refresh() {
    std::map<control::ScopedName, control::HookRow> rows;
    loop_.read_and_wait([&](const runtime::Core& core) { rows = core.state().hooks.rows(); });
    const Seq newest = loop_.watch().newest();
    const std::lock_guard lock(mutex_);
    std::erase_if(served_, [&](const auto& item) {
        const auto row = rows.find(item.first);
        return row == rows.end() || row->second.sealed != item.second.row.sealed ||
               row->second.since != item.second.row.since ||
               row->second.suspended != item.second.row.suspended;
    });
    office_.progress.sweep([&](const std::string& sealed) {
        return std::ranges::any_of(rows,
                                   [&](const auto& row) { return row.second.sealed == sealed; });
    });
    for (auto& [name, row] : rows) {
        const auto [at, added] = served_.try_emplace(name);
        if (!added) continue;
        Served& served = at->second;
        if (!row.suspended) served.courier = std::make_unique<Courier>(office_, name, row, newest);
        if (served.courier != nullptr) served.position = served.courier->told_before();
        served.row = std::move(row);
    }
}

void Desk::follow(const journal::RenderedEntry& entry) {
    const auto topic = topic_of(entry.type);
    if (!topic) return;
    {
        const std::lock_guard lock(mutex_);
        if (std::ranges::none_of(served_, [](const auto& item) { return item.second.live; }))
            return;
    }
    const auto notice = read_notice(*topic, *entry.bytes);
    if (!notice) return log_error("notices: entry {}: {}", entry.seq.value, notice.error().message);
    const std::lock_guard lock(mutex_);
    for (auto& [name, served] : served_) {
        if (!served.live || served.position >= entry.seq) continue;
        served.live = hand_over(served, name.scope, *notice);
    }
}

// False when the courier has its hands full: the hook comes back to this entry later.
bool Desk::hand_over(Served& served, const Scope& scope, const Notice& notice) {
    if (concerns(notice, served.row.hook, scope)) {
        if (!served.courier->has_room()) return false;
        served.courier->take(notice);
    }
    served.position = notice.seq;
    return true;
}

// Never past head_: what comes after it arrives by follow().
void Desk::catch_up(const control::ScopedName& name, Served& served) {
    if (served.position < head_) {
        if (!served.courier->has_room()) return;
        const auto rows = loop_.journal().store().entries(
            {.after = served.position, .limit = max_entries_a_step});
        if (!rows) return log_error("notices: entries cannot be read: {}", rows.error().message);
        for (const journal::EntryRow& row : *rows) {
            if (row.seq > head_) break;
            const auto topic = topic_of(runtime::text_in(row.bytes, "type"));
            const auto notice =
                topic ? std::optional(read_notice(*topic, row.bytes)) : std::nullopt;
            if (notice && !*notice) {
                log_error("notices: entry {}: {}", row.seq.value, notice->error().message);
            } else if (notice && !hand_over(served, name.scope, **notice)) {
                return;
            }
            served.position = row.seq;
        }
        if (rows->size() < max_entries_a_step) served.position = std::max(served.position, head_);
        served.courier->reached(served.position);
    }
    served.live = served.position >= head_;
}

Result<Notice> Desk::read_notice(NoticeTopic topic, std::string_view bytes) const {
    const control::RecordedEvent recorded = TRY(journal::parse_entry(bytes)).recorded;
    Notice notice{.id = id_of(bytes),
                  .seq = recorded.meta.seq,
                  .at = recorded.meta.at,
                  .topic = topic,
                  .scope = recorded.meta.scope};
    if (is_of_job(topic)) {
        const JobId id = job_of(recorded.event);
        if (auto job = TRY(loop_.journal().store().job(id))) notice.job = std::move(*job);
        notice.job.job = id;
        if (topic == NoticeTopic::job_held) notice.job.state = JobState::held;
        return notice;
    }
    const auto* began = std::get_if<control::OutageBegan>(&recorded.event);
    const auto* ended = std::get_if<control::OutageEnded>(&recorded.event);
    const CenterId center = began != nullptr ? began->center : ended->center;
    notice.since = began != nullptr ? began->since : ended->since;
    loop_.read_and_wait([&](const runtime::Core& core) {
        const control::CenterRow* row = core.state().centers.find(center);
        if (row == nullptr) return;
        notice.center = row->center.name;
        notice.center_title = row->center.title;
    });
    return notice;
}

void Desk::suspend(const control::ScopedName& name, const std::string& sealed,
                   HookTrouble trouble) {
    log_warning("hook {}: suspended: {}", name.name, to_string(trouble));
    loop_.submit(
        {.command = control::SuspendHook{.name = name.name, .sealed = sealed, .trouble = trouble},
         .actor = {.name = "system", .scope = name.scope},
         .bodies = {}},
        [](const Result<runtime::Answer>& done) {
            if (!done) log_warning("notices: {}", done.error().message);
        });
}

std::optional<Delivery> Desk::delivery(const control::ScopedName& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = served_.find(name);
    if (found == served_.end() || found->second.courier == nullptr) return std::nullopt;
    return found->second.courier->delivery();
}

std::map<control::ScopedName, Delivery> Desk::deliveries() const {
    std::map<control::ScopedName, Delivery> deliveries;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, served] : served_) {
        if (served.courier != nullptr) deliveries.emplace(name, served.courier->delivery());
    }
    return deliveries;
}

Result<Desk::Sealed> Desk::seal(const control::ScopedName& name, HookKind kind,
                                Address address) const {
    const http::Url url = TRY(http::parse_url(address.url));
    address.secret = TRY(channel_of(kind).secret(address.secret));
    if (office_.destinations == http::Destinations::public_only &&
        http::leads_into_private(url.host))
        return hook_unreachable(name.name, url.host);
    std::string text;
    wire::write_json(text, address);
    return Sealed{.name = TRY(office_.vault.seal(name.scope, vault_name(name.name), text)),
                  .host = url.host,
                  .secret = std::move(address.secret)};
}

Result<Trial> Desk::try_out(const control::ScopedName& name) {
    std::optional<control::HookRow> row;
    loop_.read_and_wait([&](const runtime::Core& core) {
        if (const auto* found = core.state().hooks.find(name)) row = *found;
    });
    if (!row) return not_found("hook_unknown", "there is no hook \"" + name.name + "\"");
    const std::string text =
        TRY(office_.vault.unseal(name.scope, vault_name(name.name), row->sealed));
    Address address;
    TRY(wire::from_json(TRY(wire::parse_json(text)), address));
    const http::Url url = TRY(http::parse_url(address.url));

    struct Turn {
        std::atomic<int>& trials;
        bool taken = ++trials <= max_trials;
        ~Turn() { --trials; }
    } turn{trials_};
    if (!turn.taken) return exhausted("hook_trials_busy", "other hooks are being tried; try again");
    http::Client client({.base_url = url.base,
                         .user_agent = office_.user_agent,
                         .destinations = office_.destinations,
                         .response_limit_bytes = max_answer_bytes});
    const Notice notice =
        trial_notice(name.scope, row->hook.events.front(),
                     "msg_" + to_hex(random_bytes(id_digits / 2)), system_clock().now());
    const Instant begin = system_clock().instant();
    Trial trial{.sent = send(client, url.path, channel_of(row->hook.kind), address,
                             std::span(&notice, 1), row->hook.language)};
    trial.took_ms = (system_clock().instant() - begin).ms;
    return trial;
}

}  // namespace dayu::notices
