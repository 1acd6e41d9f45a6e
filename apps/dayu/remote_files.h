// The files of a job's run directory, asked for over a ReachChannel in the words of model/file_words.h.
// Each call is complete in itself, so that after a broken connection one opens a new channel and goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dayu/reach_channel.h"

namespace dayu::app {

struct RemotePath {
    std::int64_t job = 0;
    std::int64_t node = 0;
    std::int64_t attempt = 0;  // 0: the latest
    std::string path;
};

struct FileStatus {
    char kind = 'f';  // f file, d folder, l link, o other
    std::int64_t mode = 0;
    std::int64_t bytes = 0;
    std::int64_t modified = 0;  // Unix seconds
    std::string name;           // in a list
};

class RemoteFiles {
   public:
    RemoteFiles(const Globals& globals, RemotePath place) : globals_(globals), place_(place) {}

    Result<FileStatus> stat(const std::string& path);
    Result<std::vector<FileStatus>> list(const std::string& path);
    // Hands on the bytes from `from` to `to`, or fewer when the file has become shorter.
    using Sink = std::function<Result<void>(std::string_view)>;
    Result<void> get(const std::string& path, std::int64_t from, std::int64_t to, const Sink& sink);
    Result<std::string> hash(const std::string& path, std::int64_t length);
    Result<std::int64_t> part(const std::string& path);
    Result<void> mkdir(const std::string& path, std::int64_t mode);

    // An upload: put, bytes as often as needed, commit.
    Result<void> put(const std::string& path, std::int64_t offset);
    Result<void> bytes(std::string_view bytes);
    Result<void> check();  // what has been refused meanwhile
    Result<void> commit(std::int64_t mode, std::int64_t size, const std::string& hex);

    void forget() { channel_.reset(); }  // the next call opens another channel

   private:
    Result<void> ask(char word, const std::string& numbers, const std::string& path);
    Result<void> say(char word, std::string_view payload);
    Result<std::optional<Frame>> answer(Duration wait);
    Result<std::string> done();

    const Globals& globals_;
    RemotePath place_;
    std::unique_ptr<ReachChannel> channel_;
    FrameReader frames_;
    std::string complaints_;  // what the program wrote to its standard error
};

}  // namespace dayu::app
