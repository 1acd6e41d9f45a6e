#include "dayu/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/check.h"
#include "dayu/answers.h"
#include "dayu/display_width.h"

namespace dayu::app {
namespace {

constexpr Duration worth_telling = seconds(1);
constexpr Duration repaint_every = milliseconds(500);
constexpr Duration line_every = seconds(10);
constexpr std::size_t usual_columns = 80;

// The one that is under way; its mutex guards what is painted. Verbs start one at a time.
std::mutex current_mutex;
Progress* current = nullptr;

bool can_repaint() {
    const char* terminal = std::getenv("TERM");
    const bool is_dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
    return isatty(STDERR_FILENO) != 0 && !is_dumb;
}

std::size_t columns_of_stderr() {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual_columns;
    return size.ws_col;
}

}  // namespace

Progress::Progress(std::string doing) : on_terminal_(can_repaint()), doing_(std::move(doing)) {
    const std::lock_guard lock(current_mutex);
    CHECK(current == nullptr);
    current = this;
    thread_ = std::thread([this] { tell_until_the_end(); });
}

Progress::~Progress() {
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
        changed_.notify_all();
    }
    thread_.join();
    const std::lock_guard lock(current_mutex);
    current = nullptr;
    erase();
}

void Progress::say(std::string doing) {
    const std::lock_guard lock(mutex_);
    doing_ = std::move(doing);
    if (is_painted_) paint();
}

void Progress::print_above(std::string_view line) {
    const std::lock_guard lock(current_mutex);
    std::fflush(stdout);
    if (current == nullptr) {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
        return;
    }
    const std::lock_guard painted(current->mutex_);
    const bool was_painted = current->is_painted_;
    current->erase();
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    if (was_painted) current->paint();
}

void Progress::paint() {
    const Duration so_far = system_clock().instant() - begin_;
    std::string line = printable(doing_) + " ... " + short_seconds(so_far.ms / 1000);
    told_ = system_clock().instant();
    if (!on_terminal_) {
        std::fprintf(stderr, "%s\n", line.c_str());
        return;
    }
    line = cut_to_width(line, columns_of_stderr() - 1);
    std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
    is_painted_ = true;
}

void Progress::erase() {
    if (is_painted_) std::fputs("\r\x1b[K", stderr);
    is_painted_ = false;
}

void Progress::tell_until_the_end() {
    const Duration first = on_terminal_ ? worth_telling : line_every;
    const Duration then = on_terminal_ ? repaint_every : line_every;
    std::unique_lock lock(mutex_);
    Duration next = first;
    while (!changed_.wait_for(lock, std::chrono::milliseconds(next.ms), [this] { return ends_; })) {
        paint();
        next = then;
    }
}

}  // namespace dayu::app
