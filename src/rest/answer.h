// How handlers read what a request says, and how they answer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "base/time.h"
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
// Every value of a parameter that may come several times, each a value or several with commas between.
Result<std::vector<std::string>> query_list(const http::Request& request, std::string_view name);
// Likewise, of words that the type knows, or `parameter_invalid` with all of them.
template <class Enum>
Result<std::vector<Enum>> query_words(const http::Request& request, std::string_view name);
// RFC 3339, or 0 when it is not there.
Result<Time> query_time(const http::Request& request, std::string_view name);
// Those of `user`, as actors are called: "admin" is "token:admin".
Result<std::vector<std::string>> users_asked(const http::Request& request);

// The {id} of a path, or another name, as a job.
Result<JobId> job_in_path(const http::Request& request, std::string_view name = "id");

// The digits of a whole number and nothing else.
Result<std::int64_t> parse_number(std::string_view name, std::string_view text, Range range);

// The error of a value that none of these words is.
Error no_such_word(std::string_view name, std::string_view value,
                   std::span<const std::string_view> words);

// Likewise, with the nearest of them: "center: "wuhn" is no centre ...; did you mean "wuhan"?".
Error no_such_value(std::string_view name, std::string_view value, std::string_view what,
                    std::span<const std::string_view> known);

template <class Enum>
Result<std::vector<Enum>> query_words(const http::Request& request, std::string_view name) {
    std::vector<Enum> values;
    for (const std::string& word : TRY(query_list(request, name))) {
        Enum& value = values.emplace_back();
        static constexpr auto words = enum_names(Type<Enum>{});
        if (!parse_enum(word, value)) return no_such_word(name, word, words);
    }
    return values;
}

}  // namespace dayu::rest
