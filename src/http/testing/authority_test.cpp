// Not a test but what tests stand on; by its name it is linked into them and nothing else.
#include "http/testing/authority.h"

#include <stdlib.h>

#include <fstream>

#include <gtest/gtest.h>

namespace dayu::http::testing {
namespace {

const std::string new_key = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

}  // namespace

Authority::Authority() {
    there_ = run("openssl req -x509" + new_key + " -days 2 -subj /CN=dayu-test-authority -keyout " +
                 at("ca.key") + " -out " + file());
}

bool Authority::run(const std::string& command) const {
    return ::system((command + " 2>/dev/null").c_str()) == 0;
}

CertificatePaths Authority::issue(const std::string& name, const Wish& wish) const {
    const CertificatePaths paths{.certificate = at(name + ".pem"), .key = at(name + ".key")};
    std::ofstream(at("names")) << "subjectAltName=" << wish.name << "\n";
    const bool done = run("openssl req" + new_key + " -subj /CN=" + name + " -keyout " + paths.key +
                          " -out " + at("request")) &&
                      run("openssl x509 -req -in " + at("request") + " -CA " + file() + " -CAkey " +
                          at("ca.key") + " -extfile " + at("names") + " -days " +
                          std::to_string(wish.days) + " -out " + paths.certificate);
    EXPECT_TRUE(done) << name;
    return paths;
}

}  // namespace dayu::http::testing
