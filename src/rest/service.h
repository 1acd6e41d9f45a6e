// The HTTP API: routes over the loop, one file a resource. It knows how a request looks and which
// command or read it means; what that does is decided elsewhere. api/openapi.yaml is its contract,
// docs/checklist/add-an-endpoint.md tells what to touch for a new route.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/server.h"
#include "rest/planner.h"
#include "runtime/loop.h"

namespace dayu::notices {
class Desk;
}
namespace dayu::runtime {
class ContentStore;
class Optimiser;
}  // namespace dayu::runtime

namespace dayu::rest {

struct Options {
    std::string listen = "127.0.0.1:8620";  // port 0 takes a free one
    unsigned threads = 2;                   // that read requests; they never wait for a disk
    std::shared_ptr<http::CertificateFiles> certificate = {};  // null: plain HTTP
    std::string version = "dev";                               // of the program
    notices::Desk* notices = nullptr;  // must outlive the service; none: hooks are told nothing
    // Of jobs' workdirs; must outlive the service. None: nothing is taken.
    runtime::ContentStore* contents = nullptr;
    const runtime::Optimiser* optimiser = nullptr;  // must outlive the service; for its figures
    Planner planner = {};                           // none: jobs that ask for work are refused
};

class Service {
   public:
    // Unfinished requests are answered `shutting_down`, streams end, and every thread of its own is
    // joined. What the loop still answers after that falls into the void.
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    const std::string& address() const;  // with the port that was taken
    std::string url() const;

   private:
    friend Result<std::unique_ptr<Service>> serve(runtime::Loop& loop, const Options& options);
    Service(std::shared_ptr<Context> context, std::unique_ptr<http::Server> server);

    std::shared_ptr<Context> context_;
    std::unique_ptr<http::Server> server_;
};

// The loop must outlive the service.
Result<std::unique_ptr<Service>> serve(runtime::Loop& loop, const Options& options);

}  // namespace dayu::rest
