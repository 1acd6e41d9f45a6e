// How handlers read what a request says, and how they answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "model/ids.h"
#include "wire/json.h"

namespace dayu::rest {

http::Response answer(const wire::Json& json);
http::Response answer_text(std::string json);  // JSON that is text already

// Problem details; a message that begins with a key ("limit: ...") names it as `field` too.
http::Response refuse(const Error& error);
http::Response refuse(int status, const Error& error);

struct Range {
    std::int64_t least = 0;
    std::int64_t most = INT64_MAX;
    std::int64_t otherwise = 0;  // when the parameter is not there
};
Result<std::int64_t> query_number(const http::Request& request, std::string_view name, Range range);
Result<bool> query_flag(const http::Request& request, std::string_view name);

// The {id} of a path, as a job.
Result<JobId> job_in_path(const http::Request& request);

// The digits of a whole number and nothing else.
Result<std::int64_t> parse_number(std::string_view name, std::string_view text, Range range);

}  // namespace dayu::rest
