// Client and server over TLS, with certificates of an authority made for the test.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/testing/authority.h"
#include "http/testing/loopback.h"

namespace dayu::http {
namespace {

namespace fs = std::filesystem;
using testing::eventually;
using testing::serve;

const Handler hello = [](Request&&, const Responder& responder) {
    responder.send({.body = "hello"});
};

class TlsTest : public ::testing::Test {
   protected:
    void SetUp() override {
        if (!authority_.is_there()) GTEST_SKIP() << "there is no openssl command";
    }

    std::shared_ptr<CertificateFiles> open(const CertificatePaths& paths) const {
        return CertificateFiles::open(paths).value();
    }
    // What a client that trusts the authority gets: an answer, or the code of its error.
    std::string ask(const std::string& url) const {
        Client client({.base_url = url, .ca_file = authority_.file()});
        const auto response = client.request({.path = "/"});
        return response.ok() ? response->body : response.error().code;
    }
    // As a renewal does: the file is another one from one moment to the next.
    static void replace(const std::string& path, const std::string& by) {
        fs::copy_file(by, path + ".new", fs::copy_options::overwrite_existing);
        fs::rename(path + ".new", path);
    }
    static void write(const std::string& path, const std::string& text) {
        std::ofstream(path) << text;
    }
    static std::string read(const std::string& path) {
        std::ifstream in(path);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::string refusal(const CertificatePaths& paths) const {
        const auto files = CertificateFiles::open(paths);
        return files.ok() ? "taken" : files.error().code;
    }

    testing::Authority authority_;
};

TEST_F(TlsTest, ACertificateIsVerified) {
    const auto server = serve(hello, {.certificate = open(authority_.issue("good"))});
    EXPECT_TRUE(server->url().starts_with("https://127.0.0.1:"));
    EXPECT_EQ(ask(server->url()), "hello");

    Client wary({.base_url = server->url()});
    const auto refused = wary.request({.path = "/"});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::denied);
    EXPECT_EQ(refused.error().code, "tls_not_trusted");
    EXPECT_NE(refused.error().message.find("--ca"), std::string::npos);

    Client nowhere({.base_url = server->url(), .ca_file = authority_.at("no-such-file")});
    EXPECT_EQ(nowhere.request({.path = "/"}).error().code, "ca_file_unusable");
}

TEST_F(TlsTest, ItsNameIsTheOneThatWasDialled) {
    const auto server =
        serve(hello, {.certificate = open(authority_.issue("other", {.name = "DNS:localhost"}))});
    const std::string port = server->address().substr(server->address().rfind(':'));
    EXPECT_EQ(server->url(), "https://localhost" + port);
    EXPECT_EQ(ask(server->url()), "hello");
    EXPECT_EQ(ask("https://127.0.0.1" + port), "tls_wrong_name");
}

TEST_F(TlsTest, AnExpiredOneServesLoudlyAndNobodyTakesIt) {
    const auto files = open(authority_.issue("old", {.days = 0}));
    EXPECT_NE(files->status().refused.find("ended at"), std::string::npos);
    const auto server = serve(hello, {.certificate = files});
    EXPECT_EQ(ask(server->url()), "tls_expired");
}

TEST_F(TlsTest, BothSidesSayWhenTheOtherSpeaksNoTls) {
    const auto secure = serve(hello, {.certificate = open(authority_.issue("good"))});
    Client plain({.base_url = "http://" + secure->address()});
    const auto refused = plain.request({.path = "/"});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "server_unreachable");
    EXPECT_NE(refused.error().message.find("https://"), std::string::npos);

    const auto open_to_all = serve(hello);
    EXPECT_EQ(ask("https://" + open_to_all->address()), "tls_failed");
}

TEST_F(TlsTest, StreamsAndStops) {
    std::vector<Stream> streams;
    const auto server = serve(
        [&](Request&&, const Responder& responder) {
            streams.push_back(responder.stream({}));
            streams.back().write("hello");
        },
        {.certificate = open(authority_.issue("good"))});
    Client client({.base_url = server->url(), .ca_file = authority_.file()});
    std::string seen;
    std::thread stopping;
    const auto response = client.stream({.path = "/"}, [&](std::string_view bytes) {
        seen += bytes;
        if (!stopping.joinable()) stopping = std::thread([&] { server->stop(); });
        return true;
    });
    stopping.join();
    EXPECT_TRUE(response.ok());
    EXPECT_EQ(seen, "hello");
}

// The new certificate is for another name, by which a client tells the two apart.
TEST_F(TlsTest, ARenewalIsSeenByNewConnectionsAndEndsNoStream) {
    const CertificatePaths paths = authority_.issue("served");
    const CertificatePaths next = authority_.issue("next", {.name = "DNS:elsewhere.example"});
    const auto files = open(paths);
    std::vector<Stream> streams;
    const auto server = serve(
        [&](Request&&, const Responder& responder) {
            streams.push_back(responder.stream({}));
            streams.back().write("1");
        },
        {.threads = 1, .certificate = files, .heartbeat = milliseconds(40)});
    const std::string before = files->status().serial;
    Client client({.base_url = server->url(), .ca_file = authority_.file()});
    std::string seen;
    const auto response = client.stream({.path = "/"}, [&](std::string_view bytes) {
        seen += bytes;
        if (seen == "12") return false;
        replace(paths.certificate, next.certificate);
        replace(paths.key, next.key);
        EXPECT_TRUE(eventually([&] { return files->status().serial != before; }));
        EXPECT_EQ(ask("https://" + server->address()), "tls_wrong_name");
        streams.front().write("2");
        return true;
    });
    EXPECT_EQ(seen, "12");
    server->stop();
}

TEST_F(TlsTest, WhatCannotServeLeavesTheOldOne) {
    const CertificatePaths paths = authority_.issue("served");
    const CertificatePaths next = authority_.issue("next");
    const CertificatePaths expired = authority_.issue("expired", {.days = 0});
    const auto files = open(paths);
    const std::string before = files->status().serial;
    const auto says = [&](const std::string& words) {
        files->reload();
        const CertificateFiles::Status status = files->status();
        return status.serial == before && status.refused.find(words) != std::string::npos;
    };
    write(paths.certificate, "no certificate at all");
    EXPECT_TRUE(says("no certificate in PEM"));
    replace(paths.certificate, next.certificate);
    EXPECT_TRUE(says("the key is not the one of the certificate"));
    fs::remove(paths.key);
    EXPECT_TRUE(says("cannot read " + paths.key));
    replace(paths.certificate, expired.certificate);
    replace(paths.key, expired.key);
    EXPECT_TRUE(says("ended at"));
    replace(paths.certificate, next.certificate);
    replace(paths.key, next.key);
    fs::permissions(paths.key, fs::perms::others_read, fs::perm_options::add);
    EXPECT_TRUE(says("every user of this machine"));
    fs::permissions(paths.key, fs::perms::others_all, fs::perm_options::remove);
    files->reload();
    EXPECT_NE(files->status().serial, before);
    EXPECT_EQ(files->status().refused, "");
}

TEST_F(TlsTest, ARenewalIsNotMetHalfway) {
    const CertificatePaths paths = authority_.issue("served");
    const CertificatePaths next = authority_.issue("next");
    const auto files = open(paths);
    const std::string before = files->status().serial;
    replace(paths.certificate, next.certificate);
    files->look();
    replace(paths.key, next.key);
    files->look();  // it has moved since the last look
    EXPECT_EQ(files->status().serial, before);
    EXPECT_EQ(files->status().refused, "");
    files->look();
    EXPECT_NE(files->status().serial, before);
}

TEST_F(TlsTest, ItIsTimeToRenewInTheLastTwoWeeksOrTheLastQuarter) {
    const auto days = [](std::int64_t count) { return Time{} + seconds(count * 24 * 3600); };
    EXPECT_FALSE(ends_soon(days(0), days(365), days(350)));
    EXPECT_TRUE(ends_soon(days(0), days(365), days(352)));
    EXPECT_FALSE(ends_soon(days(0), days(6), days(4)));
    EXPECT_TRUE(ends_soon(days(0), days(6), days(5)));
    EXPECT_TRUE(ends_soon(days(0), days(6), days(7)));
}

TEST_F(TlsTest, NeedsAGoodCertificateAndItsKey) {
    const CertificatePaths good = authority_.issue("good");
    const CertificatePaths other = authority_.issue("other");
    const std::string garbage = authority_.at("garbage");
    write(garbage, "x");
    fs::permissions(garbage, fs::perms::owner_read);
    EXPECT_EQ(refusal({.certificate = good.certificate}), "bad_tls");
    EXPECT_EQ(refusal({.key = good.key}), "bad_tls");
    EXPECT_EQ(refusal({good.certificate, authority_.at("nowhere")}), "tls_file_unreadable");
    EXPECT_EQ(refusal({garbage, good.key}), "tls_certificate_malformed");
    EXPECT_EQ(refusal({good.certificate, garbage}), "tls_key_malformed");
    EXPECT_EQ(refusal({good.certificate, other.key}), "tls_key_mismatch");
    // The authority first: the chain is the wrong way round.
    write(garbage + "-chain", read(authority_.file()) + read(good.certificate));
    EXPECT_EQ(refusal({garbage + "-chain", good.key}), "tls_certificate_malformed");
}

}  // namespace
}  // namespace dayu::http
