#include "model/workdir.h"

#include <limits>

#include <gtest/gtest.h>

#include "model/content_piece.h"

namespace dayu {
namespace {

using Kind = WorkdirEntry::Kind;

WorkdirEntry file(std::string path, std::int64_t bytes = 1) {
    return {.kind = Kind::file,
            .path = std::move(path),
            .sha256 = std::string(64, 'a'),
            .bytes = bytes};
}
WorkdirEntry link(std::string path, std::string target) {
    return {.kind = Kind::link, .path = std::move(path), .target = std::move(target)};
}

std::string code_of(const std::vector<WorkdirEntry>& entries) {
    const Result<void> sound = validate(Manifest{entries});
    return sound ? "ok" : sound.error().code;
}

TEST(Workdir, ReadsBackWhatItWrites) {
    Manifest manifest{{{.kind = Kind::folder, .path = "empty"},
                       {.kind = Kind::program, .path = "run.sh", .sha256 = std::string(64, '0')},
                       file("sub/odd \\ \t\n name"),
                       link("sub/to", "odd\n"),
                       file("大禹.txt", 7)}};
    const std::string text = to_text(manifest);
    const auto back = parse_manifest(text);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, manifest);
    EXPECT_EQ(summary_of(*back, "d"), (Workdir{.manifest = "d", .files = 3, .bytes = 8}));
}

TEST(Workdir, HasOneText) {
    const std::string digest(64, 'a');
    EXPECT_TRUE(parse_manifest("dayu-workdir 1\nf " + digest + " 7 a\n").ok());
    for (const std::string& line : std::initializer_list<std::string>{
             "f " + digest + " 07 a\n", "f " + digest + " +7 a\n", "f " + digest + " 7 a",
             "f " + digest + " 7 \\a\n", "f " + digest + "  7 a\n", "q " + digest + " 7 a\n",
             "f short 7 a\n", "l a\n", "d \n", "\n", "f " + digest + " 7\n"}) {
        EXPECT_FALSE(parse_manifest("dayu-workdir 1\n" + line).ok()) << line;
    }
    EXPECT_FALSE(parse_manifest("dayu-workdir 2\n").ok());
    EXPECT_FALSE(parse_manifest("").ok());
}

TEST(Workdir, NoPathLeadsOut) {
    for (const char* path :
         {"", "/etc/passwd", "..", "../a", "a/../b", "a/..", "a//b", "a/", "./a", "a/./b", "."}) {
        EXPECT_EQ(code_of({file(path)}), "workdir_path_unsafe") << path;
    }
    EXPECT_EQ(code_of({file(std::string("a\0b", 3))}), "workdir_path_unsafe");
    EXPECT_EQ(code_of({file(std::string(256, 'a'))}), "workdir_path_unsafe");
    EXPECT_EQ(code_of({file("...")}), "ok");
    EXPECT_EQ(code_of({file("..a/b..")}), "ok");
}

TEST(Workdir, NothingStandsTwiceOrBelowAFile) {
    EXPECT_EQ(code_of({file("a"), file("a")}), "manifest_malformed");
    EXPECT_EQ(code_of({file("b"), file("a")}), "manifest_malformed");
    EXPECT_EQ(code_of({file("a"), file("a-b"), file("a/b")}), "workdir_path_unsafe");
    EXPECT_EQ(code_of({link("a", "b"), file("a/b")}), "workdir_path_unsafe");
}

TEST(Workdir, NoLinkLeadsOut) {
    EXPECT_EQ(code_of({link("a", "b/c")}), "ok");  // made by the job, perhaps
    EXPECT_EQ(code_of({link("sub/a", "../b")}), "ok");
    for (const char* target : {"", "/etc", "..", "../b", "b/../..", "a"}) {
        EXPECT_EQ(code_of({link("a", target)}), "workdir_link_outside") << target;
    }
    // Each stays inside as it is written; followed through the other one, it does not.
    EXPECT_EQ(code_of({link("x", "u/v/s/../../../f"), link("u/v/s", "../../t")}),
              "manifest_malformed");
    EXPECT_EQ(code_of({link("u/v/s", "../../t"), link("x", "u/v/s/../../../f")}),
              "workdir_link_outside");
    EXPECT_EQ(code_of({link("u/v/s", "../../t"), link("x", "u/v/s/../f")}), "ok");
    EXPECT_EQ(code_of({link("p", "q"), link("q", "p")}), "workdir_link_outside");
}

TEST(Workdir, HasLimits) {
    EXPECT_EQ(code_of({file("a", max_content_bytes)}), "ok");
    EXPECT_EQ(code_of({file("a", max_content_bytes + 1)}), "workdir_file_too_large");
    std::vector<WorkdirEntry> entries;
    for (const char* path : {"a", "b", "c", "d", "e"})
        entries.push_back(file(path, max_content_bytes));
    EXPECT_EQ(code_of(entries), "workdir_too_large");
    EXPECT_EQ(code_of({file("a", -1)}), "workdir_file_too_large");
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(code_of({file("a", most), file("b", most)}), "workdir_file_too_large");
}

TEST(ContentPiece, ReadsBackWhatItWrites) {
    std::string body;
    append_piece(body, {.sha256 = std::string(64, 'b'), .offset = 2, .total = 7, .bytes = "a\nb"});
    append_piece(body, {.sha256 = std::string(64, 'c'), .offset = 0, .total = 0, .bytes = ""});
    const auto pieces = parse_pieces(body);
    ASSERT_TRUE(pieces.ok()) << pieces.error().message;
    ASSERT_EQ(pieces->size(), 2U);
    EXPECT_EQ((*pieces)[0].bytes, "a\nb");
    EXPECT_FALSE((*pieces)[0].is_whole());
    EXPECT_TRUE((*pieces)[1].is_whole());
}

TEST(ContentPiece, RefusesWhatDoesNotFit) {
    const std::string digest(64, 'b');
    for (const std::string& body : std::initializer_list<std::string>{
             "x", digest + " 0 1 1\n", digest + " 0 1 2\nab", digest + " -1 1 1\na",
             digest + " 2 1 0\n", digest + " 0 1\na", digest + " 0 1 1 1\na",
             digest + " 0 99999999999 0\n", std::string(64, 'B') + " 0 0 0\n",
             digest + " 9223372036854775807 9223372036854775807 1\na"}) {
        EXPECT_FALSE(parse_pieces(body).ok()) << body;
    }
    EXPECT_TRUE(parse_pieces("").ok());
}

}  // namespace
}  // namespace dayu
