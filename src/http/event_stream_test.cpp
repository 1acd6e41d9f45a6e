#include "http/event_stream.h"

#include <gtest/gtest.h>

namespace dayu::http {
namespace {

using Events = std::vector<ServerEvent>;

Events feed_all(EventStreamParser& parser, std::string_view bytes, std::size_t part) {
    Events all;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(part, bytes.size()))) {
        const Events some = parser.feed(bytes.substr(0, part)).value();
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

TEST(EventStream, WhatIsFormattedIsRead) {
    const ServerEvent event{.id = "7", .event = "placed", .data = "{\"a\":1}"};
    EXPECT_EQ(format_event(event), "id: 7\nevent: placed\ndata: {\"a\":1}\n\n");
    EventStreamParser parser;
    EXPECT_EQ(parser.feed(format_event(event)).value(), Events{event});
    EXPECT_EQ(parser.last_id(), "7");
}

TEST(EventStream, DataOfSeveralLinesStaysTogether) {
    EXPECT_EQ(format_event({.id = "", .event = "", .data = "a\nb\n"}),
              "data: a\ndata: b\ndata: \n\n");
    EventStreamParser parser;
    EXPECT_EQ(parser.feed("data: a\ndata: b\ndata:\n\n").value(), (Events{{"", "", "a\nb\n"}}));
}

TEST(EventStream, SplitAtAnyByteWithAnyLineEnd) {
    const std::string text =
        "\xEF\xBB\xBF: hello\r\n\r\nid: 1\r\ndata: one\r\n\r\n: ping\n\n"
        "id: 2\rdata:two\rdata\r\revent: end\ndata:  three\nunknown: x\n\n";
    const Events expected{{"1", "", "one"}, {"2", "", "two\n"}, {"2", "end", " three"}};
    for (std::size_t part = 1; part <= text.size(); ++part) {
        EventStreamParser parser;
        EXPECT_EQ(feed_all(parser, text, part), expected) << "in parts of " << part;
    }
}

TEST(EventStream, AnUnfinishedEventIsNotHandedOut) {
    EventStreamParser parser;
    EXPECT_TRUE(parser.feed("id: 3\ndata: x\n").value().empty());
    EXPECT_EQ(parser.feed("\n").value().size(), 1U);
}

TEST(EventStream, AnEventWithoutAnEndIsRefused) {
    EventStreamParser parser(100);
    const std::string line = "data: " + std::string(40, 'x') + "\n";
    EXPECT_TRUE(parser.feed(line + line).ok());
    const auto refused = parser.feed(line);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "event_too_large");
    EXPECT_FALSE(EventStreamParser(100).feed(std::string(200, 'x')).ok());
}

}  // namespace
}  // namespace dayu::http
