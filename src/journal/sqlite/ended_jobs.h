// Jobs by the time of their end, for retention.
#pragma once

#include <vector>

#include "journal/sqlite/connection.h"
#include "journal/store.h"

namespace dayu::journal::sqlite {

Result<EndedPage> read_ended_jobs(Connection& from, const EndedQuery& query);
Result<void> drop_rows(Connection& to,
                       const std::vector<EndedJob>& jobs);  // in the transaction of the caller

}  // namespace dayu::journal::sqlite
