// The folder that a job takes along (`workdir` of a job file) as a manifest: what lies in it, each file by
// the SHA-256 of its content. The manifest is a content itself, and its SHA-256 names the whole folder.
//
// One folder has one manifest and one text: entries stand in the order of their paths, of modes the right
// to execute alone counts, and folders are listed where they are empty. The text is a line an entry:
//
//     dayu-workdir 1
//     f SHA256 BYTES PATH             a file
//     x SHA256 BYTES PATH             a file that may be executed
//     l PATH<tab>TARGET               a symbolic link
//     d PATH                          an empty folder
//
// with \\, \n and \t for these characters in paths. Whoever unpacks it may rely on validate(): no path
// leads out of the folder, none is listed twice or below a file or a link, and no link leads out either.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/result.h"

namespace dayu {

inline constexpr std::size_t max_workdir_entries = 50'000;
inline constexpr std::int64_t max_content_bytes = std::int64_t{2} << 30;  // of one file
inline constexpr std::int64_t max_workdir_bytes = std::int64_t{8} << 30;  // of all of them
inline constexpr std::size_t max_manifest_bytes = std::size_t{16} << 20;
inline constexpr std::size_t max_workdir_path_bytes = 1024;

// What a job says of its workdir once it was uploaded.
struct Workdir {
    std::string manifest;  // its SHA-256, hex
    std::int64_t files = 0;
    std::int64_t bytes = 0;  // of the files

    bool operator==(const Workdir&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"manifest", &Workdir::manifest}, Field{"files", &Workdir::files},
                          Field{"bytes", &Workdir::bytes});
    }
};

struct WorkdirEntry {
    enum class Kind : std::uint8_t { file, program, link, folder };

    Kind kind = Kind::file;
    std::string path;
    std::string sha256{};    // of a file, hex
    std::int64_t bytes = 0;  // of a file
    std::string target{};    // of a link

    bool is_file() const { return kind == Kind::file || kind == Kind::program; }
    bool operator==(const WorkdirEntry&) const = default;
};

struct Manifest {
    std::vector<WorkdirEntry> entries;

    bool operator==(const Manifest&) const = default;
};

Result<void> validate(const Manifest& manifest);

std::string to_text(const Manifest& manifest);
// Takes what to_text() made of a valid manifest, and nothing else.
Result<Manifest> parse_manifest(std::string_view text);

// `digest` is that of the manifest's text.
Workdir summary_of(const Manifest& manifest, std::string digest);

// 64 small hex digits.
bool is_content_digest(std::string_view text);

}  // namespace dayu
