// CHECK guards what only our own mistake could break. It is always on, and ends the process: a
// dispatch centre that goes on after a broken invariant would write its confusion into the journal.
#pragma once

namespace dayu {

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace dayu

#define CHECK(expression)                                          \
    do {                                                           \
        if (!(expression)) [[unlikely]]                            \
            ::dayu::check_failed(#expression, __FILE__, __LINE__); \
    } while (false)
