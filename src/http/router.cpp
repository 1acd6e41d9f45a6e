#include "http/router.h"

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "http/problem.h"

namespace dayu::http {
namespace {

using Segments = std::vector<std::string_view>;

Segments split(std::string_view path) {
    Segments segments;
    while (path.starts_with('/')) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        segments.push_back(segment);
        path.remove_prefix(segment.size());
    }
    return segments;
}

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

struct Route {
    Handler handler;
    std::string pattern;
    std::vector<std::string> names;
};

// What was found for a path: the route, or the methods that it would have taken.
struct Match {
    const Route* route = nullptr;
    Segments values;
    std::set<std::string_view> allowed;
};

Responder observed(const std::shared_ptr<const Observer>& observer, const Request& request,
                   const Match& match, const Responder& responder) {
    const auto begin = std::chrono::steady_clock::now();
    return responder.telling([observer, begin, method = request.method,
                              pattern = match.route ? match.route->pattern : ""](int status) {
        const auto took = std::chrono::steady_clock::now() - begin;
        (*observer)(
            {.method = method,
             .pattern = pattern,
             .status = status,
             .took_us = std::chrono::duration_cast<std::chrono::microseconds>(took).count()});
    });
}

}  // namespace

struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> plain;
    std::unique_ptr<Node> parameter;
    std::map<std::string, Route, std::less<>> routes;  // by method

    void find(std::string_view method, const Segments& path, std::size_t depth,
              Match& match) const {
        if (depth == path.size()) return take(method, match);
        const std::string_view segment = path[depth];
        if (const auto next = plain.find(segment); next != plain.end()) {
            next->second->find(method, path, depth + 1, match);
        }
        if (match.route || !parameter || segment.empty()) return;
        match.values.push_back(segment);
        parameter->find(method, path, depth + 1, match);
        if (!match.route) match.values.pop_back();
    }

    void take(std::string_view method, Match& match) const {
        auto found = routes.find(method);
        if (found == routes.end() && method == "HEAD") found = routes.find(std::string_view("GET"));
        if (found != routes.end()) {
            match.route = &found->second;
            return;
        }
        for (const auto& [known, route] : routes) match.allowed.insert(known);
    }
};

Router::Router() : root_(std::make_shared<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Router& Router::add(std::string_view method, std::string_view pattern, Handler handler) {
    CHECK(pattern.starts_with('/'));
    Route route{.handler = std::move(handler), .pattern = std::string(pattern), .names = {}};
    Node* node = root_.get();
    for (const std::string_view segment : split(pattern)) {
        const bool named = is_parameter(segment);
        auto& next = named ? node->parameter : node->plain[std::string(segment)];
        if (named) route.names.emplace_back(segment.substr(1, segment.size() - 2));
        if (!next) next = std::make_unique<Node>();
        node = next.get();
    }
    const bool added = node->routes.emplace(method, std::move(route)).second;
    CHECK(added);
    return *this;
}

Router& Router::observe(Observer observer) {
    observer_ = std::make_shared<const Observer>(std::move(observer));
    return *this;
}

void Router::route(Request&& request, Responder responder) const {
    Match match;
    root_->find(request.method, split(request.path), 0, match);
    if (observer_) responder = observed(observer_, request, match, responder);
    if (match.route) {
        for (std::size_t i = 0; i < match.values.size(); ++i) {
            request.params.push_back({match.route->names[i], percent_decode(match.values[i])});
        }
        request.pattern = match.route->pattern;
        match.route->handler(std::move(request), std::move(responder));
        return;
    }
    if (match.allowed.empty()) {
        responder.send(problem(not_found("no_such_route", "nothing is at " + request.path)));
        return;
    }
    std::string allow;
    for (const std::string_view method : match.allowed) {
        allow += (allow.empty() ? "" : ", ") + std::string(method);
    }
    Response response =
        problem(405, invalid("method_not_allowed",
                             request.path + " takes " + allow + ", not " + request.method));
    response.headers.push_back({"Allow", allow});
    responder.send(std::move(response));
}

Handler Router::into_handler() && {
    return [router = std::make_shared<Router>(std::move(*this))](Request&& request,
                                                                 Responder responder) {
        router->route(std::move(request), std::move(responder));
    };
}

}  // namespace dayu::http
