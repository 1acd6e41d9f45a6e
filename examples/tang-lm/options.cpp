#include "options.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <vector>

namespace tang {
namespace {

// One row says all of a flag: its name, the variable that sets it too, and what it does.
struct Flag {
    std::string name, variable, help;
    std::function<void(Options&, const std::string&)> set;
};

struct Range {
    double low, high;
};

double number(const std::string& text, Range range) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const bool is_number = end != text.c_str() && *end == '\0';
    if (!is_number || !(value >= range.low && value <= range.high)) {
        char limits[64];
        std::snprintf(limits, sizeof limits, "%.10g to %.10g", range.low, range.high);
        throw UsageError("'" + text + "' is not a number from " + limits);
    }
    return value;
}

Style style(const std::string& text) {
    if (text == "five") return Style::five;
    if (text == "seven") return Style::seven;
    throw UsageError("'" + text + "' is no style; five or seven");
}

std::u32string opening(const std::string& text) {
    try {
        const std::u32string characters = from_utf8(text);
        for (char32_t c : characters) {
            if (!is_han(c)) throw UsageError("'" + text + "' is not all Chinese characters");
        }
        return characters;
    } catch (const CorpusError& error) {
        throw UsageError(error.what());
    }
}

const std::vector<Flag>& flags() {
    constexpr Range kCount{1, 100000}, kSize{1, 1024}, kSeconds{0, 1e6}, kSeed{0, 1e15};
    static const std::vector<Flag> all = {
        {"--corpus", "TANG_CORPUS", "FILE   the poems; default: tang300 of Debian's fortunes-zh",
         [](Options& o, const std::string& v) { o.corpus = v; }},
        {"--checkpoint", "DAYU_CHECKPOINT_DIR", "DIR    where checkpoints are kept; ckpt",
         [](Options& o, const std::string& v) { o.checkpoint = v; }},
        {"--checkpoint-every", "CHECKPOINT_EVERY", "S      seconds between them; 10",
         [=](Options& o, const std::string& v) { o.checkpoint_every_s = number(v, kSeconds); }},
        {"--out", "TANG_OUT", "DIR    where result.json and poem.txt go; .",
         [](Options& o, const std::string& v) { o.out = v; }},
        {"--epochs", "EPOCHS", "N      passes over the training poems; 24",
         [=](Options& o, const std::string& v) { o.train.epochs = int(number(v, kCount)); }},
        {"--seconds", "MAX_SECONDS", "S      stop training after so long; 0, the default: never",
         [=](Options& o, const std::string& v) { o.seconds = number(v, kSeconds); }},
        {"--seed", "SEED", "N      of the weights and the order; the split is fixed",
         [=](Options& o, const std::string& v) {
             o.train.seed = o.poem.seed = static_cast<std::uint64_t>(number(v, kSeed));
         }},
        {"--dim", "DIM", "N      width of an embedding; 96",
         [=](Options& o, const std::string& v) { o.train.dim = int(number(v, kSize)); }},
        {"--hidden", "HIDDEN", "N      width of the hidden layer; 192",
         [=](Options& o, const std::string& v) { o.train.hidden = int(number(v, kSize)); }},
        {"--poem", "POEM", "STYLE  five or seven characters a line; five",
         [](Options& o, const std::string& v) { o.poem.style = style(v); }},
        {"--first", "FIRST", "TEXT   the first characters of the poem",
         [](Options& o, const std::string& v) { o.poem.opening = opening(v); }},
        {"--temperature", "TEMPERATURE", "T      of the poem; 0.7, lower is safer",
         [](Options& o, const std::string& v) { o.poem.temperature = number(v, Range{0.05, 10}); }},
    };
    return all;
}

void apply(Options& options, const Flag& flag, const std::string& source,
           const std::string& value) {
    try {
        flag.set(options, value);
    } catch (const UsageError& error) {
        throw UsageError(source + ": " + error.what());
    }
}

const Flag& flag_named(std::string_view name) {
    for (const Flag& flag : flags()) {
        if (flag.name == name) return flag;
    }
    throw UsageError("unknown flag " + std::string(name) + "; see tang-lm --help");
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
    Options options;
    for (const Flag& flag : flags()) {
        const char* value = std::getenv(flag.variable.c_str());
        if (value && *value) apply(options, flag, flag.variable, value);
    }
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--help" || word == "-h") {
            options.wants_help = true;
            return options;
        }
        const std::size_t equals = word.find('=');
        const Flag& flag = flag_named(word.substr(0, equals));
        if (equals != std::string_view::npos) {
            apply(options, flag, flag.name, std::string(word.substr(equals + 1)));
        } else if (++i < argc) {
            apply(options, flag, flag.name, argv[i]);
        } else {
            throw UsageError(flag.name + " needs a value");
        }
    }
    return options;
}

std::string usage() {
    std::string text = "usage: tang-lm [--flag value ...]\n";
    for (const Flag& flag : flags()) {
        std::string name = "  " + flag.name;
        name.resize(22, ' ');
        text += name + flag.help + "  ($" + flag.variable + ")\n";
    }
    return text + "TERM saves a checkpoint and exits with 75: run it again and it goes on.\n";
}

}  // namespace tang
