#include "dayu/gang_log.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/core.h>

#include "dayu/output.h"

namespace dayu::app {
namespace {

constexpr std::size_t longest_line_bytes = 64 * 1024;
constexpr std::array<int, 5> hues = {36, 33, 35, 32, 34};  // red is for what is wrong

std::string prefix_of(std::int64_t node, std::int64_t nodes, bool colors) {
    const std::size_t width = std::to_string(nodes - 1).size();
    std::string text = fmt::format("{:>{}} |", node, width);
    const int hue = hues[static_cast<std::size_t>(node) % hues.size()];
    if (colors) text = fmt::format("\x1b[{}m{}\x1b[0m", hue, text);
    return text + " ";
}

// One writer for all nodes.
class Printer {
   public:
    Printer(std::int64_t node, std::int64_t nodes, bool colors, std::mutex& turn)
        : node_(node), lines_(node, nodes, colors), turn_(turn) {}

    void take(std::string_view bytes) { print(lines_.take(bytes)); }
    void end() { print(lines_.rest()); }
    void lament(const Error& error) {
        const std::lock_guard lock(turn_);
        remark(fmt::format("dayu: node {}: {} ({})", node_, error.message, error.code));
    }

   private:
    void print(const std::string& text) {
        if (text.empty()) return;
        const std::lock_guard lock(turn_);
        write_to(stdout)(text);
    }

    const std::int64_t node_;
    NodeLines lines_;
    std::mutex& turn_;
};

// One node, over a connection of its own: a reader that waits holds it.
Result<void> print_node(const Globals& globals, LogOptions options, std::int64_t id,
                        Printer& printer) {
    Connection connection = TRY(Connection::open(globals));
    options.write = [&](std::string_view bytes) { printer.take(bytes); };
    LogReader reader(connection, options, id);
    const Result<void> read =
        options.follow ? reader.follow(options.attempt) : reader.read_attempt(options.attempt);
    printer.end();
    return read;
}

}  // namespace

NodeLines::NodeLines(std::int64_t node, std::int64_t nodes, bool colors)
    : prefix_(prefix_of(node, nodes, colors)) {}

std::string NodeLines::take(std::string_view bytes) {
    std::string whole;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        open_ += bytes.substr(0, end);
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        if (end != std::string_view::npos || open_.size() > longest_line_bytes) {
            whole += prefix_ + open_ + "\n";
            open_.clear();
        }
    }
    return whole;
}

std::string NodeLines::rest() { return open_.empty() ? "" : take("\n"); }

Result<void> print_gang_log(const Globals& globals, const LogOptions& options, std::int64_t id,
                            std::int64_t nodes) {
    if (nodes > max_log_nodes) {
        return exhausted("too_many_nodes",
                         fmt::format("job {} has {} nodes, and --node all reads the logs of {} at "
                                     "most; name one from 0 to {} with --node",
                                     id, nodes, max_log_nodes, nodes - 1));
    }
    std::mutex turn;
    std::vector<std::optional<Error>> failed(static_cast<std::size_t>(nodes));
    std::vector<std::thread> readers;
    const bool colors = uses_color(globals);
    for (std::int64_t node = 0; node < nodes; ++node) {
        const auto read = [&, node] {
            LogOptions mine = options;
            mine.node = node;
            Printer printer(node, nodes, colors, turn);
            const Result<void> printed = print_node(globals, std::move(mine), id, printer);
            if (printed.ok()) return;
            printer.lament(printed.error());
            failed[static_cast<std::size_t>(node)] = printed.error();
        };
        if (options.follow) {
            readers.emplace_back(read);
        } else {
            read();
        }
    }
    for (std::thread& reader : readers) reader.join();
    const auto first =
        std::ranges::find_if(failed, [](const auto& each) { return each.has_value(); });
    if (first != failed.end()) return **first;
    return {};
}

}  // namespace dayu::app
