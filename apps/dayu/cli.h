// From argv to a verb and back to an exit code. A misspelt verb or flag is answered with the nearest
// known one and exit code 2.
#pragma once

namespace dayu::app {

int run_command_line(int argc, char** argv);

}  // namespace dayu::app
