// Reaching into the place of an attempt: a program that runs there (a command, or the server of its
// files) and a channel of bytes each way between it and whoever asked. The bytes are frames: one
// character that says what it is, four that say how long, and the payload. docs/adr tells the way that
// they take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "model/attempt.h"

namespace dayu {

inline constexpr std::size_t max_frame_bytes = std::size_t{1} << 20;

// What the agent is asked to open.
struct ReachOrder {
    std::string session;  // names the channel, and nobody can guess it
    std::string center;
    Token token;
    std::int64_t node = 0;
    std::string kind;               // "exec": argv; "files": the server of model/file_words.h
    std::vector<std::string> argv;  // of exec
    std::string term;               // of exec: what TERM shall be; empty: pipes and no terminal
    std::int64_t rows = 24;
    std::int64_t columns = 80;

    bool operator==(const ReachOrder&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"session", &ReachOrder::session},
                          Field{"center", &ReachOrder::center}, Field{"token", &ReachOrder::token},
                          Field{"node", &ReachOrder::node}, Field{"kind", &ReachOrder::kind},
                          Field{"argv", &ReachOrder::argv}, Field{"term", &ReachOrder::term},
                          Field{"rows", &ReachOrder::rows}, Field{"columns", &ReachOrder::columns});
    }
};

struct ReachOrders {
    std::vector<ReachOrder> orders;

    static constexpr auto fields() { return field_list(Field{"orders", &ReachOrders::orders}); }
};

// The kinds of frames on a channel.
namespace reach {
inline constexpr char input = 'i';      // to the program
inline constexpr char input_end = 'e';  // no more of it
inline constexpr char window = 'w';     // "ROWS COLUMNS"
inline constexpr char output = 'o';     // from the program
inline constexpr char errors = 'r';     // from its standard error
inline constexpr char exited = 'x';     // "CODE", 128 + signal where one ended it; the last frame
inline constexpr char failed = 'f';     // "code\nmessage": it never ran, or is lost; the last frame
}  // namespace reach

struct Frame {
    char kind = 0;
    std::string payload;
};

std::string make_frame(char kind, std::string_view payload);

// Frames from bytes that arrive split anywhere.
class FrameReader {
   public:
    void add(std::string_view bytes) { bytes_ += bytes; }
    std::optional<Frame> next();
    bool is_broken() const { return broken_; }  // a length past max_frame_bytes

   private:
    std::string bytes_;
    std::size_t taken_ = 0;
    bool broken_ = false;
};

}  // namespace dayu
