// What really happens at the centres. The engines of a virtual world tell it to whoever judges, beside
// and before all that they report: a referee who believed reports could not catch a liar.
#pragma once

#include <string>

#include "model/agent_messages.h"

namespace dayu::sim {

enum class Fate : std::uint8_t {
    exited,  // by itself
    time_limit,
    stopped,  // on a stop order
    moved,    // by itself, for lost contact
    shim_killed,
    machine_lost,
};

class Witness {
   public:
    virtual ~Witness() = default;

    virtual void claimed(const StartOrder& order) = 0;
    virtual void began(const std::string& center, const StartOrder& order) = 0;
    virtual void gives_up(const Token& token) = 0;  // its shim, for lost contact; soon it is over
    virtual void over(const Token& token, Fate fate, const Ending& ending) = 0;
    // Nothing of this token ran or will run there, says the engine.
    virtual void blocked(const Token& token) = 0;

    // The agent of this centre has an answer to what it sent then (in true time).
    virtual void in_contact(const std::string& center, Instant sent) = 0;
    // Something happened that must never happen.
    virtual void complain(std::string what) = 0;
    // For the trace of a run that failed.
    virtual void note(const std::string& who, const std::string& what) = 0;
    virtual bool takes_notes() const = 0;
};

}  // namespace dayu::sim
