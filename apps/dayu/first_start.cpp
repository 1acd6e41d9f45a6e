#include "dayu/first_start.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/log.h"
#include "base/sha256.h"
#include "dayu/connection.h"
#include "dayu/small_file.h"
#include "journal/backup.h"
#include "wire/chip_file.h"

namespace dayu::app {
namespace {

constexpr std::size_t cluster_bytes = 8;
constexpr std::size_t token_bytes = 32;
constexpr std::size_t max_chip_file_bytes = std::size_t{4} << 20;

struct TokenKind {
    std::string_view file;
    std::string_view name;
    control::Role role;
    std::string_view purpose;
};
constexpr TokenKind token_kinds[] = {
    {token_file, "admin", control::Role::operator_, "for operators"},
    {agent_token_file, "agent", control::Role::agent, "for agents, which may only sync"},
};

struct KnownTokens {
    bool hash_known = false;
    bool any_of_role = false;  // there ever was: one that was revoked is not issued again
};

KnownTokens look_up(runtime::Loop& loop, const std::string& hash, control::Role role) {
    KnownTokens known;
    loop.read_and_wait([&](const runtime::Core& core) {
        known.hash_known = core.state().tokens.contains(hash);
        known.any_of_role = (core.state().header.roles_issued & control::bit_of(role)) != 0;
    });
    return known;
}

Result<void> issue(runtime::Loop& loop, const TokenKind& kind, const std::string& token) {
    TRY(command(loop, control::IssueToken{.name = std::string(kind.name),
                                          .role = kind.role,
                                          .sha256 = to_hex(sha256(token))}));
    return {};
}

// The file first: a crash in between leaves a token that the next start issues.
Result<void> make_token(runtime::Loop& loop, const TokenKind& kind, const std::string& path) {
    const std::string token = "dayu-" + to_hex(random_bytes(token_bytes));
    TRY(create_secret_file(path, token + "\n"));
    TRY(issue(loop, kind, token));
    log_info("a new token {} lies in {}", kind.purpose, path);
    return {};
}

Result<void> take_up_token(runtime::Loop& loop, const TokenKind& kind, const std::string& path) {
    const std::string text = TRY(read_small_file(path));
    const std::string token = text.substr(0, text.find('\n'));
    const KnownTokens known = look_up(loop, to_hex(sha256(token)), kind.role);
    if (known.hash_known) return {};
    if (!known.any_of_role && !token.empty()) return issue(loop, kind, token);
    log_warning(
        "{} holds a token that this server refuses: it never issued it, or it was revoked; put the "
        "right one back, or start once with --new-tokens",
        path);
    return {};
}

Result<void> provide_token(runtime::Loop& loop, const TokenKind& kind, const std::string& path,
                           TokenFiles mode) {
    if (mode == TokenFiles::renew && exists(path) && std::remove(path.c_str()) != 0) {
        return internal("file_error", "cannot remove " + path);
    }
    if (exists(path)) return take_up_token(loop, kind, path);
    const bool is_first = !look_up(loop, {}, kind.role).any_of_role;
    if (is_first || mode == TokenFiles::renew) return make_token(loop, kind, path);
    log_warning(
        "{} is gone, and the journal has only its hash. Whoever has a copy can go on using "
        "it; start once with --new-tokens for new ones",
        path);
    return {};
}

Result<std::string> find_chip_file(const std::string& given) {
    if (!given.empty()) return given;
    std::vector<std::string> places;
    if (const char* folder = std::getenv("DAYU_DATA_DIR"); folder != nullptr && *folder != '\0') {
        places.push_back(std::string(folder) + "/chips.yaml");
    }
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    places.push_back((program.parent_path().parent_path() / "share/dayu/chips.yaml").string());
#ifdef DAYU_SOURCE_DATA
    places.push_back(DAYU_SOURCE_DATA "/chips.yaml");
#endif
    std::string looked;
    for (const std::string& place : places) {
        if (exists(place)) return place;
        looked += (looked.empty() ? "" : ", ") + place;
    }
    return not_found("chip_file_missing",
                     "no chips.yaml found at " + looked + "; name one with --chips");
}

}  // namespace

Result<runtime::Answer> command(runtime::Loop& loop, control::Command wanted) {
    std::promise<Result<runtime::Answer>> promise;
    runtime::Request request;
    request.command = std::move(wanted);
    request.actor = {.name = "system", .scope = {}};
    loop.submit(std::move(request),
                [&](Result<runtime::Answer> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
}

Result<std::optional<control::NoteRestore>> find_restore(const std::string& data_folder) {
    const auto facts = TRY(journal::restored_from(data_folder));
    if (!facts) return std::optional<control::NoteRestore>();
    log_info("restored from the backup of {}, entry {}: numbers given since then are skipped",
             to_string(facts->made), facts->seq.value);
    return std::optional(
        control::NoteRestore{.backup = facts->seq, .hash = facts->hash, .made = facts->made});
}

Result<void> found_cluster(runtime::Loop& loop) {
    std::string cluster;
    loop.read_and_wait([&](const runtime::Core& core) { cluster = core.state().header.cluster; });
    if (!cluster.empty()) return {};
    cluster = to_hex(random_bytes(cluster_bytes));
    TRY(command(loop, control::Found{.cluster = cluster}));
    log_info("founded cluster {}", cluster);
    return {};
}

Result<void> provide_tokens(runtime::Loop& loop, const std::string& data_folder, TokenFiles mode) {
    for (const TokenKind& kind : token_kinds) {
        TRY(provide_token(loop, kind, data_folder + "/" + std::string(kind.file), mode));
    }
    return {};
}

Result<std::vector<Chip>> read_registry(const std::string& given) {
    const std::string path = TRY(find_chip_file(given));
    const std::string text = TRY(read_small_file(path, max_chip_file_bytes));
    Result<std::vector<Chip>> chips = wire::parse_chip_file(text);
    if (!chips.ok()) {
        Error error = chips.error();
        error.message = path + ": " + error.message;
        return error;
    }
    return chips;
}

Result<void> declare_chips(runtime::Loop& loop, const std::string& given) {
    TRY(command(loop, control::DeclareChips{.chips = TRY(read_registry(given))}));
    return {};
}

}  // namespace dayu::app
