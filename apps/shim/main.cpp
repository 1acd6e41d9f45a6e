// dayu-shim: stands over one process attempt. engine/shim.h says what it does and why.
#include "engine/shim.h"

int main(int argc, char** argv) { return dayu::engine::run_shim(argc, argv); }
