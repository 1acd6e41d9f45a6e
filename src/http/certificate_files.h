// The certificate of a server and its key, in two files that others renew. A pair is taken when it is
// whole: while the files hold something broken, two halves of different pairs, or a certificate whose
// time has passed or not come, the one that serves goes on serving, and status() says why.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace dayu::http {

class Certificate;

struct CertificatePaths {
    std::string certificate = {};  // PEM: the server's own, then those that lead to its authority
    std::string key = {};          // PEM, and readable for nobody but its owner and group
};

// Whether it is time to renew: two weeks are left, or a quarter of a shorter life.
bool ends_soon(Time begins, Time ends, Time now);

class CertificateFiles {
   public:
    // A certificate whose time has passed is taken here, loudly: refusing to start would make nothing
    // better, and the renewal is seen when it comes.
    static Result<std::shared_ptr<CertificateFiles>> open(CertificatePaths paths);

    // Looks whether the files have changed, and takes them once they have lain still from one look to
    // the next, so that a renewal that writes one after the other is not met halfway. A server looks
    // every second.
    void look();
    // Takes them now.
    void reload();

    // What new connections get.
    std::shared_ptr<const Certificate> current() const;

    struct Status {
        std::string serial;
        std::vector<std::string> names;
        Time begins;
        Time ends;
        std::string refused;  // why the files as they are now do not serve; empty: they do
    };
    Status status() const;

   private:
    // By which a change of a file shows.
    struct Mark {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t size = 0;
        std::int64_t written_ns = 0;
        std::int64_t changed_ns = 0;
        auto operator<=>(const Mark&) const = default;
    };
    using Marks = std::array<Mark, 2>;

    explicit CertificateFiles(CertificatePaths paths);
    Result<std::shared_ptr<const Certificate>> read() const;
    static Mark mark_of(const std::string& path);
    void take();
    void serve(std::shared_ptr<const Certificate> certificate);
    void refuse(const Error& error);
    void warn_of_the_end();

    const CertificatePaths paths_;

    std::mutex looking_;  // one look at a time; guards these four
    Marks seen_;
    bool settled_ = true;
    Instant taken_at_;
    Instant warned_at_;

    mutable std::mutex mutex_;  // never held while a file is read
    std::shared_ptr<const Certificate> current_;
    std::string refused_;
};

}  // namespace dayu::http
