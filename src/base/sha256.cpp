#include "base/sha256.h"

#include <memory>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/check.h"

namespace dayu {
namespace {

// One context a thread: creating one costs more than hashing a small entry.
EVP_MD_CTX* context() {
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    thread_local const std::unique_ptr<EVP_MD_CTX, Free> instance{EVP_MD_CTX_new()};
    return instance.get();
}

const EVP_MD* algorithm() {
    static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return fetched;
}

}  // namespace

Sha256 sha256(std::string_view bytes) { return sha256({bytes}); }

Sha256 sha256(std::initializer_list<std::string_view> parts) {
    Sha256 digest{};
    CHECK(EVP_DigestInit_ex(context(), algorithm(), nullptr) == 1);
    for (const std::string_view part : parts) {
        CHECK(EVP_DigestUpdate(context(), part.data(), part.size()) == 1);
    }
    CHECK(EVP_DigestFinal_ex(context(), digest.data(), nullptr) == 1);
    return digest;
}

struct Sha256Sum::Context {
    EVP_MD_CTX* evp = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256Sum::Sha256Sum() : context_(std::make_unique<Context>()) {
    CHECK(EVP_DigestInit_ex(context_->evp, algorithm(), nullptr) == 1);
}
Sha256Sum::~Sha256Sum() = default;

void Sha256Sum::add(std::string_view bytes) {
    CHECK(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Sum::finish() {
    Sha256 digest{};
    CHECK(EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr) == 1);
    return digest;
}

std::string to_hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value >> 4];
        text += digits[value & 15];
    }
    return text;
}

std::string to_hex(const Sha256& digest) {
    return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
    return bytes;
}

}  // namespace dayu
