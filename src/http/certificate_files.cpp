#include "http/certificate_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "http/microhttpd/certificate.h"

namespace dayu::http {
namespace {

constexpr std::size_t largest_file_bytes = std::size_t{1} << 20;
constexpr Duration refused_again = seconds(30);  // a certificate's time may come
constexpr Duration two_weeks = seconds(14 * 24 * 3600);
constexpr int parts_of_a_life = 4;
constexpr Duration between_warnings = seconds(24 * 3600);
constexpr mode_t mode_of_others = 07;

class OpenFile {
   public:
    explicit OpenFile(const std::string& path)
        : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~OpenFile() {
        if (number_ >= 0) ::close(number_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int number() const { return number_; }

   private:
    int number_;
};

Error unreadable(const std::string& path, int error_number) {
    return invalid("tls_file_unreadable", "cannot read " + path + ": " + strerror(error_number));
}

Result<std::string> read_file(const std::string& path, mode_t forbidden) {
    const OpenFile file(path);
    struct stat status{};
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) return unreadable(path, errno);
    if ((status.st_mode & forbidden) != 0) {
        return invalid("tls_key_exposed",
                       "every user of this machine can get at the key " + path +
                           "; chmod o= takes that away, and then it should be replaced");
    }
    std::string text(largest_file_bytes, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(file.number(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(path, errno);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
}

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string names_text(const Certificate& certificate) {
    std::string text;
    for (const std::string& name : certificate.names()) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "no name" : text;
}

Result<void> check_time(const Certificate& certificate) {
    const Time now = system_clock().now();
    if (now >= certificate.ends()) {
        return invalid("tls_certificate_expired",
                       "the certificate ended at " + to_string(certificate.ends()));
    }
    if (now < certificate.begins()) {
        return invalid("tls_certificate_not_yet_valid", "the certificate begins at " +
                                                            to_string(certificate.begins()) +
                                                            "; is this machine's clock right?");
    }
    return {};
}

}  // namespace

bool ends_soon(Time begins, Time ends, Time now) {
    const Duration quarter = {(ends - begins).ms / parts_of_a_life};
    return ends - now < std::min(two_weeks, quarter);
}

CertificateFiles::CertificateFiles(CertificatePaths paths) : paths_(std::move(paths)) {}

Result<std::shared_ptr<CertificateFiles>> CertificateFiles::open(CertificatePaths paths) {
    if (paths.certificate.empty() || paths.key.empty()) {
        return invalid("bad_tls", "TLS needs both a certificate and its key");
    }
    std::shared_ptr<CertificateFiles> files(new CertificateFiles(std::move(paths)));
    files->seen_ = {mark_of(files->paths_.certificate), mark_of(files->paths_.key)};
    files->taken_at_ = system_clock().instant();
    std::shared_ptr<const Certificate> first = TRY(files->read());
    const Result<void> timely = check_time(*first);
    files->serve(std::move(first));
    if (!timely.ok()) files->refuse(timely.error());
    files->warn_of_the_end();
    return files;
}

Result<std::shared_ptr<const Certificate>> CertificateFiles::read() const {
    const std::string chain = TRY(read_file(paths_.certificate, 0));
    const std::string key = TRY(read_file(paths_.key, mode_of_others));
    Result<std::shared_ptr<const Certificate>> read = Certificate::read(chain, key);
    if (read.ok()) return read;
    Error error = read.error();
    const bool of_key = error.code == "tls_key_malformed";
    error.message = (of_key ? paths_.key : paths_.certificate) + ": " + error.message;
    return error;
}

CertificateFiles::Mark CertificateFiles::mark_of(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return {};
    return {.device = status.st_dev,
            .inode = status.st_ino,
            .size = status.st_size,
            .written_ns = nanoseconds(status.st_mtim),
            .changed_ns = nanoseconds(status.st_ctim)};
}

void CertificateFiles::look() {
    const std::lock_guard looking(looking_);
    warn_of_the_end();
    const Marks marks = {mark_of(paths_.certificate), mark_of(paths_.key)};
    if (std::exchange(seen_, marks) != marks) {
        settled_ = false;
        return;
    }
    const bool again = system_clock().instant() - taken_at_ >= refused_again;
    if (settled_ && !(again && !status().refused.empty())) return;
    take();
}

void CertificateFiles::reload() {
    const std::lock_guard looking(looking_);
    seen_ = {mark_of(paths_.certificate), mark_of(paths_.key)};
    take();
}

void CertificateFiles::take() {
    settled_ = true;
    taken_at_ = system_clock().instant();
    Result<std::shared_ptr<const Certificate>> found = read();
    if (!found.ok()) return refuse(found.error());
    if (const Result<void> timely = check_time(**found); !timely.ok()) {
        Error error = timely.error();
        error.message = paths_.certificate + ": " + error.message;
        return refuse(error);
    }
    serve(std::move(*found));
}

void CertificateFiles::serve(std::shared_ptr<const Certificate> certificate) {
    const std::lock_guard lock(mutex_);
    refused_.clear();
    if (!current_ || current_->serial() != certificate->serial()) {
        log_info("TLS: new connections get certificate {} of {}, good until {}",
                 certificate->serial(), names_text(*certificate), to_string(certificate->ends()));
    }
    current_ = std::move(certificate);
}

void CertificateFiles::refuse(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(refused_, error.message) == error.message) return;
    log_error("TLS: certificate {} goes on serving, because {} ({})", current_->serial(),
              error.message, error.code);
}

void CertificateFiles::warn_of_the_end() {
    const std::shared_ptr<const Certificate> serving = current();
    const Instant now = system_clock().instant();
    if (!ends_soon(serving->begins(), serving->ends(), system_clock().now())) return;
    if (warned_at_ != Instant{} && now - warned_at_ < between_warnings) return;
    warned_at_ = now;
    log_warning("TLS: the certificate ends at {}: renew it", to_string(serving->ends()));
}

std::shared_ptr<const Certificate> CertificateFiles::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

CertificateFiles::Status CertificateFiles::status() const {
    const std::lock_guard lock(mutex_);
    return {.serial = current_->serial(),
            .names = current_->names(),
            .begins = current_->begins(),
            .ends = current_->ends(),
            .refused = refused_};
}

}  // namespace dayu::http
