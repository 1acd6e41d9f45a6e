// What a robot says in its group: in Chinese or English, one line a notice.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "notices/notice.h"

namespace dayu::notices {

// "任务 41 「bert」失败，退出码 1": what has happened, without a line break.
std::string headline(const Notice& notice, NoticeLanguage language);
// Who, where, for how long and at what cost; empty when there is nothing to add.
std::string details(const Notice& notice, NoticeLanguage language);

struct Speech {
    std::string title;  // holds the word "Dayu", which may be a robot's keyword
    std::vector<std::string> lines;
};

// One notice with its details, or several as a list, of which the last are only counted where they do not
// fit. `max_bytes` is for title and lines together, each with a break of two bytes.
Speech speak(std::span<const Notice> notices, NoticeLanguage language, std::size_t max_bytes);

// Text of strangers (the name of a job) inside of Markdown: nothing in it is a link, a mention or a tag.
std::string plain_in_markdown(std::string_view text);

}  // namespace dayu::notices
