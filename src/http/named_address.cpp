#include "http/named_address.h"

#include <algorithm>

namespace dayu::http {
namespace {

std::string_view without_brackets(std::string_view host) {
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    return bracketed ? host.substr(1, host.size() - 2) : host;
}

bool means_any_address(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

}  // namespace

bool is_loopback(std::string_view host) {
    host = without_brackets(host);
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") &&
            host.find_first_not_of("0123456789.") == std::string_view::npos);
}

std::string named_address(const std::string& address, const std::vector<std::string>& names) {
    const std::size_t colon = address.rfind(':');
    const std::string_view host = without_brackets(std::string_view(address).substr(0, colon));
    const auto at = [&](const std::string& name) {
        const bool needs_brackets = name.find(':') != std::string::npos;
        return (needs_brackets ? "[" + name + "]" : name) + address.substr(colon);
    };
    if (std::ranges::find(names, host) != names.end()) return address;
    if (is_loopback(host) || means_any_address(host)) {
        const auto local = std::ranges::find_if(names, is_loopback);
        if (local != names.end()) return at(*local);
    }
    const auto named =
        std::ranges::find_if(names, [](const std::string& name) { return !name.starts_with("*"); });
    return named == names.end() ? address : at(*named);
}

}  // namespace dayu::http
