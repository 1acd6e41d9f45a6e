#include "notices/progress.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/durable_file.h"
#include "wire/json_fields.h"

namespace dayu::notices {

namespace fs = std::filesystem;

Result<ProgressFiles> ProgressFiles::open(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return error_from_errno("notices_failed", "make " + folder, errno);
    return ProgressFiles(folder);
}

Progress ProgressFiles::read(const std::string& sealed) const {
    std::ifstream in(path_of(sealed), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    Progress progress;
    const auto json = wire::parse_json(text);
    if (!json || !wire::from_json(*json, progress)) return {};
    return progress;
}

Result<void> ProgressFiles::write(const std::string& sealed, const Progress& progress) const {
    std::string text;
    wire::write_json(text, progress);
    return replace_durably(path_of(sealed), text, "notices_failed");
}

void ProgressFiles::sweep(const std::function<bool(const std::string& sealed)>& is_used) const {
    std::error_code error;
    for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
        const std::string sealed = at->path().stem().string();  // of what is being written too
        if (!is_used(sealed)) ::unlink(at->path().c_str());
    }
}

}  // namespace dayu::notices
