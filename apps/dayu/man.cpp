// dayu man [VERB]: a man page on stdout; --all DIR writes all of them, for an installation.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <fmt/core.h>

#include "base/nearest.h"
#include "dayu/answers.h"
#include "dayu/man_page.h"
#include "dayu/output.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct ManOptions {
    std::vector<std::string> verb;
    std::string all;
};

Result<void> write_page(const std::string& folder, const std::string& name,
                        const std::string& page) {
    const std::string path = folder + "/" + name + ".1";
    TRY(replace_small_file(path, page));
    if (chmod(path.c_str(), 0644) != 0) return error_from_errno("file_unwritable", path, errno);
    return {};
}

Result<void> write_all(const std::string& folder, const std::vector<Verb>& verbs) {
    if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
        return error_from_errno("file_unwritable", folder, errno);
    }
    TRY(write_page(folder, "dayu", man_page_of_all(verbs)));
    for (const Verb& verb : verbs) TRY(write_page(folder, page_name(verb), man_page(verb)));
    return {};
}

Result<int> man(const ManOptions& options) {
    const std::vector<Verb> verbs = all_verbs();
    if (!options.all.empty()) {
        TRY(write_all(options.all, verbs));
        return 0;
    }
    const std::string name = join(options.verb, " ");
    const auto found = std::ranges::find(verbs, name, &Verb::name);
    if (!name.empty() && found == verbs.end()) {
        std::vector<std::string_view> known;
        for (const Verb& verb : verbs) known.push_back(verb.name);
        const std::string_view near = nearest(name, known);
        return not_found("verb_unknown",
                         fmt::format("no verb \"{}\"; {}", name,
                                     near.empty() ? std::string("dayu --help lists them")
                                                  : fmt::format("did you mean \"{}\"?", near)));
    }
    const std::string page = name.empty() ? man_page_of_all(verbs) : man_page(*found);
    print_line(std::string_view(page).substr(0, page.size() - 1));
    return 0;
}

}  // namespace

Verb man_verb() {
    const auto options = std::make_shared<ManOptions>();
    return {
        .name = "man",
        .help = "Print a man page, or write all of them",
        .options = {{"VERB", &options->verb, "whose page (that of dayu itself)"},
                    {"--all", &options->all,
                     "write dayu.1 and the page of each verb to this folder"}},
        .run = [options](const Globals&) { return man(*options); },
        .detail = "The pages are roff and made from the same table as --help.",
        .examples = {"dayu man run | man -l -", "dayu man --all /usr/local/share/man/man1"},
    };
}

}  // namespace dayu::app
