// What the handlers of all resources share. A handler is one of two kinds:
//
//     Result<http::Response> list_chips(Context&, const Call&);           runs on a worker, may wait
//     void submit_job(const ContextPtr&, Call, const http::Responder&);   runs on an HTTP thread and
//                                                                         must not wait; answers later
#pragma once

#include <functional>
#include <memory>

#include "http/certificate_files.h"
#include "http/responder.h"
#include "rest/access.h"
#include "rest/event_streams.h"
#include "rest/job_waits.h"
#include "rest/metrics.h"
#include "rest/planner.h"
#include "rest/pump.h"
#include "rest/reach_desk.h"
#include "rest/registry.h"
#include "rest/timers.h"
#include "rest/workers.h"
#include "runtime/loop.h"

namespace dayu::notices {
class Desk;
}
namespace dayu::runtime {
class ContentStore;
class Optimiser;
}  // namespace dayu::runtime

namespace dayu::rest {

struct Call {
    http::Request request;
    Caller caller;
};

struct Context {
    Context(runtime::Loop& its_loop, std::string its_version,
            std::shared_ptr<http::CertificateFiles> its_certificate, notices::Desk* its_notices,
            runtime::ContentStore* its_contents, const runtime::Optimiser* its_optimiser,
            Planner its_planner);
    void stop();  // joins its threads; nothing is answered any more

    runtime::Loop& loop;
    const std::string version;                                  // of the program
    const std::shared_ptr<http::CertificateFiles> certificate;  // null: plain HTTP
    notices::Desk* const notices;                               // null: hooks are told nothing
    runtime::ContentStore* const contents;      // none: there is no folder for workdirs
    const runtime::Optimiser* const optimiser;  // none: nothing is optimised
    const Planner planner;                      // none: work is not planned
    Metrics metrics;
    Seq head;  // where the pump begins: read before the copies are made, so that none is missed
    Registry registry;
    journal::BodyVault bodies;
    Refusals refusals;
    TokenUse token_use;
    Timers timers;
    JobWaits job_waits;
    EventStreams event_streams;
    ReachDesk reach;
    Workers workers;
    Pump pump;
};
using ContextPtr = std::shared_ptr<Context>;

using Reading = Result<http::Response> (*)(Context& context, const Call& call);

// The call as one from the project that its query names, if it names one: whose secrets and hooks are meant.
Result<Call> in_project_asked(Call call);

// Runs it on a worker, and sends what it says.
void read_later(const ContextPtr& context, Reading reading, Call call,
                const http::Responder& responder);

// A refusal, counted.
void refuse_call(Context& context, const Caller& caller, const http::Responder& responder,
                 const Error& error);

// Hands the command to the loop; the answer is {"seq": ...}.
void commit(const ContextPtr& context, const Caller& caller, control::Command command,
            const http::Responder& responder, runtime::Precondition only_if = {});

}  // namespace dayu::rest
