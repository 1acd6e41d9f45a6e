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
    referee_.expect_job(wish_.file.name, wish_.file.body.run, wish_.file.spec);
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
}

void VirtualClient::cancel() {
    if (cancelled_) return;
    referee_.asked_to_cancel(job_);
    calls_.cancel(job_, [this](const Result<runtime::Answer>& answer) {
        if (answer || answer.error().kind == ErrorKind::conflict) cancelled_ = true;
        if (!answer && answer.error().kind == ErrorKind::not_found)
            referee_.complain("a cancel found no job: " + answer.error().message);
    });
    timeline_.after(random_.between(least_patience, most_patience), [this] { cancel(); });
}

}  // namespace dayu::sim
