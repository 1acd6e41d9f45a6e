// Everything of this engine that must survive a crash lies below its work root:
//
//   agent.lock           held by the one engine that uses this root
//   contact              when the agent was last in contact
//   attempts/<token>/    claimed and not settled (attempt_files.h says what is in one)
//   settled/<token>/     ended, and on record at the server; kept for its log until it is too old
//   jobs/<cluster>-<job>/run      working folder of a job that keeps checkpoints
//   jobs/<cluster>-<job>/attempt  the attempt that used it last
//   staging/<token>      workdir of an attempt that is to be claimed; <token>.half while it is laid out
//   trash/               on its way out
//
// To claim a token is to make its folder: the file system lets one of any number of callers do that.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/process/attempt_files.h"
#include "engine/process/files.h"

namespace dayu::engine {

class AttemptStore {
   public:
    // Makes the folders, and refuses a root that another engine uses.
    static Result<AttemptStore> open(const std::string& root);

    const std::string& root() const { return root_; }
    std::string contact_file() const { return root_ + "/contact"; }
    AttemptFiles attempt(const Token& token) const { return {root_ + "/attempts/" + token.text}; }

    // Where the attempt lies now, settled or not.
    std::optional<AttemptFiles> find(const Token& token) const;
    std::vector<Token> unsettled() const;

    // The working folder that an attempt will have, and whether a job's earlier work lies in it.
    std::string run_directory(const Token& token, bool keeps_checkpoints) const;

    // Claims the token durably and makes its working folder, or fails and leaves nothing behind. What an
    // earlier attempt left in the folder of its job stays if `continues`, and else goes.
    Result<void> claim(const Claim& claim, bool continues);
    // Claims it so that it never starts.
    Result<void> claim_ended(const Claim& claim, const Ending& ending);
    // Takes a claim back for which nothing was started.
    void release(const Token& token);

    std::string staged(const Token& token) const { return root_ + "/staging/" + token.text; }
    Result<void> finish_staging(const Token& token, const std::string& half);
    void discard_staged(const Token& token);

    Result<void> settle(const Token& token);
    Result<void> take_back(const Token& token);  // what was settled, as it is kept
    // Removes what was settled longer ago than `retain`. Slow; for a thread of its own.
    void sweep(Time now, Duration retain);

   private:
    AttemptStore() = default;
    Result<void> write_claim(const Claim& claim);
    Result<void> make_run_directory(const Claim& claim, bool continues);
    void discard(const std::string& path, const std::string& name);
    void discard_all_staged();
    void discard_job_of(const Token& token);

    std::string root_;
    Fd lock_;
    std::unique_ptr<std::mutex> jobs_ =
        std::make_unique<std::mutex>();  // guards jobs/ while we sweep
};

// Tokens become names of files.
Result<void> check_token(const Token& token);

}  // namespace dayu::engine
