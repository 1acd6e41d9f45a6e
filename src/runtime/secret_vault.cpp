// A file: nonce, then the value encrypted, then the tag. What it belongs to is authenticated with it, so
// that a file put in another's place is refused.
#include "runtime/secret_vault.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include <openssl/evp.h>

#include "base/descriptor.h"
#include "base/durable_file.h"
#include "base/sha256.h"

namespace dayu::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t key_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t name_bytes = 16;
constexpr std::string_view key_file = "key";

Error failed(const std::string& verb, const std::string& path) {
    return error_from_errno("secrets_failed", verb + " " + path, errno);
}

Result<std::string> read_whole(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return failed("open", path);
    std::string bytes;
    char buffer[4096];
    for (;;) {
        const ssize_t count = ::read(file.number(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read", path);
        if (count == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(count));
    }
}

std::string belongs_to(const Scope& scope, std::string_view name, std::string_view sealed) {
    std::string text;
    for (const std::string_view part :
         {std::string_view(scope.tenant), std::string_view(scope.project), name, sealed}) {
        text += std::to_string(part.size()) + ":";
        text += part;
    }
    return text;
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
int size_of(std::string_view text) { return static_cast<int>(text.size()); }

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
Cipher make_cipher() { return {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free}; }

Result<std::string> encrypt(const std::string& key, const std::string& nonce,
                            const std::string& context, std::string_view value) {
    const Cipher cipher = make_cipher();
    std::string out(value.size(), '\0'), tag(tag_bytes, '\0');
    int length = 0;
    const bool good =
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(std::as_const(key)),
                           bytes_of(std::as_const(nonce))) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes_of(std::string_view(context)),
                          size_of(context)) == 1 &&
        EVP_EncryptUpdate(cipher.get(), bytes_of(out), &length, bytes_of(value), size_of(value)) ==
            1 &&
        EVP_EncryptFinal_ex(cipher.get(), bytes_of(out) + length, &length) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, bytes_of(tag)) == 1;
    if (!good) return internal("secrets_failed", "a secret could not be sealed");
    return out + tag;
}

std::optional<std::string> decrypt(const std::string& key, std::string_view nonce,
                                   const std::string& context, std::string_view sealed,
                                   std::string tag) {
    const Cipher cipher = make_cipher();
    std::string out(sealed.size(), '\0');
    int length = 0;
    const bool good =
        EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(std::as_const(key)),
                           bytes_of(nonce)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes_of(std::string_view(context)),
                          size_of(context)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), bytes_of(out), &length, bytes_of(sealed),
                          size_of(sealed)) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, bytes_of(tag)) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), bytes_of(out) + length, &length) == 1;
    if (!good) return std::nullopt;
    return out;
}

}  // namespace

Result<std::unique_ptr<SecretVault>> SecretVault::open(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", folder);
    const std::string path = folder + "/" + std::string(key_file);
    if (::access(path.c_str(), F_OK) != 0)
        TRY(replace_durably(path, random_bytes(key_bytes), "secrets_failed"));
    std::string key = TRY(read_whole(path));
    if (key.size() != key_bytes) {
        return invalid("secrets_key_malformed",
                       path + ": has " + std::to_string(key.size()) + " bytes, a key has " +
                           std::to_string(key_bytes) + "; put it back from a backup");
    }
    return std::unique_ptr<SecretVault>(new SecretVault(folder, std::move(key)));
}

Result<std::string> SecretVault::seal(const Scope& scope, std::string_view name,
                                      std::string_view value) const {
    const std::string sealed = to_hex(random_bytes(name_bytes));
    const std::string nonce = random_bytes(nonce_bytes);
    const std::string content = TRY(encrypt(key_, nonce, belongs_to(scope, name, sealed), value));
    TRY(replace_durably(folder_ + "/" + sealed, nonce + content, "secrets_failed"));
    return sealed;
}

Result<std::string> SecretVault::unseal(const Scope& scope, std::string_view name,
                                        const std::string& sealed) const {
    const std::string content = TRY(read_whole(folder_ + "/" + sealed));
    std::optional<std::string> value;
    if (content.size() >= nonce_bytes + tag_bytes) {
        const std::string_view all = content;
        value = decrypt(key_, all.substr(0, nonce_bytes), belongs_to(scope, name, sealed),
                        all.substr(nonce_bytes, all.size() - nonce_bytes - tag_bytes),
                        std::string(all.substr(all.size() - tag_bytes)));
    }
    if (value) return *std::move(value);
    return internal("secret_unreadable",
                    "secret \"" + std::string(name) + "\" of project " + scope.project +
                        " cannot be unsealed: its file or the key is not the one that it was "
                        "sealed with; set it again");
}

void SecretVault::sweep(const std::function<bool(const std::string& sealed)>& is_used) const {
    std::error_code error;
    for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (name != key_file && !is_used(name)) ::unlink(at->path().c_str());
    }
}

}  // namespace dayu::runtime
