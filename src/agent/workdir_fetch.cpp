#include "agent/workdir_fetch.h"

#include <fstream>
#include <iterator>
#include <set>

#include "base/sha256.h"
#include "model/content_piece.h"
#include "wire/json_fields.h"

namespace dayu::agent {
namespace {

constexpr std::string_view contents_path = "/v1/agent/contents";
constexpr std::size_t max_batch = 1000;
constexpr Duration answer_patience = seconds(120);  // for 4 MiB over a slow line

struct From {
    std::string sha256;
    std::int64_t received = 0;
    static constexpr auto fields() {
        return field_list(Field{"sha256", &From::sha256}, Field{"received", &From::received});
    }
};
struct Wish {
    Token token;
    std::string installation;
    std::vector<From> contents;
    static constexpr auto fields() {
        return field_list(Field{"token", &Wish::token}, Field{"installation", &Wish::installation},
                          Field{"contents", &Wish::contents});
    }
};

std::string text_at(const wire::Json& json, std::string_view key) {
    const wire::Json* member = json.find(key);
    const std::string* text = member == nullptr ? nullptr : member->as_string();
    return text == nullptr ? "" : *text;
}

// What the server refuses once it refuses again, but for what says that it is busy.
Error refusal(const http::Response& response) {
    const Result<wire::Json> problem = wire::parse_json(response.body);
    const wire::Json json = problem.ok() ? *problem : wire::Json();
    const bool passes = response.status >= 500 || response.status == 429;
    std::string code = text_at(json, "code");
    if (code.empty()) code = "contents_refused";
    return {passes ? ErrorKind::unavailable : ErrorKind::not_found, std::move(code),
            "the server does not give the workdir out: " + text_at(json, "detail") + " (" +
                std::to_string(response.status) + ")"};
}

std::string read_whole(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

WorkdirFetch::WorkdirFetch(const StartOrder& order, std::string installation, http::Client& server,
                           ContentCache& cache, const std::atomic<bool>& abandoned)
    : order_(order),
      installation_(std::move(installation)),
      server_(server),
      cache_(cache),
      abandoned_(abandoned) {}

// How long the manifest is, nobody has said: it comes as the others do, and tells it itself.
Result<void> WorkdirFetch::open() {
    const std::string& digest = order_.body.workdir->manifest;
    if (!is_content_digest(digest)) return invalid("manifest_malformed", "workdir: no manifest");
    std::string text = read_whole(cache_.path_of(digest));
    if (to_hex(sha256(text)) != digest) {
        cache_.drop(digest);
        current_ = TRY(bring({.sha256 = digest, .bytes = -1}));
        text = read_whole(cache_.path_of(digest));
    }
    current_ = cache_.find(digest, static_cast<std::int64_t>(text.size()));  // counts as used
    manifest_ = TRY(parse_manifest(text));
    for (std::size_t i = 0; i < manifest_.entries.size(); ++i) {
        if (manifest_.entries[i].is_file()) place_of_.emplace(manifest_.entries[i].sha256, i);
    }
    return {};
}

Result<std::string> WorkdirFetch::fetch(const WorkdirEntry& entry) {
    current_ = ContentCache::Pin();
    if (const auto fetched = ahead_.find(entry.sha256); fetched != ahead_.end()) {
        current_ = std::move(fetched->second);
        ahead_.erase(fetched);
    }
    if (!current_) current_ = cache_.find(entry.sha256, entry.bytes);
    if (!current_ && std::cmp_greater(entry.bytes, content_body_bytes / 2)) {
        current_ = TRY(bring({entry.sha256, entry.bytes}));
    } else if (!current_) {
        TRY(take(batch_from(entry)));
        const auto fetched = ahead_.find(entry.sha256);
        if (fetched == ahead_.end())
            return unavailable("contents_refused", "the server's answer lacks what was asked for");
        current_ = std::move(fetched->second);
        ahead_.erase(fetched);
    }
    return cache_.path_of(entry.sha256);
}

void WorkdirFetch::spoilt(const WorkdirEntry& entry) {
    current_ = ContentCache::Pin();
    cache_.drop(entry.sha256);
}

// This one and those behind it that are missing too, as many as one answer holds.
std::vector<WorkdirFetch::Wanted> WorkdirFetch::batch_from(const WorkdirEntry& entry) {
    std::vector<Wanted> wanted{{entry.sha256, entry.bytes}};
    std::set<std::string_view> asked{entry.sha256};
    std::int64_t bytes = entry.bytes;
    for (std::size_t i = place_of_.at(entry.sha256) + 1;
         i < manifest_.entries.size() && wanted.size() < max_batch; ++i) {
        const WorkdirEntry& other = manifest_.entries[i];
        if (!other.is_file() || std::cmp_greater(bytes + other.bytes, content_body_bytes)) continue;
        if (ahead_.contains(other.sha256) || cache_.find(other.sha256, other.bytes)) continue;
        if (!asked.insert(other.sha256).second) continue;
        bytes += other.bytes;
        wanted.push_back({other.sha256, other.bytes});
    }
    return wanted;
}

Result<std::string> WorkdirFetch::ask(const std::vector<Wanted>& wanted) {
    if (abandoned_) return unavailable("staging_abandoned", "not wanted any more");
    Wish wish{.token = order_.token, .installation = installation_, .contents = {}};
    for (const Wanted& content : wanted)
        wish.contents.push_back({content.sha256, cache_.partial_bytes(content.sha256)});
    std::string body;
    wire::write_json(body, wish);
    http::Response response = TRY(server_.request({.method = "POST",
                                                   .path = std::string(contents_path),
                                                   .body = std::move(body),
                                                   .timeout = answer_patience}));
    if (response.status != 200) return refusal(response);
    return std::move(response.body);
}

// Whole contents, small ones. One that the answer has no room for is asked for again.
Result<void> WorkdirFetch::take(const std::vector<Wanted>& wanted) {
    const std::string body = TRY(ask(wanted));
    for (const ContentPiece& piece : TRY(parse_pieces(body))) {
        if (!piece.is_whole()) continue;
        ahead_[piece.sha256] = TRY(cache_.put(piece.sha256, piece.bytes));
    }
    return {};
}

// One content, part by part; what has come of it stays over a broken line and over our own end.
Result<ContentCache::Pin> WorkdirFetch::bring(const Wanted& content) {
    const auto turn = cache_.take_turn();
    if (ContentCache::Pin came = cache_.find(content.sha256, content.bytes)) return came;
    while (true) {
        const std::string body = TRY(ask({content}));
        const std::vector<ContentPiece> pieces = TRY(parse_pieces(body));
        if (pieces.size() != 1 || pieces.front().sha256 != content.sha256)
            return unavailable("contents_refused", "the server's answer lacks what was asked for");
        const ContentPiece& piece = pieces.front();
        if (piece.is_whole()) return cache_.put(piece.sha256, piece.bytes);
        TRY(cache_.append(piece.sha256, piece.offset, piece.bytes));
        const std::int64_t received = cache_.partial_bytes(piece.sha256);
        if (received >= piece.total) return cache_.finish(piece.sha256);
        if (piece.bytes.empty())
            return unavailable("contents_refused", "the server's answer has no bytes");
    }
}

}  // namespace dayu::agent
