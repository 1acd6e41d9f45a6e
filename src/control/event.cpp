#include "control/event.h"

namespace dayu::control {

Event::Event(const Event&) = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(const Event&) = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

JobId job_of(const Event& event) {
    return std::visit(
        [](const auto& it) -> JobId {
            if constexpr (requires { it.attempt.job; }) {
                return it.attempt.job;
            } else if constexpr (requires { JobId{it.job}; }) {
                return it.job;
            } else {
                return {};
            }
        },
        event);
}

}  // namespace dayu::control
