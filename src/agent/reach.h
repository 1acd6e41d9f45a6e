// Lets people into the places of jobs. An agent listens on nothing: one thread asks the server whether
// someone wants in, and each who does gets a program in the job's place (engine::Engine::reach) and a
// Channel between the two. It stands beside the driver and its sync, which know nothing of it: a session
// is no part of what an agent holds, and ends with it.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/channel.h"
#include "agent/sites.h"
#include "http/client.h"
#include "model/reach.h"

namespace dayu::agent {

inline constexpr std::size_t max_reached = 64;  // programs at once

class Reach {
   public:
    // The engines must outlive it.
    Reach(std::vector<Site> sites, http::ClientOptions server, std::string installation);
    ~Reach();  // ends what is under way

   private:
    struct Session {
        Session(const http::ClientOptions& server, ReachOrder its_order)
            : order(std::move(its_order)), channel(server, order.session) {}
        ReachOrder order;
        Channel channel;
        std::atomic<bool> over = false;  // nobody listens any more
        std::atomic<bool> done = false;
        std::thread thread;
    };

    void poll();
    void begin(ReachOrder order);
    void forget_done();
    void run(Session& session);
    Result<std::unique_ptr<engine::Reached>> let_in(const ReachOrder& order);
    static void feed(Session& session, engine::Reached& program);
    static void drain(Session& session, engine::Reached& program);

    std::vector<Site> sites_;
    const http::ClientOptions server_;
    const std::string installation_;
    std::atomic<bool> stopping_ = false;
    http::Client client_;
    std::list<std::unique_ptr<Session>> sessions_;  // of the polling thread alone
    std::thread thread_;
};

}  // namespace dayu::agent
