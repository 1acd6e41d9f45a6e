// The engines of the centres that an agent speaks for: does to them what step() says of attempts, and
// gathers what they hold. The driver and the virtual world both use it, so that who holds a token is
// found out in one place.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/step.h"
#include "engine/engine.h"

namespace dayu::agent {

// A centre's engine, which must outlive whoever uses it.
struct Site {
    std::string center;
    engine::Engine* engine = nullptr;
};

struct Look {
    bool changed = false;         // since the last look
    std::optional<Observed> all;  // nothing until each engine has spoken once
};

class Sites {
   public:
    explicit Sites(std::vector<Site> sites);

    // An engine that does not answer now keeps its last word.
    Look observe();

    // Each does it, and says what came of it where step() must know.
    std::optional<Input> perform(const StartAttempt& output);
    std::optional<Input> perform(const StopAttempt& output);
    std::optional<Input> perform(const FindOrClaim& output);
    std::optional<Input> perform(const Acknowledge& output);
    std::optional<Input> perform(const SettleAttempt& output);
    std::optional<Input> perform(const ReadLog& output);
    std::optional<Input> perform(const RenewContact& output);

   private:
    struct Held {
        Site site;
        std::vector<Observation> latest;
        bool observed = false;  // once at least
    };

    std::vector<engine::Engine*> engines_of(const Token& token);

    std::vector<Held> held_;
    std::map<Token, std::size_t> place_of_;  // which of held_ holds this token
};

}  // namespace dayu::agent
