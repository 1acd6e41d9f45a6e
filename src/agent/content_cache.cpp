#include "agent/content_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/sha256.h"

namespace dayu::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_bytes = std::size_t{1} << 20;
// Room is made for some time at once: to look for the oldest is to look at all of them.
constexpr std::int64_t kept_per_mille = 900;

Error failed(const std::string& verb, const std::string& path) {
    Error error = error_from_errno("cache_failed", verb + " " + path, errno);
    // A full disk: another centre may have room.
    if (error.kind == ErrorKind::unavailable) error.kind = ErrorKind::exhausted;
    return error;
}

Result<void> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", path);
    return {};
}

Result<std::string> digest_of(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return failed("open", path);
    Sha256Sum sum;
    std::string block(block_bytes, '\0');
    while (true) {
        const ssize_t count = ::read(file.number(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read", path);
        if (count == 0) return to_hex(sum.finish());
        sum.add(std::string_view(block).substr(0, static_cast<std::size_t>(count)));
    }
}

std::int64_t size_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_size : -1;
}

Error spoilt(const std::string& sha256) {
    return unavailable("content_spoilt", "what came for content " + sha256.substr(0, 16) +
                                             "... does not have this SHA-256");
}

}  // namespace

ContentCache::Pin::Pin(ContentCache& cache, std::string sha256)
    : cache_(&cache), sha256_(std::move(sha256)) {}
ContentCache::Pin::Pin(Pin&& other) noexcept
    : cache_(std::exchange(other.cache_, nullptr)), sha256_(std::move(other.sha256_)) {}
ContentCache::Pin& ContentCache::Pin::operator=(Pin&& other) noexcept {
    std::swap(cache_, other.cache_);
    std::swap(sha256_, other.sha256_);
    return *this;
}
ContentCache::Pin::~Pin() {
    if (cache_ == nullptr) return;
    const std::lock_guard guard(cache_->mutex_);
    const auto found = cache_->pins_.find(sha256_);
    if (--found->second == 0) cache_->pins_.erase(found);
}

ContentCache::ContentCache(std::string folder, std::int64_t limit_bytes)
    : folder_(std::move(folder)), limit_bytes_(limit_bytes) {}

Result<std::unique_ptr<ContentCache>> ContentCache::open(const std::string& folder,
                                                         std::int64_t limit_bytes) {
    TRY(make_folder(folder));
    TRY(make_folder(folder + "/partial"));
    std::unique_ptr<ContentCache> cache(new ContentCache(folder, limit_bytes));
    cache->count();
    const std::lock_guard guard(cache->mutex_);
    cache->make_room_locked();
    return cache;
}

void ContentCache::count() {
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code gone;
        if (!at->is_regular_file(gone)) continue;
        if (at->path().extension() == ".new") {
            ::unlink(at->path().c_str());  // half written by an agent that was killed
        } else if (at->path().parent_path().filename() != "partial") {  // counts when it is whole
            bytes_ += static_cast<std::int64_t>(at->file_size(gone));
        }
    }
}

std::string ContentCache::path_of(const std::string& sha256) const {
    return folder_ + "/" + sha256.substr(0, 2) + "/" + sha256;
}

std::string ContentCache::partial_path(const std::string& sha256) const {
    return folder_ + "/partial/" + sha256;
}

ContentCache::Pin ContentCache::find(const std::string& sha256, std::int64_t bytes) {
    const std::string path = path_of(sha256);
    const std::lock_guard guard(mutex_);
    if (bytes < 0 || size_of(path) != bytes) return {};
    ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    ++pins_[sha256];
    return {*this, sha256};
}

Result<ContentCache::Pin> ContentCache::put(const std::string& sha256, std::string_view bytes) {
    if (to_hex(dayu::sha256(bytes)) != sha256) return spoilt(sha256);
    std::string path;
    {
        const std::lock_guard guard(mutex_);
        path = folder_ + "/partial/" + std::to_string(++last_file_) + ".new";
    }
    {
        const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!file.is_open()) return failed("create", path);
        if (!write_at(file, bytes, 0)) {
            const Error error = failed("write", path);
            ::unlink(path.c_str());
            return error;
        }
    }
    return take_in(path, sha256);
}

std::int64_t ContentCache::partial_bytes(const std::string& sha256) const {
    return std::max<std::int64_t>(size_of(partial_path(sha256)), 0);
}

Result<void> ContentCache::append(const std::string& sha256, std::int64_t offset,
                                  std::string_view bytes) {
    const std::string path = partial_path(sha256);
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file.is_open()) return failed("open", path);
    if (!write_at(file, bytes, offset)) return failed("write", path);
    return {};
}

Result<ContentCache::Pin> ContentCache::finish(const std::string& sha256) {
    const std::string path = partial_path(sha256);
    if (TRY(digest_of(path)) != sha256) {
        ::unlink(path.c_str());
        return spoilt(sha256);
    }
    return take_in(path, sha256);
}

Result<ContentCache::Pin> ContentCache::take_in(const std::string& from,
                                                const std::string& sha256) {
    const std::string path = path_of(sha256);
    const std::lock_guard guard(mutex_);
    TRY(make_folder(fs::path(path).parent_path().string()));
    bytes_ += size_of(from) - std::max<std::int64_t>(size_of(path), 0);
    if (::rename(from.c_str(), path.c_str()) != 0) return failed("rename", from);
    ++pins_[sha256];
    make_room_locked();
    return Pin(*this, sha256);
}

void ContentCache::drop(const std::string& sha256) {
    const std::string path = path_of(sha256);
    const std::lock_guard guard(mutex_);
    const std::int64_t bytes = size_of(path);
    if (bytes >= 0 && ::unlink(path.c_str()) == 0) bytes_ -= bytes;
}

std::int64_t ContentCache::bytes() {
    const std::lock_guard guard(mutex_);
    return bytes_;
}

void ContentCache::make_room_locked() {
    if (bytes_ <= limit_bytes_) return;
    struct Row {
        fs::file_time_type used;
        std::int64_t bytes;
        std::string path;
    };
    std::vector<Row> rows;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code gone;
        if (!at->is_regular_file(gone) || pins_.contains(at->path().filename().string())) continue;
        if (at->path().parent_path().filename() == "partial") continue;  // is coming
        rows.push_back({at->last_write_time(gone), static_cast<std::int64_t>(at->file_size(gone)),
                        at->path().string()});
    }
    std::ranges::sort(rows, {}, &Row::used);
    for (const Row& row : rows) {
        if (bytes_ <= limit_bytes_ / 1000 * kept_per_mille) return;
        if (::unlink(row.path.c_str()) == 0) bytes_ -= row.bytes;
    }
}

}  // namespace dayu::agent
