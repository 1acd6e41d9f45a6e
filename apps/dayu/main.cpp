#include "dayu/cli.h"

int main(int argc, char** argv) { return dayu::app::run_command_line(argc, argv); }
