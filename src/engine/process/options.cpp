#include "engine/process/options.h"

#include <array>
#include <filesystem>

#include "base/nearest.h"
#include "engine/shim.h"

namespace dayu::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> keys = {"work_root", "run_as", "shim",
                                                  "path",      "retain", "window"};
constexpr std::string_view env_prefix = "env.";

std::string absolute(const std::string& path) {
    std::error_code error;
    const std::string full = fs::absolute(path, error).lexically_normal().string();
    return full.size() > 1 && full.back() == '/' ? full.substr(0, full.size() - 1) : full;
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(':', begin), list.size());
        if (end > begin) parts.push_back(absolute(std::string(list.substr(begin, end - begin))));
        begin = end + 1;
    }
    return parts;
}

Error unknown_key(const std::string& key) {
    const std::string_view meant = nearest(key, keys);
    return invalid("engine_setting_unknown",
                   "engine." + key + ": the process engine has no such setting" +
                       (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"));
}

}  // namespace

std::string find_shim() {
    std::error_code error;
    const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
    const fs::path installed = folder.parent_path() / "libexec/dayu/dayu-shim";
    if (fs::exists(installed, error)) return installed.string();
    return (folder / "dayu-shim").string();
}

Result<ProcessOptions> read_options(const Settings& settings) {
    ProcessOptions options;
    for (const auto& [key, value] : settings) {
        if (key == "work_root") {
            options.work_root = value.empty() ? "" : absolute(value);
        } else if (key == "run_as") {
            options.run_as = value;
        } else if (key == "shim") {
            options.shim = absolute(value);
        } else if (key == "path") {
            options.path = split(value);
        } else if (key == "retain") {
            options.retain = TRY(parse_duration(value));
        } else if (key == "window") {
            options.window = TRY(parse_duration(value));
        } else if (key.starts_with(env_prefix)) {
            options.env[key.substr(env_prefix.size())] = value;
        } else {
            return unknown_key(key);
        }
    }
    if (options.work_root.empty()) {
        return invalid("work_root_missing", "engine.work_root: missing; name a folder of its own");
    }
    if (options.window.ms < 1000) {
        return invalid("window_too_short",
                       "engine.window: " + to_string(options.window) + " is shorter than 1s");
    }
    if (options.shim.empty()) options.shim = find_shim();
    return options;
}

}  // namespace dayu::engine
