#include "dayu/job_text.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "dayu/answers.h"
#include "dayu/output.h"
#include "dayu/small_file.h"
#include "wire/job_file.h"

namespace dayu::app {

Result<std::string> read_job_text(const std::string& path) {
    std::string text = TRY(read_small_file(path, wire::max_job_file_bytes));
    const std::filesystem::path config = wire::model_config_named_in(text);
    if (config.empty()) return text;
    const std::filesystem::path there = std::filesystem::path(path).parent_path() / config;
    return wire::with_model_config(text,
                                   TRY(read_small_file(there.string(), wire::max_job_file_bytes)));
}

namespace {

// What the file of another system says in vain goes to stderr, errors first.
void remark_unmapped(const wire::Json& answer) {
    for (const std::string_view weight : {"error", "note"}) {
        for (const wire::Json& item : list(answer, "unmapped")) {
            if (text(item, "weight") != weight) continue;
            const std::string value = text(item, "value");
            const std::string advice = text(item, "advice");
            remark("dayu: " + std::string(weight) + ": line " +
                   std::to_string(number(item, "line")) + ", " + text(item, "key") +
                   (value.empty() ? "" : " (" + value + ")") + ": " + text(item, "why") +
                   (advice.empty() ? "" : "; " + advice));
        }
    }
}

}  // namespace

Result<wire::Json> post_job(Connection& connection, const std::string& path, const std::string& job,
                            http::NamedValues headers) {
    const http::Response response = TRY(connection.fetch({.method = "POST",
                                                          .path = path,
                                                          .body = job,
                                                          .content_type = "application/yaml",
                                                          .headers = std::move(headers)}));
    const wire::Json answer = TRY(wire::parse_json(response.body));
    remark_unmapped(answer);
    return answer;
}

bool would_be_refused(const wire::Json& offers) {
    return std::ranges::any_of(list(offers, "unmapped"), [](const wire::Json& item) {
        return text(item, "weight") == "error";
    });
}

}  // namespace dayu::app
