#include "base/error.h"

#include <cerrno>
#include <cstring>

namespace dayu {
namespace {

struct Row {
    ErrorKind kind;
    std::string_view name;
    int http_status;
    int exit_code;
};

constexpr Row kinds[] = {
    {ErrorKind::invalid, "invalid", 400, 2},     {ErrorKind::not_found, "not_found", 404, 3},
    {ErrorKind::conflict, "conflict", 409, 5},   {ErrorKind::denied, "denied", 403, 4},
    {ErrorKind::exhausted, "exhausted", 429, 6}, {ErrorKind::unavailable, "unavailable", 503, 7},
    {ErrorKind::internal, "internal", 500, 8},
};

const Row& row(ErrorKind kind) {
    for (const Row& row : kinds) {
        if (row.kind == kind) return row;
    }
    return kinds[6];
}

}  // namespace

std::string_view to_string(ErrorKind kind) { return row(kind).name; }
int http_status(ErrorKind kind) { return row(kind).http_status; }
int exit_code(ErrorKind kind) { return row(kind).exit_code; }

Error error_from_errno(std::string code, std::string_view what, int error_number) {
    const bool no_room = error_number == ENOSPC || error_number == EDQUOT;
    const ErrorKind kind = no_room ? ErrorKind::unavailable : ErrorKind::internal;
    return {kind, std::move(code), std::string(what) + ": " + std::strerror(error_number)};
}

}  // namespace dayu
