// For tests: a folder of its own for each, which goes at the end with all that the test has left in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/check.h"

namespace dayu {

class TemporaryFolder {
   public:
    TemporaryFolder() { CHECK(::mkdtemp(path_.data()) != nullptr); }
    ~TemporaryFolder() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }

   private:
    std::string path_ = (std::filesystem::temp_directory_path() / "dayu-test-XXXXXX").string();
};

}  // namespace dayu
