#include "dayu/remote_files.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "model/file_words.h"

namespace dayu::app {
namespace {

constexpr Duration poll = seconds(15);

FileStatus status_of(const std::string& payload) {
    FileStatus status;
    long long mode = 0;
    long long bytes = 0;
    long long modified = 0;
    std::sscanf(payload.c_str(), "%c %lld %lld %lld", &status.kind, &mode, &bytes, &modified);
    status.mode = mode;
    status.bytes = bytes;
    status.modified = modified;
    if (const std::size_t line = payload.find('\n'); line != std::string::npos)
        status.name = payload.substr(line + 1);
    return status;
}

}  // namespace

Result<void> RemoteFiles::say(char word, std::string_view payload) {
    if (!channel_) {
        wire::Json wish;
        wish["kind"] = "files";
        wish["node"] = place_.node;
        wish["attempt"] = place_.attempt;
        channel_ = TRY(ReachChannel::open(globals_, place_.job, wish));
        frames_ = FrameReader();
        complaints_.clear();
    }
    return channel_->send(reach::input, make_frame(word, payload));
}

Result<void> RemoteFiles::ask(char word, const std::string& numbers, const std::string& path) {
    return say(word, numbers + "\n" + path);
}

Result<std::optional<Frame>> RemoteFiles::answer(Duration wait) {
    while (true) {
        if (auto inner = frames_.next()) {
            if (inner->kind == file_word::refused) return error_from_centre(inner->payload);
            return std::optional(std::move(*inner));
        }
        auto frame = TRY(channel_->receive(wait));
        if (!frame) {
            if (wait.ms == 0) return std::optional<Frame>();
            continue;
        }
        if (frame->kind == reach::output) frames_.add(frame->payload);
        if (frame->kind == reach::errors) complaints_ += frame->payload;
        if (frame->kind == reach::exited) {
            return unavailable("reach_lost", complaints_.empty()
                                                 ? "the centre's file server has ended; try again"
                                                 : complaints_);
        }
    }
}

Result<std::string> RemoteFiles::done() {
    while (true) {
        const auto frame = TRY(answer(poll));
        if (frame && frame->kind == file_word::done) return frame->payload;
    }
}

Result<FileStatus> RemoteFiles::stat(const std::string& path) {
    TRY(ask(file_word::stat, "", path));
    return status_of(TRY(done()));
}

Result<std::vector<FileStatus>> RemoteFiles::list(const std::string& path) {
    TRY(ask(file_word::list, "", path));
    std::vector<FileStatus> entries;
    while (true) {
        const auto frame = TRY(answer(poll));
        if (frame->kind == file_word::done) return entries;
        if (frame->kind == file_word::entry) entries.push_back(status_of(frame->payload));
    }
}

Result<void> RemoteFiles::get(const std::string& path, std::int64_t from, std::int64_t to,
                              const Sink& sink) {
    TRY(ask(file_word::get, std::to_string(from) + " " + std::to_string(to), path));
    while (true) {
        const auto frame = TRY(answer(poll));
        if (frame->kind == file_word::done) return {};
        if (frame->kind == file_word::bytes) TRY(sink(frame->payload));
    }
}

Result<std::string> RemoteFiles::hash(const std::string& path, std::int64_t length) {
    TRY(ask(file_word::hash, std::to_string(length), path));
    return done();
}

Result<std::int64_t> RemoteFiles::part(const std::string& path) {
    TRY(ask(file_word::part, "", path));
    return std::int64_t{std::atoll(TRY(done()).c_str())};
}

Result<void> RemoteFiles::mkdir(const std::string& path, std::int64_t mode) {
    TRY(ask(file_word::mkdir, std::to_string(mode), path));
    TRY(done());
    return {};
}

Result<void> RemoteFiles::put(const std::string& path, std::int64_t offset) {
    return ask(file_word::put, std::to_string(offset), path);
}

Result<void> RemoteFiles::bytes(std::string_view bytes) { return say(file_word::bytes, bytes); }

Result<void> RemoteFiles::check() {
    TRY(answer({}));
    return {};
}

Result<void> RemoteFiles::commit(std::int64_t mode, std::int64_t size, const std::string& hex) {
    TRY(ask(file_word::commit, std::to_string(mode) + " " + std::to_string(size) + " " + hex, ""));
    TRY(done());
    return {};
}

}  // namespace dayu::app
