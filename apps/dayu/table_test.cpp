#include "dayu/table.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "dayu/display_width.h"

namespace dayu::app {
namespace {

using Kind = Column::Kind;

TEST(DisplayWidth, ChineseCharactersTakeTwoColumns) {
    EXPECT_EQ(display_width("abc"), 3u);
    EXPECT_EQ(display_width("中卫枢纽"), 8u);
    EXPECT_EQ(display_width("e\xCC\x81"), 1u);  // e and a combining acute
    EXPECT_EQ(display_width("「」"), 4u);
    EXPECT_EQ(display_width("¥×…"), 3u);
    EXPECT_EQ(display_width("\xFF"), 1u);
}

TEST(DisplayWidth, EmojiTakeTwoColumnsHoweverTheyAreJoined) {
    EXPECT_EQ(display_width("🚀"), 2u);
    EXPECT_EQ(display_width("👩‍🔬"), 2u);  // a woman, a joiner and a microscope
    EXPECT_EQ(display_width("👍🏽"), 2u);         // a thumb and its tone
    EXPECT_EQ(display_width("❤️"), 2u);            // a heart, and: as emoji
    EXPECT_EQ(display_width("🇨🇳"), 2u);           // two regional letters
    EXPECT_EQ(display_width("a🏽"), 3u);          // no emoji before it: stands alone
    EXPECT_EQ(cut_to_width("👩‍🔬👩‍🔬👩‍🔬", 5), "👩‍🔬👩‍🔬…");
    EXPECT_EQ(display_width("각"), 2u);  // one syllable of three letters
}

TEST(DisplayWidth, AmbiguousCharactersAreNarrowUnlessTheTerminalIsSaidToDiffer) {
    EXPECT_EQ(display_width("±×…"), 3u);
    setenv("DAYU_AMBIGUOUS_WIDTH", "2", 1);
    EXPECT_EQ(display_width("±×…"), 6u);
    EXPECT_EQ(display_width("中a"), 3u);
    EXPECT_EQ(cut_to_width("abcd", 3), "a…");
    unsetenv("DAYU_AMBIGUOUS_WIDTH");
}

TEST(DisplayWidth, CutsBetweenCharacters) {
    EXPECT_EQ(cut_to_width("中卫枢纽", 8), "中卫枢纽");
    EXPECT_EQ(cut_to_width("中卫枢纽", 7), "中卫枢…");
    EXPECT_EQ(cut_to_width("中卫枢纽", 6), "中卫…");  // half a character is none
    EXPECT_EQ(cut_to_width("abc", 0), "");
}

TEST(DisplayWidth, NothingSteersTheTerminal) {
    EXPECT_EQ(printable("a\x1b[31mb\nc"), "a [31mb c");
    EXPECT_EQ(printable("\xC3("), "\xEF\xBF\xBD(");
    EXPECT_EQ(printable("a\xE2\x80\xAE"), "a ");  // right-to-left override
}

TEST(Table, NumbersStandOnTheRightAndChineseTextAligns) {
    Table table({{"CENTER"}, {"TITLE"}, {"PRICE", Kind::number}, {"NOTE"}});
    table.add({"zhongwei", "中卫枢纽", "2.40", ""});
    table.add({"sh", "上海", "14.80", "x"});
    EXPECT_EQ(table.to_text({}),
              "CENTER    TITLE     PRICE  NOTE\n"
              "zhongwei  中卫枢纽   2.40  -\n"
              "sh        上海      14.80  x\n");
}

TEST(Table, ProseIsCutToFitTheTerminal) {
    Table table({{"ID", Kind::number}, {"WHY", Kind::prose}});
    table.add({"1", "a long explanation that no narrow terminal can show"});
    EXPECT_EQ(table.to_text({.columns = 24}), "ID  WHY\n 1  a long explanation …\n");
    EXPECT_EQ(table.to_text({.columns = 5}), "ID  WHY\n 1  a long expl…\n");  // never below this
}

TEST(Table, NamesAreCutAfterProseAndNumbersNever) {
    Table table({{"CENTER"}, {"PRICE", Kind::number}, {"WHY", Kind::prose}});
    table.add({"guiyang-national-hub", "1234567.89", "a long explanation"});
    EXPECT_EQ(table.to_text({.columns = 40}),
              "CENTER               PRICE  WHY\n"
              "guiyang-natio…  1234567.89  a long expl…\n");
    EXPECT_EQ(table.to_text({.columns = 5}),
              "CENTER         PRICE  WHY\n"
              "guiyang…  1234567.89  a long expl…\n");
}

TEST(Table, ColorsTakeNoRoom) {
    Table table({{"ST"}, {"N"}});
    table.add({{"R", Color::green}, "1"});
    EXPECT_EQ(table.to_text({.color = true}),
              "\x1b[2mST\x1b[0m  \x1b[2mN\x1b[0m\n\x1b[32mR\x1b[0m   1\n");
}

}  // namespace
}  // namespace dayu::app
