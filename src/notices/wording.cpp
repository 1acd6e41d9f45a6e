#include "notices/wording.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace dayu::notices {
namespace {

constexpr std::size_t max_lines = 20;
constexpr std::size_t break_bytes = 2;
constexpr std::size_t max_name_bytes = 120;  // of a job's name in a line
constexpr std::size_t spare_bytes = 120;     // for the line that counts the others
constexpr Duration beijing = seconds(8 * 3600);

// As they follow each other in JobState; the states before the terminal ones say what a job is.
constexpr std::array<std::array<std::string_view, 9>, 2> state_words{{
    {"排队", "被挂起", "运行", "已完成", "失败", "超时", "内存不足", "已取消", "错过截止时间"},
    {"is pending", "is held", "runs", "completed", "failed", "ran out of time", "ran out of memory",
     "was cancelled", "missed its deadline"},
}};

std::string_view word_of(JobState state, NoticeLanguage language) {
    return state_words[static_cast<std::size_t>(language)][static_cast<std::size_t>(state)];
}

bool is_zh(NoticeLanguage language) { return language == NoticeLanguage::zh; }

// At a boundary of UTF-8.
std::string shortened(const std::string& text) {
    if (text.size() <= max_name_bytes) return text;
    std::size_t end = max_name_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + "…";
}

std::string job_line(const journal::JobSummary& job, NoticeLanguage language) {
    const std::string name = shortened(job.name);
    std::string line =
        is_zh(language)
            ? fmt::format("任务 {}「{}」{}", job.job.value, name, word_of(job.state, language))
            : fmt::format("Job {} \"{}\" {}", job.job.value, name, word_of(job.state, language));
    if (job.state != JobState::failed) return line;
    const bool killed = job.signal != 0;
    const std::string_view what = is_zh(language) ? (killed ? "，信号 " : "，退出码 ")
                                                  : (killed ? ", signal " : ", exit code ");
    return fmt::format("{}{}{}", line, what, killed ? job.signal : job.code);
}

// "2026-11-27 20:15:03": in Beijing for those who read Chinese, else UTC.
std::string moment(Time time, NoticeLanguage language) {
    std::string text = to_string(is_zh(language) ? time + beijing : time).substr(0, 19);
    text[10] = ' ';
    return text + (is_zh(language) ? "（北京时间）" : " UTC");
}

std::string whole_seconds(Duration duration) {
    return to_string(seconds(std::max<std::int64_t>(duration.ms, 0) / 1000));
}

std::string yuan(Money money) {
    std::string text = to_string(money);
    return "¥" + text.substr(0, text.size() - 4);  // two decimals
}

std::string center_line(const Notice& notice, NoticeLanguage language) {
    const bool lost = notice.topic == NoticeTopic::center_lost;
    const std::string name = notice.center_title == notice.center || notice.center_title.empty()
                                 ? notice.center
                                 : fmt::format("{} ({})", notice.center_title, notice.center);
    if (is_zh(language)) {
        return lost ? fmt::format("算力中心 {} 失联，自 {}", name, moment(notice.since, language))
                    : fmt::format("算力中心 {} 恢复联系，此前失联 {}", name,
                                  whole_seconds(notice.at - notice.since));
    }
    return lost ? fmt::format("Centre {} is out of contact since {}", name,
                              moment(notice.since, language))
                : fmt::format("Centre {} is back in contact after {}", name,
                              whole_seconds(notice.at - notice.since));
}

bool is_bad(const Notice& notice) {
    if (notice.topic == NoticeTopic::center_lost) return true;
    return notice.topic == NoticeTopic::job_ended && notice.job.state != JobState::completed &&
           notice.job.state != JobState::cancelled;
}

std::string others(std::span<const Notice> left, NoticeLanguage language) {
    const auto bad = std::ranges::count_if(left, is_bad);
    return is_zh(language) ? fmt::format("……另有 {} 条，其中 {} 条为失败或失联", left.size(), bad)
                           : fmt::format("... and {} others, {} of them failures or lost centres",
                                         left.size(), bad);
}

}  // namespace

std::string headline(const Notice& notice, NoticeLanguage language) {
    std::string line =
        is_of_job(notice.topic) ? job_line(notice.job, language) : center_line(notice, language);
    if (!notice.trial) return line;
    return (is_zh(language) ? "[测试] " : "[test] ") + line;
}

std::string details(const Notice& notice, NoticeLanguage language) {
    if (!is_of_job(notice.topic)) return {};
    const journal::JobSummary& job = notice.job;
    std::vector<std::string> parts;
    const auto add = [&](std::string_view zh, std::string_view en, const std::string& value) {
        if (!value.empty()) parts.push_back(fmt::format("{} {}", is_zh(language) ? zh : en, value));
    };
    add("项目", "project", job.scope.project);
    add("用户", "by", job.owner);
    add("中心", "at", job.center);
    if (job.started.ms != 0 && job.ended.ms != 0)
        add("用时", "took", whole_seconds(job.ended - job.started));
    if (job.cost.micro_yuan != 0) add("费用", "cost", yuan(job.cost));
    add("原因", "because", job.detail);
    std::string line;
    for (const std::string& part : parts) line += (line.empty() ? "" : " · ") + part;
    return line;
}

Speech speak(std::span<const Notice> notices, NoticeLanguage language, std::size_t max_bytes) {
    if (notices.size() == 1) {
        Speech speech{.title = "Dayu: " + headline(notices.front(), language), .lines = {}};
        std::string more = details(notices.front(), language);
        if (!more.empty() && speech.title.size() + more.size() + 2 * break_bytes <= max_bytes)
            speech.lines.push_back(std::move(more));
        return speech;
    }
    Speech speech{.title = is_zh(language) ? fmt::format("Dayu: {} 条通知", notices.size())
                                           : fmt::format("Dayu: {} notices", notices.size()),
                  .lines = {}};
    std::size_t used = speech.title.size() + break_bytes + spare_bytes;
    std::size_t told = 0;
    while (told < std::min(notices.size(), max_lines)) {
        std::string line = "- " + headline(notices[told], language);
        if (used + line.size() + break_bytes > max_bytes) break;
        used += line.size() + break_bytes;
        speech.lines.push_back(std::move(line));
        ++told;
    }
    if (told < notices.size()) speech.lines.push_back(others(notices.subspan(told), language));
    return speech;
}

std::string plain_in_markdown(std::string_view text) {
    std::string plain;
    for (const char c : text) {
        switch (c) {
            case '<': plain += "‹"; break;
            case '>': plain += "›"; break;
            case '[': plain += "［"; break;
            case ']': plain += "］"; break;
            case '*': plain += "＊"; break;
            case '`': plain += "'"; break;
            default: plain += c;
        }
    }
    return plain;
}

}  // namespace dayu::notices
