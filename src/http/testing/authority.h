// For tests: an authority of their own, in a temporary folder, which signs certificates by the openssl
// command.
#pragma once

#include <string>

#include "base/testing/temporary_folder.h"
#include "http/certificate_files.h"

namespace dayu::http::testing {

class Authority {
   public:
    Authority();

    bool is_there() const { return there_; }  // no: there is no openssl command
    std::string file() const { return at("ca.pem"); }
    std::string at(const std::string& name) const { return folder_.path() + "/" + name; }

    struct Wish {
        std::string name = "IP:127.0.0.1";  // as subjectAltName takes it
        int days = 2;                       // none: it ends at once
    };
    // NAME.pem and NAME.key, with a serial number that no other has.
    CertificatePaths issue(const std::string& name, const Wish& wish) const;
    CertificatePaths issue(const std::string& name) const { return issue(name, Wish()); }

   private:
    bool run(const std::string& command) const;

    const TemporaryFolder folder_;
    bool there_ = false;
};

}  // namespace dayu::http::testing
