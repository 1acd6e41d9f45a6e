#include "dayu/job_text.h"

#include <utility>

#include "dayu/small_file.h"
#include "wire/job_file.h"

namespace dayu::app {

Result<std::string> read_job_text(const std::string& path) {
    return read_small_file(path, wire::max_job_file_bytes);
}

Result<wire::Json> post_job(Connection& connection, const std::string& path,
                            const std::string& text, http::NamedValues headers) {
    const http::Response response = TRY(connection.fetch({.method = "POST",
                                                          .path = path,
                                                          .body = text,
                                                          .content_type = "application/yaml",
                                                          .headers = std::move(headers)}));
    return wire::parse_json(response.body);
}

}  // namespace dayu::app
