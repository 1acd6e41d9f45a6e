// The version of this program, as project() in CMakeLists.txt names it.
#pragma once

namespace dayu::app {

inline constexpr const char* version = DAYU_VERSION;
inline constexpr const char* release_date = "2026-11-25";  // on its man pages

}  // namespace dayu::app
