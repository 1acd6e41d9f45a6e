#include "dayu/cli.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/nearest.h"
#include "dayu/verbs.h"
#include "dayu/version.h"
#include "dayu/watch.h"

namespace dayu::app {
namespace {

int exit_with(const Error& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "dayu: %s (%s)\n", error.message.c_str(), error.code.c_str());
    return exit_code(error.kind);
}

Error usage(std::string text) { return invalid("usage", std::move(text)); }

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known,
                         std::string_view otherwise) {
    const std::vector<std::string_view> views(known.begin(), known.end());
    const std::string_view near = nearest(word, views);
    if (near.empty()) return std::string(otherwise);
    return "did you mean \"" + std::string(near) + "\"?";
}

CLI::Option* add_option(CLI::App& app, const Option& option) {
    const auto add = [&](auto* target) -> CLI::Option* {
        if constexpr (std::is_same_v<decltype(target), bool*>) {
            return app.add_flag(option.names, *target, option.help);
        } else {
            return app.add_option(option.names, *target, option.help);
        }
    };
    CLI::Option* added = std::visit(add, option.target);
    if (option.required) added->required();
    if (!option.implied.empty()) added->expected(0, 1)->default_str(option.implied);
    if (option.names.starts_with('-')) added->allow_extra_args(false);  // a list: one each time
    return added;
}

// On the root and on every verb, so that they may stand before and behind it.
void add_globals(CLI::App& app, Globals& globals) {
    for (const Option& option : global_options(globals)) {
        add_option(app, option)->group("Options of every verb");
    }
}

std::string footer_of(const Verb& verb) {
    std::string text = verb.detail;
    if (!verb.examples.empty()) text += text.empty() ? "Examples:" : "\n\nExamples:";
    for (const std::string& example : verb.examples) text += "\n  " + example;
    return text;
}

class CommandLine {
   public:
    CommandLine() : verbs_(all_verbs()) {
        app_.name("dayu");
        app_.set_version_flag("--version", "dayu " + std::string(version));
        prepare(app_);
        for (const Verb& verb : verbs_) add(verb);
    }

    int run(int argc, char** argv) {
        try {
            parse({argv, static_cast<std::size_t>(argc)});
        } catch (const CLI::CallForHelp& help) {
            return app_.exit(help);
        } catch (const CLI::CallForAllHelp& help) {
            return app_.exit(help);
        } catch (const CLI::CallForVersion& asked) {
            return app_.exit(asked);
        } catch (const CLI::ParseError& error) {
            return exit_with(usage(std::string(error.what()) + "; see " + command() + " --help"));
        }
        if (const std::optional<Error> error = unknown_word()) return exit_with(*error);
        if (const std::optional<Error> error = read_output()) return exit_with(*error);
        const Verb* verb = chosen();
        if (verb == nullptr) {
            std::fputs(innermost().help().c_str(), stderr);
            return exit_code(ErrorKind::invalid);
        }
        const Result<int> result = run_or_watch(*verb);
        return result.ok() ? *result : exit_with(result.error());
    }

   private:
    void prepare(CLI::App& app) {
        app.require_subcommand(0, 1);  // a word behind a verb is no verb
        app.allow_extras();            // told by unknown_word(), with the nearest known one
        add_globals(app, globals_);
    }

    // What follows "--" is out of the parser's sight where the verb takes a command.
    void parse(std::span<char*> words) {
        const auto mark = std::ranges::find(words, std::string_view("--"));
        const std::span<char*> before(words.begin(), mark);
        for (Verb& verb : verbs_) {
            if (verb.command == nullptr || mark == words.end()) continue;
            if (std::ranges::find(before, std::string_view(verb.name)) == before.end()) continue;
            verb.command->assign(std::next(mark), words.end());
            words = before;
            break;
        }
        app_.parse(static_cast<int>(words.size()), words.data());
    }

    Result<int> run_or_watch(const Verb& verb) {
        if (globals_.watch.empty()) return verb.run(globals_);
        const Duration every = TRY(parse_duration(globals_.watch));
        if (!verb.can_watch || every < shortest_watch) {
            return usage("--watch " + globals_.watch + ": " +
                         (verb.can_watch
                              ? "the shortest is " + to_string(shortest_watch)
                              : "dayu " + verb.name + " does not only look; leave it out"));
        }
        return watch(globals_, every, "dayu " + verb.name, [&] { return verb.run(globals_); });
    }

    void add(const Verb& verb) {
        CLI::App* parent = &app_;
        std::string name = verb.name;
        if (const std::size_t space = name.find(' '); space != std::string::npos) {
            const std::string group = name.substr(0, space);
            name = name.substr(space + 1);
            parent = group_named(group);
        }
        CLI::App* sub = parent->add_subcommand(name, verb.help);
        prepare(*sub);
        for (const Option& option : verb.options) add_option(*sub, option);
        sub->footer(footer_of(verb));
        by_app_[sub] = &verb;
        if (parent == &app_) groups_[verb.name] = sub;  // verbs may follow below it
    }

    CLI::App* group_named(const std::string& name) {
        CLI::App*& known = groups_[name];
        if (known == nullptr) {
            known = app_.add_subcommand(name, group_help(name));
            prepare(*known);
        }
        return known;
    }

    CLI::App& innermost() {
        CLI::App* app = &app_;
        while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
        return *app;
    }

    const Verb* chosen() {
        const auto found = by_app_.find(&innermost());
        return found == by_app_.end() ? nullptr : found->second;
    }

    std::string command() {
        std::string text = "dayu";
        CLI::App* app = &app_;
        while (!app->get_subcommands().empty()) {
            app = app->get_subcommands().front();
            text += " " + app->get_name();
        }
        return text;
    }

    std::optional<Error> unknown_word() {
        const std::vector<std::string> extras = app_.remaining(true);
        if (extras.empty()) return std::nullopt;
        const std::string& word = extras.front();
        const std::string otherwise = "see " + command() + " --help";
        if (word.starts_with("-")) {
            std::vector<std::string> known;
            for (const CLI::Option* option : innermost().get_options()) {
                for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
                for (const std::string& name : option->get_snames()) known.push_back("-" + name);
            }
            const std::string flag = word.substr(0, word.find('='));
            return usage(command() + ": unknown option \"" + flag + "\"; " +
                         did_you_mean(flag, known, otherwise));
        }
        if (chosen() != nullptr) {
            return usage(command() + ": unexpected argument \"" + word + "\"; " + otherwise);
        }
        std::vector<std::string> known;
        for (const CLI::App* sub : innermost().get_subcommands(nullptr)) {
            known.push_back(sub->get_name());
        }
        return usage("unknown verb \"" + word + "\"; " + did_you_mean(word, known, otherwise));
    }

    std::optional<Error> read_output() {
        for (const Option& option : global_options(globals_)) {
            if (!option.names.starts_with("-o,")) continue;
            const auto found = std::ranges::find(option.values, globals_.output_word);
            if (found == option.values.end()) break;
            globals_.output = static_cast<OutputFormat>(found - option.values.begin());
            return std::nullopt;
        }
        return usage("-o \"" + globals_.output_word + "\" is not one of table, wide, json, yaml");
    }

    CLI::App app_{
        "Dayu, a dispatch centre for AI compute: submit a job once, and it runs at the "
        "best of many centres."};
    Globals globals_;
    std::vector<Verb> verbs_;
    std::map<std::string, CLI::App*> groups_;
    std::map<const CLI::App*, const Verb*> by_app_;
};

}  // namespace

int run_command_line(int argc, char** argv) {
    try {
        return CommandLine().run(argc, argv);
    } catch (const std::exception& error) {
        return exit_with(internal("unexpected", error.what()));
    }
}

}  // namespace dayu::app
