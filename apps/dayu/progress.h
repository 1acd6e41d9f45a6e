// Tells on stderr that something takes long, and how long already: from the first second on a line that is
// repainted on a terminal, and a line every ten seconds where there is none. A remark goes above it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/time.h"

namespace dayu::app {

class Progress {
   public:
    explicit Progress(std::string doing);  // "waiting for job 12"
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void say(std::string doing);

    // A line on stderr, above that of whatever is under way.
    static void print_above(std::string_view line);

   private:
    void paint();
    void erase();
    void tell_until_the_end();

    const bool on_terminal_;
    const Instant begin_ = system_clock().instant();
    Instant told_ = begin_;
    bool is_painted_ = false;
    bool ends_ = false;
    std::string doing_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::thread thread_;
};

}  // namespace dayu::app
