// The files of jobs' workdirs, each by the SHA-256 of its bytes, in the folder `contents` of the data
// folder: OWNER/ab/abcd... when whole, OWNER/partial/abcd....new while it is coming. Who submits has a
// folder of its own, so that who knows a digest of another's learns nothing and gets nothing by it.
//
// A content is there whole, synced and with the digest that its name says, or not at all. What arrives is
// appended to what has arrived; pieces that come twice, or late, do no harm. Contents that come whole wait in
// OWNER/partial/N.tmp for the rest of their request: a thousand are synced at the cost of a few, and get
// their names then. When it was used last is its file's time: sweep() first touches what live jobs use, and
// then removes what was not used for long.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/result.h"
#include "base/time.h"
#include "model/content_piece.h"
#include "model/ids.h"
#include "model/workdir.h"

namespace dayu::runtime {

inline constexpr std::size_t max_contents_asked = 10'000;  // in one question

struct ContentLimits {
    std::int64_t quota_bytes = std::int64_t{256} << 30;  // of all together
    std::int64_t reserve_bytes = std::int64_t{1} << 30;  // of the disk, for the journal beside it
    Duration kept = seconds(7 * 24 * 3600);              // after the last use
    Duration partial_kept = seconds(24 * 3600);          // of what never became whole
};

// Whose they are: of the caller who sent them, and of the jobs that this caller submits.
struct ContentOwner {
    Scope scope;
    std::string actor;

    auto operator<=>(const ContentOwner&) const = default;
};

// For whoever watches the server: what is there, and what came and went since it started.
struct ContentFigures {
    std::int64_t contents = 0;  // whole
    std::int64_t bytes = 0;     // with what is still coming
    std::uint64_t asked = 0;    // whether they are here
    std::uint64_t found = 0;    // were here
    std::uint64_t taken = 0;
    std::uint64_t taken_bytes = 0;
    std::uint64_t removed = 0;
};

class ContentStore {
   public:
    static Result<std::unique_ptr<ContentStore>> open(const std::string& folder,
                                                      const ContentLimits& limits = {});

    struct Wanted {
        std::string sha256;
        std::int64_t bytes = 0;
        static constexpr auto fields() {
            return field_list(Field{"sha256", &Wanted::sha256}, Field{"bytes", &Wanted::bytes});
        }
    };
    struct Progress {
        std::string sha256;
        std::int64_t received = 0;
        bool complete = false;
        static constexpr auto fields() {
            return field_list(Field{"sha256", &Progress::sha256},
                              Field{"received", &Progress::received},
                              Field{"complete", &Progress::complete});
        }
    };
    // Those that are not here whole, with how much of them is. What is here counts as used.
    Result<std::vector<Progress>> missing(const ContentOwner& owner,
                                          std::span<const Wanted> wanted);

    // Takes what continues what is here, and says how much there is then. Bytes that do not make the
    // digest are dropped: `content_mismatch`.
    Result<std::vector<Progress>> take(const ContentOwner& owner,
                                       std::span<const ContentPiece> pieces);

    // The manifest, with all its contents here and counted as used; or `contents_missing`.
    Result<Workdir> check(const ContentOwner& owner, const std::string& manifest);

    // Whether the content is the manifest or listed in it.
    Result<bool> belongs(const ContentOwner& owner, const std::string& manifest,
                         const std::string& sha256);
    struct Part {
        std::string bytes;
        std::int64_t total = 0;
    };
    Result<Part> read(const ContentOwner& owner, const std::string& sha256, std::int64_t offset,
                      std::size_t limit) const;

    // The manifests of live jobs.
    using InUse = std::set<std::pair<ContentOwner, std::string>>;
    // How many contents it removed.
    Result<std::int64_t> sweep(const InUse& in_use, Time now);

    std::int64_t bytes() const { return bytes_; }
    ContentFigures figures() const;
    const ContentLimits& limits() const { return limits_; }

   private:
    using Listed = std::set<std::string>;  // digests
    // A content that came whole: written, and neither synced nor under its name yet.
    struct Arrival {
        std::string sha256;
        std::int64_t bytes = 0;
        std::string path;
    };
    using Arrivals = std::vector<Arrival>;
    static constexpr std::size_t locks = 64;

    ContentStore(std::string folder, const ContentLimits& limits);
    std::string folder_of(const ContentOwner& owner) const;
    std::string path_of(const ContentOwner& owner, const std::string& sha256) const;
    std::string partial_path(const ContentOwner& owner, const std::string& sha256) const;
    std::mutex& lock_of(const std::string& sha256);
    bool use(const ContentOwner& owner, const Wanted& content);
    Result<void> make_room(std::int64_t bytes);
    std::string arrival_path(const ContentOwner& owner);
    Result<Progress> take_piece(const ContentOwner& owner, const ContentPiece& piece,
                                Arrivals& arrivals);
    Result<void> write_whole(const ContentOwner& owner, const ContentPiece& piece,
                             Arrivals& arrivals);
    Result<std::int64_t> append(const ContentOwner& owner, const ContentPiece& piece);
    Result<void> complete(const ContentOwner& owner, const ContentPiece& piece);
    Result<void> keep(const ContentOwner& owner, const Arrivals& arrivals,
                      const Descriptor& contents);
    Result<void> name_all(const ContentOwner& owner, const Arrivals& arrivals);
    Result<void> name(const ContentOwner& owner, const Arrival& arrival);
    std::set<std::string> folders_of(const ContentOwner& owner, const std::string& sha256) const;
    std::vector<std::unique_lock<std::mutex>> lock_all(const Arrivals& arrivals);
    Result<Manifest> manifest_of(const ContentOwner& owner, const std::string& digest) const;
    Result<std::shared_ptr<const Listed>> listed_in(const ContentOwner& owner,
                                                    const std::string& digest);
    void count();
    std::int64_t sweep_folder(const std::string& folder, Time before);

    const std::string folder_;
    const ContentLimits limits_;
    std::atomic<std::int64_t> bytes_ = 0;
    std::atomic<std::int64_t> contents_ = 0;
    std::atomic<std::uint64_t> asked_ = 0;
    std::atomic<std::uint64_t> found_ = 0;
    std::atomic<std::uint64_t> taken_ = 0;
    std::atomic<std::uint64_t> taken_bytes_ = 0;
    std::atomic<std::uint64_t> removed_ = 0;
    std::atomic<std::uint64_t> last_arrival_ = 0;
    std::array<std::mutex, locks> mutexes_;  // by digest: one that writes, names or removes

    std::mutex known_mutex_;                                      // guards what follows
    std::map<std::string, std::pair<Workdir, Instant>> checked_;  // when a manifest was all here
    std::map<std::string, std::shared_ptr<const Listed>> listed_;
};

}  // namespace dayu::runtime
