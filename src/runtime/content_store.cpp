#include "runtime/content_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/descriptor.h"
#include "base/sha256.h"

namespace dayu::runtime {
namespace {

namespace fs = std::filesystem;

constexpr Duration checked_for = seconds(600);  // far below the time that contents are kept
constexpr std::size_t max_checked = 4096;
constexpr std::size_t synced_singly = 16;  // files of a request
constexpr std::size_t max_listed = 16;
constexpr std::size_t max_named = 3;  // paths that an error tells
constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t owner_digits = 16;

Error failed(const std::string& verb, const std::string& path) {
    return error_from_errno("contents_failed", verb + " " + path, errno);
}

Result<void> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", path);
    return {};
}

// A file or a folder.
Result<void> sync(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open() || ::fsync(file.number()) != 0) return failed("sync", path);
    return {};
}

// Few by themselves. Many by one sync of the whole file system that `contents` lies on: it has more to
// write, and waits for the disk once, where each of them would.
Result<void> sync_all(const std::set<std::string>& paths, const Descriptor& contents) {
    if (paths.size() > synced_singly) {
        if (::syncfs(contents.number()) != 0)
            return failed("sync what lies beside", *paths.begin());
        return {};
    }
    for (const std::string& path : paths) TRY(sync(path));
    return {};
}

Result<std::string> read_at(const Descriptor& file, std::int64_t offset, std::size_t limit,
                            const std::string& path) {
    std::string bytes(limit, '\0');
    std::size_t filled = 0;
    while (filled < limit) {
        const ssize_t count = ::pread(file.number(), bytes.data() + filled, limit - filled,
                                      offset + static_cast<std::int64_t>(filled));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read", path);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
    }
    bytes.resize(filled);
    return bytes;
}

Result<std::string> digest_of(const Descriptor& file, const std::string& path) {
    Sha256Sum sum;
    for (std::int64_t offset = 0;;) {
        const std::string block = TRY(read_at(file, offset, block_bytes, path));
        if (block.empty()) return to_hex(sum.finish());
        sum.add(block);
        offset += static_cast<std::int64_t>(block.size());
    }
}

std::int64_t size_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_size : -1;
}

Error mismatch(const std::string& sha256) {
    return conflict("content_mismatch",
                    "the bytes that came for content " + sha256.substr(0, 16) +
                        "... do not have this SHA-256, and were dropped: the file changed while it "
                        "was sent, or was spoilt on the way; send it again from its beginning");
}

// Not whole yet.
bool is_coming(const fs::path& path) { return path.parent_path().filename() == "partial"; }

std::string key_of(const ContentOwner& owner, const std::string& manifest) {
    return owner.scope.tenant + "\n" + owner.scope.project + "\n" + owner.actor + "\n" + manifest;
}

}  // namespace

ContentStore::ContentStore(std::string folder, const ContentLimits& limits)
    : folder_(std::move(folder)), limits_(limits) {}

Result<std::unique_ptr<ContentStore>> ContentStore::open(const std::string& folder,
                                                         const ContentLimits& limits) {
    TRY(make_folder(folder));
    TRY(sync(fs::absolute(folder).parent_path().string()));
    std::unique_ptr<ContentStore> store(new ContentStore(folder, limits));
    store->count();
    return store;
}

ContentFigures ContentStore::figures() const {
    return {.contents = contents_,
            .bytes = bytes_,
            .asked = asked_,
            .found = found_,
            .taken = taken_,
            .taken_bytes = taken_bytes_,
            .removed = removed_};
}

void ContentStore::count() {
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code gone;
        if (!at->is_regular_file(gone)) continue;
        if (at->path().extension() == ".tmp") {
            ::unlink(at->path().c_str());  // of a server that was killed before it was synced
        } else {
            bytes_ += static_cast<std::int64_t>(at->file_size(gone));
            if (!is_coming(at->path())) ++contents_;
        }
    }
}

std::string ContentStore::folder_of(const ContentOwner& owner) const {
    constexpr std::string_view separator("\0", 1);
    return folder_ + "/" +
           to_hex(
               sha256({owner.scope.tenant, separator, owner.scope.project, separator, owner.actor}))
               .substr(0, owner_digits);
}

std::string ContentStore::path_of(const ContentOwner& owner, const std::string& sha256) const {
    return folder_of(owner) + "/" + sha256.substr(0, 2) + "/" + sha256;
}

std::string ContentStore::partial_path(const ContentOwner& owner, const std::string& sha256) const {
    return folder_of(owner) + "/partial/" + sha256 + ".new";
}

std::string ContentStore::arrival_path(const ContentOwner& owner) {
    return folder_of(owner) + "/partial/" + std::to_string(++last_arrival_) + ".tmp";
}

std::mutex& ContentStore::lock_of(const std::string& sha256) {
    return mutexes_[std::hash<std::string>{}(sha256) % locks];
}

// Whether it is here whole; then it counts as used now.
bool ContentStore::use(const ContentOwner& owner, const Wanted& content) {
    const std::string path = path_of(owner, content.sha256);
    const std::lock_guard guard(lock_of(content.sha256));
    return size_of(path) == content.bytes && ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0;
}

Result<std::vector<ContentStore::Progress>> ContentStore::missing(const ContentOwner& owner,
                                                                  std::span<const Wanted> wanted) {
    std::vector<Progress> progress;
    for (const Wanted& content : wanted) {
        if (!is_content_digest(content.sha256)) {
            return invalid("contents_malformed", "contents: \"" + content.sha256.substr(0, 80) +
                                                     "\" is no SHA-256 of 64 small hex digits");
        }
        if (content.bytes < 0 || content.bytes > max_content_bytes) {
            return exhausted("workdir_file_too_large",
                             "contents: one has " + std::to_string(content.bytes) +
                                 " bytes; at most " + std::to_string(max_content_bytes) +
                                 " are taken");
        }
        if (use(owner, content)) continue;
        const std::int64_t partial = size_of(partial_path(owner, content.sha256));
        progress.push_back(
            {.sha256 = content.sha256,
             .received = partial > content.bytes ? 0 : std::max<std::int64_t>(partial, 0),
             .complete = false});
    }
    asked_ += wanted.size();
    found_ += wanted.size() - progress.size();
    return progress;
}

Result<std::vector<ContentStore::Progress>> ContentStore::take(
    const ContentOwner& owner, std::span<const ContentPiece> pieces) {
    // Opened before anything is written: its sync then tells of every write that failed since.
    const Descriptor contents(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!contents.is_open()) return failed("open", folder_);
    TRY(make_folder(folder_of(owner)));
    TRY(make_folder(folder_of(owner) + "/partial"));
    std::vector<Progress> progress;
    Arrivals arrivals;
    std::optional<Error> refused;
    for (const ContentPiece& piece : pieces) {
        const auto taken = take_piece(owner, piece, arrivals);
        if (!taken) {
            refused = taken.error();
            break;
        }
        progress.push_back(*taken);
    }
    TRY(keep(owner, arrivals, contents));  // also what came before a piece that is refused
    if (refused) return *refused;
    return progress;
}

Result<ContentStore::Progress> ContentStore::take_piece(const ContentOwner& owner,
                                                        const ContentPiece& piece,
                                                        Arrivals& arrivals) {
    Progress done{.sha256 = piece.sha256, .received = piece.total, .complete = true};
    if (use(owner, {.sha256 = piece.sha256, .bytes = piece.total})) return done;
    TRY(make_room(static_cast<std::int64_t>(piece.bytes.size())));
    if (piece.is_whole()) {
        TRY(write_whole(owner, piece, arrivals));
        return done;
    }
    const std::lock_guard guard(lock_of(piece.sha256));
    if (size_of(path_of(owner, piece.sha256)) == piece.total) return done;  // came this moment
    done.received = TRY(append(owner, piece));
    done.complete = done.received == piece.total;
    if (done.complete) TRY(complete(owner, piece));
    return done;
}

Result<void> ContentStore::make_room(std::int64_t bytes) {
    if (bytes_ + bytes > limits_.quota_bytes) {
        return exhausted("contents_full",
                         "the server keeps at most " + std::to_string(limits_.quota_bytes) +
                             " bytes of workdirs and has " + std::to_string(bytes_) +
                             "; what no job uses goes after " + to_string(limits_.kept) +
                             ". Leave out what the job does not need with .dayuignore");
    }
    struct statvfs disk{};
    if (::statvfs(folder_.c_str(), &disk) != 0) return failed("look at", folder_);
    const auto free = static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
    if (free - bytes >= limits_.reserve_bytes) return {};
    return exhausted("contents_full", "the server's disk has " + std::to_string(free) +
                                          " bytes left, of which " +
                                          std::to_string(limits_.reserve_bytes) +
                                          " are kept for its journal; make room on it");
}

Result<void> ContentStore::write_whole(const ContentOwner& owner, const ContentPiece& piece,
                                       Arrivals& arrivals) {
    if (to_hex(sha256(piece.bytes)) != piece.sha256) return mismatch(piece.sha256);
    const std::string path = arrival_path(owner);
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open()) return failed("create", path);
    if (!write_at(file, piece.bytes, 0)) {
        const Error error = failed("write", path);
        ::unlink(path.c_str());
        return error;
    }
    bytes_ += piece.total;
    arrivals.push_back({.sha256 = piece.sha256, .bytes = piece.total, .path = path});
    return {};
}

// What follows what is here; what came before or leaves a gap is passed over.
Result<std::int64_t> ContentStore::append(const ContentOwner& owner, const ContentPiece& piece) {
    const std::string partial = partial_path(owner, piece.sha256);
    const Descriptor file(::open(partial.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    struct stat status{};
    if (!file.is_open() || ::fstat(file.number(), &status) != 0) return failed("open", partial);
    std::int64_t received = status.st_size;
    if (received > piece.total) {
        if (::ftruncate(file.number(), 0) != 0) return failed("empty", partial);
        bytes_ -= std::exchange(received, 0);
    }
    const auto length = static_cast<std::int64_t>(piece.bytes.size());
    if (piece.offset > received || piece.offset + length <= received) return received;
    const std::string_view fresh =
        piece.bytes.substr(static_cast<std::size_t>(received - piece.offset));
    if (!write_at(file, fresh, received)) return failed("write", partial);
    bytes_ += static_cast<std::int64_t>(fresh.size());
    return piece.offset + length;
}

// Read back from the disk: what counts is what lies there.
Result<void> ContentStore::complete(const ContentOwner& owner, const ContentPiece& piece) {
    const std::string partial = partial_path(owner, piece.sha256);
    const Descriptor file(::open(partial.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open() || ::fsync(file.number()) != 0) return failed("sync", partial);
    if (TRY(digest_of(file, partial)) != piece.sha256) {
        ::unlink(partial.c_str());
        bytes_ -= piece.total;
        return mismatch(piece.sha256);
    }
    TRY(name(owner, {.sha256 = piece.sha256, .bytes = piece.total, .path = partial}));
    for (const std::string& folder : folders_of(owner, piece.sha256)) TRY(sync(folder));
    return {};
}

// The bytes are synced before they get a name. Who asks for a content meanwhile waits at its lock: it is
// here when its name is synced too.
Result<void> ContentStore::keep(const ContentOwner& owner, const Arrivals& arrivals,
                                const Descriptor& contents) {
    std::set<std::string> files;
    std::set<std::string> folders;
    for (const Arrival& arrival : arrivals) {
        files.insert(arrival.path);
        folders.merge(folders_of(owner, arrival.sha256));
    }
    TRY(sync_all(files, contents));
    const auto guards = lock_all(arrivals);
    const Result<void> named = name_all(owner, arrivals);
    TRY(sync_all(folders, contents));  // also where one of them could not be named
    return named;
}

Result<void> ContentStore::name_all(const ContentOwner& owner, const Arrivals& arrivals) {
    for (const Arrival& arrival : arrivals) TRY(name(owner, arrival));
    return {};
}

Result<void> ContentStore::name(const ContentOwner& owner, const Arrival& arrival) {
    const std::string path = path_of(owner, arrival.sha256);
    const std::string partial = partial_path(owner, arrival.sha256);
    TRY(make_folder(fs::path(path).parent_path().string()));
    const std::int64_t before = size_of(path);  // it came twice, or was cut on disk
    if (::rename(arrival.path.c_str(), path.c_str()) != 0) return failed("rename", arrival.path);
    if (before < 0) ++contents_;
    bytes_ -= std::max<std::int64_t>(before, 0);
    ++taken_;
    taken_bytes_ += static_cast<std::uint64_t>(arrival.bytes);
    const std::int64_t begun = size_of(partial);
    if (begun >= 0 && ::unlink(partial.c_str()) == 0) bytes_ -= begun;
    return {};
}

// Where the content's name may be new.
std::set<std::string> ContentStore::folders_of(const ContentOwner& owner,
                                               const std::string& sha256) const {
    return {folder_, folder_of(owner), fs::path(path_of(owner, sha256)).parent_path().string()};
}

// In one order, so that two that lock several never wait for each other.
std::vector<std::unique_lock<std::mutex>> ContentStore::lock_all(const Arrivals& arrivals) {
    std::set<std::mutex*> mutexes;
    for (const Arrival& arrival : arrivals) mutexes.insert(&lock_of(arrival.sha256));
    std::vector<std::unique_lock<std::mutex>> guards;
    for (std::mutex* mutex : mutexes) guards.emplace_back(*mutex);
    return guards;
}

Result<Manifest> ContentStore::manifest_of(const ContentOwner& owner,
                                           const std::string& digest) const {
    const std::string path = path_of(owner, digest);
    const std::int64_t size = is_content_digest(digest) ? size_of(path) : -1;
    if (size < 0 || std::cmp_greater(size, max_manifest_bytes)) {
        return conflict("contents_missing",
                        "workdir: there is no manifest " + digest.substr(0, 80) +
                            " here; upload the folder first, as `dayu submit` does");
    }
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return failed("open", path);
    return parse_manifest(TRY(read_at(file, 0, static_cast<std::size_t>(size), path)));
}

Result<Workdir> ContentStore::check(const ContentOwner& owner, const std::string& manifest) {
    const std::string key = key_of(owner, manifest);
    const Instant now = system_clock().instant();
    {
        const std::lock_guard guard(known_mutex_);
        const auto known = checked_.find(key);
        if (known != checked_.end() && now - known->second.second < checked_for)
            return known->second.first;
    }
    const Manifest listed = TRY(manifest_of(owner, manifest));
    const std::string manifest_path = path_of(owner, manifest);
    std::int64_t missing = use(owner, {manifest, size_of(manifest_path)}) ? 0 : 1;
    std::string names;
    for (const WorkdirEntry& entry : listed.entries) {
        if (!entry.is_file() || use(owner, {entry.sha256, entry.bytes})) continue;
        if (std::cmp_less(++missing, max_named + 1))
            names += (names.empty() ? "" : ", ") + entry.path;
    }
    if (missing > 0) {
        return conflict("contents_missing", "workdir: " + std::to_string(missing) +
                                                " of its contents are not here (" + names +
                                                "); upload them first, as `dayu submit` does");
    }
    const Workdir found = summary_of(listed, manifest);
    const std::lock_guard guard(known_mutex_);
    if (checked_.size() >= max_checked) checked_.clear();
    checked_[key] = {found, now};
    return found;
}

Result<std::shared_ptr<const ContentStore::Listed>> ContentStore::listed_in(
    const ContentOwner& owner, const std::string& digest) {
    const std::string key = key_of(owner, digest);
    {
        const std::lock_guard guard(known_mutex_);
        if (const auto known = listed_.find(key); known != listed_.end()) return known->second;
    }
    const Manifest manifest = TRY(manifest_of(owner, digest));
    auto listed = std::make_shared<Listed>();
    listed->insert(digest);
    for (const WorkdirEntry& entry : manifest.entries) {
        if (entry.is_file()) listed->insert(entry.sha256);
    }
    const std::lock_guard guard(known_mutex_);
    if (listed_.size() >= max_listed) listed_.clear();
    listed_[key] = listed;
    return std::shared_ptr<const Listed>(std::move(listed));
}

Result<bool> ContentStore::belongs(const ContentOwner& owner, const std::string& manifest,
                                   const std::string& sha256) {
    return TRY(listed_in(owner, manifest))->contains(sha256);
}

Result<ContentStore::Part> ContentStore::read(const ContentOwner& owner, const std::string& sha256,
                                              std::int64_t offset, std::size_t limit) const {
    const std::string path = path_of(owner, sha256);
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (!file.is_open() || ::fstat(file.number(), &status) != 0) {
        return not_found("content_unknown", "content " + sha256.substr(0, 16) +
                                                "... is not here any more; submit the job again");
    }
    const std::int64_t left = std::max<std::int64_t>(status.st_size - offset, 0);
    const std::size_t wanted = std::min(limit, static_cast<std::size_t>(left));
    return Part{.bytes = TRY(read_at(file, offset, wanted, path)), .total = status.st_size};
}

Result<std::int64_t> ContentStore::sweep(const InUse& in_use, Time now) {
    for (const auto& [owner, digest] : in_use) {
        const Result<Manifest> manifest = manifest_of(owner, digest);
        if (!manifest) {
            if (manifest.error().code == "contents_missing") continue;  // nothing to keep it for
            return manifest.error();
        }
        use(owner, {digest, size_of(path_of(owner, digest))});
        for (const WorkdirEntry& entry : manifest->entries) {
            if (entry.is_file()) use(owner, {entry.sha256, entry.bytes});
        }
    }
    std::int64_t removed = 0;
    std::error_code error;
    for (const auto& whose : fs::directory_iterator(folder_, error)) {
        std::error_code gone;
        for (const auto& folder : fs::directory_iterator(whose.path(), gone)) {
            const bool is_partial = folder.path().filename() == "partial";
            removed += sweep_folder(folder.path().string(),
                                    now - (is_partial ? limits_.partial_kept : limits_.kept));
        }
    }
    removed_ += static_cast<std::uint64_t>(removed);
    return removed;
}

std::int64_t ContentStore::sweep_folder(const std::string& folder, Time before) {
    std::int64_t removed = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string path = entry.path().string();
        const std::lock_guard guard(lock_of(entry.path().stem().string()));
        struct stat status{};
        if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        if (Time{std::int64_t{status.st_mtim.tv_sec} * 1000} >= before) continue;
        if (::unlink(path.c_str()) != 0) continue;
        bytes_ -= status.st_size;
        if (!is_coming(path)) --contents_;
        ++removed;
    }
    return removed;
}

}  // namespace dayu::runtime
