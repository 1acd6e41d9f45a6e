#include "dayu/complete.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/display_width.h"
#include "dayu/option_words.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr Duration patience = seconds(1);  // of whoever pressed Tab
constexpr std::string_view most_jobs = "100";
constexpr std::string_view files = ":files";
constexpr std::array<std::string_view, 12> file_kinds = {"FILE",   "CONFIG", "DATA",     "TARGET",
                                                         "BACKUP", "DIR",    "ALL",      "PATH",
                                                         "CA",     "FOLDER", "TLS-CERT", "TLS-KEY"};

using Lines = std::vector<std::string>;

std::string described(const std::string& word, const std::string& text) {
    return word + "\t" + printable(text);
}

Lines queues(const Globals& globals) {
    Result<Connection> connection = Connection::open(globals);
    const Result<wire::Json> answer = connection.ok() ? connection->get("/v1/queues", patience)
                                                      : Result<wire::Json>(connection.error());
    Lines lines;
    if (!answer.ok()) return lines;
    for (const wire::Json& queue : list(*answer, "queues")) lines.push_back(text(queue, "path"));
    return lines;
}

// What the server knows of that kind; nothing when it does not answer at once.
Lines asked(const Globals& globals, const std::string& kind) {
    if (kind == "QUEUE") return queues(globals);
    const bool jobs = kind == "JOB", centers = kind == "CENTER", chips = kind == "CHIPS";
    if (!jobs && !centers && !chips) return {};
    Result<Connection> connection = Connection::open(globals);
    if (!connection.ok()) return {};
    const std::string path =
        jobs      ? with_query("/v1/jobs", {{"all", "true"}, {"limit", std::string(most_jobs)}})
        : centers ? std::string("/v1/centers")
                  : std::string("/v1/chips");
    const Result<wire::Json> answer = connection->get(path, patience);
    if (!answer.ok()) return {};
    Lines lines;
    for (const wire::Json& row : list(*answer, jobs ? "jobs" : centers ? "centers" : "chips")) {
        if (jobs) {
            lines.push_back(described(std::to_string(number(row, "id")),
                                      text(row, "name") + " " + state_word(row).word));
        } else {
            lines.push_back(described(text(row, "name"), text(row, centers ? "title" : "vendor")));
        }
    }
    return lines;
}

// A command line as far as it was typed.
class Line {
   public:
    Line() : verbs_(all_verbs()), globals_options_(global_options(globals_)) {}

    Lines next(const std::vector<std::string>& words) {
        if (words.empty()) return first_words();
        for (std::size_t i = 0; i + 1 < words.size(); ++i) read(words[i]);
        const std::string& now = words.back();
        if (behind_mark_) return {std::string(files)};
        if (open_ != nullptr && !(now.starts_with('-') && !open_->implied.empty())) {
            return values_of(*open_);
        }
        const std::size_t sign = now.find('=');
        if (now.starts_with("--") && sign != std::string::npos) {
            const Option* option = find(now.substr(0, sign));
            if (option == nullptr) return {};
            Lines lines = values_of(*option);
            for (std::string& line : lines) {
                if (line != files) line.insert(0, now.substr(0, sign + 1));
            }
            return lines;
        }
        if (now.starts_with('-')) return flags();
        Lines lines = first_words();
        if (verb_ == nullptr) return lines;
        for (std::string& line : positional()) lines.push_back(std::move(line));
        return lines;
    }

   private:
    void read(const std::string& word) {
        if (behind_mark_) return;
        if (open_ != nullptr) {
            keep(*open_, word);
            open_ = nullptr;
            return;
        }
        if (word == "--") {
            behind_mark_ = true;
        } else if (word.starts_with('-')) {
            const std::size_t sign = word.find('=');
            const Option* option = find(word.substr(0, sign));
            if (option == nullptr || !takes_value(*option)) return;
            if (sign != std::string::npos) return keep(*option, word.substr(sign + 1));
            open_ = option;
        } else if (!descend(word)) {
            ++positionals_;
        }
    }

    // "centers" is a verb, and "centers drain" another.
    bool descend(const std::string& word) {
        const std::string path = path_.empty() ? word : path_ + " " + word;
        const auto found = std::ranges::find(verbs_, path, &Verb::name);
        if (found != verbs_.end()) verb_ = &*found;
        if (found == verbs_.end() && verb_ != nullptr) return false;
        path_ = path;
        return true;
    }

    // Where the server is, for what it is asked.
    static void keep(const Option& option, const std::string& value) {
        if (auto* const* target = std::get_if<std::string*>(&option.target)) **target = value;
    }

    const Option* find(const std::string& flag) const {
        const auto in = [&](const std::vector<Option>& options) -> const Option* {
            for (const Option& option : options) {
                const std::vector<std::string> flags = flags_of(option);
                if (std::ranges::find(flags, flag) != flags.end()) return &option;
            }
            return nullptr;
        };
        const Option* found = verb_ == nullptr ? nullptr : in(verb_->options);
        return found == nullptr ? in(globals_options_) : found;
    }

    Lines first_words() const {
        Lines lines;
        std::set<std::string> groups;
        const std::string before = path_.empty() ? "" : path_ + " ";
        for (const Verb& verb : verbs_) {
            if (!verb.name.starts_with(before)) continue;
            const std::string rest = verb.name.substr(before.size());
            const std::string word = rest.substr(0, rest.find(' '));
            if (word.size() == rest.size()) {
                groups.insert(word);
                lines.push_back(described(word, verb.help));
            } else if (groups.insert(word).second) {
                lines.push_back(described(word, group_help(word)));
            }
        }
        return lines;
    }

    Lines flags() const {
        Lines lines;
        const auto add = [&](const std::vector<Option>& options) {
            for (const Option& option : options) {
                for (const std::string& flag : flags_of(option)) {
                    lines.push_back(described(flag, option.help));
                }
            }
        };
        if (verb_ != nullptr) add(verb_->options);
        add(globals_options_);
        lines.push_back(described("--help", "say what it does"));
        return lines;
    }

    Lines positional() const {
        std::size_t left = positionals_;
        const Option* last = nullptr;
        for (const Option& option : verb_->options) {
            if (!is_positional(option)) continue;
            last = &option;
            if (left == 0) return values_of(option);
            --left;
        }
        return last != nullptr && takes_many(*last) ? values_of(*last) : Lines();
    }

    Lines values_of(const Option& option) const {
        if (!option.values.empty()) {
            Lines lines;
            for (const std::string& value : option.values) {
                lines.push_back(described(value, option.help));
            }
            return lines;
        }
        const std::string kind = value_kind(option);
        if (std::ranges::find(file_kinds, kind) != file_kinds.end()) return {std::string(files)};
        return asked(globals_, kind);
    }

    Globals globals_;
    std::vector<Verb> verbs_;
    std::vector<Option> globals_options_;
    std::string path_;
    const Verb* verb_ = nullptr;
    const Option* open_ = nullptr;  // its value comes next
    std::size_t positionals_ = 0;
    bool behind_mark_ = false;
};

}  // namespace

std::vector<std::string> completions(const std::vector<std::string>& words) {
    std::vector<std::string> lines = Line().next(words);
    const std::string now = words.empty() ? std::string() : words.back();
    std::erase_if(lines,
                  [&](const std::string& line) { return line != files && !line.starts_with(now); });
    return lines;
}

}  // namespace dayu::app
