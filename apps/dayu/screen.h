// A terminal taken over for a while: its other screen, without echo and cursor. Whatever ends the program,
// the terminal is as it was. One at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace dayu::app {

class Screen {
   public:
    enum class Wake : std::uint8_t { tick, quit };

    static bool is_possible();  // both stdin and stdout are a terminal that can do it

    Screen();
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    // Over what is there, line by line, so that nothing flickers; what does not fit is cut off.
    void paint(std::string_view text);

    // Until the time is over, a key was pressed, or the window has another size. q, Ctrl-C and the end of
    // input are `quit`.
    Wake wait(Duration longest);

    std::size_t rows() const;

   private:
    void suspend();
};

}  // namespace dayu::app
