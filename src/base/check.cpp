#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace dayu {

void check_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr,
                 "dayu: CHECK failed: %s (%s:%d). This is a bug in Dayu; please report it.\n",
                 expression, file, line);
    std::abort();
}

}  // namespace dayu
