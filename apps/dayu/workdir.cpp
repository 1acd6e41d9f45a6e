#include "dayu/workdir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <map>
#include <vector>

#include <fmt/core.h>

#include "base/sha256.h"
#include "dayu/answers.h"
#include "dayu/progress.h"
#include "dayu/small_file.h"
#include "model/ignore_rules.h"

namespace dayu::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t offenders_named = 5;

std::string counted(std::int64_t number, std::string_view thing) {
    return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

// The first few of what there is most of.
template <class Row, class Text>
std::string largest(std::vector<Row> rows, std::int64_t Row::* by, const Text& text) {
    std::ranges::sort(rows, std::greater{}, by);
    std::vector<std::string> words;
    for (const Row& row : rows) {
        if (words.size() == offenders_named) break;
        words.push_back(text(row));
    }
    return join(words, ", ");
}

// Walks the folder. Nothing is read yet, so that what is too large is refused at once.
class Walk {
   public:
    explicit Walk(std::string root) : root_(std::move(root)) {}

    Result<Manifest> go() {
        rules_.push_back({"", TRY(IgnoreRules::parse(ignored_anyway))});
        TRY(enter(""));
        std::ranges::sort(manifest_.entries, {}, &WorkdirEntry::path);
        return std::move(manifest_);
    }

   private:
    // Rules, and the folder in which they lie, with a '/' behind it.
    struct Rules {
        std::string folder;
        IgnoreRules rules;
    };

    std::string whole(const std::string& path) const {
        return path.empty() ? root_ : root_ + "/" + path;
    }

    Error failed(const std::string& path) const {
        return error_from_errno("workdir_unreadable", "workdir: read " + whole(path), errno);
    }

    // The rules nearest to the path count first.
    bool is_left_out(const std::string& path, bool is_folder) const {
        for (auto at = rules_.rbegin(); at != rules_.rend(); ++at) {
            const auto verdict =
                at->rules.ignores(std::string_view(path).substr(at->folder.size()), is_folder);
            if (verdict) return *verdict;
        }
        return false;
    }

    Result<void> enter(const std::string& folder) {
        const std::string prefix = folder.empty() ? "" : folder + "/";
        const std::string own_rules = whole(prefix + std::string(ignore_file));
        const std::size_t rules_before = rules_.size();
        if (exists(own_rules)) {
            const std::string text = TRY(read_small_file(own_rules));
            rules_.push_back({prefix, TRY(IgnoreRules::parse(text))});
        }
        std::error_code error;
        std::vector<std::string> names;
        for (fs::directory_iterator at(whole(folder), error), end; !error && at != end;
             at.increment(error)) {
            names.push_back(at->path().filename().string());
        }
        if (error) {
            errno = error.value();
            return failed(folder);
        }
        const std::size_t before = manifest_.entries.size();
        for (const std::string& name : names) TRY(take(prefix + name));
        rules_.erase(rules_.begin() + static_cast<std::ptrdiff_t>(rules_before), rules_.end());
        if (!folder.empty() && manifest_.entries.size() == before)
            manifest_.entries.push_back({.kind = WorkdirEntry::Kind::folder, .path = folder});
        return check_limits();
    }

    Result<void> take(const std::string& path) {
        struct stat status{};
        if (::lstat(whole(path).c_str(), &status) != 0) return failed(path);
        const bool is_folder = S_ISDIR(status.st_mode);
        if (is_left_out(path, is_folder)) return {};
        if (is_folder) return enter(path);
        WorkdirEntry& entry = manifest_.entries.emplace_back();
        entry.path = path;
        if (S_ISREG(status.st_mode)) {
            const bool runs = (status.st_mode & S_IXUSR) != 0;
            entry.kind = runs ? WorkdirEntry::Kind::program : WorkdirEntry::Kind::file;
            entry.bytes = status.st_size;
            return {};
        }
        if (S_ISLNK(status.st_mode)) {
            std::error_code error;
            entry.kind = WorkdirEntry::Kind::link;
            entry.target = fs::read_symlink(whole(path), error).string();
            if (!error) return {};
            errno = error.value();
            return failed(path);
        }
        return invalid("workdir_special_file",
                       "workdir: \"" + path +
                           "\" is a device, a socket or a pipe, which cannot be taken along; leave "
                           "it out with a line in .dayuignore");
    }

    Result<void> check_limits() const {
        if (manifest_.entries.size() <= max_workdir_entries) return {};
        struct Row {
            std::string folder;
            std::int64_t files;
        };
        std::map<std::string, std::int64_t> counts;
        for (const WorkdirEntry& entry : manifest_.entries) {
            const std::size_t slash = entry.path.find('/');
            ++counts[slash == std::string::npos ? "." : entry.path.substr(0, slash + 1)];
        }
        std::vector<Row> rows;
        for (const auto& [folder, files] : counts) rows.push_back({folder, files});
        return exhausted(
            "workdir_too_many_files",
            fmt::format("workdir: {} has more than {} files; most lie in {}. Leave out what the "
                        "job does not need with lines in .dayuignore",
                        root_, max_workdir_entries, largest(rows, &Row::files, [](const Row& row) {
                            return fmt::format("{} ({})", row.folder, counted(row.files, "file"));
                        })));
    }

    const std::string root_;
    std::vector<Rules> rules_;
    Manifest manifest_;
};

Result<void> check_sizes(const std::string& folder, const Manifest& manifest) {
    std::int64_t sum = 0;
    bool one_is_too_large = false;
    for (const WorkdirEntry& entry : manifest.entries) {
        sum += entry.bytes;
        one_is_too_large |= entry.bytes > max_content_bytes;
    }
    if (sum <= max_workdir_bytes && !one_is_too_large) return {};
    const std::string named =
        largest(manifest.entries, &WorkdirEntry::bytes, [](const WorkdirEntry& entry) {
            return fmt::format("{} ({})", entry.path, bytes(entry.bytes));
        });
    return exhausted(
        one_is_too_large ? "workdir_file_too_large" : "workdir_too_large",
        fmt::format("workdir: {} has {}; at most {}, and {} a file, are taken. The largest are {}. "
                    "Leave out what the job does not need with lines in .dayuignore",
                    folder, bytes(sum), bytes(max_workdir_bytes), bytes(max_content_bytes), named));
}

// What was read counts, whatever the size was a moment before.
Result<void> read_content(const std::string& root, WorkdirEntry& entry) {
    const std::string path = root + "/" + entry.path;
    const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return error_from_errno("workdir_unreadable", "workdir: read " + path, errno);
    Sha256Sum sum;
    std::string block(std::min(block_bytes, static_cast<std::size_t>(entry.bytes) + 1), '\0');
    entry.bytes = 0;
    while (true) {
        const ssize_t count = ::read(file, block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        const int error = errno;
        if (count <= 0) ::close(file);
        if (count < 0)
            return error_from_errno("workdir_unreadable", "workdir: read " + path, error);
        if (count == 0) break;
        sum.add(std::string_view(block).substr(0, static_cast<std::size_t>(count)));
        entry.bytes += count;
    }
    entry.sha256 = to_hex(sum.finish());
    return {};
}

}  // namespace

Result<LocalWorkdir> read_workdir(const std::string& folder, const std::string& job_file) {
    const bool from_here = job_file.empty() || job_file == "-";
    const fs::path base = from_here ? fs::path() : fs::path(job_file).parent_path();
    LocalWorkdir workdir;
    std::string whole = fs::absolute(base / folder).lexically_normal().string();
    while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
    workdir.folder = whole;
    std::error_code error;
    if (!fs::is_directory(whole, error)) {
        return invalid(
            "workdir_no_folder",
            "workdir: " + whole + " is no folder; it is named from where the job file lies");
    }
    Progress progress("reading " + whole);
    workdir.manifest = TRY(Walk(whole).go());
    TRY(check_sizes(whole, workdir.manifest));
    for (WorkdirEntry& entry : workdir.manifest.entries) {
        if (entry.is_file()) TRY(read_content(whole, entry));
    }
    TRY(validate(workdir.manifest));
    workdir.text = to_text(workdir.manifest);
    if (workdir.text.size() > max_manifest_bytes) {
        return exhausted("workdir_too_many_files",
                         fmt::format("workdir: the paths of {} have {}; at most {} are taken",
                                     whole, bytes(static_cast<std::int64_t>(workdir.text.size())),
                                     bytes(static_cast<std::int64_t>(max_manifest_bytes))));
    }
    workdir.summary = summary_of(workdir.manifest, to_hex(sha256(workdir.text)));
    return workdir;
}

}  // namespace dayu::app
