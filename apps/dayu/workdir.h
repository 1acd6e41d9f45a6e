// The folder that a job takes along, as it lies here: what its .dayuignore files leave of it, by content.
#pragma once

#include <string>

#include "base/result.h"
#include "model/workdir.h"

namespace dayu::app {

struct LocalWorkdir {
    std::string folder;  // absolute
    Manifest manifest;
    std::string text;  // of the manifest
    Workdir summary;
};

// The folder as a job file names it: from where the file lies, or from here where that is "" or "-". Too
// many or too large files, links that lead out and what is neither file, folder nor link are refused.
Result<LocalWorkdir> read_workdir(const std::string& folder, const std::string& job_file);

}  // namespace dayu::app
