// The version of this program, as project() in CMakeLists.txt names it.
#pragma once

namespace dayu::app {

inline constexpr const char* version = DAYU_VERSION;

}  // namespace dayu::app
