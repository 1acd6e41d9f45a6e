#include "sim/program.h"

#include <sstream>

namespace dayu::sim {

std::string to_script(const Program& program) {
    return "run " + std::to_string(program.runs.ms) + " exit " + std::to_string(program.code) +
           " linger " + std::to_string(program.lingers.ms);
}

std::optional<Program> parse_script(std::string_view script) {
    std::istringstream words{std::string(script)};
    std::string run, exit, linger;
    Program program;
    words >> run >> program.runs.ms >> exit >> program.code >> linger >> program.lingers.ms;
    if (!words || run != "run" || exit != "exit" || linger != "linger") return std::nullopt;
    return program;
}

}  // namespace dayu::sim
