#include "dayu/man_page.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "dayu/option_words.h"
#include "dayu/version.h"

namespace dayu::app {
namespace {

// Roff takes a backslash, a dash, and a dot or quote at the start of a line for its own.
std::string roff(std::string_view text) {
    std::string out;
    if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        if (c == '\n') out += "\\&";
    }
    return out;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

std::string head(const std::string& page, std::string_view text) {
    return fmt::format(".TH {} 1 {} \"dayu {}\" \"Dayu\"\n.SH NAME\n{} \\- {}\n", upper(page),
                       release_date, version, roff(page), roff(text));
}

std::string section(std::string_view title) { return fmt::format(".SH {}\n", title); }

std::string item(const std::string& tag, std::string_view text) {
    return ".TP\n" + tag + "\n" + roff(text) + "\n";
}

std::string value_text(const Option& option) {
    if (option.values.empty()) return italic(placeholder(option));
    std::string out;
    for (const std::string& value : option.values) out += (out.empty() ? "" : "|") + bold(value);
    return out;
}

std::string option_tag(const Option& option) {
    if (is_positional(option)) return value_text(option);
    std::string tag;
    for (const std::string& flag : flags_of(option)) tag += (tag.empty() ? "" : ", ") + bold(flag);
    if (!takes_value(option)) return tag;
    if (!option.implied.empty()) return tag + " [" + value_text(option) + "]";
    return tag + " " + value_text(option);
}

std::string options_section(std::string_view title, const std::vector<Option>& options) {
    std::string out;
    for (const Option& option : options) out += item(option_tag(option), option.help);
    return out.empty() ? out : section(title) + out;
}

std::string synopsis(const Verb& verb) {
    std::string out = bold("dayu " + verb.name);
    const bool has_flags = std::ranges::any_of(
        verb.options, [](const Option& option) { return !is_positional(option); });
    if (has_flags) out += " [" + italic("options") + "]";
    for (const Option& option : verb.options) {
        if (is_positional(option) || !option.required) continue;
        out += " " + option_tag(option);
    }
    for (const Option& option : verb.options) {
        if (!is_positional(option)) continue;
        const std::string many = takes_many(option) ? "..." : "";
        out += option.required ? " " + value_text(option) + many
                               : " [" + value_text(option) + many + "]";
    }
    return out;
}

std::string exit_status() {
    static const std::pair<std::string_view, std::string_view> codes[] = {
        {"0", "done"},
        {"1", "the job failed, or the answer is no"},
        {"2", "wrong usage or invalid input"},
        {"3", "not found"},
        {"4", "denied"},
        {"5", "conflict"},
        {"6", "over a quota, budget or limit"},
        {"7", "unavailable; try again"},
        {"8", "an error inside Dayu"},
        {"124", "a wait ran out"},
    };
    std::string out = section("EXIT STATUS");
    for (const auto& [code, meaning] : codes) out += item(bold(code), meaning);
    return out + ".PP\n" +
           roff(
               "submit --wait, run and wait exit with the job's own code when it ended by itself, "
               "128 and the signal when it was killed, and 1 when the platform ended it.") +
           "\n";
}

std::string environment() {
    return section("ENVIRONMENT") + item(bold("DAYU_SERVER"), "URL of the server") +
           item(bold("DAYU_TOKEN"), "bearer token") +
           item(bold("DAYU_DATA_DIR"), "where the files that come with Dayu lie") +
           item(bold("NO_COLOR"), "not empty: no colours") +
           item(bold("COLUMNS"), "how wide tables may be where stdout is no terminal") +
           item(bold("DAYU_AMBIGUOUS_WIDTH"),
                "2 where the terminal shows East Asian ambiguous characters wide");
}

std::string examples(const Verb& verb) {
    if (verb.examples.empty()) return {};
    std::string out = section("EXAMPLES") + ".nf\n";
    for (const std::string& example : verb.examples) out += roff(example) + "\n";
    return out + ".fi\n";
}

}  // namespace

std::string page_name(const Verb& verb) {
    std::string name = "dayu-" + verb.name;
    std::ranges::replace(name, ' ', '-');
    return name;
}

std::string man_page(const Verb& verb) {
    Globals globals;
    std::string first = verb.help;
    first[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(first[0])));
    std::string out = head(page_name(verb), first);
    out += section("SYNOPSIS") + synopsis(verb) + "\n";
    if (verb.command != nullptr) {
        out += ".br\n" + bold("dayu " + verb.name) + " [" + italic("options") + "] " + bold("--") +
               " " + italic("WORD") + "...\n";
    }
    out += section("DESCRIPTION") + roff(verb.help) + ".\n";
    if (!verb.detail.empty()) out += ".PP\n" + roff(verb.detail) + "\n";
    out += options_section("OPTIONS", verb.options);
    out += options_section("OPTIONS OF EVERY VERB", global_options(globals));
    out += exit_status() + examples(verb);
    return out + section("SEE ALSO") + ".BR dayu (1)\n";
}

std::string man_page_of_all(const std::vector<Verb>& verbs) {
    Globals globals;
    std::string out = head("dayu", "a dispatch centre for AI compute");
    out += section("SYNOPSIS") + bold("dayu") + " [" + italic("options") + "] " + italic("VERB") +
           " [" + italic("arguments") + "]\n";
    out += section("DESCRIPTION") +
           roff("Submit a job once, and it runs at the best of many centres.") + "\n" +
           roff("Data goes to stdout, progress and remarks to stderr.") + "\n";
    out += section("VERBS");
    for (const Verb& verb : verbs) out += item(bold(verb.name), verb.help);
    out += options_section("OPTIONS OF EVERY VERB", global_options(globals));
    out += exit_status() + environment();
    out += section("FILES") +
           item(italic("./var/address"), "where a local server listens; it writes that itself") +
           item(italic("./var/token"), "its operator's token, for its owner alone");
    out += section("SEE ALSO");
    for (const Verb& verb : verbs) {
        const bool last = &verb == &verbs.back();
        out += ".BR " + roff(page_name(verb)) + (last ? " (1)\n" : " (1),\n");
    }
    return out;
}

}  // namespace dayu::app
