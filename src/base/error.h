// Errors are values. A kind decides what a caller can do about it (and so the HTTP status and the exit
// code); a code is a stable string that the documentation lists; the message names the field, the
// value and what would be accepted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dayu {

enum class ErrorKind : std::uint8_t {
    invalid,      // the input is wrong; the same input will never do
    not_found,    // no such thing, or none that the caller may see
    conflict,     // right in itself, at odds with the present state
    denied,       // not authenticated or not allowed
    exhausted,    // a limit, quota or budget is used up
    unavailable,  // try again later
    internal,     // our own fault
};

struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string code;
    std::string message;

    bool operator==(const Error&) const = default;
};

inline Error invalid(std::string code, std::string message) {
    return {ErrorKind::invalid, std::move(code), std::move(message)};
}
inline Error not_found(std::string code, std::string message) {
    return {ErrorKind::not_found, std::move(code), std::move(message)};
}
inline Error conflict(std::string code, std::string message) {
    return {ErrorKind::conflict, std::move(code), std::move(message)};
}
inline Error denied(std::string code, std::string message) {
    return {ErrorKind::denied, std::move(code), std::move(message)};
}
inline Error exhausted(std::string code, std::string message) {
    return {ErrorKind::exhausted, std::move(code), std::move(message)};
}
inline Error unavailable(std::string code, std::string message) {
    return {ErrorKind::unavailable, std::move(code), std::move(message)};
}
inline Error internal(std::string code, std::string message) {
    return {ErrorKind::internal, std::move(code), std::move(message)};
}

std::string_view to_string(ErrorKind kind);
Error error_from_errno(std::string code, std::string_view what, int error_number);

// The one table from kinds to the outside.
int http_status(ErrorKind kind);
int exit_code(ErrorKind kind);

}  // namespace dayu
