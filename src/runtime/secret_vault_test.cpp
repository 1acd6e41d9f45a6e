#include "runtime/secret_vault.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace dayu::runtime {
namespace {

class SecretVaultTest : public testing::Test {
   protected:
    std::string file(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(folder + "/" + name, std::ios::binary).rdbuf();
        return text.str();
    }

    const TemporaryFolder temporary;
    const std::string& folder = temporary.path();
    const Scope scope{.tenant = "t", .project = "p"};
};

TEST_F(SecretVaultTest, KeepsAValueOverARestartAndShowsItInNoFile) {
    const std::string value("a token\nof two lines");
    const auto sealed = (*SecretVault::open(folder))->seal(scope, "hf", value);
    ASSERT_TRUE(sealed.ok());
    EXPECT_EQ(file(*sealed).find("token"), std::string::npos);
    const auto vault = SecretVault::open(folder);
    EXPECT_EQ(*(*vault)->unseal(scope, "hf", *sealed), value);
    const auto mode = std::filesystem::status(folder + "/key").permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SecretVaultTest, RefusesWhatBelongsToAnotherOrWasChanged) {
    const auto vault = SecretVault::open(folder);
    const std::string sealed = *(*vault)->seal(scope, "hf", "value");
    EXPECT_EQ((*vault)->unseal(scope, "other", sealed).error().code, "secret_unreadable");
    EXPECT_EQ((*vault)->unseal({.tenant = "t", .project = "q"}, "hf", sealed).error().code,
              "secret_unreadable");
    std::string bytes = file(sealed);
    bytes[14] = static_cast<char>(bytes[14] ^ 1);
    std::ofstream(folder + "/" + sealed, std::ios::binary) << bytes;
    EXPECT_EQ((*vault)->unseal(scope, "hf", sealed).error().code, "secret_unreadable");
    std::ofstream(folder + "/key", std::ios::binary) << "short";
    EXPECT_EQ(SecretVault::open(folder).error().code, "secrets_key_malformed");
}

TEST_F(SecretVaultTest, SweepsWhatNobodyRefersTo) {
    const auto vault = SecretVault::open(folder);
    const std::string used = *(*vault)->seal(scope, "a", "1");
    const std::string unused = *(*vault)->seal(scope, "a", "2");
    (*vault)->sweep([&](const std::string& sealed) { return sealed == used; });
    EXPECT_TRUE((*vault)->unseal(scope, "a", used).ok());
    EXPECT_FALSE((*vault)->unseal(scope, "a", unused).ok());
}

}  // namespace
}  // namespace dayu::runtime
