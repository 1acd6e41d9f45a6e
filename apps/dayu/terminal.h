// The terminal that a person sits at, while its keys belong to a program elsewhere: raw, and as it was
// again whatever ends us.
#pragma once

#include <cstdint>

namespace dayu::app {

class RawTerminal {
   public:
    RawTerminal();   // of standard input, which must be a terminal
    ~RawTerminal();  // as it was; exit() does the same
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
};

struct WindowSize {
    std::int64_t rows = 24;
    std::int64_t columns = 80;
};
WindowSize window_size();

bool is_at_terminal();  // standard input and output both

}  // namespace dayu::app
