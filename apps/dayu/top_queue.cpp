// dayu top queue: who waits where, and who goes first, repainted.
#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "base/money.h"
#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/queue_table.h"
#include "dayu/top.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr std::int64_t most_queues = 5000;  // looked at each time
constexpr std::size_t most_named = 3;       // of those ahead
constexpr std::size_t at_the_top = std::numeric_limits<std::size_t>::max();

// A queue among those that stand side by side below the same one.
struct Place {
    wire::Json queue;
    std::string path;
    std::size_t parent = at_the_top;
    bool waits = false;          // somebody in it, or below it
    bool is_guaranteed = false;  // to one of those who wait, and not used up
    Money share;

    // Of those that wait: what is within a guarantee first, then the smaller share.
    auto turn() const { return std::tuple{!waits, !is_guaranteed, share}; }
};

std::string_view parent_of(std::string_view path) {
    const std::size_t end = path.rfind('/');
    return end == std::string_view::npos ? std::string_view{} : path.substr(0, end);
}

bool has_unused_guarantee(const wire::Json& queue) {
    return std::ranges::any_of(list(queue, "quotas"), [&](const wire::Json& quota) {
        const wire::Json& use = row_of(queue, "use", text(quota, "chip"));
        return number(quota, "guaranteed_milli") > number(use, "used_milli");
    });
}

// What is guaranteed to a queue is so to all below it, and it waits there for whoever waits below.
void find_guarantees(std::vector<Place>& places) {
    std::vector<bool> unused(places.size());  // here or above
    for (std::size_t i = 0; i < places.size(); ++i) {
        Place& one = places[i];
        unused[i] =
            has_unused_guarantee(one.queue) || (one.parent != at_the_top && unused[one.parent]);
        one.is_guaranteed = one.waits && unused[i];
    }
    for (std::size_t i = places.size(); i-- > 0;) {
        if (places[i].parent != at_the_top && places[i].is_guaranteed)
            places[places[i].parent].is_guaranteed = true;
    }
}

// As the server has them: what lies below a queue comes behind it.
std::vector<Place> places_of(const wire::Json::Array& queues) {
    std::vector<Place> places;
    std::map<std::string, std::size_t, std::less<>> known;
    for (const wire::Json& queue : queues) {
        Place one{.queue = queue, .path = text(queue, "path"), .share = {}};
        if (const auto above = known.find(parent_of(one.path)); above != known.end())
            one.parent = above->second;
        one.waits = number(queue, "waiting") > 0;
        if (const auto share = parse_money(text(queue, "share_per_hour"))) one.share = *share;
        known[one.path] = places.size();
        places.push_back(std::move(one));
    }
    find_guarantees(places);
    return places;
}

using Siblings = std::map<std::size_t, std::vector<std::size_t>>;  // by their parent

// Whose turn comes first stands above, and below each what lies below it.
void add_below(const Siblings& siblings, std::size_t parent, std::vector<std::size_t>& order) {
    const auto found = siblings.find(parent);
    if (found == siblings.end()) return;
    for (const std::size_t one : found->second) {
        order.push_back(one);
        add_below(siblings, one, order);
    }
}

// Each with those beside it whose turn comes first, in "ahead".
wire::Json::Array in_order_of_turns(const wire::Json::Array& queues) {
    std::vector<Place> places = places_of(queues);
    Siblings siblings;
    for (std::size_t i = 0; i < places.size(); ++i) siblings[places[i].parent].push_back(i);
    for (auto& [parent, all] : siblings) {
        std::ranges::sort(all, {},
                          [&](std::size_t one) { return std::pair{places[one].turn(), one}; });
        for (const std::size_t one : all) {
            wire::Json::Array ahead;
            for (const std::size_t other : all) {
                if (!places[one].waits || places[other].turn() >= places[one].turn()) break;
                ahead.push_back(places[other].path);
            }
            places[one].queue["ahead"] = std::move(ahead);
        }
    }
    std::vector<std::size_t> order;
    add_below(siblings, at_the_top, order);
    wire::Json::Array ordered;
    for (const std::size_t one : order) ordered.push_back(std::move(places[one].queue));
    return ordered;
}

// Those whose turn comes right before: "poems, songs and 12 more".
std::string ahead_text(const wire::Json& queue) {
    const std::vector<std::string> paths = texts(queue, "ahead");
    std::vector<std::string> named;
    for (std::size_t i = 0; i < std::min(paths.size(), most_named); ++i)
        named.push_back(paths[paths.size() - 1 - i]);
    std::string all = join(named, ", ");
    if (paths.size() > most_named) all += fmt::format(" and {} more", paths.size() - most_named);
    return all;
}

Table table_of(const wire::Json::Array& queues) {
    using Kind = Column::Kind;
    Table table({{"QUEUE"},
                 {"SHARE", Kind::number},
                 {"WAITING", Kind::number},
                 {"RUNNING", Kind::number},
                 {"CHIP"},
                 {"USED", Kind::number},
                 {"GUARANTEED", Kind::number},
                 {"LIMIT", Kind::number},
                 {"AHEAD", Kind::prose}});
    for (const wire::Json& queue : queues) {
        bool first = true;
        for (const std::string& chip : chips_of(queue)) {
            const wire::Json& quota = row_of(queue, "quotas", chip);
            const auto once = [&](std::string value) { return first ? std::move(value) : ""; };
            table.add({text(queue, "path"), once(yuan(queue, "share_per_hour")),
                       once(std::to_string(number(queue, "waiting"))),
                       once(std::to_string(number(queue, "running"))), chip,
                       quantity(row_of(queue, "use", chip), "used_milli"),
                       quantity(quota, "guaranteed_milli"), limit_text(quota),
                       once(ahead_text(queue))});
            first = false;
        }
    }
    return table;
}

Result<int> show(Connection& connection, const Globals& globals, const std::string& below) {
    wire::Json::Array queues = in_order_of_turns(TRY(list_queues(connection, below, most_queues)));
    if (is_structured(globals)) {
        print_structured(globals, std::move(queues));
        return 0;
    }
    std::int64_t waiting = 0, running = 0;
    for (const wire::Json& queue : queues) {
        const std::string path = text(queue, "path");
        if (path != below && !(below.empty() && parent_of(path).empty())) continue;
        waiting += number(queue, "waiting");
        running += number(queue, "running");
    }
    print_line(fmt::format("dayu at {}; {} queue(s); {} job(s) wait, {} run",
                           connection.target().url, queues.size(), waiting, running));
    print_line("");
    if (queues.empty()) {
        print_line("No queue was described, and no job has run: nothing divides the capacity yet.");
    } else {
        print_table(globals, table_of(queues));
    }
    return 0;
}

}  // namespace

Verb top_queue_verb() {
    struct Asked {
        TopOptions top;
        std::string below;
    };
    const auto asked = std::make_shared<Asked>();
    std::vector<Option> options = options_of(asked->top);
    options.insert(options.begin(), {"QUEUE", &asked->below,
                                     "only this queue and those below it, as default/poems"});
    return {
        .name = "top queue",
        .help = "Show queues, what they use, and who goes before whom, repainted until q",
        .options = std::move(options),
        .run = [asked](const Globals& globals) -> Result<int> {
            Connection connection = TRY(Connection::open(globals));
            return repaint(asked->top, globals,
                           [&] { return show(connection, globals, asked->below); });
        },
        .can_watch = true,
        .detail =
            "Of the queues side by side those stand above in which somebody waits: first what is "
            "within a guarantee of its own or of a queue above it, then by SHARE, the smallest "
            "first. AHEAD names those beside it that go before, the nearest first; equal ones go "
            "by the rank of "
            "their first jobs. WAITING, RUNNING and USED count what lies below, too. It looks at "
            "5000 queues.",
        .examples = {"dayu top queue", "dayu top queue default -d 10s",
                     "dayu top queue --once -o json"},
    };
}

}  // namespace dayu::app
