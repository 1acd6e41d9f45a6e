#include "engine/process/outputs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/log.h"
#include "base/sha256.h"
#include "engine/process/files.h"
#include "engine/process/record.h"

namespace dayu::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_seen_files =
    1'000'000;  // a job that leaves more is not walked to its end
constexpr std::size_t block_bytes = 256 * 1024;

// Without a link on the way below the run directory: what the job has made there may lead anywhere.
bool has_link(const fs::path& root, const fs::path& inner) {
    fs::path at = root;
    for (const fs::path& part : inner) {
        at /= part;
        std::error_code error;
        if (fs::is_symlink(fs::symlink_status(at, error))) return true;
    }
    return false;
}

void add_files(const fs::path& root, const std::string& inner, std::set<std::string>& found) {
    const fs::path at = (root / inner).lexically_normal();
    std::error_code error;
    if (has_link(root, inner)) return;
    if (fs::is_regular_file(fs::symlink_status(at, error))) {
        found.insert(at.lexically_relative(root).string());
        return;
    }
    if (!fs::is_directory(fs::symlink_status(at, error))) return;
    for (fs::recursive_directory_iterator entry(at, error), end;
         !error && entry != end && found.size() < max_seen_files; entry.increment(error)) {
        std::error_code gone;
        if (fs::is_regular_file(entry->symlink_status(gone)))
            found.insert(entry->path().lexically_relative(root).string());
    }
}

// Nothing for what is gone by now, or is no plain file any more.
std::optional<OutputFile> look_at(const std::string& root, const std::string& path) {
    const std::string whole = root + "/" + path;
    const Fd file(::open(whole.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    OutputFile output{.path = path, .bytes = 0, .sha256 = {}};
    Sha256Sum sum;
    std::string block(block_bytes, '\0');
    for (;;) {
        const ssize_t count = ::read(file.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return {};
        if (count == 0) break;
        sum.add(std::string_view(block).substr(0, static_cast<std::size_t>(count)));
        output.bytes += count;
    }
    output.sha256 = to_hex(sum.finish());
    return output;
}

}  // namespace

Outputs list_outputs(const std::string& run_directory, const std::vector<std::string>& paths) {
    std::set<std::string> found;
    for (const std::string& path : paths) add_files(run_directory, path, found);
    Outputs outputs;
    for (const std::string& path : found) {
        if (outputs.files.size() == max_listed_outputs) {
            ++outputs.left_out;
        } else if (auto output = look_at(run_directory, path)) {
            outputs.files.push_back(*std::move(output));
        }
    }
    return outputs;
}

OutputLister::OutputLister() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

void OutputLister::list(Work work) {
    const std::lock_guard guard(mutex_);
    if (!under_way_.insert(work.files.directory).second) return;
    queue_.push_back(std::move(work));
    woken_.notify_one();
}

void OutputLister::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (woken_.wait(lock, stop, [&] { return !queue_.empty(); })) {
        const Work work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        const Outputs outputs = list_outputs(work.run_directory, work.paths);
        const Result<void> written = replace_file_durably(work.files.outputs(), to_record(outputs));
        if (!written.ok()) log_error("outputs: {}", written.error().message);
        lock.lock();
        under_way_.erase(work.files.directory);
    }
}

}  // namespace dayu::engine
