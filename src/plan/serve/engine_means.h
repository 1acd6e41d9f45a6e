// What an engine's requests take in the mean, by the formulas of serve_search.h.
#pragma once

#include "plan/serve_search.h"

namespace dayu::plan::serve {

// Both prompts and answers, or one of them.
enum class Duty : std::uint8_t { both, prompts, answers };

class EngineLoad {
   public:
    // `moved_s`: until keys and values of a prompt have come from elsewhere.
    EngineLoad(const ServeJob& job, const ReplicaCost& cost, Duty duty, double moved_s = 0);

    // That memory and the engine's places hold, with room for twice the standard deviation of a Poisson stream.
    double most_decoding() const { return most_decoding_; }
    // With so many sequences in the mean.
    EngineMeans means(double decoding) const;
    // At that rate; `decoding` is the most where it cannot be kept up.
    EngineMeans means_at(double rate) const;
    // The most requests/s within the targets; 0: not even one alone is.
    EngineMeans busiest() const;

    double prompt_alone_s() const;  // of the long prompt, with the host's part
    double token_alone_s() const;   // TPOT of a sequence alone

   private:
    double decode_s(double decoding) const;
    double prompt_s(double decoding, double prompt) const;
    bool keeps_targets(const EngineMeans& means) const;
    template <class Holds>
    double most_that(Holds holds) const;
    EngineMeans prompt_means(double rate) const;

    const ServeJob& job_;
    const ReplicaCost& cost_;
    Duty duty_;
    double moved_s_;
    double groups_;   // of attention, which compute prompts side by side
    double context_;  // mean of a decoding sequence
    double tokens_;   // an answer takes, beside the first
    double most_decoding_;
};

}  // namespace dayu::plan::serve
