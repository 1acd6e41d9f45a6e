#include "sim/virtual_client.h"

#include <utility>

#include "wire/json_fields.h"

namespace dayu::sim {
namespace {

constexpr Duration least_patience = seconds(1);
constexpr Duration most_patience = seconds(8);

}  // namespace

VirtualClient::VirtualClient(Timeline& timeline, Referee& referee, Random random, Wish wish,
                             ClientCalls calls)
    : timeline_(timeline),
      referee_(referee),
      random_(random),
      wish_(std::move(wish)),
      calls_(std::move(calls)),
      key_(random_.hex(24)) {
    wire::write_json(text_, wish_.file);
    referee_.expect_job(wish_.file);
    timeline_.after(wish_.after, [this] { submit(); });
}

void VirtualClient::submit() {
    if (job_) return;
    calls_.submit(text_, key_, [this](const Result<runtime::Answer>& answer) {
        if (answer) return acknowledged(*answer);
        if (answer.error().kind == ErrorKind::conflict)
            referee_.complain("a submit was refused: " + answer.error().message);
    });
    timeline_.after(random_.between(least_patience, most_patience), [this] { submit(); });
}

void VirtualClient::acknowledged(const runtime::Answer& answer) {
    referee_.acknowledged(wish_.file.name, answer.job);
    if (std::exchange(job_, answer.job)) return;
    if (wish_.asks_again) {
        calls_.submit(text_, key_, [this](const Result<runtime::Answer>& again) {
            if (again) referee_.acknowledged(wish_.file.name, again->job);
        });
    }
    if (wish_.cancel_after) timeline_.after(*wish_.cancel_after, [this] { cancel(); });
    if (wish_.requeue_after) {
        timeline_.after(*wish_.requeue_after,
                        [this] { change(control::JobAction::requeue, [](const auto&) {}); });
    }
    if (wish_.hold_after) {
        timeline_.after(*wish_.hold_after,
                        [this] { change(control::JobAction::hold, [](const auto&) {}); });
    }
    if (wish_.hold_after || wish_.file.conditions.hold)
        timeline_.after(wish_.release_after, [this] { release(); });
}

void VirtualClient::change(control::JobAction action, ClientCalls::OnAnswer answer) {
    referee_.asked(job_, action);
    calls_.ask(is_array() ? control::Command(control::ChangeArray{.array = job_, .action = action})
                          : control::Command(control::ChangeJob{.job = job_, .action = action}),
               [this, answer = std::move(answer)](const Result<runtime::Answer>& said) {
                   if (!said && said.error().kind == ErrorKind::not_found)
                       referee_.complain("a change found no job: " + said.error().message);
                   answer(said);
               });
}

void VirtualClient::cancel() {
    if (cancelled_) return;
    change(control::JobAction::cancel, [this](const Result<runtime::Answer>& answer) {
        if (answer || answer.error().kind == ErrorKind::conflict) cancelled_ = true;
    });
    timeline_.after(random_.between(least_patience, most_patience), [this] { cancel(); });
}

// Until it is over: a hold may arrive late, behind the release that was meant to follow it.
void VirtualClient::release() {
    if (is_over_) return;
    change(control::JobAction::release, [this](const Result<runtime::Answer>& answer) {
        if (!answer && answer.error().code == "job_ended") is_over_ = true;
    });
    timeline_.after(random_.between(seconds(10), seconds(60)), [this] { release(); });
}

}  // namespace dayu::sim
