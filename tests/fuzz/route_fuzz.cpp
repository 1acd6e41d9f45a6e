// Whatever is asked of a whole server over HTTP: it answers as its contract says, and never with an error of its own; and
// what came of it can be read again from its journal, to the same State.
//
// An input is a request as people would write it down: `METHOD PATH`, headers one a line, an empty line, and the body.
// The token is added, of the role that the path is for. What would wait for something to happen is passed over, as waiting
// finds nothing out.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/client.h"
#include "journal/entry.h"
#include "journal/snapshot.h"
#include "rest/testing/contract_check.h"
#include "rest/testing/server.h"

namespace {

using namespace dayu;

constexpr int requests_of_a_server = 2'000;  // then a new one begins, without what they left in it
constexpr std::size_t max_headers = 8;

struct Asked {
    http::Call call;
    bool is_of_agents = false;
};

bool is_graphic(std::string_view text) {
    for (const char c : text) {
        if (c <= ' ' || c >= '\x7f') return false;
    }
    return !text.empty();
}

bool is_header_value(std::string_view text) {
    for (const char c : text) {
        if (c < ' ' || c >= '\x7f') return false;
    }
    return true;
}

std::string_view line_of(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

bool would_wait(const Asked& asked) {
    const std::string& path = asked.call.path;
    const auto has = [](std::string_view text, std::string_view word) {
        return text.find(word) != std::string_view::npos;
    };
    return path.starts_with("/v1/events") || has(path, "/wait") || has(path, "wait_s") ||
           has(path, "/reach/") || path.starts_with("/v1/agent/reach") ||
           has(asked.call.body, "wait_ms");
}

// Nothing for what no client could send.
std::optional<Asked> read_request(std::string_view text) {
    Asked asked;
    const std::string_view first = line_of(text);
    const std::size_t space = first.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    asked.call.method = first.substr(0, space);
    asked.call.path = first.substr(space + 1);
    if (!is_graphic(asked.call.method) || !is_graphic(asked.call.path) ||
        asked.call.path.front() != '/' || asked.call.path.find('#') != std::string::npos)
        return std::nullopt;
    for (std::size_t i = 0; i < max_headers && !text.empty(); ++i) {
        const std::string_view line = line_of(text);
        if (line.empty()) break;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        const std::string_view name = line.substr(0, colon), value = line.substr(colon + 1);
        if (!is_graphic(name) || !is_header_value(value)) return std::nullopt;
        if (name == "Content-Type") {
            asked.call.content_type = value;
        } else {
            asked.call.headers.push_back({std::string(name), std::string(value)});
        }
    }
    asked.call.body = text;
    asked.call.timeout = seconds(5);
    asked.is_of_agents = asked.call.path.starts_with("/v1/agent/");
    return asked;
}

class Target {
   public:
    Target()
        : user_(
              {.base_url = server_.service().url(), .bearer_token = rest::testing::operator_token}),
          agent_(
              {.base_url = server_.service().url(), .bearer_token = rest::testing::agent_token}) {}

    void ask(const Asked& asked) {
        ++asked_;
        auto response = (asked.is_of_agents ? agent_ : user_).request(asked.call);
        if (!response.ok()) return;  // it is not sent, or broken off, as HTTP/1.1 wants it
        const auto wrong = rest::testing::departures(asked.call, *response);
        for (const std::string& departure : wrong)
            std::fprintf(stderr, "%d %s\n", response->status, departure.c_str());
        CHECK(wrong.empty());
        CHECK(response->status < 500 || response->status == 503 || response->status == 501);
        read_again();
    }
    bool is_used_up() const { return asked_ == requests_of_a_server; }

    // What the whole journal leads to, at a moment in which nothing is written.
    void replay() {
        const journal::Journal& journal = server_.loop().journal();
        server_.loop().read_and_wait([&](const runtime::Core& core) {
            const auto replayed = journal.replay();
            CHECK(replayed.ok());
            CHECK(journal::digest_of(replayed->state) == journal::digest_of(core.state()));
        });
    }

   private:
    // A thousand entries at once: an array's others are read behind the next answers.
    void read_again() {
        const auto rows = server_.loop().journal().store().entries({.after = read_to_});
        CHECK(rows.ok());
        for (const journal::EntryRow& row : *rows) {
            const auto entry = journal::parse_entry(row.bytes);
            CHECK(entry.ok());
            CHECK(journal::render_entry(entry->recorded, entry->previous_hash) == row.bytes);
            read_to_ = row.seq;
        }
    }

    rest::testing::Server server_;
    Seq read_to_;
    http::Client user_;
    http::Client agent_;
    int asked_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto asked = read_request({reinterpret_cast<const char*>(data), size});
    if (!asked || would_wait(*asked)) return 0;
    // It is destroyed before what it has begun to use is, as OpenSSL, which keeps something for each of its threads.
    static auto target = std::make_unique<Target>();
    if (target->is_used_up()) {
        target->replay();
        target = std::make_unique<Target>();
    }
    target->ask(*asked);
    return 0;
}
