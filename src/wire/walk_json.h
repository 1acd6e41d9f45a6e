// Walks a JSON text and calls out what it meets. Numbers come as they stand in the text: whoever
// listens decides what numbers it takes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace dayu::wire {

class JsonListener {
   public:
    virtual ~JsonListener() = default;

    virtual Result<void> on_null() = 0;
    virtual Result<void> on_bool(bool value) = 0;
    virtual Result<void> on_number(std::string_view literal) = 0;
    virtual Result<void> on_string(std::string value) = 0;
    virtual Result<void> on_key(std::string key) = 0;
    virtual Result<void> on_array_begin() = 0;
    virtual Result<void> on_object_begin() = 0;
    virtual Result<void> on_end() = 0;  // of the array or object begun last
};

// Refuses what is not JSON, invalid UTF-8, depth past max_json_depth and anything after the value. An
// error of the listener ends the walk.
Result<void> walk_json(std::string_view text, JsonListener& listener);

}  // namespace dayu::wire
