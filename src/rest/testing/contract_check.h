// For tests: whether what was asked and answered over HTTP is as api/openapi.yaml says. Stricter than JSON Schema in one
// point: a key of an object with `properties` that is not among them is wrong. The contract says exactly what is there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"
#include "wire/json.h"

namespace dayu::rest::testing {

// What is wrong with `value`, each with its path; nothing when it is as the schema says.
std::vector<std::string> mismatches(const wire::Json& schema, const wire::Json& value,
                                    const std::string& path = "");

// The pattern of the contract that a path fits, as "/v1/jobs/{id}"; empty: none.
std::string pattern_of(std::string_view path);

// Where the answer, and the call if it was taken, are not what the contract says of them.
std::vector<std::string> departures(const http::Call& call, const http::Response& response);

}  // namespace dayu::rest::testing
