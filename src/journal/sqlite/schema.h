// The tables of journal.db. `user_version` counts their layouts; a file of an older one is brought
// forward when it is opened, and one of a newer one is refused.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "journal/sqlite/connection.h"

namespace dayu::journal::sqlite {

std::int64_t newest_layout();

// All the steps in one transaction: brought forward as a whole, or left as it was. Returns the layout that it had; 0: none.
Result<std::int64_t> bring_schema_forward(Connection& connection);
Result<void> check_schema(Connection& connection);  // for a reader, which can bring nothing forward

}  // namespace dayu::journal::sqlite
