// The table that `dayu ls` and `dayu cp --list` print.
#pragma once

#include "dayu/remote_files.h"

namespace dayu::app {

Result<int> list_remote(const RemotePath& place, const Globals& globals);

}  // namespace dayu::app
