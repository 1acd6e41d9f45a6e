// The values of secrets, each sealed in a file of its own in the folder `secrets` of the data folder
// (AES-256-GCM). The journal knows names and the names of these files alone, so that no entry, snapshot or
// query can show a value. The key lies beside them: it guards copies of single files and what a disk
// keeps of deleted ones, not against whoever may read the whole folder.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/ids.h"

namespace dayu::runtime {

inline constexpr std::size_t max_secret_bytes = 32 * 1024;

class SecretVault {
   public:
    // Makes the folder and the key where they are missing.
    static Result<std::unique_ptr<SecretVault>> open(const std::string& folder);

    // The value lies on disk, under the name that this returns: a new one each time. Whoever seals a
    // value and then fails to record the name leaves a file that the next sweep() removes.
    Result<std::string> seal(const Scope& scope, std::string_view name,
                             std::string_view value) const;
    Result<std::string> unseal(const Scope& scope, std::string_view name,
                               const std::string& sealed) const;

    // Removes what nobody refers to any more. At the start alone: nothing is being sealed then.
    void sweep(const std::function<bool(const std::string& sealed)>& is_used) const;

   private:
    SecretVault(std::string folder, std::string key)
        : folder_(std::move(folder)), key_(std::move(key)) {}

    std::string folder_;
    std::string key_;
};

}  // namespace dayu::runtime
