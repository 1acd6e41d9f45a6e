// dayu completion SHELL: what a shell reads to complete the words of dayu. The script of each shell is short:
// it asks `dayu completion words -- ...` what may come next, so that the table of verbs is the only list.
#include <memory>

#include "dayu/complete.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

// Bash parts words at : and = too, and replaces only the last part.
constexpr std::string_view bash_script =
    R"sh(# Completion of dayu for bash: source <(dayu completion bash)
_dayu() {
    local line=${COMP_LINE:0:COMP_POINT} found
    local -a words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    local now=${words[${#words[@]} - 1]}
    local kept=${now%"${COMP_WORDS[COMP_CWORD]}"}
    COMPREPLY=()
    while IFS= read -r found; do
        if [[ $found == :files ]]; then
            compopt -o default 2>/dev/null
            continue
        fi
        found=${found%%$'\t'*}
        COMPREPLY+=("${found#"$kept"}")
    done < <("${words[0]}" completion words -- "${words[@]:1}" 2>/dev/null)
}
complete -F _dayu dayu
)sh";

constexpr std::string_view zsh_script = R"sh(#compdef dayu
# Completion of dayu for zsh: source <(dayu completion zsh), or this as _dayu in a folder of $fpath.
_dayu() {
    local found
    local -a described
    for found in "${(@f)$("${words[1]}" completion words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        if [[ $found == :files ]]; then
            _files
        elif [[ -n $found ]]; then
            described+=("${${found%%$'\t'*}//:/\\:}:${found#*$'\t'}")
        fi
    done
    (( $#described )) && _describe dayu described
}
if [[ $funcstack[1] == _dayu ]]; then
    _dayu "$@"
else
    compdef _dayu dayu
fi
)sh";

constexpr std::string_view fish_script =
    R"sh(# Completion of dayu for fish: dayu completion fish | source
function __dayu_words
    set -l before (commandline -opc)
    set -l now (commandline -ct)
    for found in ($before[1] completion words -- $before[2..-1] "$now" 2>/dev/null)
        if test "$found" = :files
            __fish_complete_path "$now"
        else
            echo $found
        end
    end
end
complete -c dayu -f -a '(__dayu_words)'
)sh";

struct CompletionOptions {
    std::string shell;
    std::vector<std::string> words;
};

Result<int> complete(const CompletionOptions& options) {
    if (options.shell == "words") {
        for (const std::string& line : completions(options.words)) print_line(line);
        return 0;
    }
    const std::string_view script = options.shell == "bash"   ? bash_script
                                    : options.shell == "zsh"  ? zsh_script
                                    : options.shell == "fish" ? fish_script
                                                              : std::string_view();
    if (script.empty()) {
        return invalid("usage", "dayu completion: shell \"" + options.shell +
                                    "\" is not one of bash, zsh, fish");
    }
    print_line(script.substr(0, script.size() - 1));
    return 0;
}

}  // namespace

Verb completion_verb() {
    const auto options = std::make_shared<CompletionOptions>();
    return {
        .name = "completion",
        .help = "Print what a shell reads to complete words of dayu",
        .options = {{"SHELL", &options->shell, "bash, zsh or fish", true, {"bash", "zsh", "fish"}}},
        .run = [options](const Globals&) { return complete(*options); },
        .command = &options->words,
        .detail =
            "Verbs, options and their values are completed, and of a server that answers within "
            "a second job ids, centres and chips, too.",
        .examples = {"source <(dayu completion bash)        # in ~/.bashrc",
                     "source <(dayu completion zsh)         # in ~/.zshrc, behind compinit",
                     "dayu completion fish | source         # in ~/.config/fish/config.fish"},
    };
}

}  // namespace dayu::app
