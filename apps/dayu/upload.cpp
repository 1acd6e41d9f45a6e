#include "dayu/upload.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include <fmt/core.h>

#include "base/sha256.h"
#include "dayu/answers.h"
#include "dayu/outcome.h"
#include "dayu/output.h"
#include "dayu/progress.h"
#include "model/content_piece.h"

namespace dayu::app {
namespace {

constexpr std::size_t asked_at_once = 5000;
constexpr std::size_t pieces_at_once = 1000;
constexpr Duration send_patience = seconds(120);  // for 4 MiB over a slow line
constexpr Duration first_pause = milliseconds(200);
constexpr Duration longest_pause = seconds(3);

// A content and where its bytes are; "" for the manifest, which is in no file.
struct Source {
    std::string path;
    std::int64_t bytes = 0;
};

Result<std::string> read_part(const std::string& path, std::int64_t offset, std::size_t length) {
    const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return error_from_errno("workdir_unreadable", "workdir: read " + path, errno);
    std::string bytes(length, '\0');
    std::size_t filled = 0;
    int error = 0;
    while (filled < length) {
        const ssize_t count = ::pread(file, bytes.data() + filled, length - filled,
                                      offset + static_cast<std::int64_t>(filled));
        if (count < 0 && errno == EINTR) continue;
        error = count < 0 ? errno : 0;
        if (count <= 0) break;
        filled += static_cast<std::size_t>(count);
    }
    ::close(file);
    if (error != 0) return error_from_errno("workdir_unreadable", "workdir: read " + path, error);
    bytes.resize(filled);
    return bytes;
}

class Upload {
   public:
    Upload(Connection& connection, const LocalWorkdir& workdir)
        : connection_(connection), workdir_(workdir), progress_("uploading " + workdir.folder) {
        for (const WorkdirEntry& entry : workdir.manifest.entries) {
            if (entry.is_file())
                sources_[entry.sha256] = {workdir.folder + "/" + entry.path, entry.bytes};
        }
        sources_[workdir.summary.manifest] = {"", static_cast<std::int64_t>(workdir.text.size())};
    }

    // One try: what is missing, and then all of that.
    Result<void> run() {
        std::vector<std::pair<std::string, std::int64_t>> missing;
        left_ = 0;
        for (auto at = sources_.begin(); at != sources_.end();) {
            wire::Json::Array asked;
            for (; at != sources_.end() && asked.size() < asked_at_once; ++at)
                asked.push_back(
                    wire::Json::Object{{"sha256", at->first}, {"bytes", at->second.bytes}});
            const wire::Json answer = TRY(connection_.post(
                "/v1/contents:missing",
                wire::to_text(wire::Json::Object{{"contents", std::move(asked)}})));
            for (const wire::Json& content : list(answer, "missing")) {
                const auto source = sources_.find(text(content, "sha256"));
                if (source == sources_.end()) continue;
                missing.emplace_back(source->first, number(content, "received"));
                left_ += source->second.bytes - missing.back().second;
            }
        }
        for (const auto& [sha256, received] : missing) TRY(send(sha256, received));
        return flush();
    }

    // Bytes that have arrived, over all tries.
    std::int64_t sent() const { return sent_; }

   private:
    Result<void> send(const std::string& sha256, std::int64_t offset) {
        const Source& source = sources_.at(sha256);
        do {
            const std::size_t room =
                content_body_bytes - std::min(body_.size(), content_body_bytes);
            const auto length = static_cast<std::size_t>(source.bytes - offset);
            const bool fits = length <= room;
            if (!fits && !body_.empty()) {
                TRY(flush());
                continue;
            }
            const std::string part = TRY(read(source, offset, fits ? length : room));
            if (offset == 0 && fits && to_hex(dayu::sha256(part)) != sha256) return changed(source);
            append_piece(
                body_, {.sha256 = sha256, .offset = offset, .total = source.bytes, .bytes = part});
            offset += static_cast<std::int64_t>(part.size());
            in_body_ += static_cast<std::int64_t>(part.size());
            if (++pieces_ == pieces_at_once) TRY(flush());
        } while (offset < source.bytes);
        return {};
    }

    Result<std::string> read(const Source& source, std::int64_t offset, std::size_t length) {
        if (source.path.empty())
            return workdir_.text.substr(static_cast<std::size_t>(offset), length);
        std::string part = TRY(read_part(source.path, offset, length));
        if (part.size() != length) return changed(source);
        return part;
    }

    static Error changed(const Source& source) {
        return conflict("workdir_changed", "workdir: " + source.path +
                                               " changed while it was read; submit again when "
                                               "nothing writes there any more");
    }

    Result<void> flush() {
        if (body_.empty()) return {};
        TRY(connection_.fetch({.method = "POST",
                               .path = "/v1/contents",
                               .body = std::move(body_),
                               .content_type = "application/octet-stream",
                               .timeout = send_patience}));
        body_.clear();
        pieces_ = 0;
        sent_ += in_body_;
        left_ -= in_body_;
        in_body_ = 0;
        progress_.say(fmt::format("uploading {}: {} left", workdir_.folder, bytes(left_)));
        return {};
    }

    Connection& connection_;
    const LocalWorkdir& workdir_;
    Progress progress_;
    std::map<std::string, Source> sources_;  // by digest
    std::string body_;
    std::size_t pieces_ = 0;
    std::int64_t in_body_ = 0;
    std::int64_t sent_ = 0;
    std::int64_t left_ = 0;
};

}  // namespace

Result<void> upload(Connection& connection, const LocalWorkdir& workdir, Duration retry_for) {
    const Clock& clock = system_clock();
    Duration next_pause = first_pause;
    Instant give_up = clock.instant() + retry_for;
    while (true) {
        Upload one(connection, workdir);
        const Result<void> done = one.run();
        if (done.ok() || done.error().kind != ErrorKind::unavailable) return done;
        if (one.sent() > 0) {
            give_up = clock.instant() + retry_for;
            next_pause = first_pause;
        }
        if (clock.instant() + next_pause > give_up) return done;
        remark(fmt::format("dayu: {}; the upload goes on when it answers", done.error().message));
        pause(next_pause);
        next_pause = std::min(Duration{next_pause.ms * 2}, longest_pause);
    }
}

}  // namespace dayu::app
