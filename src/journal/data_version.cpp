#include "journal/data_version.h"

#include <cerrno>
#include <filesystem>

#include <fmt/core.h>

#include "control/event.h"
#include "journal/entry.h"
#include "journal/sqlite/files.h"
#include "journal/sqlite/schema.h"
#include "wire/json.h"

namespace dayu::journal {
namespace {

constexpr std::string_view file_name = "version.json";

struct Form {
    std::string_view name;
    std::string_view title;  // for people
    std::int64_t number;
};

// One row a part of the folder. Count up the number when an earlier dayu could not read what is written now; a new
// kind of event and a new layout of the tables count by themselves.
const Form forms[] = {
    {"archive", "archive", 1},
    {"contents", "files of jobs' folders", 1},
    {"entries", "entries of the journal", entry_version},
    {"events", "kinds of events", std::variant_size_v<control::AnyEvent>},
    {"fields", "fields of entries", 2},  // counted up with each that a kind of entry gets
    {"layout", "layout of journal.db", sqlite::newest_layout()},
    {"secrets", "sealed secrets", 1},
    {"snapshots", "snapshots", 1},
};

std::int64_t known(std::string_view name) {
    for (const Form& form : forms) {
        if (form.name == name) return form.number;
    }
    return 0;  // a part that came later
}

std::string title_of(std::string_view name) {
    for (const Form& form : forms) {
        if (form.name == name) return std::string(form.title);
    }
    return "\"" + std::string(name) + "\"";
}

std::string own_text(const std::string& dayu) {
    wire::Json json;
    json["dayu"] = dayu;
    for (const Form& form : forms) json["forms"][std::string(form.name)] = form.number;
    return wire::to_pretty_text(json) + "\n";
}

Error unreadable(const std::string& path, const std::string& why) {
    return conflict(
        "data_version_unreadable",
        fmt::format(
            "{}: {}. Restore the data folder from a backup; or remove this file, if you are "
            "sure that no newer dayu ever ran on the folder",
            path, why));
}

Error newer(const std::string& folder, const std::string& theirs, const std::string& ours,
            const std::string& what) {
    return conflict(
        "data_of_newer_version",
        fmt::format("{} was last used by dayu {}, and dayu {} cannot read what that may have "
                    "written: {}. Nothing was "
                    "changed. Run dayu {} or a newer one on it; or restore a backup that was made "
                    "before the "
                    "upgrade into a new folder",
                    folder, theirs, ours.empty() ? "of this version" : ours, what, theirs));
}

}  // namespace

Result<void> check_data_version(const std::string& folder, const std::string& dayu) {
    const std::string path = folder + "/" + std::string(file_name);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return {};
    const Result<wire::Json> json = wire::parse_json(TRY(sqlite::read_file(path)));
    if (!json) return unreadable(path, json.error().message);
    const wire::Json* theirs = json->find("dayu");
    const wire::Json* asked = json->find("forms");
    if (theirs == nullptr || theirs->as_string() == nullptr || asked == nullptr ||
        asked->as_object() == nullptr) {
        return unreadable(path, "it names no version and no forms");
    }
    for (const auto& [name, number] : *asked->as_object()) {
        const std::int64_t* wanted = number.as_int();
        if (wanted == nullptr) return unreadable(path, "forms." + name + " is no whole number");
        if (*wanted <= known(name)) continue;
        return newer(
            folder, *theirs->as_string(), dayu,
            fmt::format("{} in form {}, of which this one knows {}", title_of(name), *wanted,
                        known(name) == 0 ? "none" : fmt::format("up to {}", known(name))));
    }
    return {};
}

Result<void> write_data_version(const std::string& folder, const std::string& dayu) {
    const std::string path = folder + "/" + std::string(file_name);
    const std::string text = own_text(dayu);
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
        const Result<std::string> now = sqlite::read_file(path);
        if (now && *now == text) return {};
    }
    return sqlite::replace_file(path, text);
}

}  // namespace dayu::journal
