// Files of workdirs that an agent has fetched, by their SHA-256, so that the next job finds them at the
// centre. Bounded: what was not used for longest goes first, and never what is in use. It is only a cache:
// nothing in it is synced, and whoever uses a file checks its digest once more.
//
//   FOLDER/ab/abcd...     whole
//   FOLDER/partial/abcd...     what has come of a large one
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dayu::agent {

class ContentCache {
   public:
    static Result<std::unique_ptr<ContentCache>> open(const std::string& folder,
                                                      std::int64_t limit_bytes);

    // Keeps a content in its place while it lives.
    class Pin {
       public:
        Pin() = default;
        Pin(ContentCache& cache, std::string sha256);
        Pin(Pin&& other) noexcept;
        Pin& operator=(Pin&& other) noexcept;
        ~Pin();
        explicit operator bool() const { return cache_ != nullptr; }

       private:
        ContentCache* cache_ = nullptr;
        std::string sha256_;
    };

    // Holds nothing where the content is not here whole.
    Pin find(const std::string& sha256, std::int64_t bytes);
    std::string path_of(const std::string& sha256) const;

    // A whole content; bytes that do not make its digest are `content_spoilt`.
    Result<Pin> put(const std::string& sha256, std::string_view bytes);
    // A large one, by parts, which survive the agent: one at a time, while the caller has its turn.
    std::unique_lock<std::mutex> take_turn() { return std::unique_lock(turn_); }
    std::int64_t partial_bytes(const std::string& sha256) const;
    Result<void> append(const std::string& sha256, std::int64_t offset, std::string_view bytes);
    Result<Pin> finish(const std::string& sha256);

    void drop(const std::string& sha256);

    std::int64_t bytes();

   private:
    ContentCache(std::string folder, std::int64_t limit_bytes);
    std::string partial_path(const std::string& sha256) const;
    Result<Pin> take_in(const std::string& from, const std::string& sha256);
    void count();
    void make_room_locked();

    const std::string folder_;
    const std::int64_t limit_bytes_;
    std::mutex turn_;
    std::mutex mutex_;  // guards what follows, and which files there are
    std::map<std::string, int> pins_;
    std::int64_t bytes_ = 0;
    std::uint64_t last_file_ = 0;
};

}  // namespace dayu::agent
