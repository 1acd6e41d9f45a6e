#include "journal/body.h"

#include <algorithm>

#include "base/sha256.h"

namespace dayu::journal {
namespace {

// Of the content as this project has it. A name holds no NUL, so no two scopes look alike.
std::string key_of(const Scope& scope, std::string_view content) {
    constexpr std::string_view end("\0", 1);
    const Sha256 digest = sha256({scope.tenant, end, scope.project, end, content});
    return std::string(digest.begin(), digest.end());
}

}  // namespace

Body make_body(std::string content, std::string salt) {
    BodyRef ref = to_hex(sha256({salt, content}));
    return {.ref = std::move(ref), .salt = std::move(salt), .content = std::move(content)};
}

Body BodyVault::intern(const Scope& scope, std::string content, std::string salt) {
    std::string key = key_of(scope, content);
    {
        const std::lock_guard lock(mutex_);
        if (const auto at = by_key_.find(key); at != by_key_.end()) {
            newest_first_.splice(newest_first_.begin(), newest_first_, at->second);
            return {
                .ref = at->second->ref, .salt = at->second->salt, .content = std::move(content)};
        }
    }
    Body body = make_body(std::move(content), std::move(salt));
    const std::lock_guard lock(mutex_);
    if (by_key_.contains(key)) return body;  // another thread was first: two rows, no harm
    newest_first_.push_front({.key = key, .salt = body.salt, .ref = body.ref});
    by_key_.emplace(std::move(key), newest_first_.begin());
    if (newest_first_.size() > max_remembered) {
        by_key_.erase(newest_first_.back().key);
        newest_first_.pop_back();
    }
    return body;
}

void BodyVault::forget(const BodyRef& ref) {
    const std::lock_guard lock(mutex_);
    const auto at = std::ranges::find(newest_first_, ref, &Remembered::ref);
    if (at == newest_first_.end()) return;
    by_key_.erase(at->key);
    newest_first_.erase(at);
}

}  // namespace dayu::journal
