#include "wire/walk_json.h"

#include <limits>
#include <optional>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

#include "wire/json.h"
#include "wire/utf8.h"

namespace dayu::wire {
namespace {

namespace bj = boost::json;

// What Boost's parser calls; parts of strings and numbers are put together, errors kept.
class Handler {
   public:
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    explicit Handler(JsonListener& listener) : listener_(listener) {}

    const std::optional<Error>& error() const { return error_; }

    bool on_document_begin(bj::error_code&) { return true; }
    bool on_document_end(bj::error_code&) { return true; }
    bool on_object_begin(bj::error_code& ec) { return pass(listener_.on_object_begin(), ec); }
    bool on_object_end(std::size_t, bj::error_code& ec) { return pass(listener_.on_end(), ec); }
    bool on_array_begin(bj::error_code& ec) { return pass(listener_.on_array_begin(), ec); }
    bool on_array_end(std::size_t, bj::error_code& ec) { return pass(listener_.on_end(), ec); }
    bool on_key_part(bj::string_view s, std::size_t, bj::error_code&) { return gather(s); }
    bool on_key(bj::string_view s, std::size_t, bj::error_code& ec) {
        gather(s);
        return pass(listener_.on_key(std::exchange(text_, {})), ec);
    }
    bool on_string_part(bj::string_view s, std::size_t, bj::error_code&) { return gather(s); }
    bool on_string(bj::string_view s, std::size_t, bj::error_code& ec) {
        gather(s);
        return pass(listener_.on_string(std::exchange(text_, {})), ec);
    }
    bool on_number_part(bj::string_view s, bj::error_code&) { return gather(s); }
    bool on_int64(std::int64_t, bj::string_view s, bj::error_code& ec) { return number(s, ec); }
    bool on_uint64(std::uint64_t, bj::string_view s, bj::error_code& ec) { return number(s, ec); }
    bool on_double(double, bj::string_view s, bj::error_code& ec) { return number(s, ec); }
    bool on_bool(bool value, bj::error_code& ec) { return pass(listener_.on_bool(value), ec); }
    bool on_null(bj::error_code& ec) { return pass(listener_.on_null(), ec); }
    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
    bool on_comment(bj::string_view, bj::error_code&) { return true; }

   private:
    bool gather(bj::string_view part) {
        text_.append(part.data(), part.size());
        return true;
    }
    bool number(bj::string_view last_part, bj::error_code& ec) {
        gather(last_part);
        return pass(listener_.on_number(std::exchange(text_, {})), ec);
    }
    bool pass(const Result<void>& result, bj::error_code& ec) {
        if (result.ok()) return true;
        error_ = result.error();
        ec = bj::error::syntax;
        return false;
    }

    JsonListener& listener_;
    std::string text_;
    std::optional<Error> error_;
};

Error malformed(const bj::error_code& ec, std::size_t offset) {
    if (ec == bj::error::too_deep) {
        return invalid("json_too_deep", "JSON nested deeper than " +
                                            std::to_string(max_json_depth) + " levels, at byte " +
                                            std::to_string(offset));
    }
    return invalid("json_malformed",
                   "not JSON at byte " + std::to_string(offset) + ": " + ec.message());
}

}  // namespace

Result<void> walk_json(std::string_view text, JsonListener& listener) {
    const std::size_t bad = find_invalid_utf8(text);
    if (bad != std::string_view::npos) {
        return invalid("not_utf8", "not UTF-8 at byte " + std::to_string(bad));
    }
    try {
        bj::parse_options options;
        options.max_depth = max_json_depth;
        bj::basic_parser<Handler> parser(options, listener);
        bj::error_code ec;
        const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
        if (parser.handler().error()) return *parser.handler().error();
        if (!ec && read < text.size()) ec = bj::error::extra_data;
        if (ec) return malformed(ec, read);
        return {};
    } catch (const std::exception& thrown) {
        return internal("json_parser_failed", thrown.what());
    }
}

}  // namespace dayu::wire
