// Bodies lie beside the journal: scripts, environments, personal data. An entry holds only the salted
// digest of one, so that erasing the body and its salt leaves nothing to guess from.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "journal/store.h"

namespace dayu::journal {

// Salts and addresses a body. `salt` is random.
Body make_body(std::string content, std::string salt);

// Remembers the salts of the newest bodies, so that many jobs of one project with the same script share
// one row. It never shares across projects: who erases a body erases it for those who own it alone.
// Any thread may call it.
class BodyVault {
   public:
    static constexpr std::size_t max_remembered = 4'096;

    // The body for this content: with the salt of an equal earlier one, or else with this one.
    Body intern(const Scope& scope, std::string content, std::string salt);

    // After an erasure: what comes in later must not bring the erased body back.
    void forget(const BodyRef& ref);

   private:
    struct Remembered {
        std::string key;
        std::string salt;
        BodyRef ref;
    };
    std::mutex mutex_;
    std::list<Remembered> newest_first_;
    std::unordered_map<std::string, std::list<Remembered>::iterator> by_key_;
};

}  // namespace dayu::journal
