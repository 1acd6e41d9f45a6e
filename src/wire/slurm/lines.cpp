#include "wire/slurm/lines.h"

#include <algorithm>
#include <optional>

#include "base/nearest.h"

namespace dayu::wire::slurm {
namespace {

constexpr std::string_view mark = "#SBATCH";
constexpr std::size_t max_words_a_line = 256;

Error at_line(std::int64_t line, std::string code, const std::string& text) {
    return invalid(std::move(code), "line " + std::to_string(line) + ", " + text);
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Words in quotes or not; a # that begins a word begins a comment.
Result<std::vector<std::string>> split_words(std::string_view text, std::int64_t line) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while (true) {
        while (at < text.size() && is_blank(text[at])) ++at;
        if (at == text.size() || text[at] == '#') return words;
        if (words.size() == max_words_a_line) {
            return at_line(line, "script_malformed", "#SBATCH: too many words in one line");
        }
        std::string& word = words.emplace_back();
        char quote = 0;
        for (; at < text.size() && (quote != 0 || !is_blank(text[at])); ++at) {
            const char c = text[at];
            if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            } else if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
                word += text[++at];
            } else {
                word += c;
            }
        }
        if (quote != 0) {
            return at_line(line, "script_malformed",
                           std::string("#SBATCH: a quotation mark ") + quote + " is not closed");
        }
    }
}

class OptionReader {
   public:
    OptionReader(const std::vector<Spelling>& known, std::vector<Option>& into)
        : known_(known), into_(into) {}

    Result<void> read(const std::vector<std::string>& words, std::int64_t line) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::string& word = words[i];
            const std::string* next = i + 1 < words.size() ? &words[i + 1] : nullptr;
            bool took_next = false;
            if (word.starts_with("--") && word.size() > 2) {
                took_next = TRY(read_long(word, next, line));
            } else if (word.size() > 1 && word[0] == '-' && word[1] != '-') {
                took_next = TRY(read_letters(word, next, line));
            } else {
                return at_line(line, "option_unknown",
                               "#SBATCH: \"" + word.substr(0, 80) + "\" is no option of sbatch");
            }
            if (took_next) ++i;
        }
        return {};
    }

   private:
    void put(std::size_t known, std::string written, std::string value, std::int64_t line) {
        into_.push_back({known, std::move(written), std::move(value), line});
    }

    Result<bool> read_long(const std::string& word, const std::string* next, std::int64_t line) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
        const std::size_t at = TRY(find_long(name, line));
        const Spelling& spelling = known_[at];
        std::string written = "--" + std::string(spelling.name);
        if (equals != std::string::npos) {
            if (spelling.takes == Takes::nothing) {
                return at_line(line, "value_malformed", written + ": takes no value");
            }
            put(at, std::move(written), word.substr(equals + 1), line);
            return false;
        }
        if (spelling.takes != Takes::value) {
            put(at, std::move(written), "", line);
            return false;
        }
        if (next == nullptr) return lacks_value(written, line);
        put(at, std::move(written), *next, line);
        return true;
    }

    // "-n4", "-n 4", and "-HQ": letters without a value may stand together.
    Result<bool> read_letters(const std::string& word, const std::string* next, std::int64_t line) {
        for (std::size_t i = 1; i < word.size(); ++i) {
            const auto at = std::ranges::find(known_, word[i], &Spelling::letter);
            std::string written = std::string("-") + word[i];
            if (at == known_.end()) {
                return at_line(line, "option_unknown", written + ": sbatch has no such option");
            }
            const auto place = static_cast<std::size_t>(at - known_.begin());
            const std::string rest = word.substr(i + 1);
            if (at->takes == Takes::nothing) {
                put(place, std::move(written), "", line);
                continue;
            }
            if (!rest.empty() || at->takes == Takes::maybe) {
                put(place, std::move(written), rest, line);
                return false;
            }
            if (next == nullptr) return lacks_value(written, line);
            put(place, std::move(written), *next, line);
            return true;
        }
        return false;
    }

    static Error lacks_value(const std::string& written, std::int64_t line) {
        return at_line(line, "value_missing", written + ": its value is missing");
    }

    // The whole name, or its beginning where only one begins so.
    Result<std::size_t> find_long(const std::string& name, std::int64_t line) const {
        std::optional<std::size_t> found;
        std::size_t beginning_so = 0;
        for (std::size_t i = 0; i < known_.size(); ++i) {
            if (known_[i].name == name) return i;
            if (!known_[i].name.starts_with(name)) continue;
            found = i;
            ++beginning_so;
        }
        if (beginning_so == 1) return *found;
        std::string text = "--" + name.substr(0, 80);
        if (beginning_so > 1) {
            return at_line(line, "option_unknown",
                           text + ": several options of sbatch begin so; write it out");
        }
        std::vector<std::string_view> names;
        for (const Spelling& spelling : known_) names.push_back(spelling.name);
        const std::string_view near = nearest(name, names);
        text += ": sbatch has no such option";
        if (!near.empty()) text += "; did you mean \"--" + std::string(near) + "\"?";
        return at_line(line, "option_unknown", text);
    }

    const std::vector<Spelling>& known_;
    std::vector<Option>& into_;
};

bool is_option_line(std::string_view line) {
    return line.starts_with(mark) && (line.size() == mark.size() || is_blank(line[mark.size()]));
}

bool is_comment_or_empty(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    return first == std::string_view::npos || line[first] == '#';
}

}  // namespace

Result<Lines> read_lines(std::string_view script, const std::vector<Spelling>& known) {
    Lines lines;
    OptionReader reader(known, lines.options);
    bool commands = false;
    std::int64_t number = 0;
    for (std::size_t begin = 0; begin < script.size();) {
        const std::size_t end = std::min(script.find('\n', begin), script.size());
        const std::string_view line = script.substr(begin, end - begin);
        begin = end + 1;
        ++number;
        if (line.ends_with('\r')) {
            return at_line(number, "script_malformed",
                           "the line ends as on DOS (\\r\\n), which no interpreter takes; convert "
                           "the script by `dos2unix`");
        }
        if (is_option_line(line) && commands) {
            lines.ignored.push_back(number);
        } else if (is_option_line(line)) {
            TRY(reader.read(TRY(split_words(line.substr(mark.size()), number)), number));
        }
        commands = commands || !is_comment_or_empty(line);
    }
    return lines;
}

}  // namespace dayu::wire::slurm
