// The contract of the API, api/openapi.yaml as it was when this was built: it is served, shown as a page, and what the
// query of each request is held against.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "wire/json.h"

namespace dayu::rest {

const wire::Json& contract();  // the whole document, parsed once

// What a {"$ref": "#/..."} points at; anything else is itself.
const wire::Json& followed(const wire::Json& node);

// Of the operation, or nullptr: what stands in the contract under a method and a pattern as "/v1/jobs/{id}".
const wire::Json* find_operation(std::string_view method, std::string_view pattern);

// Its parameters, and those that its path has for all methods.
std::vector<const wire::Json*> parameters_of(std::string_view method, std::string_view pattern);

using Names = std::vector<std::string_view>;
Names query_names(std::string_view method, std::string_view pattern);

// Nothing of the query is passed over, which would silently show too much: what is not in the contract is refused, with
// the nearest name that is.
Result<void> check_query(const http::Request& request, const Names& known);

// The contract and the error codes for people: one page of HTML that needs nothing else.
http::Response docs_page();

}  // namespace dayu::rest
