#include "journal/entry.h"

#include <utility>

#include <fmt/core.h>

#include "base/sha256.h"
#include "journal/upcast.h"
#include "wire/json_fields.h"

namespace dayu::journal {
namespace {

// What stands around the event's own data.
struct Envelope {
    std::string actor;
    Time at;
    wire::Json data;
    std::string prev;
    std::string project;
    Seq seq;
    std::string tenant;
    std::string type;
    std::int64_t v = 0;

    static constexpr auto fields() {
        return field_list(Field{"actor", &Envelope::actor}, Field{"at", &Envelope::at},
                          Field{"data", &Envelope::data}, Field{"prev", &Envelope::prev},
                          Field{"project", &Envelope::project}, Field{"seq", &Envelope::seq},
                          Field{"tenant", &Envelope::tenant}, Field{"type", &Envelope::type},
                          Field{"v", &Envelope::v});
    }
};

template <std::size_t index = 0>
Result<control::Event> parse_event(std::string_view type, const wire::Json& data) {
    if constexpr (index == std::variant_size_v<control::AnyEvent>) {
        return invalid("entry_of_unknown_type", fmt::format("no event is called \"{}\"", type));
    } else {
        using Event = std::variant_alternative_t<index, control::AnyEvent>;
        if (type != Event::type) return parse_event<index + 1>(type, data);
        Event event;
        TRY(wire::from_json(data, event));
        return control::Event(std::move(event));
    }
}

Result<void> check_envelope(const Envelope& envelope) {
    if (envelope.v > entry_version) {
        return conflict(
            "entry_of_newer_version",
            fmt::format("the entry has version {}, this dayu reads up to {}: run a newer dayu",
                        envelope.v, entry_version));
    }
    if (envelope.v < 1 || !envelope.seq || envelope.prev.size() != hash_before_first().size()) {
        return invalid("entry_incomplete",
                       "an entry needs a version, a sequence number and a hash");
    }
    return {};
}

}  // namespace

std::string render_entry(const control::RecordedEvent& recorded, std::string_view previous_hash) {
    const control::EventMeta& meta = recorded.meta;
    std::string out;
    out.reserve(512);
    out += R"({"actor":)";
    wire::append_string(out, meta.actor);
    out += R"(,"at":")";
    wire::append_time(out, meta.at);
    out += R"(","data":)";
    std::visit([&](const auto& event) { wire::write_json(out, event); }, recorded.event);
    out += R"(,"prev":)";
    wire::append_string(out, previous_hash);
    out += R"(,"project":)";
    wire::append_string(out, meta.scope.project);
    out += R"(,"seq":)";
    wire::append_integer(out, meta.seq.value);
    out += R"(,"tenant":)";
    wire::append_string(out, meta.scope.tenant);
    out += R"(,"type":)";
    wire::append_string(out, type_of(recorded.event));
    out += R"(,"v":)";
    wire::append_integer(out, entry_version);
    out += '}';
    return out;
}

std::string hash_of_entry(std::string_view bytes) { return to_hex(sha256(bytes)); }
std::string hash_before_first() { return std::string(64, '0'); }

Result<ParsedEntry> parse_entry(std::string_view bytes) {
    Envelope envelope;
    TRY(wire::from_json(TRY(wire::parse_json(bytes)), envelope));
    TRY(check_envelope(envelope));
    TRY(upcast(upcasts(), envelope.type, envelope.v, entry_version, envelope.data));
    control::Event event = TRY(parse_event(envelope.type, envelope.data));
    return ParsedEntry{
        .recorded = {.meta = {.seq = envelope.seq,
                              .at = envelope.at,
                              .scope = {std::move(envelope.tenant), std::move(envelope.project)},
                              .actor = std::move(envelope.actor)},
                     .event = std::move(event)},
        .previous_hash = std::move(envelope.prev)};
}

std::string_view type_of(const control::Event& event) {
    return std::visit([](const auto& it) { return it.type; }, event);
}

}  // namespace dayu::journal
