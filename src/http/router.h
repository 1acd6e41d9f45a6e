// Routes: which handler takes which method and path. A pattern is a path whose {name} segments
// match any one non-empty segment; a plain segment is preferred to a {name}. Where no pattern
// matches the answer is 404, and where only other methods are known it is 405 with Allow: both
// problem details.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/server.h"

namespace dayu::http {

// A request that has its answer; of a stream, that has begun.
struct Answered {
    std::string method;
    std::string pattern;  // empty: no route was there
    int status = 0;
    std::int64_t took_us = 0;
};
using Observer = std::function<void(const Answered&)>;

class Router {
   public:
    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    // router.add("POST", "/v1/jobs/{id}/cancel", cancel_job). HEAD goes where GET goes. Two
    // handlers for one method and path are our own bug.
    Router& add(std::string_view method, std::string_view pattern, Handler handler);

    // Told of every answer, on the thread that gave it.
    Router& observe(Observer observer);

    // Fills request.params and request.pattern and calls the handler that is responsible.
    void route(Request&& request, Responder responder) const;

    // To hand to Server::start. The routes are complete by then; copies share them.
    Handler into_handler() &&;

   private:
    struct Node;
    std::shared_ptr<Node> root_;
    std::shared_ptr<const Observer> observer_;
};

}  // namespace dayu::http
