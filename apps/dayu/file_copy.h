// One file, or a folder with all below it, out of a job's run directory or into it. A file arrives under
// the name NAME.dayu-part and gets its own when length and SHA-256 are right; a copy that broke off is
// taken up where it was, by this run or by a later one.
#pragma once

#include <cstdint>
#include <string>

#include "dayu/remote_files.h"

namespace dayu::app {

class FileCopy {
   public:
    // `job` names it in messages: "job 12".
    FileCopy(RemoteFiles& remote, std::string job) : remote_(remote), job_(std::move(job)) {}

    Result<void> download(const std::string& remote, const std::string& local);
    Result<void> upload(const std::string& local, const std::string& remote);

    std::int64_t files() const { return files_; }
    std::int64_t bytes() const { return bytes_; }

   private:
    Result<void> download_folder(const std::string& remote, const std::string& local, int depth);
    Result<void> download_file(const std::string& remote, const std::string& local,
                               const FileStatus& status);
    Result<void> download_once(const std::string& remote, const std::string& local,
                               const FileStatus& status);
    Result<void> upload_folder(const std::string& local, const std::string& remote, int depth);
    Result<void> upload_file(const std::string& local, const std::string& remote);
    Result<void> upload_once(const std::string& local, const std::string& remote, bool resumes);
    template <class Step>
    Result<void> persist(const std::string& what, const Step& step);
    void show(const std::string& name, std::int64_t done, std::int64_t size);
    void end_line();

    RemoteFiles& remote_;
    std::string job_;
    std::int64_t files_ = 0;
    std::int64_t bytes_ = 0;
    std::int64_t moved_ = 0;  // bytes that went over the wire
    Instant shown_;
    bool on_line_ = false;
};

}  // namespace dayu::app
