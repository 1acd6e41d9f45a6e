// What an attempt has left among its job's outputs: paths, sizes and digests. They are looked at by a
// thread of their own, because large files take long to read and no other attempt shall wait for them.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/process/attempt_files.h"

namespace dayu::engine {

inline constexpr std::size_t max_listed_outputs = 100;  // of an attempt: they travel with its end

// Regular files at and below the paths, in the order of their names. No link is followed.
Outputs list_outputs(const std::string& run_directory, const std::vector<std::string>& paths);

class OutputLister {
   public:
    struct Work {
        AttemptFiles files;
        std::string run_directory;
        std::vector<std::string> paths;
    };

    OutputLister();

    // Sooner or later the record is there, or this has to be asked again; asking twice does no harm.
    void list(Work work);

   private:
    void run(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any woken_;
    std::deque<Work> queue_;
    std::set<std::string> under_way_;  // folders of attempts
    std::jthread thread_;              // last: ends before the rest goes
};

}  // namespace dayu::engine
