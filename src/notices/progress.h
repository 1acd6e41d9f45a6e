// How far a hook has been told, on disk: a small file a hook beside the journal. It is no part of the
// journal, which would grow by an entry for each delivery; losing it tells a hook some things twice.
#pragma once

#include <functional>
#include <string>

#include "base/fields.h"
#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"

namespace dayu::notices {

struct Progress {
    Seq done;            // nothing up to this entry is left to tell
    Time failing_since;  // 0: the last message was delivered
    bool operator==(const Progress&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"done", &Progress::done},
                          Field{"failing_since", &Progress::failing_since});
    }
};

class ProgressFiles {
   public:
    // Makes the folder where it is missing.
    static Result<ProgressFiles> open(const std::string& folder);

    Progress read(const std::string& sealed) const;  // of nothing, where there is no readable file
    Result<void> write(const std::string& sealed, const Progress& progress) const;
    void sweep(const std::function<bool(const std::string& sealed)>& is_used) const;

   private:
    explicit ProgressFiles(std::string folder) : folder_(std::move(folder)) {}
    std::string path_of(const std::string& sealed) const { return folder_ + "/" + sealed; }

    std::string folder_;
};

}  // namespace dayu::notices
