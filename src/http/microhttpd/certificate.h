// A server's certificate with its chain and its private key, as the TLS library holds them. It never
// changes: a renewal is another one, and a connection keeps the one that it began with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace dayu::http {

class Certificate {
   public:
    // Both in PEM, the server's own certificate first, then those that lead to its authority. Refused
    // (invalid) are what is none, a chain out of order, and a key that is encrypted or another's.
    static Result<std::shared_ptr<const Certificate>> read(const std::string& chain_pem,
                                                           const std::string& key_pem);
    ~Certificate();
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    const std::string& serial() const { return serial_; }             // "3af1", hexadecimal
    const std::vector<std::string>& names() const { return names_; }  // DNS names and addresses
    Time begins() const { return begins_; }
    Time ends() const { return ends_; }

    struct Inside;
    const Inside& inside() const { return *inside_; }

   private:
    explicit Certificate(std::unique_ptr<Inside> inside);

    std::unique_ptr<Inside> inside_;
    std::string serial_;
    std::vector<std::string> names_;
    Time begins_;
    Time ends_;
};

// For MHD_OPTION_HTTPS_CERT_CALLBACK2: a handshake gets the certificate of its Connection.
void* certificate_callback();

}  // namespace dayu::http
