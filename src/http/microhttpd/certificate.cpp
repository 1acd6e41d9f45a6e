#include "http/microhttpd/certificate.h"

#include <arpa/inet.h>
#include <microhttpd.h>

#include <array>
#include <span>
#include <string_view>
#include <utility>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "base/sha256.h"
#include "http/microhttpd/connections.h"

namespace dayu::http {

struct Certificate::Inside {
    ~Inside();

    gnutls_x509_crt_t* chain = nullptr;
    unsigned length = 0;
    gnutls_x509_privkey_t key = nullptr;
    std::vector<gnutls_pcert_st> shown;  // the chain as a handshake takes it
    gnutls_privkey_t signer = nullptr;   // the key as a handshake takes it
};

namespace {

constexpr std::size_t longest_name_bytes = 256;
constexpr std::size_t key_id_bytes = 32;  // SHA-256
using KeyId = std::array<unsigned char, key_id_bytes>;

gnutls_datum_t datum(const std::string& text) {
    // The library takes what it only reads as not const.
    return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
            static_cast<unsigned>(text.size())};
}

std::string because(std::string_view what, int status) {
    return std::string(what) + ": " + gnutls_strerror(status);
}

Result<void> import_chain(Certificate::Inside& inside, const std::string& pem) {
    const gnutls_datum_t data = datum(pem);
    int status =
        gnutls_x509_crt_list_import2(&inside.chain, &inside.length, &data, GNUTLS_X509_FMT_PEM,
                                     GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
    if (status == GNUTLS_E_CERTIFICATE_LIST_UNSORTED) {
        return invalid("tls_certificate_malformed",
                       "the certificates are out of order; the server's own stands first, and "
                       "behind each the one that signed it");
    }
    if (status < 0) {
        return invalid("tls_certificate_malformed", because("no certificate in PEM", status));
    }
    inside.shown.resize(inside.length);
    status = gnutls_pcert_import_x509_list(inside.shown.data(), inside.chain, &inside.length, 0);
    if (status < 0) {
        inside.shown.clear();
        return invalid("tls_certificate_malformed",
                       because("the certificate cannot be used", status));
    }
    return {};
}

Result<void> import_key(Certificate::Inside& inside, const std::string& pem) {
    const gnutls_datum_t data = datum(pem);
    gnutls_x509_privkey_init(&inside.key);
    int status = gnutls_x509_privkey_import2(inside.key, &data, GNUTLS_X509_FMT_PEM, nullptr, 0);
    if (status < 0) {
        return invalid(
            "tls_key_malformed",
            because("no private key in PEM, or one under a password, which nobody could type "
                    "at a start",
                    status));
    }
    gnutls_privkey_init(&inside.signer);
    status = gnutls_privkey_import_x509(inside.signer, inside.key, 0);
    if (status < 0) return invalid("tls_key_malformed", because("the key cannot be used", status));
    return {};
}

Result<void> check_match(const Certificate::Inside& inside) {
    KeyId of_certificate{}, of_key{};
    std::size_t size = key_id_bytes;
    const int first = gnutls_x509_crt_get_key_id(inside.chain[0], GNUTLS_KEYID_USE_SHA256,
                                                 of_certificate.data(), &size);
    size = key_id_bytes;
    const int second =
        gnutls_x509_privkey_get_key_id(inside.key, GNUTLS_KEYID_USE_SHA256, of_key.data(), &size);
    if (first == 0 && second == 0 && of_certificate == of_key) return {};
    return invalid("tls_key_mismatch",
                   "the key is not the one of the certificate; both have to be of one renewal");
}

std::string serial_of(gnutls_x509_crt_t certificate) {
    std::array<char, 64> bytes{};
    std::size_t size = bytes.size();
    if (gnutls_x509_crt_get_serial(certificate, bytes.data(), &size) < 0) return {};
    std::string_view serial(bytes.data(), size);
    while (serial.size() > 1 && serial.front() == '\0') serial.remove_prefix(1);
    return to_hex(serial);
}

std::string address_text(std::string_view bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
    if (bytes.size() != sizeof(in_addr) && bytes.size() != sizeof(in6_addr)) return {};
    return ::inet_ntop(family, bytes.data(), text.data(), text.size());
}

std::vector<std::string> names_of(gnutls_x509_crt_t certificate) {
    std::vector<std::string> names;
    for (unsigned i = 0;; ++i) {
        std::array<char, longest_name_bytes> bytes{};
        std::size_t size = bytes.size();
        const int kind =
            gnutls_x509_crt_get_subject_alt_name(certificate, i, bytes.data(), &size, nullptr);
        if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return names;
        const std::string_view value(bytes.data(), kind < 0 ? 0 : size);
        std::string name;
        if (kind == GNUTLS_SAN_DNSNAME) name = value;
        if (kind == GNUTLS_SAN_IPADDRESS) name = address_text(value);
        if (!name.empty()) names.push_back(std::move(name));
    }
}

Time time_of(time_t unix_seconds) { return Time{} + seconds(unix_seconds); }

// What it hands out lives as long as the connection, which holds the certificate.
int give_certificate(gnutls_session_t session, const gnutls_cert_retr_st*, gnutls_pcert_st** chain,
                     unsigned* length, gnutls_ocsp_data_st** ocsp, unsigned* ocsp_length,
                     gnutls_privkey_t* key, unsigned* flags) {
    auto* connection = static_cast<MHD_Connection*>(gnutls_session_get_ptr(session));
    const auto* context = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    const auto& ours = *static_cast<const Connection*>(context->socket_context);
    const Certificate::Inside& inside = ours.certificate->inside();
    *chain = const_cast<gnutls_pcert_st*>(inside.shown.data());
    *length = static_cast<unsigned>(inside.shown.size());
    *ocsp = nullptr;
    *ocsp_length = 0;
    *key = inside.signer;
    *flags = 0;  // all of it stays ours
    return 0;
}

}  // namespace

Certificate::Inside::~Inside() {
    for (gnutls_pcert_st& one : shown) gnutls_pcert_deinit(&one);
    if (signer != nullptr) gnutls_privkey_deinit(signer);
    if (key != nullptr) gnutls_x509_privkey_deinit(key);
    for (gnutls_x509_crt_t one : std::span(chain, length)) gnutls_x509_crt_deinit(one);
    gnutls_free(chain);
}

Certificate::Certificate(std::unique_ptr<Inside> inside)
    : inside_(std::move(inside)),
      serial_(serial_of(inside_->chain[0])),
      names_(names_of(inside_->chain[0])),
      begins_(time_of(gnutls_x509_crt_get_activation_time(inside_->chain[0]))),
      ends_(time_of(gnutls_x509_crt_get_expiration_time(inside_->chain[0]))) {}

Certificate::~Certificate() = default;

Result<std::shared_ptr<const Certificate>> Certificate::read(const std::string& chain_pem,
                                                             const std::string& key_pem) {
    auto inside = std::make_unique<Inside>();
    TRY(import_chain(*inside, chain_pem));
    TRY(import_key(*inside, key_pem));
    TRY(check_match(*inside));
    return std::shared_ptr<const Certificate>(new Certificate(std::move(inside)));
}

void* certificate_callback() {
    gnutls_certificate_retrieve_function3* const callback = &give_certificate;
    return reinterpret_cast<void*>(callback);
}

}  // namespace dayu::http
