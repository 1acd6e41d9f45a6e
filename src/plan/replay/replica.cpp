#include "plan/replay/replica.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace dayu::plan::replay {
namespace {

constexpr double never_s = std::numeric_limits<double>::infinity();
constexpr double rounding = 1e-9;

}  // namespace

double Replica::Segment::end_s(std::uint64_t count) const {
    const auto n = static_cast<double>(count);
    return begin_s + n * first_s + growth_s * n * (n - 1) / 2;
}

// The fewest iterations that end at `at_s` or later, one at least: the root of end_s(n) = at_s, and a step for what rounding does.
std::uint64_t Replica::Segment::count_until(double at_s) const {
    const double wanted_s = at_s - begin_s;
    const double linear = first_s - growth_s / 2;
    const double root = std::sqrt(std::max(0.0, linear * linear + 2 * growth_s * wanted_s));
    const double estimate =
        std::clamp(2 * wanted_s / (linear + root), 1.0, static_cast<double>(iterations));
    auto count = static_cast<std::uint64_t>(estimate);
    while (count < iterations && end_s(count) < at_s) ++count;
    while (count > 1 && end_s(count - 1) >= at_s) --count;
    return count;
}

// What a request alone would hold at its end must fit, or it could never end.
bool Replica::could_hold(const Task& task) const {
    const double most =
        task.context + task.answer + 1 + setting_.accepted + setting_.page_tokens / 2;
    return most <= pool_.cache_tokens;
}

double Replica::next_s() const {
    if (segment_.iterations > 0) return segment_.end_s(segment_.iterations);
    return load() > 0 ? now_s_ : never_s;
}

void Replica::add(const Task& task) {
    // Those that wait already wait for memory or a place, which only an end brings: no reason to look up before.
    const bool looks_up = waiting_.empty() && segment_.iterations > 1;
    if (load() == 0) now_s_ = task.ready_s;
    if (looks_up) segment_.iterations = segment_.count_until(task.ready_s);
    waiting_.push_back(task);
}

// A segment is planned as late as can be, so that all that arrives at the moment of its beginning is part of it.
void Replica::advance(double until_s) {
    while (true) {
        if (segment_.iterations == 0) {
            if (load() == 0 || now_s_ >= until_s) return;
            plan();
        }
        if (segment_.end_s(segment_.iterations) > until_s) return;
        finish();
    }
}

void Replica::plan() {
    const bool has_room = make_room();
    if (has_room) admit();
    CHECK(!running_.empty() || !prefilling_.empty());
    share_budget();
    segment_ = {.begin_s = now_s_, .first_s = iteration_s(decode_context_), .iterations = 1};
    if (has_room && prefill_tokens_ == 0) plan_jump(segment_);
}

// Room for the next token of all that decode; false: somebody had to go for it.
bool Replica::make_room() {
    bool had_room = true;
    while (setting_.accepted * static_cast<double>(running_.size()) > free_tokens()) {
        preempt_last();
        had_room = false;
    }
    return had_room;
}

// Its keys and values are computed again, those of the tokens that it gave too.
void Replica::preempt_last() {
    ++result_.preemptions;
    if (!prefilling_.empty()) {
        Task task = prefilling_.back().task;
        prefilling_.pop_back();
        private_ -= private_tokens(task, task.context + 1);
        cache_.release(task.blocks);
        task.is_again = true;
        waiting_.push_front(task);
        return;
    }
    const auto last = std::ranges::max_element(running_, {}, &Sequence::number);
    Task task = last->task;
    const double given = answers_of(*last);
    const double context = last->context + given;
    decode_context_ -= context;
    private_ -= private_tokens(task, context);
    cache_.release(task.blocks);
    task.answer -= given;
    task.context = context;
    task.has_keys = false;
    task.is_again = true;
    result_.answer_tokens += given;
    waiting_.push_front(task);
    running_.erase(last);
    std::ranges::make_heap(running_, std::ranges::greater(), &Sequence::ends);
}

void Replica::admit() {
    const auto places = [&] {
        return static_cast<double>(prefilling_.size() + running_.size()) <
               setting_.most_sequences * pool_.groups;
    };
    double budget = iteration_budget();
    for (const Prefill& prefill : prefilling_) budget -= prefill.task.context - prefill.done;
    while (!waiting_.empty() && places() && (budget > 0 || waiting_.front().has_keys)) {
        const bool computes = !waiting_.front().has_keys;
        if (!admit_first()) return;
        if (computes) budget -= prefilling_.back().task.context - prefilling_.back().done;
    }
}

// Of the prompt's blocks those that nobody uses take room, whether they are here or not.
bool Replica::admit_first() {
    const Task task = waiting_.front();
    double wanted = private_tokens(task, task.context + (task.has_keys ? 0 : 1));
    for (const std::uint64_t block : task.blocks)
        if (!cache_.is_in_use(block)) wanted += tokens_per_block;
    const bool is_alone = prefilling_.empty() && running_.empty();
    const double spared = is_alone ? 0 : setting_.free_part * pool_.cache_tokens;
    if (wanted + spared > free_tokens()) return false;

    waiting_.pop_front();
    const double found = task.blocks.empty()
                             ? std::floor(setting_.found_part * task.context)
                             : static_cast<double>(cache_.match(task.blocks)) * tokens_per_block;
    cache_.use(task.blocks);
    RequestOutcome& outcome = result_.outcomes[task.request];
    if (task.has_keys) {
        private_ += private_tokens(task, task.context);
        start_decoding(task, task.context);
    } else {
        private_ += private_tokens(task, task.context + 1);
        const double cached = std::min(found, task.context - 1);
        prefilling_.push_back({.task = task, .done = cached});
        if (!task.is_again) {
            outcome.admitted_s = now_s_;
            outcome.cached = cached;
        }
    }
    cache_.shrink_idle_to(free_tokens());
    return true;
}

// What decoding leaves of the tokens of an iteration.
double Replica::iteration_budget() const {
    return setting_.token_budget * pool_.groups - static_cast<double>(running_.size());
}

// It goes to prompts, first come first served, each in one group. The pairs of n tokens that follow m others are n m + n^2/2.
void Replica::share_budget() {
    double budget = std::max(1.0, iteration_budget());
    double prompts = 0;
    prefill_tokens_ = prefill_pairs_ = 0;
    for (Prefill& prefill : prefilling_) {
        const double rest = prefill.task.context - prefill.done;
        prefill.chunk = std::min({budget, setting_.token_budget, rest});
        budget -= prefill.chunk;
        prefill_tokens_ += prefill.chunk;
        prefill_pairs_ += prefill.chunk * (prefill.done + prefill.chunk / 2);
        if (prefill.chunk > 0) ++prompts;
    }
    if (prompts == 0) return;
    const double uneven = pool_.groups * std::ceil(prompts / pool_.groups) / prompts;
    prefill_tokens_ *= uneven;
    prefill_pairs_ *= uneven;
}

double Replica::iteration_s(double decode_context) const {
    const Iteration decoding{.decoding = static_cast<double>(running_.size()),
                             .decode_context = decode_context};
    Iteration all = decoding;
    all.prefill_tokens = prefill_tokens_;
    all.prefill_pairs = prefill_pairs_;
    const double seconds = pool_.iteration_s(all);
    if (setting_.draft_part == 0 || running_.empty()) return seconds;
    return seconds + setting_.draft_part * pool_.iteration_s(decoding);
}

// As far as nothing ends, memory lasts, and contexts grow by no more than a part of themselves.
void Replica::plan_jump(Segment& segment) {
    const double growth = setting_.accepted * static_cast<double>(running_.size());
    const double count = std::min({static_cast<double>(running_.front().ends - iteration_),
                                   std::floor(free_tokens() / growth),
                                   std::floor(setting_.jump_growth * decode_context_ / growth)});
    if (count < 2) return;
    segment.iterations = static_cast<std::uint64_t>(count);
    const double last_s = iteration_s(decode_context_ + (count - 1) * growth);
    segment.growth_s = (last_s - segment.first_s) / (count - 1);
}

void Replica::finish() {
    const double end_s = segment_.end_s(segment_.iterations);
    result_.busy_s += end_s - segment_.begin_s;
    now_s_ = end_s;
    iteration_ += segment_.iterations;
    const double grown = setting_.accepted * static_cast<double>(running_.size()) *
                         static_cast<double>(segment_.iterations);
    segment_.iterations = 0;
    decode_context_ += grown;
    private_ += grown;
    cache_.shrink_idle_to(free_tokens());
    const double used = held() / pool_.cache_tokens;
    CHECK(used <= 1 + rounding);
    result_.cache_peak_part = std::max(result_.cache_peak_part, used);

    while (!running_.empty() && running_.front().ends <= iteration_) {
        const Sequence& over = running_.front();
        const double context =
            over.context + setting_.accepted * static_cast<double>(over.ends - over.since);
        decode_context_ -= context;
        private_ -= private_tokens(over.task, context);
        result_.answer_tokens += over.task.answer;
        end(over.task);
        std::ranges::pop_heap(running_, std::ranges::greater(), &Sequence::ends);
        running_.pop_back();
    }
    finish_prompts();
}

// A prompt that is computed to its end gives the first token.
void Replica::finish_prompts() {
    for (Prefill& prefill : prefilling_) prefill.done += prefill.chunk;
    while (!prefilling_.empty() && prefilling_.front().done >= prefilling_.front().task.context) {
        Task task = prefilling_.front().task;
        prefilling_.pop_front();
        RequestOutcome& outcome = result_.outcomes[task.request];
        if (outcome.first_s == 0) outcome.first_s = now_s_;
        const double given = std::min(1.0, task.answer);
        task.answer -= given;
        result_.answer_tokens += given;
        if (task.answer > 0) {
            start_decoding(task, task.context + 1);
        } else {
            private_ -= private_tokens(task, task.context + 1);
            end(task);
        }
    }
}

void Replica::start_decoding(Task task, double context) {
    const auto iterations = static_cast<std::uint64_t>(std::ceil(task.answer / setting_.accepted));
    decode_context_ += context;
    running_.push_back({.task = task,
                        .context = context,
                        .since = iteration_,
                        .ends = iteration_ + iterations,
                        .number = admitted_++});
    std::ranges::push_heap(running_, std::ranges::greater(), &Sequence::ends);
}

void Replica::end(const Task& task) {
    result_.outcomes[task.request].end_s = now_s_;
    cache_.release(task.blocks);
}

// That a sequence has given since it decodes.
double Replica::answers_of(const Sequence& sequence) const {
    return setting_.accepted * static_cast<double>(iteration_ - sequence.since);
}

double Replica::private_tokens(const Task& task, double context) const {
    return context - static_cast<double>(task.blocks.size()) * tokens_per_block +
           setting_.page_tokens / 2;
}

}  // namespace dayu::plan::replay
