#include "engine/process/attempt_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

#include "engine/process/record.h"

namespace dayu::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_token = 128;
constexpr unsigned passable = 0711;  // the job's user may go through, and look at nothing
constexpr unsigned own = 0700;
constexpr int lock_tries = 20;  // an agent that was killed may leave a child that is about to exec
constexpr std::chrono::milliseconds lock_pause{100};

std::string job_of(const Token& token) { return token.text.substr(0, token.text.rfind('-')); }

Result<void> ensure_directory(const std::string& path, unsigned mode = passable) {
    const Result<void> made = make_directory(path, mode);
    if (made.ok() || made.error().kind == ErrorKind::conflict) return {};
    return made;
}

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        names.push_back(entry->path().filename().string());
    }
    return names;
}

}  // namespace

Result<void> check_token(const Token& token) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    if (!token.text.empty() && token.text.size() <= longest_token && token.text.front() != '.' &&
        std::ranges::all_of(token.text, is_plain)) {
        return {};
    }
    return invalid("token_malformed", "token: \"" + token.text +
                                          "\" is not made of letters, digits, '-', '_' and '.'");
}

Result<AttemptStore> AttemptStore::open(const std::string& root) {
    AttemptStore store;
    store.root_ = root;
    std::error_code error;
    fs::create_directories(fs::path(root).parent_path(), error);
    TRY(ensure_directory(root));
    for (const char* name : {"/attempts", "/settled", "/jobs", "/trash"}) {
        TRY(ensure_directory(root + name));
    }
    TRY(ensure_directory(root + "/staging",
                         own));  // no job looks into another's while it is laid out
    for (int i = 0; i < lock_tries; ++i) {
        store.lock_ = TRY(try_lock(root + "/agent.lock"));
        if (store.lock_) {
            store.discard_all_staged();
            return store;
        }
        std::this_thread::sleep_for(lock_pause);
    }
    return conflict("work_root_in_use",
                    "work_root: " + root + " is used by another agent; give each its own");
}

std::optional<AttemptFiles> AttemptStore::find(const Token& token) const {
    // Looked at in the order in which an attempt moves.
    for (const char* place : {"/attempts/", "/settled/"}) {
        if (std::string path = root_ + place + token.text; exists(path)) return AttemptFiles{path};
    }
    return std::nullopt;
}

std::vector<Token> AttemptStore::unsettled() const {
    std::vector<Token> tokens;
    for (std::string& name : names_in(root_ + "/attempts")) tokens.push_back({std::move(name)});
    return tokens;
}

std::string AttemptStore::run_directory(const Token& token, bool keeps_checkpoints) const {
    return keeps_checkpoints ? root_ + "/jobs/" + job_of(token) + "/run" : attempt(token).run();
}

Result<void> AttemptStore::claim(const Claim& claim, bool continues) {
    const std::string directory = attempt(claim.token).directory;
    TRY(make_directory(directory, passable));
    Result<void> done = make_run_directory(claim, continues);
    if (done.ok()) done = write_claim(claim);
    if (!done.ok()) release(claim.token);
    return done;
}

Result<void> AttemptStore::claim_ended(const Claim& claim, const Ending& ending) {
    TRY(make_directory(attempt(claim.token).directory, passable));
    Result<void> done = write_ending(attempt(claim.token), ending);
    if (done.ok()) done = write_claim(claim);
    if (!done.ok()) release(claim.token);
    return done;
}

Result<void> AttemptStore::write_claim(const Claim& claim) {
    TRY(create_file_durably(attempt(claim.token).claim(), to_record(claim)));
    return sync_directory(root_ + "/attempts");
}

Result<void> AttemptStore::make_run_directory(const Claim& claim, bool continues) {
    const std::string& run = claim.run_directory;
    if (run != attempt(claim.token).run()) {
        const std::lock_guard guard(*jobs_);
        const std::string job = root_ + "/jobs/" + job_of(claim.token);
        TRY(ensure_directory(job));
        TRY(replace_file(job + "/attempt", claim.token.text));
        if (continues && exists(run)) return {};
        if (exists(run)) discard(run, claim.token.text + ".before");
        ::unlink(setup_marker(run).c_str());
    }
    const std::string laid_out = staged(claim.token);
    if (exists(laid_out)) {
        if (::rename(laid_out.c_str(), run.c_str()) != 0)
            return error_from_errno("work_root_failed", "rename " + laid_out, errno);
        return {};
    }
    TRY(make_directory(run, own));
    if (claim.uid >= 0 &&
        ::chown(run.c_str(), static_cast<uid_t>(claim.uid), static_cast<gid_t>(claim.gid)) != 0) {
        return error_from_errno("work_root_failed", "chown " + run, errno);
    }
    return {};
}

void AttemptStore::release(const Token& token) {
    std::error_code error;
    fs::remove_all(attempt(token).directory, error);
}

Result<void> AttemptStore::finish_staging(const Token& token, const std::string& half) {
    if (::rename(half.c_str(), staged(token).c_str()) != 0)
        return error_from_errno("work_root_failed", "rename " + half, errno);
    return {};
}

void AttemptStore::discard_staged(const Token& token) {
    discard(staged(token), token.text + ".staged");
    discard(staged(token) + ".half", token.text + ".half");
}

// Of an agent that has ended meanwhile: it is ordered again, and mostly made of what is cached.
void AttemptStore::discard_all_staged() {
    for (const std::string& name : names_in(root_ + "/staging"))
        discard(root_ + "/staging/" + name, name + ".old");
}

Result<void> AttemptStore::settle(const Token& token) {
    const AttemptFiles files = attempt(token);
    for (const std::string& path : {files.lock(), files.started(), files.usage(), files.stop()}) {
        ::unlink(path.c_str());
    }
    ::rmdir(files.run().c_str());  // where the job left nothing in it
    // A crash may undo this: then the end is reported, and settled, once more.
    if (::rename(files.directory.c_str(), (root_ + "/settled/" + token.text).c_str()) != 0) {
        return error_from_errno("work_root_failed", "rename " + files.directory, errno);
    }
    return {};
}

Result<void> AttemptStore::take_back(const Token& token) {
    const std::string settled = root_ + "/settled/" + token.text;
    if (::rename(settled.c_str(), attempt(token).directory.c_str()) != 0) {
        return error_from_errno("work_root_failed", "rename " + settled, errno);
    }
    return {};
}

void AttemptStore::sweep(Time now, Duration retain) {
    for (const std::string& name : names_in(root_ + "/settled")) {
        const std::string path = root_ + "/settled/" + name;
        struct stat status{};
        if (::stat(path.c_str(), &status) != 0) continue;
        const Time settled{status.st_mtim.tv_sec * 1000};
        if (now - settled < retain) continue;
        discard_job_of({name});
        discard(path, name);
    }
    std::error_code error;
    for (const std::string& name : names_in(root_ + "/trash")) {
        fs::remove_all(root_ + "/trash/" + name, error);
    }
}

void AttemptStore::discard(const std::string& path, const std::string& name) {
    ::rename(path.c_str(), (root_ + "/trash/" + name).c_str());
}

void AttemptStore::discard_job_of(const Token& token) {
    const std::lock_guard guard(*jobs_);
    const std::string job = root_ + "/jobs/" + job_of(token);
    const Result<std::string> last = read_file(job + "/attempt");
    if (last.ok() && last.value() == token.text) discard(job, token.text + ".job");
}

}  // namespace dayu::engine
