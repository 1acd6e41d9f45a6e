#include "engine/process/secrets.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "engine/process/record.h"

namespace dayu::engine {
namespace {

constexpr std::string_view field_name = "secret";

}  // namespace

Result<Fd> keep_secrets(const std::vector<std::string>& variables) {
    Fd memory(::memfd_create("secrets", MFD_CLOEXEC));
    if (!memory) return error_from_errno("shim_failed", "make memory for secrets", errno);
    Lines lines;
    for (const std::string& variable : variables) lines.emplace_back(field_name, variable);
    TRY(write_all(memory.get(), render_lines(lines), "the shim's memory"));
    return memory;
}

Result<std::vector<std::string>> take_secrets() {
    const Fd memory(secrets_fd);
    if (::lseek(memory.get(), 0, SEEK_SET) != 0)
        return error_from_errno("shim_failed", "read the secrets", errno);
    std::string text;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(memory.get(), buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(count));
    const auto lines = parse_lines(text);
    if (!lines) return internal("shim_failed", "the secrets were cut off");
    std::vector<std::string> variables;
    for (const auto& [name, value] : *lines) variables.push_back(value);
    return variables;
}

}  // namespace dayu::engine
