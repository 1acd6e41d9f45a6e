#include "http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/check.h"

namespace dayu::http {
namespace {

constexpr int gzip_window_bits = 15 + 16;  // the largest window, in a gzip wrapper
constexpr int memory_level = 8;
constexpr std::size_t block_bytes = 64 << 10;
constexpr int whole_weight = 1000;  // "q=1"

unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
}

std::string lowered(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

// Thousandths: "0.5" is 500, and 1 is 1000. Nothing for what is no weight.
std::optional<int> weight_of(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[1] != '.')) return std::nullopt;
    std::string digits(text.substr(0, 1));
    if (text.size() > 2) digits += text.substr(2);
    digits.resize(4, '0');
    int weight = 0;
    const auto [end, status] =
        std::from_chars(digits.data(), digits.data() + digits.size(), weight);
    const bool whole = status == std::errc() && end == digits.data() + digits.size();
    return whole && weight <= whole_weight ? std::optional(weight) : std::nullopt;
}

struct Wishes {
    std::optional<int> gzip;
    std::optional<int> identity;
    std::optional<int> any;
};

void read_wish(std::string_view part, Wishes& wishes) {
    const std::size_t end = part.find(';');
    const std::string coding = lowered(trimmed(part.substr(0, end)));
    std::optional<int> weight = whole_weight;
    if (end != std::string_view::npos) {
        const std::string_view parameter = trimmed(part.substr(end + 1));
        const bool is_weight = parameter.starts_with("q=") || parameter.starts_with("Q=");
        weight = is_weight ? weight_of(parameter.substr(2)) : std::nullopt;
    }
    if (!weight) return;
    if (coding == "gzip" || coding == "x-gzip") wishes.gzip = weight;
    if (coding == "identity") wishes.identity = weight;
    if (coding == "*") wishes.any = weight;
}

Error malformed(const std::string& why) {
    return invalid("encoding_malformed",
                   "the body is not the gzip that its header Content-Encoding says: " + why);
}

Error too_large(std::size_t limit_bytes) {
    return exhausted("body_too_large", "unpacked, the body is larger than the " +
                                           std::to_string(limit_bytes) +
                                           " bytes that are accepted");
}

// Ends with its scope.
struct Inflater {
    z_stream stream{};
    Inflater() { CHECK(inflateInit2(&stream, gzip_window_bits) == Z_OK); }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

// The fastest level: whoever waits for an answer waits for this too.
std::string gzip(std::string_view bytes) {
    z_stream stream{};
    CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window_bits, memory_level,
                       Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = bytes_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = bytes_of(packed);
    stream.avail_out = static_cast<uInt>(packed.size());
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

Result<std::string> gunzip(std::string_view bytes, std::size_t limit_bytes) {
    Inflater inflater;
    z_stream& stream = inflater.stream;
    stream.next_in = bytes_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string whole;
    std::array<unsigned char, block_bytes> block;
    while (true) {
        stream.next_out = block.data();
        stream.avail_out = static_cast<uInt>(block.size());
        const int status = inflate(&stream, Z_NO_FLUSH);
        const std::size_t made = block.size() - stream.avail_out;
        if (whole.size() + made > limit_bytes) return too_large(limit_bytes);
        whole.append(reinterpret_cast<const char*>(block.data()), made);
        if (status == Z_STREAM_END) {
            if (stream.avail_in == 0) return whole;
            if (inflateReset(&stream) != Z_OK) return malformed("it goes on behind its end");
        } else if (status == Z_BUF_ERROR || (status == Z_OK && made == 0 && stream.avail_in == 0)) {
            return malformed("it ends too early");
        } else if (status != Z_OK) {
            return malformed(stream.msg ? stream.msg : "it cannot be read");
        }
    }
}

bool is_worth_gzip(std::string_view content_type, std::size_t bytes) {
    if (bytes < least_gzip_bytes) return false;
    return content_type.starts_with("text/") ||
           content_type.find("json") != std::string_view::npos ||
           content_type.find("yaml") != std::string_view::npos;
}

bool accepts_gzip(const Request& request) {
    Wishes wishes;
    for (const NamedValue& header : request.headers) {
        if (lowered(header.name) != "accept-encoding") continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            const std::string_view part = rest.substr(0, rest.find(','));
            read_wish(part, wishes);
            rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        }
    }
    const int weight = wishes.gzip.value_or(wishes.any.value_or(0));
    return weight > 0 && weight >= wishes.identity.value_or(0);
}

Result<void> decode_body(Request& request, std::size_t limit_bytes) {
    const auto header = request.header("Content-Encoding");
    if (!header) return {};
    const std::string encoding = lowered(trimmed(*header));
    if (encoding.empty() || encoding == "identity") return {};
    if (encoding != "gzip" && encoding != "x-gzip") {
        return invalid("encoding_unsupported",
                       "Content-Encoding: a body comes as it is or as "
                       "gzip, not as " +
                           encoding.substr(0, 80));
    }
    request.body = TRY(gunzip(request.body, limit_bytes));
    return {};
}

void encode_body(Response& response, bool takes_gzip) {
    if (!is_worth_gzip(response.content_type, response.body.size())) return;
    if (response.header("Content-Encoding")) return;
    response.headers.push_back({"Vary", "Accept-Encoding"});
    if (!takes_gzip) return;
    response.body = gzip(response.body);
    response.headers.push_back({"Content-Encoding", "gzip"});
    for (NamedValue& header : response.headers) {
        if (header.name == "ETag" && header.value.ends_with('"'))
            header.value.insert(header.value.size() - 1, "-gzip");
    }
}

}  // namespace dayu::http
