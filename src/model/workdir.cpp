#include "model/workdir.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <unordered_set>

namespace dayu {
namespace {

constexpr std::string_view heading = "dayu-workdir 1\n";
constexpr std::size_t max_name_bytes = 255;  // between two '/', as file systems have it
constexpr std::size_t digest_digits = 64;
constexpr int max_links_followed = 40;  // as the kernel has it
constexpr std::size_t shown_bytes = 200;

using Links = std::unordered_map<std::string_view, std::string_view>;  // path -> target

std::string in_quotes(std::string_view path) {
    return "\"" + std::string(path.substr(0, shown_bytes)) + "\"";
}

// Before each '/', and at the end: "a/b" is "a" and "b".
template <class Take>
void for_each_name(std::string_view path, const Take& take) {
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        take(path.substr(begin, end - begin));
        begin = end + 1;
    }
}

Result<void> check_path(std::string_view path) {
    const auto unsafe = [&](std::string_view why) {
        return invalid("workdir_path_unsafe",
                       "workdir: the path " + in_quotes(path) + " " + std::string(why));
    };
    if (path.empty()) return unsafe("is empty");
    if (path.size() > max_workdir_path_bytes)
        return unsafe("has more than " + std::to_string(max_workdir_path_bytes) + " bytes");
    if (path.find('\0') != std::string_view::npos) return unsafe("holds a NUL byte");
    bool plain = true;
    for_each_name(path, [&](std::string_view name) {
        plain &= !name.empty() && name != "." && name != ".." && name.size() <= max_name_bytes;
    });
    if (plain) return {};
    return unsafe(
        "does not lie plainly in the folder: it begins or ends with '/', or has \"..\", "
        "\".\" or a name that is empty or longer than 255 bytes");
}

// Whether the target, followed from the link's folder as the kernel would, through other links too,
// never leaves the folder.
bool stays_inside(const Links& links, std::string_view path, std::string_view target) {
    std::vector<std::string> at;
    const std::size_t parent = path.rfind('/');
    if (parent != std::string_view::npos)
        for_each_name(path.substr(0, parent),
                      [&](std::string_view name) { at.emplace_back(name); });
    std::vector<std::string> ahead;  // the next name is the last
    const auto follow = [&](std::string_view names) {
        std::vector<std::string> some;
        for_each_name(names, [&](std::string_view name) { some.emplace_back(name); });
        ahead.insert(ahead.end(), some.rbegin(), some.rend());
    };
    follow(target);
    int followed = 0;
    while (!ahead.empty()) {
        const std::string name = std::move(ahead.back());
        ahead.pop_back();
        if (name.empty() || name == ".") continue;
        if (name == "..") {
            if (at.empty()) return false;
            at.pop_back();
            continue;
        }
        at.push_back(name);
        std::string here;
        for (const std::string& part : at) here += (here.empty() ? "" : "/") + part;
        const auto link = links.find(here);
        if (link == links.end()) continue;
        if (++followed > max_links_followed) return false;
        at.pop_back();
        follow(link->second);
    }
    return true;
}

Result<void> check_link(const Links& links, const WorkdirEntry& link) {
    const bool plain = !link.target.empty() && link.target.size() <= max_workdir_path_bytes &&
                       link.target.front() != '/' && link.target.find('\0') == std::string::npos;
    if (plain && stays_inside(links, link.path, link.target)) return {};
    return invalid("workdir_link_outside",
                   "workdir: the link " + in_quotes(link.path) + " -> " + in_quotes(link.target) +
                       " does not stay inside the folder; copy what it points at, or leave it "
                       "out with a line in .dayuignore");
}

Result<void> check_file(const WorkdirEntry& file) {
    if (!is_content_digest(file.sha256)) {
        return invalid("manifest_malformed",
                       "workdir: " + in_quotes(file.path) + " has no SHA-256 of 64 hex digits");
    }
    if (file.bytes >= 0 && file.bytes <= max_content_bytes) return {};
    return exhausted("workdir_file_too_large",
                     "workdir: " + in_quotes(file.path) + " has " + std::to_string(file.bytes) +
                         " bytes; a file of at most " + std::to_string(max_content_bytes) +
                         " is taken. Large data belong into `data`, and out of the workdir by a "
                         "line in .dayuignore");
}

Result<void> check_sums(const Manifest& manifest) {
    if (manifest.entries.size() > max_workdir_entries) {
        return exhausted("workdir_too_many_files",
                         "workdir: it has " + std::to_string(manifest.entries.size()) +
                             " files; at most " + std::to_string(max_workdir_entries) +
                             " are taken. Leave some out with .dayuignore");
    }
    std::int64_t bytes = 0;
    for (const WorkdirEntry& entry : manifest.entries) bytes += entry.bytes;
    if (bytes <= max_workdir_bytes) return {};
    return exhausted("workdir_too_large", "workdir: its files have " + std::to_string(bytes) +
                                              " bytes; at most " +
                                              std::to_string(max_workdir_bytes) +
                                              " are taken. Leave some out with .dayuignore");
}

// Paths in order, each once, and nothing below what is no folder.
Result<void> check_tree(const Manifest& manifest) {
    std::unordered_set<std::string_view> paths;
    const std::string* before = nullptr;
    for (const WorkdirEntry& entry : manifest.entries) {
        TRY(check_path(entry.path));
        if (before != nullptr && entry.path <= *before) {
            return invalid("manifest_malformed", "workdir: " + in_quotes(entry.path) +
                                                     " stands twice, or not in the order of paths");
        }
        before = &entry.path;
        paths.insert(entry.path);
    }
    for (const WorkdirEntry& entry : manifest.entries) {
        const std::string_view path = entry.path;
        for (std::size_t at = path.find('/'); at != std::string_view::npos;
             at = path.find('/', at + 1)) {
            if (!paths.contains(path.substr(0, at))) continue;
            return invalid("workdir_path_unsafe", "workdir: " + in_quotes(path) + " lies below " +
                                                      in_quotes(path.substr(0, at)) +
                                                      ", which is listed as no folder");
        }
    }
    return {};
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\t': out += "\\t"; break;
            default: out += c;
        }
    }
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
    }
    return out;
}

// Nothing where the line is no entry; what is odd in it, to_text() brings to light.
bool read_entry(std::string_view line, WorkdirEntry& entry) {
    if (line.size() < 3 || line[1] != ' ') return false;
    const char kind = line[0];
    line.remove_prefix(2);
    if (kind == 'd') {
        entry.kind = WorkdirEntry::Kind::folder;
    } else if (kind == 'l') {
        entry.kind = WorkdirEntry::Kind::link;
        const std::size_t tab = line.find('\t');
        if (tab == std::string_view::npos) return false;
        entry.target = unescaped(line.substr(tab + 1));
        line = line.substr(0, tab);
    } else if (kind == 'f' || kind == 'x') {
        entry.kind = kind == 'x' ? WorkdirEntry::Kind::program : WorkdirEntry::Kind::file;
        if (line.size() <= digest_digits || line[digest_digits] != ' ') return false;
        entry.sha256 = line.substr(0, digest_digits);
        line.remove_prefix(digest_digits + 1);
        const char* const end = line.data() + line.size();
        const auto [stop, status] = std::from_chars(line.data(), end, entry.bytes);
        if (status != std::errc() || stop == end || *stop != ' ') return false;
        line.remove_prefix(static_cast<std::size_t>(stop - line.data()) + 1);
    } else {
        return false;
    }
    entry.path = unescaped(line);
    return true;
}

Error malformed(const std::string& why) {
    return invalid("manifest_malformed", "the manifest of a workdir: " + why);
}

}  // namespace

Result<void> validate(const Manifest& manifest) {
    TRY(check_tree(manifest));
    Links links;
    for (const WorkdirEntry& entry : manifest.entries) {
        if (entry.is_file()) TRY(check_file(entry));
        if (entry.kind == WorkdirEntry::Kind::link) links.emplace(entry.path, entry.target);
    }
    TRY(check_sums(manifest));  // within 64 bits, as each file is within its own limit
    for (const WorkdirEntry& entry : manifest.entries) {
        if (entry.kind == WorkdirEntry::Kind::link) TRY(check_link(links, entry));
    }
    return {};
}

std::string to_text(const Manifest& manifest) {
    std::string text(heading);
    for (const WorkdirEntry& entry : manifest.entries) {
        if (entry.is_file()) {
            text += entry.kind == WorkdirEntry::Kind::program ? "x " : "f ";
            text += entry.sha256 + " " + std::to_string(entry.bytes) + " ";
        } else {
            text += entry.kind == WorkdirEntry::Kind::link ? "l " : "d ";
        }
        append_escaped(text, entry.path);
        if (entry.kind == WorkdirEntry::Kind::link) {
            text += '\t';
            append_escaped(text, entry.target);
        }
        text += '\n';
    }
    return text;
}

Result<Manifest> parse_manifest(std::string_view text) {
    if (text.size() > max_manifest_bytes) {
        return exhausted("workdir_too_many_files",
                         "the manifest of a workdir has " + std::to_string(text.size()) +
                             " bytes; at most " + std::to_string(max_manifest_bytes) +
                             " are taken");
    }
    if (!text.starts_with(heading)) return malformed("it does not begin with \"dayu-workdir 1\"");
    Manifest manifest;
    std::size_t number = 1;
    for (std::size_t at = heading.size(); at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        ++number;
        if (!read_entry(text.substr(at, end - at), manifest.entries.emplace_back()))
            return malformed("line " + std::to_string(number) + " is no entry");
        at = end + 1;
    }
    TRY(validate(manifest));
    if (to_text(manifest) != text) return malformed("it is not written in its one form");
    return manifest;
}

Workdir summary_of(const Manifest& manifest, std::string digest) {
    Workdir sum{.manifest = std::move(digest)};
    for (const WorkdirEntry& entry : manifest.entries) {
        sum.files += entry.is_file() ? 1 : 0;
        sum.bytes += entry.bytes;
    }
    return sum;
}

bool is_content_digest(std::string_view text) {
    return text.size() == digest_digits && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace dayu
