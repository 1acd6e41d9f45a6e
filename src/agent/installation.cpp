#include "agent/installation.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/sha256.h"

namespace dayu::agent {
namespace {

constexpr std::size_t id_bytes = 16;
// A predecessor that was killed while it started a shim leaves its lock to that child for a moment.
constexpr int lock_tries = 100;
constexpr auto lock_pause = std::chrono::milliseconds(50);

Error failed(const std::string& path) {
    return error_from_errno("agent_folder", "the agent's folder: " + path, errno);
}

Error runs_already(const std::string& folder) {
    return conflict("agent_runs_already", "another agent works in " + folder +
                                              "; stop it, or give this one a folder of its own");
}

Result<int> lock_folder(const std::string& folder) {
    const std::string path = folder + "/agent.lock";
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return failed(path);
    for (int i = 0; i < lock_tries; ++i) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0) return file;
        if (errno != EWOULDBLOCK) break;
        std::this_thread::sleep_for(lock_pause);
    }
    const Error error = errno == EWOULDBLOCK ? runs_already(folder) : failed(path);
    close(file);
    return error;
}

Result<std::optional<std::string>> read_line(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        if (access(path.c_str(), F_OK) == 0) return failed(path);
        return std::optional<std::string>();
    }
    std::string line;
    std::getline(file, line);
    return std::optional<std::string>(line);
}

// As it was before or as it is after, even when the power goes.
Result<void> write_line(const std::string& folder, const std::string& name, std::string text) {
    const std::string path = folder + "/" + name;
    const std::string fresh = path + ".new";
    text += '\n';
    const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return failed(fresh);
    const bool written = write(file, text.data(), text.size()) == std::ssize(text);
    const bool synced = written && fsync(file) == 0;
    if (!synced) {
        const Error error = failed(fresh);
        close(file);
        return error;
    }
    close(file);
    if (rename(fresh.c_str(), path.c_str()) != 0) return failed(path);
    const int directory = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return failed(folder);
    const bool kept = fsync(directory) == 0;
    close(directory);
    if (!kept) return failed(folder);
    return {};
}

Result<std::string> id_of(const std::string& folder) {
    const std::optional<std::string> kept = TRY(read_line(folder + "/agent-id"));
    if (kept && kept->size() == 2 * id_bytes) return *kept;
    if (kept) {
        return internal("agent_folder", folder + "/agent-id holds \"" + *kept +
                                            "\", which is no id; restore it from a backup. Only "
                                            "when nothing runs here any more, remove it");
    }
    std::string id = to_hex(random_bytes(id_bytes));
    TRY(write_line(folder, "agent-id", id));
    return id;
}

Result<std::uint64_t> count_start(const std::string& folder) {
    const std::string text = TRY(read_line(folder + "/incarnation")).value_or("0");
    std::uint64_t count = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (problem != std::errc() || end != text.data() + text.size()) {
        return internal("agent_folder", folder + "/incarnation holds \"" + text +
                                            "\" and should hold a number larger than all before");
    }
    ++count;
    TRY(write_line(folder, "incarnation", std::to_string(count)));
    return count;
}

}  // namespace

Installation::Installation(int lock, std::string id, std::uint64_t incarnation)
    : lock_(lock), id_(std::move(id)), incarnation_(incarnation) {}

Installation::Installation(Installation&& other) noexcept
    : lock_(std::exchange(other.lock_, -1)),
      id_(std::move(other.id_)),
      incarnation_(other.incarnation_) {}

Installation::~Installation() {
    if (lock_ >= 0) close(lock_);
}

Result<Installation> Installation::open(const std::string& folder) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) {
        return error_from_errno("agent_folder", "the agent's folder: " + folder, problem.value());
    }
    Installation opened(TRY(lock_folder(folder)), {}, 0);
    opened.id_ = TRY(id_of(folder));
    opened.incarnation_ = TRY(count_start(folder));
    return opened;
}

}  // namespace dayu::agent
