#include "agent/stager.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "agent/workdir_fetch.h"
#include "base/log.h"

namespace dayu::agent {
namespace {

constexpr std::size_t workers = 4;
constexpr Duration first_pause = milliseconds(200);
constexpr Duration longest_pause = seconds(10);
constexpr int bears_spoilt = 3;  // times that contents arrive and are not what they should be

}  // namespace

Stager::Stager(std::vector<Site> sites, http::ClientOptions server, std::string installation,
               std::unique_ptr<ContentCache> cache)
    : sites_(std::move(sites)), installation_(std::move(installation)), cache_(std::move(cache)) {
    for (std::size_t i = 0; i < workers; ++i)
        clients_.push_back(std::make_unique<http::Client>(server));
    for (std::size_t i = 0; i < workers; ++i) workers_.emplace_back([this, i] { run(i); });
}

Stager::~Stager() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const TaskPtr& task : under_way_) task->abandoned = true;
    }
    changed_.notify_all();
    for (const auto& client : clients_) client->interrupt();
    for (std::thread& worker : workers_) worker.join();
}

void Stager::on_news(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
}

void Stager::begin(StartOrder order) {
    {
        const std::lock_guard lock(mutex_);
        auto task = std::make_shared<Task>();
        task->order = std::move(order);
        waiting_.push_back(std::move(task));
    }
    changed_.notify_all();
}

void Stager::abandon(const Token& token) {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](const TaskPtr& task) { return task->order.token == token; });
    for (const TaskPtr& task : under_way_) {
        if (task->order.token == token) task->abandoned = true;
    }
    changed_.notify_all();
}

std::deque<Input> Stager::take_news() {
    const std::lock_guard lock(mutex_);
    return std::exchange(news_, {});
}

Stager::TaskPtr Stager::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return nullptr;
    TaskPtr task = std::move(waiting_.front());
    waiting_.pop_front();
    under_way_.push_back(task);
    return task;
}

void Stager::run(std::size_t worker) {
    while (const TaskPtr task = next()) {
        stage_until_done(*task, *clients_[worker]);
        const std::lock_guard lock(mutex_);
        std::erase(under_way_, task);
    }
}

void Stager::stage_until_done(const Task& task, http::Client& client) {
    const Token& token = task.order.token;
    Duration next_pause = first_pause;
    int spoilt = 0;
    std::string told;  // once, not at every try
    while (true) {
        const Result<void> staged = stage(task, client);
        if (task.abandoned) return;
        if (staged.ok()) return tell(Staged{.token = token});
        const Error& error = staged.error();
        if (error.code == "content_spoilt") ++spoilt;
        if (error.kind != ErrorKind::unavailable || spoilt == bears_spoilt) {
            log_warning("{}: its workdir cannot be brought here: {}", token.text, error.message);
            return tell(StagingFailed{.token = token, .why = error.message});
        }
        if (std::exchange(told, error.code) != error.code)
            log_warning("{}: its workdir is tried again: {}", token.text, error.message);
        if (!pause(task, next_pause)) return;
        next_pause = std::min(Duration{next_pause.ms * 2}, longest_pause);
    }
}

Result<void> Stager::stage(const Task& task, http::Client& client) {
    const auto site = std::ranges::find(sites_, task.order.center, &Site::center);
    if (site == sites_.end())
        return not_found("center_unknown", "no centre " + task.order.center + " here");
    WorkdirFetch source(task.order, installation_, client, *cache_, task.abandoned);
    TRY(source.open());
    return site->engine->stage(task.order, source);
}

void Stager::tell(Input news) {
    const std::lock_guard lock(mutex_);
    news_.push_back(std::move(news));
    if (wake_) wake_();
}

bool Stager::pause(const Task& task, Duration duration) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(duration.ms),
                      [&] { return stopping_ || task.abandoned; });
    return !stopping_ && !task.abandoned;
}

}  // namespace dayu::agent
