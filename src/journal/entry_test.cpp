#include "journal/entry.h"

#include <limits>
#include <optional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "journal/binary.h"
#include "journal/testing/story.h"
#include "journal/upcast.h"

namespace dayu::journal {
namespace {

// Any value of anything that an event can hold.
template <class T>
struct Any;
template <class T>
[[gnu::noinline]] T any() {
    return Any<T>::make();
}

template <class T>
    requires std::integral<T>
struct Any<T> {
    static T make() {
        switch (*rc::gen::inRange(0, 10)) {
            case 0: return std::numeric_limits<T>::max();
            case 1: return std::numeric_limits<T>::min();
            default: return static_cast<T>(*rc::gen::arbitrary<std::int64_t>());
        }
    }
};
template <NamedEnum E>
struct Any<E> {
    static E make() {
        const auto count = static_cast<int>(enum_names(Type<E>{}).size());
        return static_cast<E>(*rc::gen::inRange(0, count));
    }
};
template <>
struct Any<std::string> {
    static std::string make() {
        static const std::vector<std::string> parts{
            "a",    "Z",    "0", "\"",   "\\", "/",     "\n", "\t", std::string(1, '\0'),
            "\x1f", "\x7f", "é", "大禹", "🌊", "\u2028"};
        std::string text;
        for (const auto& part :
             *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(parts)))
            text += part;
        return text;
    }
};
template <>
struct Any<Time> {  // of years that RFC 3339 can write
    static Time make() { return {*rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999)}; }
};
template <>
struct Any<Duration> {
    static Duration make() { return {any<std::int64_t>()}; }
};
template <>
struct Any<Money> {
    static Money make() { return {any<std::int64_t>()}; }
};
template <class Tag, class Number>
struct Any<Id<Tag, Number>> {
    static Id<Tag, Number> make() { return {any<Number>()}; }
};
template <class T>
struct Any<std::optional<T>> {
    static std::optional<T> make() { return any<bool>() ? std::optional(any<T>()) : std::nullopt; }
};
template <class T>
struct Any<std::vector<T>> {
    static std::vector<T> make() {
        std::vector<T> values(*rc::gen::inRange<std::size_t>(0, 4));
        for (T& value : values) value = any<T>();
        return values;
    }
};
template <HasFields T>
struct Any<T> {
    static T make() {
        T object;
        for_each_field(object, [](std::string_view, auto& member) {
            member = any<std::remove_cvref_t<decltype(member)>>();
        });
        return object;
    }
};

std::string binary_of(const control::Event& event) {
    std::string out;
    std::visit([&](const auto& it) { binary::put(out, it); }, event);
    return out;
}

// The event of type T whose binary form this is; nothing, if it is none.
template <class T>
std::optional<control::Event> from_binary(std::string_view flat) {
    binary::Input in{flat};
    T event;
    if (!binary::get(in, event) || !in.left.empty()) return std::nullopt;
    return event;
}

// How to make and read events of one type. RapidCheck and GoogleTest are slow to compile, so that nothing that asks for
// them is a template of 30 types.
struct Kind {
    std::string_view name;
    control::Event (*any)();
    std::optional<control::Event> (*from_binary)(std::string_view flat);
};

template <class... Events>
std::vector<Kind> kinds_of(const std::variant<Events...>*) {
    return {Kind{Events::type, []() -> control::Event { return any<Events>(); },
                 from_binary<Events>}...};
}

void check_round_trip(const Kind& kind) {
    const control::RecordedEvent original{{.seq = {*rc::gen::inRange<std::uint64_t>(1, 1ULL << 60)},
                                           .at = any<Time>(),
                                           .scope = any<Scope>(),
                                           .actor = any<std::string>()},
                                          kind.any()};
    const std::string previous = hash_of_entry("what came before");

    const std::string bytes = render_entry(original, previous);
    const Result<ParsedEntry> parsed = parse_entry(bytes);
    if (!parsed) RC_FAIL(parsed.error().message + " in " + bytes);
    RC_ASSERT(parsed->recorded.meta == original.meta);
    RC_ASSERT(parsed->previous_hash == previous);
    RC_ASSERT(parsed->recorded.event.index() == original.event.index());
    const std::string flat = binary_of(original.event);
    RC_ASSERT(binary_of(parsed->recorded.event) == flat);
    RC_ASSERT(render_entry(parsed->recorded, previous) == bytes);

    const std::optional<control::Event> copy = kind.from_binary(flat);
    RC_ASSERT(copy && binary_of(*copy) == flat);
}

class EveryEvent : public ::testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(
    Type, EveryEvent, ::testing::ValuesIn(kinds_of(static_cast<const control::AnyEvent*>(nullptr))),
    [](const auto& at) { return std::string(at.param.name); });

TEST_P(EveryEvent, IsReadAsItWasWritten) {
    EXPECT_TRUE(rc::check([&] { check_round_trip(GetParam()); }));
}

TEST(Entry, LooksAsTheDesignSays) {
    const control::RecordedEvent recorded{
        {.seq = {7}, .at = {1'795'000'000'123}, .scope = {"acme", "poems"}, .actor = "token:first"},
        control::JobRequeued{
            .job = {41}, .cause = EndCause::exited, .not_before = {}, .counts_as_retry = true}};
    EXPECT_EQ(render_entry(recorded, hash_before_first()),
              R"({"actor":"token:first","at":"2026-11-18T11:06:40.123Z","data":{"cause":"exited",)"
              R"("counts_as_retry":true,"job":41},"prev":")" +
                  std::string(64, '0') +
                  R"(","project":"poems","seq":7,"tenant":"acme","type":"job_requeued","v":1})");
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

TEST(Entry, RefusesWhatIsNoEntry) {
    const std::string good = render_entry(testing::story().front(), hash_before_first());
    ASSERT_TRUE(parse_entry(good));
    const auto code = [](const std::string& bytes) {
        const Result<ParsedEntry> parsed = parse_entry(bytes);
        return parsed ? std::string("ok") : parsed.error().code;
    };
    EXPECT_EQ(code(replaced(good, R"("v":1)", R"("v":2)")), "entry_of_newer_version");
    EXPECT_EQ(code(replaced(good, R"("v":1)", R"("v":0)")), "entry_incomplete");
    EXPECT_EQ(code(replaced(good, R"("seq":1)", R"("seq":0)")), "entry_incomplete");
    EXPECT_EQ(code(replaced(good, "founded", "lost")), "entry_of_unknown_type");
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_NE(code(good.substr(0, size)), "ok") << size;
    }
    EXPECT_NE(code(replaced(good, R"("cluster":)", R"("clutter":)")), "ok");
}

TEST(Entry, NamesItsJob) {
    EXPECT_EQ(job_of(control::JobAccepted{.job = {5},
                                          .name = {},
                                          .shape = {},
                                          .body = {},
                                          .idempotency_key = {},
                                          .request = {}})
                  .value,
              5U);
    EXPECT_EQ(job_of(control::StopRequested{.attempt = {.job = {6}, .number = 1}}).value, 6U);
    EXPECT_EQ(job_of(control::Founded{}).value, 0U);
}

// A field `secs` of version 1 became `ms` in version 2, and was renamed to `length_ms` in version 4.
constexpr Upcast example_table[] = {
    {"nap", 1,
     [](wire::Json& data) -> Result<void> {
         const std::int64_t* secs = data.find("secs") ? data.find("secs")->as_int() : nullptr;
         if (secs == nullptr) return invalid("upcast_failed", "a nap of version 1 has whole secs");
         data = wire::Json(wire::Json::Object{{"ms", *secs * 1000}});
         return {};
     }},
    {"nap", 3,
     [](wire::Json& data) -> Result<void> {
         data = wire::Json(wire::Json::Object{{"length_ms", *data.find("ms")}});
         return {};
     }},
};

TEST(Upcast, BringsOldDataForwardStepByStep) {
    const auto forward = [](std::string_view type, std::int64_t from, std::int64_t to,
                            const char* text) {
        wire::Json data = *wire::parse_json(text);
        const Result<void> done = upcast(example_table, type, from, to, data);
        return done ? wire::to_text(data) : done.error().code;
    };
    EXPECT_EQ(forward("nap", 1, 4, R"({"secs":3})"), R"({"length_ms":3000})");
    EXPECT_EQ(forward("nap", 1, 3, R"({"secs":3})"), R"({"ms":3000})");
    EXPECT_EQ(forward("nap", 2, 4, R"({"ms":5})"), R"({"length_ms":5})");
    EXPECT_EQ(forward("nap", 4, 4, R"({"length_ms":5})"), R"({"length_ms":5})");
    EXPECT_EQ(forward("other", 1, 4, R"({"secs":3})"), R"({"secs":3})");
    EXPECT_EQ(forward("nap", 1, 4, R"({"ms":3})"), "upcast_failed");
}

TEST(Upcast, EveryRowLeadsToAVersionThatExists) {
    for (const Upcast& row : upcasts()) {
        EXPECT_GE(row.from, 1) << row.type;
        EXPECT_LT(row.from, entry_version) << row.type;
    }
}

}  // namespace
}  // namespace dayu::journal
