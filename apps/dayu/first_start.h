// What a server does before it listens: it founds the cluster once, makes its first tokens, and declares
// the chips of its registry file. Each step may be cut short by a crash and is taken up at the next start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/command.h"
#include "model/chip.h"
#include "runtime/loop.h"

namespace dayu::app {

enum class TokenFiles { keep, renew };

// Hands a command of the system itself to the loop and waits for it. Not for the loop's own thread.
Result<runtime::Answer> command(runtime::Loop& loop, control::Command wanted);

// What `dayu restore` left behind for the first start after it, to be written down before anything is placed.
Result<std::optional<control::NoteRestore>> find_restore(const std::string& data_folder);

Result<void> found_cluster(runtime::Loop& loop);

// The files `token` (operator) and `agent-token` (may only sync) in the data folder; the journal has their
// hashes alone. `renew` replaces both files.
Result<void> provide_tokens(runtime::Loop& loop, const std::string& data_folder, TokenFiles mode);

// The registry: `given`, or chips.yaml of $DAYU_DATA_DIR, of the installation, or of the source tree.
Result<std::vector<Chip>> read_registry(const std::string& given);
Result<void> declare_chips(runtime::Loop& loop, const std::string& given);

}  // namespace dayu::app
