// Who an agent is across its restarts. Its folder holds a random id, which the server ties the right to
// start attempts to, and a counter of starts; both are on disk before the first word to the server. A lock
// keeps a second agent out: two that share one folder would start each other's attempts.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace dayu::agent {

class Installation {
   public:
    // Makes the folder where it is missing, takes the lock, and counts this start.
    static Result<Installation> open(const std::string& folder);
    ~Installation();
    Installation(Installation&& other) noexcept;
    Installation& operator=(Installation&&) = delete;

    const std::string& id() const { return id_; }
    std::uint64_t incarnation() const { return incarnation_; }

   private:
    Installation(int lock, std::string id, std::uint64_t incarnation);

    int lock_;
    std::string id_;
    std::uint64_t incarnation_;
};

}  // namespace dayu::agent
